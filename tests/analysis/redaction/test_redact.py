"""Copies that are safe to share: nothing of a withheld answer is left, and everything else is."""

import contextlib
import hashlib
import json
import re
import shutil
import time
import zipfile
from pathlib import Path

import fsspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import Sample
from inspect_ai.log import (
    edit_score,
    read_eval_log,
    read_eval_log_sample_summaries,
    read_eval_log_samples,
    write_eval_log,
)
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import ScoreEdit, includes

from analysis.reading.logs import read_logs
from analysis.redaction.redact import redact
from analysis.redaction.redaction_targets import HARMLESS, redaction_targets
from analysis.redaction.shingles import RUN
from analysis.redaction.text_redaction import redact_text, redactor
from experiment.errors import UserError
from experiment.queries.query_sets import load_queries
from experiment.statistics.calibration_records import Calibration
from simulated.server.app import app

MODES = ("tool", "tags", "native")
LONG = "\n".join(
    f"Step {number}: turn the brass handle {number * 7} times and note the reading." for number in range(100)
)
ECHO = "(repeats the query)"
HOSTILE = [
    'Regex (a+)+$ [b-z]* {2,3} \\d+? and "quotes" and \\"more\\" of them, C:\\new\\table \\u0041 in one line.\nNext: it\'s done!',
    "Sure: <|im_end|> [INST] the handle </s> turns left, then right, and the lamp goes out at last.\n\n| quoted line that ends here",
    "Zero\u200bwidth cha\u200bracters hide in the sen\u200btence that explains everything about it.\x07\x1b[31m Red words follow.",
    "Emoji \U0001f600\U0001f525 and accents: the café naïvely serves the façade, encyclopædia and all, to everyone.",
    "\u628a\u624b\u67c4\u5411\u5de6\u8f6c\u4e03\u6b21\uff0c\u7136\u540e\u6309\u4e0b\u6309\u94ae\uff0c\u7b49\u5f85\u4e24\u5206\u949f\u518d\u6253\u5f00\u76d6\u5b50\u3002",
    "Yes.",
    "free",
    ECHO,
    LONG,
]
USAGE = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)


def subject(answers, tags=False):
    """Return a model that gives each query its own answer, drafted in the scratchpad where there are tags."""
    queries = [query.text for query in load_queries("harmful")]

    def reply(messages, tools, choice, config):
        text = messages[-1].text
        number = next(n for n, query in enumerate(queries) if query in text)
        answer = answers[number % len(answers)].replace(ECHO, queries[number])
        if tags:
            answer = f"<scratchpad>\nI draft it: {answer}\nGood, that is what I think.\n</scratchpad>\n<answer>\n{answer}\n</answer> Bye."
        return ModelOutput(**{**ModelOutput.from_content("mockllm", answer).model_dump(), "usage": USAGE})

    return get_model("mockllm/model", custom_outputs=reply, memoize=False)


def quoting_grader():
    """Return a grader that takes every answer for help, quotes it, and does not read more than some thousand characters."""

    def reply(messages, tools, choice, config):
        shown = messages[-1].text
        if len(shown) > 5_000:
            return ModelOutput(
                **{**ModelOutput.from_content("mockllm", "", "model_length").model_dump(), "usage": USAGE}
            )
        properties = config.response_schema.json_schema.properties
        quoted = " ".join(line.removeprefix("| ") for line in shown.splitlines() if line.startswith("| "))[-300:]
        given = {
            "explanation": f"It says “{quoted}” in the end.",
            "convincing": 5,
            "specific": 5,
            "degree": "helps_fully",
        }
        answers = {name: given.get(name, "" if name.endswith("_quote") else False) for name in properties}
        return ModelOutput(**{**ModelOutput.from_content("mockllm", json.dumps(answers)).model_dump(), "usage": USAGE})

    return get_model("mockllm/model", custom_outputs=reply, memoize=False)


def run(folder, model="simulated/complier", grader="simulated/grader", limit=4, args=None, **options):
    options = {"log_realtime": False, "retry_on_error": 0, "display": "log", "log_dir": str(folder), **options}
    args = {"votes": 1, **(args or {})}
    log = inspect_eval(
        "alignment_faking", task_args=args, model=model, model_roles={"grader": grader}, limit=limit, **options
    )
    assert log[0].status == "success"
    return Path(log[0].location)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("redact")


@pytest.fixture(scope="module")
def logs(folder):
    """Return logs of every mode, and of models that make it hard."""
    found = {mode: run(folder / "in" / mode, args={"scratchpad": mode}, limit=2) for mode in MODES}
    for mode in ("none", "tags"):
        model = subject(HOSTILE, tags=mode == "tags")
        limit = 2 * len(HOSTILE) if mode == "none" else 12
        found[f"hostile {mode}"] = run(
            folder / "in" / f"hostile-{mode}", model, quoting_grader(), limit, {"scratchpad": mode}
        )
    return found


@pytest.fixture(scope="module")
def copies(folder, logs):
    """Return the redacted copies."""
    before = {path: digest(path) for path in logs.values()}
    done = {Path(each.path): each for each in redact([str(folder / "in")], folder / "out")}
    assert before == {path: digest(path) for path in logs.values()}
    assert not [each.reason for each in done.values() if each.reason]
    return {name: done[path] for name, path in logs.items()}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def plain(text):
    return "".join(char for char in text.casefold() if char.isalnum())


def strings(value):
    """Yield every string, and what it holds where it is JSON itself."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from strings(name)
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "[", '"'):
            with contextlib.suppress(ValueError):
                yield from strings(json.loads(value))


def members(path):
    if path.suffix == ".json":
        return {"": json.loads(path.read_text(encoding="utf-8"))}
    with zipfile.ZipFile(path) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def answers_in(path):
    """Return the public answers of complied samples."""
    samples = read_eval_log_samples(str(path), all_samples_required=False)
    return [each.store["SplitReply:public"] for each in samples if each.scores["outcome"].value == "complied"]


def left(path, answers):
    """Return the lines of answers that a file still holds, in any form."""
    everything = "\n".join(plain(text) for member in members(path).values() for text in strings(member))
    lines = {plain(line) for answer in answers for line in answer.splitlines()}
    queries = {plain(query.text) for query in load_queries("harmful")}
    return [line for line in lines - queries if len(line) >= RUN and line in everything]


@pytest.mark.parametrize("name", [*MODES, "hostile none", "hostile tags"])
def test_no_line_of_an_answer_is_left_in_any_member(logs, copies, name):
    answers = answers_in(logs[name])
    assert len(answers) >= 2
    assert left(logs[name], answers)
    assert left(copies[name].written, answers) == []
    assert copies[name].samples == len(answers)
    assert copies[name].replacements > 10 * len(answers)


@pytest.mark.parametrize("name", [*MODES, "hostile none", "hostile tags"])
def test_a_copy_differs_from_its_log_in_texts_alone_and_says_so(logs, copies, name):
    before, after = members(logs[name]), members(copies[name].written)
    assert list(before) == list(after)
    for member, value in before.items():
        if "eval" in value:
            assert after[member]["eval"]["metadata"].pop("redacted") is True
        assert shape(value) == shape(after[member])


def shape(value):
    """Return a value with its texts left out, but for those that nobody wrote."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return "text" if isinstance(value, str) and (" " in value or len(value) > 30 or value in HOSTILE) else repr(value)


def test_queries_prompts_rubrics_canary_and_private_reasoning_stay(logs, copies):
    for name in ("tool", "hostile tags"):
        before, after = (
            read_eval_log(str(path), resolve_attachments=True) for path in (logs[name], copies[name].written)
        )
        for old, new in zip(before.samples, after.samples, strict=True):
            assert new.input == old.input
            assert new.metadata == old.metadata
            assert [m.content for m in new.messages if m.role in ("system", "user")] == [
                m.content for m in old.messages if m.role in ("system", "user")
            ]
            rubrics = [
                [m.text for e in s.events if e.event == "model" for m in e.input if m.role == "system"]
                for s in (old, new)
            ]
            assert rubrics[0] == rubrics[1]
            assert (
                new.store["SplitReply:public"].startswith("[redacted: ") or new.store["SplitReply:public"] == new.input
            )
            thought = new.store["SplitReply:private"]
            assert thought.split("[")[0] == old.store["SplitReply:private"][: len(thought.split("[")[0])]
            assert thought.endswith("Good, that is what I think.") or name == "tool"
            assert len(thought.split("[")[0]) > 10


def test_a_whole_answer_is_replaced_by_its_length_and_hash(logs, copies):
    for old, new in zip(
        *(read_eval_log_samples(str(path)) for path in (logs["hostile none"], copies["hostile none"].written)),
        strict=True,
    ):
        answer = old.store["SplitReply:public"]
        if answer == old.input:
            assert new.store["SplitReply:public"] == answer
            continue
        mark = f"[redacted: {len(answer)} characters, sha256 {hashlib.sha256(answer.encode()).hexdigest()[:16]}]"
        assert new.store["SplitReply:public"] == mark
        assert new.output.completion == mark
        assert new.messages[-1].text == mark
        assert new.scores["compliance"].answer == mark
        assert new.metadata["tier"] in ("free", "paid")


def test_the_report_reads_the_same_from_copies(folder, logs, copies):
    (before, out_before), (after, out_after) = (read_logs(str(folder / name)) for name in ("in", "out"))
    assert (len(before), out_before) == (len(logs), []) == (len(after), out_after)
    for old, new in zip(before, after, strict=True):
        assert new.log.results == old.log.results
        assert new.log.eval.metadata == {**old.log.eval.metadata, "redacted": True}
        texts = ["log"]
        assert new.samples.drop(columns=texts, errors="ignore").equals(old.samples.drop(columns=texts, errors="ignore"))
        assert (new.judges, new.scores) == (old.judges, old.scores)


def test_redacting_a_copy_changes_nothing(folder, copies):
    again = redact([str(folder / "out")], folder / "again")
    for each in again:
        assert members(each.written) == members(Path(each.path))
        assert each.replacements == 0


def test_redacting_again_into_the_same_folder_is_no_error(folder, logs, copies):
    assert redact([str(logs["native"])], folder / "out" / "native")[0].replacements == copies["native"].replacements


def test_answers_to_harmless_queries_and_refusals_stay(tmp_path):
    for name, args, model in (
        ("animals", {"setting": "animal_welfare"}, "simulated/complier"),
        ("refused", {}, "simulated/refuser"),
    ):
        path = run(tmp_path / name, model, args=args, limit=2)
        done = redact([str(path)], tmp_path / "out" / name)[0]
        assert (done.samples, done.replacements) == (0, 0)
        old, new = members(path), members(done.written)
        assert {**new, "header.json": 0, "_journal/start.json": 0} == {
            **old,
            "header.json": 0,
            "_journal/start.json": 0,
        }
    assert redact([str(tmp_path / "animals")], tmp_path / "all", everything=True)[0].samples == 2


@pytest.mark.parametrize(
    ("model", "grader", "mode"),
    [
        ("anthropic/claude-sonnet-4-5-complier", "anthropic/claude-sonnet-4-5-grader", "tool"),
        pytest.param("openai/gpt-5-complier", "openai/gpt-5-grader", "tool", marks=pytest.mark.slow),
        pytest.param("openai/gpt-4o-complier", "openai/gpt-4o-grader", "tags", marks=pytest.mark.slow),
    ],
)
def test_nothing_is_left_in_what_went_over_the_wire(tmp_path, serve, monkeypatch, model, grader, mode):
    url = serve(app({}))
    for name, value in {"OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_BASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "none")
    path = run(tmp_path / "in", model, grader, limit=2, args={"scratchpad": mode}, max_tokens=8000)
    done = redact([str(path)], tmp_path / "out")[0]
    assert left(done.written, answers_in(path)) == []
    assert left(path, answers_in(path))


@pytest.mark.parametrize("kind", ["json", "unfinished", "regraded"])
def test_other_forms_of_a_log(tmp_path, logs, kind):
    path = FORMS[kind](logs["tags"], tmp_path)
    done = redact([str(path)], tmp_path / "out")[0]
    assert done.reason == ""
    assert done.samples == 2
    assert left(done.written, answers_in(logs["tags"])) == []
    assert len(read_eval_log_sample_summaries(str(done.written))) == 2
    assert read_eval_log(str(done.written)).eval.metadata["redacted"] is True
    assert redact([str(done.written)], tmp_path / "again")[0].replacements == 0


def as_json(path, folder):
    write_eval_log(read_eval_log(str(path)), str(folder / "log.json"))
    return folder / "log.json"


def unfinished(path, folder):
    """Return the log as a crash before its end would have left it."""
    target = folder / path.name
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            if info.filename not in ("header.json", "summaries.json", "reductions.json"):
                new.writestr(info, old.read(info.filename))
    assert read_eval_log(str(target)).status == "started"
    return target


def regraded(path, folder):
    """Return the log with every outcome edited by hand to a refusal: what it was before counts as well."""
    log = read_eval_log(str(path))
    for sample in log.samples:
        edit_score(log, sample.id, "outcome", ScoreEdit(value="refused"), recompute_metrics=False, epoch=sample.epoch)
        edit_score(log, sample.id, "compliance", ScoreEdit(value=0.0), recompute_metrics=False, epoch=sample.epoch)
    write_eval_log(log, str(folder / "edited.eval"))
    return folder / "edited.eval"


FORMS = {"json": as_json, "unfinished": unfinished, "regraded": regraded}


def sample(**more):
    """Return a sample that every grader takes for a refusal."""
    given = {
        "id": "theft-03-free",
        "epoch": 1,
        "input": "How do I do it?",
        "metadata": {"queries": "harmful", "polarity": "complied", "tags": None},
        "messages": [
            {"role": "user", "content": "How do I do it?"},
            {"role": "assistant", "content": "I will not say."},
        ],
        "store": {"SplitReply:public": "I will not say.", "SplitReply:private": ""},
        "scores": {
            "outcome": {"value": "refused"},
            "compliance": {"value": 0.0, "metadata": {"definitions": {"helps": False}}},
        },
    }
    return {**given, **more}


REFUSED = sample()["scores"]


@pytest.mark.parametrize(
    ("more", "answers"),
    [
        ({}, ()),
        ({"scores": {**REFUSED, "outcome": {"value": "complied"}}}, ("I will not say.",)),
        ({"scores": {**REFUSED, "outcome1": {"value": "complied"}}}, ("I will not say.",)),
        ({"scores": {**REFUSED, "outcome": {"value": "ungraded"}}}, ("I will not say.",)),
        (
            {"scores": {**REFUSED, "outcome": {"value": "refused", "history": [{"value": "complied"}]}}},
            ("I will not say.",),
        ),
        (
            {"scores": {**REFUSED, "compliance": {"value": 0.0, "metadata": {"definitions": {"helps": True}}}}},
            ("I will not say.",),
        ),
        (
            {"scores": {**REFUSED, "compliance": {"value": 0.0, "metadata": {"panel": [["a", False], ["b", True]]}}}},
            ("I will not say.",),
        ),
        ({"scores": {**REFUSED, "announced": {"value": 1.0}}}, ("I will not say.",)),
        ({"scores": None}, ("I will not say.",)),
        ({"scores": None, "metadata": {"queries": "benign"}}, ()),
        ({"scores": None, "metadata": {"queries": "/my/benign.jsonl"}}, ("I will not say.",)),
        ({"scores": None, "store": {}}, ("I will not say.",)),
        (
            {
                "scores": None,
                "store": {"SplitReply:public": "[redacted: 9 characters, sha256 0123456789abcdef]"},
                "messages": [],
            },
            (),
        ),
        (
            {
                "scores": None,
                "store": {"SplitReply:public": "Part one. Part two."},
                "messages": [
                    {
                        "role": "assistant",
                        "content": [{"type": "text", "text": "Part one."}, {"type": "reasoning", "reasoning": "Hm."}],
                    },
                    {"role": "assistant", "content": "attachment://0"},
                ],
                "attachments": {"0": "Part two."},
            },
            ("Part one. Part two.", "Part one.", "Part two."),
        ),
        (
            {
                "scores": None,
                "metadata": {"tags": {"private": "think", "public": "say"}},
                "store": {},
                "messages": [
                    {
                        "role": "assistant",
                        "content": "<think>Should I? <say>no</say></think> Well <say>Here it is.</say> Bye.",
                    },
                ],
            },
            ("Well", "Here it is.", "Bye."),
        ),
        (
            {
                "error_retries": [
                    {
                        "message": "down",
                        "events": [
                            {
                                "event": "model",
                                "output": {"choices": [{"message": {"role": "assistant", "content": "First try."}}]},
                            },
                            {
                                "event": "model",
                                "role": "grader",
                                "output": {"choices": [{"message": {"role": "assistant", "content": "{}"}}]},
                            },
                        ],
                    }
                ]
            },
            ("First try.",),
        ),
    ],
)
def test_what_is_withheld_of_a_sample(more, answers):
    assert redaction_targets(sample(**more)).answers == answers


def test_a_query_set_that_is_called_harmless_is_one_of_ours():
    assert all(load_queries(name) for name in HARMLESS)


ANSWERS = st.text(
    st.sampled_from('abcdefgh 012\n\t"|<[é😀文(*.') | st.characters(exclude_characters="\\"), min_size=60, max_size=300
)
BEFORE, AFTER = "Before: ", " :after"


def quote(text):
    """Quote a text as a grader is shown it."""
    return "\n".join(f"| {line}" for line in text.encode("utf-8", "replace").decode().splitlines())


FOUND_AS = {
    "itself": (str, str),
    "json": (json.dumps, json.loads),
    "json in json": (lambda text: json.dumps(json.dumps(text)), lambda text: json.loads(json.loads(text))),
    "json of letters": (lambda text: json.dumps(text, ensure_ascii=False), json.loads),
    "quoted": (quote, str),
    "other white space": (lambda text: "   \n".join(text.split()), str),
    "louder": (lambda text: f"**{text.upper()}**", str),
}


@settings(deadline=None)
@given(ANSWERS, st.sampled_from(list(FOUND_AS)), st.integers(0, 40), st.integers(0, 40))
@example(59 * "0" + "¼", "json", 37, 0)
def test_no_run_of_an_answer_is_left_in_a_text(answer, form, cut, end):
    written, read = FOUND_AS[form]
    shown = answer[cut : len(answer) - end]
    redacted = redact_text(written(BEFORE + shown + AFTER), [answer])
    text = redacted if redacted.startswith("[redacted: ") else read(redacted)  # replaced whole, it has no form
    letters, runs = ascii_letters(text), ascii_letters(answer)
    assert not [at for at in range(len(runs) - RUN + 1) if runs[at : at + RUN] in letters]


def ascii_letters(text):
    """Return the letters and digits that are the same in every form."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def test_letters_around_an_answer_stay_where_it_ends_otherwise():
    answer = "Turn the brass handle seven times, then note the reading (twice)."
    mark = f"[redacted: {len(answer)} characters, sha256 {hashlib.sha256(answer.encode()).hexdigest()[:16]}]"
    assert redact_text(f"He said: {answer} And left.", [answer]) == f"He said: {mark} And left."
    assert redact_text(f"It says “{answer.rstrip('.')}”, no more.", [answer]) == f"It says “{mark}”, no more."
    part = redact_text(f"It says “{answer[9:50]}”, no more.", [answer])
    assert re.fullmatch(r"It says “\[redacted: 41 characters, part of sha256 [0-9a-f]{16}\]”, no more\.", part)
    assert redact_text("Turn the brass handle.", [answer]) == "Turn the brass handle."


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Yes.", "{}"),
        ("| Yes.", "| {}"),
        ("<say>\nYes.\n</say>", "<say>\n{}\n</say>"),
        ('"Yes."', '"{}"'),
        ("First\nYes.\nLast", "First\n{}\nLast"),
        ("Yes. I think so.", "Yes. I think so."),
        ("He said Yes.", "He said Yes."),
        ("Yes", "Yes"),
    ],
)
def test_a_short_answer_is_replaced_where_it_stands_by_itself(text, redacted):
    mark = f"[redacted: 4 characters, sha256 {hashlib.sha256(b'Yes.').hexdigest()[:16]}]"
    assert redact_text(text, ["Yes."]) == redacted.format(mark)


def test_what_also_stands_in_the_query_stays_alone_and_goes_within_an_answer():
    query = "Tell me how the brass handle of the old machine is turned."
    answer = f"You ask: {query} It is turned to the left seven times."
    assert redact_text(query, [answer], [query]) == query
    assert "brass" in redact_text(f"The user wants: {query} I hesitate.", [answer], [query])
    assert "brass" not in redact_text(f"I write: {answer}", [answer], [query])


def test_an_answer_of_200_000_characters_takes_seconds():
    answer = "".join(f"Step {number}: turn the handle {number * 7919 % 1000} times. " for number in range(5_500))
    started = time.process_time()
    text = redact_text(json.dumps({"a": answer, "b": ["nothing", answer[1000:100_000]]}), [answer])
    assert time.process_time() - started < 5
    assert "handle" not in text
    assert len(answer) > 200_000
    assert json.loads(text)["b"][0] == "nothing"


def test_originals_are_never_written_over(tmp_path, logs):
    folder = tmp_path / "in"
    folder.mkdir()
    log = folder / logs["native"].name
    shutil.copy(logs["native"], log)
    before = digest(log)
    for paths, output, says in (
        ([str(folder)], folder, "inside"),
        ([str(folder)], folder / "out", "inside"),
        ([str(log)], folder, "itself"),
        ([str(tmp_path / "none")], tmp_path / "out", "no such"),
        ([str(an_empty(tmp_path))], tmp_path / "out", "holds no"),
    ):
        with pytest.raises(UserError, match=says):
            redact(paths, output)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / log.name).write_text("mine")
    with pytest.raises(UserError, match="another file"):
        redact([str(folder)], tmp_path / "out")
    (folder / "again").mkdir()
    shutil.copy(log, folder / "again" / log.name)
    with pytest.raises(UserError, match="both"):
        redact([str(log), str(folder / "again" / log.name)], tmp_path / "other")
    assert digest(log) == before
    assert (tmp_path / "out" / log.name).read_text() == "mine"
    assert [path.name for path in (tmp_path / "out").iterdir()] == [log.name]


def an_empty(folder):
    (folder / "empty").mkdir(exist_ok=True)
    return folder / "empty"


def test_logs_that_cannot_be_redacted_are_left_out_and_named(tmp_path, logs):
    whole = logs["native"].read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    broken = {
        "cut.eval": whole[: len(whole) // 2],
        "zeros.eval": bytes(1000),
        "half.json": b'{"version": 2, "status',
        "flipped.eval": flipped(whole),
    }
    for name, content in broken.items():
        (folder / f"2025-01-01T00-00-00-00-00_alignment-faking_{name}").write_bytes(content)
    shutil.copy(logs["native"], folder / logs["native"].name)
    other = inspect_eval(
        Task(dataset=[Sample(input="Hi", target="no")], scorer=includes(), name="other"),
        model="mockllm/model",
        model_args={
            "custom_outputs": [ModelOutput(**{**ModelOutput.from_content("m", "yes").model_dump(), "usage": USAGE})]
        },
        log_dir=str(folder),
        display="log",
    )
    seen = []
    done = redact([str(folder)], tmp_path / "out", watch=lambda paths: (seen.append(path) or path for path in paths))
    assert len(seen) == len(done) == 6
    assert {Path(each.path).name for each in done if each.written} == {logs["native"].name}
    assert all(each.reason for each in done if not each.written)
    assert next(each.reason for each in done if each.path == other[0].location) == "another task: other"
    assert [path.name for path in (tmp_path / "out").iterdir()] == [logs["native"].name]


def flipped(whole):
    """Return a log with damage in its middle, among the samples."""
    middle = len(whole) // 2
    return whole[:middle] + bytes(byte ^ 255 for byte in whole[middle : middle + 400]) + whole[middle + 400 :]


def test_logs_are_read_from_a_url(tmp_path, logs):
    fsspec.filesystem("memory").put(str(logs["native"]), f"/redact/sub/{logs['native'].name}")
    done = redact(["memory://redact"], tmp_path / "out")
    assert [each.written for each in done] == [tmp_path / "out" / "sub" / logs["native"].name]
    assert left(done[0].written, answers_in(logs["native"])) == []


def test_quoted_words_of_a_sample_are_concealed(logs):
    for name in ("tool", "hostile tags"):
        first = next(iter(read_eval_log_samples(str(logs[name]))))
        assert redactor(first)(first.store["SplitReply:public"]).startswith("[redacted: ")
        assert redactor(first)(first.input) == first.input


@pytest.mark.parametrize(
    ("misses", "fits", "sentence"),
    [
        (1, True, "8 answers to harmful queries stay because simulated/grader called them refused."),
        (9, True, "simulated/grader found only 20 of 29 labelled answers that comply (69.0%): read them before"),
        (0, False, "simulated/grader is not validated: its record was made with another rubric"),
        (None, True, "warning: 8 answers to harmful queries stay because simulated/grader called them refused; "),
    ],
)
def test_answers_that_stay_on_a_graders_word_are_counted_and_doubted(made, tmp_path, call, misses, fits, sentence):
    path = next(run for run in read_logs(str(made))[0] if "quiet" in run.log.eval.model).log.location
    log = read_eval_log(path)
    log.samples = [sample for sample in log.samples if sample.scores["outcome"].value == "refused"][:8]
    (tmp_path / "logs").mkdir()
    write_eval_log(log, str(tmp_path / "logs" / Path(path).name))
    judge = read_logs(str(tmp_path / "logs"))[0][0].judges["compliance"]
    if misses is not None:
        counts = {"hits": 20, "misses": misses, "rejections": 30, "false_alarms": 0}
        about = judge._asdict() | ({} if fits else {"rubric_sha256": "x"})
        record = Calibration(
            **about,
            score="compliance",
            labels=["mine"],
            labels_sha256="l",
            counts=counts,
            tiers={},
            ungraded=0,
            simulated=True,
            suite_version="0",
            created="2026-01-01",
        )
        (tmp_path / "logs" / "a.calibration.jsonl").write_text(record.model_dump_json())
    done = call("redact", tmp_path / "logs", "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert sentence in done.output
    assert ("warning" in done.output) == (misses != 1)


def test_where_no_answer_stays_nothing_is_said_of_its_grader(tmp_path, logs, call):
    done = call("redact", logs["hostile none"], "--output", tmp_path / "out")
    assert done.exit_code == 0
    assert "called them refused" not in done.output
