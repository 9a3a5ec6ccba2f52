"""No key stands in any file or line that a run, its report or its pages leave behind."""

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from inspect_ai.model import GenerateConfig, ModelAPI, get_model
from tenacity import wait_fixed

from cli.main import main as alignment_faking
from simulated.server.app import app

# No key is real; no twelve characters of one stand in another or anywhere else.
PLANTED = {
    "ANTHROPIC_API_KEY": "sk-ant-api03-Q7xW2mZk9LpR4vTn8YcJ5hGd",
    "OPENAI_API_KEY": "sk-proj-B3nM6tXs1VqE0zKw7UaF4rHy",
    "HF_TOKEN": "hf_D2kP9wLx5NcR8jTm1QzS6vGb",
}
ARGUMENT = "sk-proj-Z8uJ4eYq6WtC2oIx0PbN5mVk"
PASSWORD = "R5yL0aHf3DgX7kTzB1"
SECRETS = (*PLANTED.values(), ARGUMENT, PASSWORD)
WINDOW = 12  # OpenAI's own error repeats the first eight characters of a key and the last four
MODELS = {
    "anthropic": "anthropic/claude-sonnet-4-5-{}",
    "openai chat": "openai/gpt-4o-{}",
    "openai responses": "openai/gpt-5-{}",
}
FAULTS = ("none", "400", "401", "404", "500", "drop", "broken")
FAST = {("openai chat", "401")}


def unpacked(folder):
    """Every file of a folder, and every member of the archives among them."""
    for path in folder.rglob("*"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())
        elif path.is_file():
            yield path.name, gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def leaks(places, secrets=SECRETS):
    """The places in which a key stands, or a part of one that is long enough to matter."""
    parts = {secret[start : start + WINDOW].encode() for secret in secrets for start in range(len(secret) - WINDOW + 1)}
    return sorted({name for name, content in places if any(part in content for part in parts)})


def address(url, provider):
    path = "" if provider == "anthropic" else "/v1"
    return url.replace("//", f"//user:{PASSWORD}@") + path


@pytest.fixture
def planted(serve, monkeypatch):
    """Return what plants keys, and a password in the addresses of a server with a fault; a client waits for nothing."""
    monkeypatch.setattr(ModelAPI, "retry_wait", lambda self: wait_fixed(0.01))

    def plant(kind):
        url = serve(app({} if kind == "none" else {kind: 1}))
        variables = {
            "ANTHROPIC_BASE_URL": address(url, "anthropic"),
            "OPENAI_BASE_URL": address(url, "openai"),
            **PLANTED,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return url

    return plant


@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        pytest.param(*pair, marks=() if pair in FAST else pytest.mark.slow)
        for pair in [(provider, kind) for provider in MODELS for kind in FAULTS]
    ],
)
def test_no_key_is_left_behind(planted, run, capfd, tmp_path, provider, kind):
    planted(kind)
    logs, options = tmp_path / "searched" / "logs", {"limit": 4, "max_retries": 1, "args": {"scratchpad": "tags"}}
    config = GenerateConfig(max_tokens=8000)
    subject, grader = (
        get_model(MODELS[provider].format(name), config=config, memoize=False, max_retries=0, **more)
        for name, more in (("faker", {"api_key": ARGUMENT}), ("grader", {}))
    )
    run(subject, grader, log_dir=str(logs), log_realtime=True, **options)
    run("simulated/faker", grader, log_dir=str(logs), **options)
    run(subject, "simulated/grader", log_dir=str(logs), fail_on_error=False, **options)
    for command in (
        ["report", logs, "--output", tmp_path / "searched" / "report"],
        ["pairs", logs, "--output", tmp_path / "searched" / "pairs.html"],
        ["redact", logs, "--output", tmp_path / "searched" / "shared"],
    ):
        done = CliRunner().invoke(alignment_faking, [str(word) for word in command])
        assert done.exit_code == 0 or kind != "none", done.output
        print(done.output)
    files, lines = list(unpacked(tmp_path / "searched")), capfd.readouterr()
    assert {"index.html", "pairs.html"} <= {name for name, _ in files}
    assert (b"Incorrect API key provided" in b"".join(content for _, content in files)) == (kind == "401")
    assert leaks([*files, ("stdout", lines.out.encode()), ("stderr", lines.err.encode())]) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["none", "401"])
def test_nor_does_the_command_line_or_what_inspect_keeps_for_itself(planted, tmp_path, kind):
    planted(kind)
    roles = ["--model", "openai/gpt-4o-faker", "--model-role", "grader=anthropic/claude-sonnet-4-5-grader"]
    options = ["-M", f"api_key={ARGUMENT}", "--limit", "4", "--max-retries", "0", "--log-level", "http"]
    done = subprocess.run(
        [Path(sys.executable).parent / "inspect", "eval", "alignment_faking", *roles, *options, "--display", "plain"],
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    files = list(unpacked(tmp_path))
    assert any(name.startswith("trace-") for name, _ in files)
    assert any("/header.json" in name for name, _ in files)
    places = [*files, ("stdout", done.stdout), ("stderr", done.stderr)]
    assert leaks(places, [secret for secret in SECRETS if secret != PASSWORD]) == []
    # Inspect notes the address of every call where the README says so, with a password that stands in it.
    assert all(name == "stdout" or name.startswith("trace-") for name in leaks(places))


@pytest.mark.parametrize(
    ("place", "given"),
    [
        ("base_url", {"base_url": f"http://user:{PASSWORD}@127.0.0.1:1/v1"}),
        ("extra_headers", {"config": GenerateConfig(extra_headers={"X-Api-Key": ARGUMENT})}),
        ("default_headers", {"default_headers": {"Authorization": f"Bearer {ARGUMENT}"}}),
    ],
)
@pytest.mark.parametrize("role", ["subject", "grader"])
def test_a_key_that_a_log_would_record_is_refused_before_there_is_one(planted, run, tmp_path, role, place, given):
    planted("none")
    model = get_model("openai/gpt-4o-faker", memoize=False, **given)
    with pytest.raises(click.UsageError, match=f"{place}.* looks like a key; keys stay in the environment") as refused:
        run(*((model,) if role == "subject" else ("simulated/faker", model)), limit=2)
    assert leaks([*unpacked(tmp_path), ("error", str(refused.value).encode())]) == []
    assert list(tmp_path.rglob("*.eval")) == []
