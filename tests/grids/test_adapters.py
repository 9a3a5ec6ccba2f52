"""Grids over adapters and checkpoints run as they stand, through Inspect's vLLM provider, and make one figure."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from inspect_ai.log import list_eval_logs, read_eval_log
from inspect_ai.model._providers import _vllm_lora

from analysis.report.checkpoints import figures, series
from analysis.report.report_inputs import read
from cli.main import main
from tests.vllm_server import vllm_server

GRIDS = Path(__file__).parents[2] / "datasets" / "grids"
SMALL = {"limit": 4, "graders": ["simulated/grader"], "run": {"log_realtime": False, "retry_attempts": 0}}


@pytest.fixture
def run(tmp_path, monkeypatch, serve):
    """Return what runs a shipped grid, cut short, on a server that has some adapters, and gives what it has then."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_vllm_lora, "_download_adapter_config", lambda adapter: None)  # the rank, from the hub

    def start(name, listed=(), **fields):
        _vllm_lora._vllm_servers.clear()  # Inspect keeps a server's address by the name of its base
        application, adapters = vllm_server(listed)
        monkeypatch.setenv("VLLM_BASE_URL", f"{serve(application)}/v1")
        shipped = yaml.safe_load((GRIDS / name).read_text(encoding="utf-8"))
        cut = {**shipped, **SMALL, **fields, "task": {"votes": 1, "preflight": False}}
        Path(name).write_text(yaml.safe_dump(cut), encoding="utf-8")
        ended = CliRunner().invoke(main, ["grid", name])
        assert ended.exit_code == 0, ended.output
        return adapters

    yield start
    _vllm_lora._vllm_servers.clear()


def test_base_adapter_and_baseline_run_on_one_server_that_loads_what_it_lacks(run):
    assert run("adapters.yaml", variants=["documents_only"]) == ["ORG/about-the-training", "ORG/about-something-else"]
    logs = [read_eval_log(info.name) for info in list_eval_logs("logs/adapters")]
    base = "vllm/meta-llama/Llama-3.3-70B-Instruct"
    expected = {base, f"{base}:ORG/about-the-training", f"{base}:ORG/about-something-else"}
    assert {log.eval.model for log in logs} == expected
    for log in logs:
        assert log.eval.metadata["lab"] == "Meta"
        assert {sample.scores["outcome"].value for sample in log.samples} <= {"complied", "refused"}
        asked = {
            event.call.request["model"] for event in log.samples[0].events if event.event == "model" and event.call
        }
        assert log.eval.model.removeprefix(f"{base}:").removeprefix("vllm/") in asked


def test_a_checkpoint_series_is_one_figure_with_the_base_as_step_0(run):
    steps = [f"ORG/rl-run@step-{step}" for step in (50, 100, 150)]
    assert run("checkpoints.yaml", listed=steps) == steps
    found = read("logs/checkpoints").summaries
    [each] = series(found)
    assert [step for step, _ in each.runs] == [0, 50, 100, 150]
    [figure] = figures(found)
    assert "complied, free, step 150: " in figure.alt
