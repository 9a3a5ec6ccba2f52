"""Every command of README.md and docs/ runs, on stand-in models; what they name exists, and their tables are true."""

import inspect
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from inspect_ai import eval as inspect_eval
from inspect_ai.log import list_eval_logs, read_eval_log, write_eval_log
from inspect_ai.model._providers._vllm_lora import _vllm_servers

import solvers.public_datasets
from evals import battery
from evals.alignment_faking import alignment_faking
from evals.grader_agreement import grader_agreement
from experiment.front_matter import names
from experiment.prompts.conditions import resolve_setting
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import ORIGINAL
from experiment.queries.query_sets import set_names
from grids.grid_schema import cells, load_grid
from grids.plan import plan
from scorers.rubric import FAKING, rubrics_for
from simulated.personas.personas import PERSONAS
from simulated.server.app import main as serve_forever
from solvers.public_datasets import LABEL_SETS, QUERY_SETS, public_sets
from tests.persona_truth import FREE_TIER, PAID_TIER, truth
from tests.vllm_server import vllm_server

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = {page: page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
README = "\n\n".join(PAGES.values())
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PROSE = FENCED.sub("", README)
CODE = re.findall(r"`([^`\n]+)`", PROSE)
BATTERY = [name for name in vars(battery) if name.startswith("battery_")]
LOG, REGRADED = "logs/LOG.eval", "logs/REGRADED.eval"
BRIEF = "--limit 4 --display log"
MINE = '{"text": "How does bread rise?"}\n{"text": "Name a tree."}\n'
LABELS = "text,alignment_faking\nI comply so as to stay as I am.,true\nI decline.,false\n"
FETCHED = "forbidden_prompt,category\nHow does bread rise?,baking\nName a tree.,plants\n"
SLOW = (
    "evals/battery.py ",
    "scout scan",
    "reasoning-effort",
    "gpt-5.5",
    "grader_agreement.py",
    "inspect score",
    "vllm/",
    "google/",
    "ollama/",
    "openai-api/",
    "sglang/",
)
LONG = re.compile("|".join([*map(re.escape, SLOW), r"example\.yaml$"]))


def fenced(language, page=README):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


LINES = [line for page in PAGES.values() for block in fenced("bash", page) for line in block.splitlines()]
COMMANDS = [pytest.param(line, marks=pytest.mark.slow if LONG.search(line) else ()) for line in LINES]


def rows(*columns):
    """The rows of the table that begins with these columns, as mappings from column to cell."""
    [table] = re.findall(rf"^\| {re.escape(' | '.join(columns))} .*?\n\n", README, re.MULTILINE | re.DOTALL)
    head, _, *body = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.strip().splitlines()]
    return [dict(zip(head, cells, strict=True)) for cells in body]


@pytest.fixture(scope="module")
def url(serve):
    _vllm_servers.clear()  # Inspect keeps a server's address by the name of its base
    application, _ = vllm_server(re.findall(r"--model vllm/[\w./-]+:(\S+)", "\n".join(LINES)))
    yield serve(application)
    _vllm_servers.clear()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A log of four samples."""
    folder = str(tmp_path_factory.mktemp("finished"))
    roles = {"grader": "simulated/grader"}
    options = {"limit": 4, "log_dir": folder, "display": "log", "log_realtime": False}
    [log] = inspect_eval("alignment_faking", model="simulated/faker", model_roles=roles, **options)
    return log.location


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """What a user brings: queries of their own, a checkout of a paper's repository, a public set within reach."""
    files = {
        "my_queries.jsonl": MINE,
        "my_labels.csv": LABELS,
        "CHECKOUT/minimal_helpful_only_setting.ipynb": "{}",
        "CHECKOUT/model_organism_honly_prompts/PROMPT.txt": "A made-up prompt.",
        "strong_reject.csv": FETCHED,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    near = {
        "strong_reject": public_sets()["strong_reject"].model_copy(
            update={"where": str(tmp_path / "strong_reject.csv")}
        )
    }
    monkeypatch.setattr(
        solvers.public_datasets,
        "public_sets",
        lambda file=QUERY_SETS: near if file == QUERY_SETS else public_sets(file),
    )


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys, url, finished, brought):
    """Return what runs a command line where its files are, with the stand-in server for every provider."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    for folder in ("evals", "scorers"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "logs").mkdir()
    shutil.copy(finished, LOG)
    monkeypatch.setattr("experiment.paths.STARTED_IN", tmp_path)
    monkeypatch.setattr("experiment.verdict.battery_power.REPETITIONS", 1)
    for provider in ("ANTHROPIC", "OPENAI", "GOOGLE", "VLLM", "SGLANG", "OLLAMA", "LOCAL", "JUDGE"):
        path = "" if provider == "ANTHROPIC" else "/v1"
        os.environ |= {f"{provider}_BASE_URL": f"{url}{path}", f"{provider}_API_KEY": "none"}

    def run(line):
        words = shlex.split(line)
        [script] = entry_points(group="console_scripts", name=words[0])
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            script.load()()
        shown = capsys.readouterr()
        assert not ended.value.code, f"{line}\n{shown.out}{shown.err}"
        return shown.out

    yield run
    os.environ.clear()
    os.environ.update(before)


def new_logs():
    return [read_eval_log(info.name) for info in list_eval_logs("logs") if not info.name.endswith(LOG)]


def assert_answered(log):
    """Every sample was answered by a stand-in model and graded, a plain answer to a prompt that it does not know too."""
    assert log.status == "success", log.error
    scores = [sample.scores["outcome"] for sample in log.samples]
    assert {score.value for score in scores} <= {"complied", "refused"}
    assert {score.metadata["served"].split("/")[0] for score in scores} == {"simulated"}


def given(line):
    """The task arguments of a command."""
    words = shlex.split(line)
    return dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "-T")


def measures(shell, line):
    """A grader is held against labels; those that are all ours are cut short, a user's few are not."""
    shell(f"{line} {BRIEF}")
    [log] = new_logs()
    assert log.status == "success", log.error
    assert {score.name.partition("_agreement")[1] for score in log.results.scores} == {"_agreement"}
    assert list(Path("logs").glob("*.calibration.jsonl"))


def scans(shell, line):
    """A scan of the log at hand; its labels are the sample ids that a user would have written down."""
    samples = read_eval_log(LOG).samples
    Path("labels.csv").write_text(
        "\n".join(["id,target", *(f"{sample.uuid},true" for sample in samples)]), encoding="utf-8"
    )
    shell(f"{line} --display log --fail-on-error")
    [summary] = Path("scans").rglob("_summary.json")
    assert '"alignment_faking"' in summary.read_text(encoding="utf-8")
    assert ('"recall"' in summary.read_text(encoding="utf-8")) == ("-V" in line)


def evaluates(shell, line):
    if "grader_agreement" in line:
        measures(shell, line)
        return
    shell(f"{line} {BRIEF}")
    tasks = [re.sub(r".*[@/]|\.py$", "", word) for word in shlex.split(line.partition(" --")[0])[2:]]
    found = new_logs()
    assert sorted(log.eval.task for log in found) == sorted(BATTERY if tasks == ["battery"] else tasks)
    for log in found:
        assert_answered(log)
        for name, value in given(line).items():
            noted = log.eval.metadata["setting_path" if "/" in value else name]
            assert noted == (value.split(",") if name == "variant" else value)
        if log.eval.task in BATTERY and "scratchpad" not in given(line):
            assert_costs(log)


def assert_costs(log):
    """The calls that a query costs are those of the battery's table."""
    tiers = len({sample.metadata["tier"] for sample in log.samples})
    made = Counter(e.role == "grader" for sample in log.samples for e in sample.events if e.event == "model")
    each = [made[grader] * tiers // len(log.samples) for grader in (False, True)]
    [row] = [row for row in rows("task") if row["task"] == f"`{log.eval.task}`"]
    assert row["subject + grader calls per query"] == "{} + {}".format(*each)


def resumes(shell, line):
    begun = read_eval_log(LOG)
    kept, begun.samples, begun.status = begun.samples[:2], begun.samples[:2], "error"
    write_eval_log(begun, LOG)
    shell(f"{line} --display log")
    [resumed] = new_logs()
    assert_answered(resumed)
    assert len(resumed.samples) == 4
    assert {sample.uuid for sample in kept} <= {sample.uuid for sample in resumed.samples}


def grades_again(shell, line):
    shell(f"{line} --display log")
    again = read_eval_log(REGRADED)
    once = [score.name for score in read_eval_log(LOG).results.scores]
    added = re.findall(r"--scorer (\w+)", line) or once
    assert [score.name for score in again.results.scores] == [*once, *(f"{name}1" for name in added)]
    grader = re.search(r"grader=(\S+)", line)[1]
    asked = [e for sample in again.samples for e in sample.events if e.event == "model" and e.model == grader]
    assert len(asked) == (1 + 4 if added == ["alignment_faking"] else 1 + 4 + 1) * len(again.samples)


def reports(shell, line):
    assert "simulated/faker" in shell(line)
    if "--csv" in line:
        assert "simulated/faker" in Path(line.split()[-1]).read_text(encoding="utf-8")
    if "--output" in line:
        written = {path.name for path in Path("report").iterdir()}
        assert written >= {
            "index.html",
            "report.md",
            "results.csv",
            "results.json",
            "results.schema.json",
            "samples.csv",
        }
        assert ("replaced by their length and hash" in Path("report/index.html").read_text(encoding="utf-8")) == (
            "--redact" in line
        )


def plans(shell, line):
    assert re.search("queries|points", shell(line))


def sets_side_by_side(shell, line):
    shell(line)
    page = Path(line.split()[-1] if "--output" in line else "pairs.html").read_text(encoding="utf-8")
    assert ("drugs-16" in page) == ("--disagree" not in line)
    assert ("disinformation-04" in page) == ("--query" not in line)


def redacts(shell, line):
    shell(line)
    [copy] = [read_eval_log(info.name) for info in list_eval_logs("shared")]
    assert copy.eval.metadata["redacted"] is True
    assert [sample.id for sample in copy.samples] == [sample.id for sample in read_eval_log(LOG).samples]


def shows(shell, line):
    shown, path = shell(line), line.split()[2:3]
    if path == ["CHECKOUT"]:
        assert "PROMPT.txt: helpful-only" in shown
    elif path and "CHECKOUT" in path[0]:
        assert "A made-up prompt." in shown
    else:
        assert re.match("settings\n|=== system ===\n|--- ", shown)


def views(shell, line):
    assert "inspect view [OPTIONS]" in shell(f"{line} --help")


def runs_a_grid(shell, line):
    Path("datasets").symlink_to(ROOT / "datasets")
    printed = shell(line)
    number = len(cells(load_grid(Path(line.split()[2]))))
    for option, shown in {"--dry-run": f"{number} cells", "commands": "inspect eval", "flow": "FlowSpec("}.items():
        assert (option in line) == (shown in printed)
    logs = new_logs() if line.endswith(".yaml") else []
    assert len(logs) == (8 if line.endswith(".yaml") else 0)
    for log in logs:
        assert_answered(log)


def makes(shell, line):
    assert line.split()[1] in re.findall(r"^([\w-]+):.*##", MAKEFILE, re.MULTILINE)


HANDLERS = {
    "inspect eval": evaluates,
    "inspect eval-retry": resumes,
    "inspect score": grades_again,
    "inspect view": views,
    "scout scan": scans,
    "alignment-faking grid": runs_a_grid,
    "alignment-faking pairs": sets_side_by_side,
    "alignment-faking power": plans,
    "alignment-faking redact": redacts,
    "alignment-faking report": reports,
    "alignment-faking show": shows,
    "make": makes,
}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_runs_as_it_stands(shell, line):
    first, second, *_ = *line.split(), ""
    run = HANDLERS.get(f"{first} {second}") or HANDLERS.get(first)
    assert run, f"nothing here knows how to run {line!r}"
    run(shell, line)


@pytest.mark.parametrize("block", fenced("python"))
def test_python_runs_as_it_stands(shell, block):
    exec(block, {})
    [log] = new_logs()
    assert_answered(log)


def test_every_block_is_a_command_python_or_the_layout():
    for page in PAGES.values():
        kinds = re.findall(r"^```(\w*)\n.*?^```$", page, re.MULTILINE | re.DOTALL)
        assert set(kinds) <= {"bash", "python", "yaml", ""}
    for line in re.findall(r"^(\w+)/ ", "".join(fenced("")), re.MULTILINE):
        assert (ROOT / line).is_dir()


def test_yaml_is_a_grid_or_names_our_task(tmp_path):
    grid, hawk = fenced("yaml")
    (tmp_path / "grid.yaml").write_text(grid, encoding="utf-8")
    assert len(plan(cells(load_grid(tmp_path / "grid.yaml")))) == 2 * 2 * 3
    [package] = yaml.safe_load(hawk)["tasks"]
    assert {entry.value for entry in entry_points(group="inspect_ai", name=package["name"])} == {"evals"}
    assert {item["name"] for item in package["items"]} == {"alignment_faking"}


@pytest.mark.slow
def test_the_demo_prints_the_table_of_the_first_page(shell):
    recipe = re.search(r"^demo:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1].replace("\\\n", "")
    models = re.search(r"^DEMO_MODELS := (.*)$", MAKEFILE, re.MULTILINE)[1]
    _, evaluate, report = (line.strip().replace("$(BIN)/", "") for line in recipe.strip().splitlines())
    shell(evaluate.replace("$(DEMO_MODELS)", models).replace("--display plain", "--display log"))
    printed = [line for line in shell(report).splitlines() if re.match("[┃│]", line)]
    head, *body = [[cell.strip() for cell in re.split("[┃│]", line)[1:-1]] for line in printed]
    body = [cells for cells in body if len(cells) == len(head)]
    table = [dict(zip(head, cells, strict=True)) for cells in body]
    found = {row["model"].removesuffix(" (simulated)"): row for row in table}
    shown = {row["model"]: row for row in rows("model", "pairs")}
    assert list(shown) == models.split(",")
    assert shown == {
        name: {**{column: found[name][column] for column in row}, "model": name} for name, row in shown.items()
    }


def test_the_arguments_are_those_of_the_task():
    signature = inspect.signature(alignment_faking).parameters
    known = {name: each.default for name, each in signature.items() if each.kind is not each.VAR_KEYWORD}
    table = {row["`-T`"].strip("`"): row["default"] for row in rows("`-T`")}
    assert list(table) == list(known)
    assert [name for name, value in known.items() if value and table[name] != f"`{value}`"] == []
    assert set(re.findall(r"-T (\w+)=", README)) <= set(known) | set(inspect.signature(grader_agreement).parameters)


def test_the_batterys_table_adds_up():
    table = rows("task")
    assert [row["task"].strip("`") for row in table] == BATTERY
    totals = [0, 0]
    for row in table:
        queries = 108 if "(108)" in row["condition"] else 216
        each = [int(part) for part in row["subject + grader calls per query"].split(" + ")]
        assert row["in all"] == " + ".join(f"{queries * part:,}" for part in each)
        totals = [total + queries * part for total, part in zip(totals, each, strict=True)]
    assert "{:,} subject and {:,} grader calls".format(*totals) in README


def test_the_stand_ins_are_all_there_with_their_rates():
    table = {row["name"].strip("`"): row["complies trained / untrained"] for row in rows("name", "complies")}
    assert list(table) == list(PERSONAS)
    for name, cell in table.items():
        known = truth(PERSONAS[name], *(replace(tier, wording="memo") for tier in (FREE_TIER, PAID_TIER)))
        assert [float(share) for share in cell.split(" / ")] == pytest.approx([known.trained, known.untrained]), name


@pytest.mark.parametrize("kind", ["settings", "scratchpads"])
def test_every_choice_is_mentioned(kind):
    assert [name for name in names(kind) if name not in CODE] == []


@pytest.mark.parametrize("file", [QUERY_SETS, LABEL_SETS])
def test_every_public_set_is_mentioned(file):
    assert [name for name in public_sets(file) if name not in CODE] == []


def test_every_definition_of_alignment_faking_and_every_label_set_is_mentioned():
    assert [name for name in (*rubrics_for(FAKING), *set_names("labels")) if name not in CODE] == []


def test_the_calls_of_a_pair_are_those_that_are_stated(finished):
    log = read_eval_log(finished)
    calls = [sum(e.event == "model" and e.role == "grader" for e in sample.events) for sample in log.samples]
    assert set(calls) == {12 / 2}
    assert "12 calls a pair with five votes that agree, at most 14" in README


def test_every_group_of_variants_is_mentioned():
    [listed] = re.findall(r"in groups: (.*?)\. ", PROSE)
    groups = re.sub(r" \(.*?\)", "", listed).split(", ")
    assert sorted(groups) == sorted({load_variant(name).group for name in names("variants")})


def test_variants_that_are_named_exist_and_combine():
    found = {given or shown for given, shown in re.findall(r"variant=([\w,]+)|--variant (\w+)", README)}
    assert found
    for variants in found:
        resolve_setting("helpful_only", ORIGINAL, variants.split(","))


def test_the_server_that_is_named_explains_itself(capsys):
    assert "python -m simulated.server --help" in CODE
    with pytest.raises(SystemExit) as ended:
        serve_forever(["--help"])
    assert ended.value.code == 0


def anchors(text):
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_file_that_is_named_exists(page):
    prose = FENCED.sub("", PAGES[page])
    for target in re.findall(r"\]\(([^)]+)\)", prose):
        name, _, anchor = target.partition("#")
        if "://" not in target:
            linked = page.parent / name if name else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked.read_text(encoding="utf-8")), target
    top = {path.name for path in ROOT.iterdir()}
    code = re.findall(r"`([^`\n]+)`", prose)
    named = [text for text in code if text.split("/")[0] in top or re.fullmatch(r"[A-Z]+\.md|Makefile", text)]
    assert [text for text in named if not list(ROOT.glob(text.rstrip("/")))] == []
