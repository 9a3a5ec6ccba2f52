"""Writing copies of logs that are safe to share: without the public answers that comply with harmful queries."""

import filecmp
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import fsspec  # type: ignore[import-untyped]
from fsspec.core import url_to_fs  # type: ignore[import-untyped]
from inspect_ai.log import list_eval_logs, read_eval_log

from analysis.reading.logs import SUITE
from analysis.reading.reply_table import COMPLIANCE
from analysis.reading.sample_summaries import read_summaries
from analysis.reading.scoring_passes import gradings, judges
from analysis.redaction.json_redaction import Key, Plan, key, plan, redact_json
from analysis.redaction.redaction_targets import Targets, redaction_targets
from experiment.errors import UserError
from experiment.statistics.calibration_records import Judge

FORMATS = (".eval", ".json")
SAMPLES = "samples/"

Watch = Callable[[list[str]], Iterable[str]]


class Redacted(NamedTuple):
    """What became of a log.

    Args:
        path: The log.
        written: The copy, None where the log was left out.
        samples: Samples of which something is withheld.
        replacements: How many times something was replaced in the copy.
        trusted: Answers to harmful queries that stay because every grader took them for refusals.
        graders: The graders of compliance that took them so.
        reason: Why the log was left out, "" where it was not.
    """

    path: str
    written: Path | None
    samples: int
    replacements: int
    trusted: int = 0
    graders: tuple[Judge, ...] = ()
    reason: str = ""


def redact(paths: Sequence[str], output: Path, everything: bool = False, watch: Watch = iter) -> list[Redacted]:
    """Write copies of logs without the public answers that comply with harmful queries.

    In a copy no run of `shingles.RUN` letters or digits of an answer that is withheld of a sample stands in
    that sample's part of the log, and none of its sentences and lines of that length anywhere; shorter answers do not
    stand by themselves in a field of text. Excepted is what also stands in the sample's query, prompts or rubrics. The
    rest is unchanged but for `redacted: true` in the metadata.

    Args:
        paths: Logs, or folders of logs, which are searched with their subfolders; local or fsspec URLs.
        output: The folder to write to; logs of a folder keep their place below it.
        everything: Whether answers to harmless queries are withheld as well.
        watch: What the paths of the logs pass through while they are redacted, to show progress.

    Returns:
        What became of each log.

    Raises:
        UserError: There is no log, a copy would take the place of a log or of another file, or stand among the logs.
    """
    targets = {source: output / place for source, place in _sources(paths, output).items()}
    _check_targets(targets)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".redacting-") as workshop:
        return [_redact(source, Path(workshop), targets[source], everything) for source in watch(list(targets))]


def _sources(paths: Sequence[str], output: Path) -> dict[str, PurePosixPath]:
    """Return the logs, and where the copy of each stands below the output folder."""
    found: dict[str, PurePosixPath] = {}
    for given in paths:
        system, root = url_to_fs(given)
        if not system.exists(root):
            raise UserError(f"{given}: no such folder or log")
        if system.isfile(root):
            found.setdefault(_full(given), PurePosixPath(PurePosixPath(root).name))
            continue
        if "://" not in given and output.resolve().is_relative_to(Path(given).resolve()):
            raise UserError(
                f"output {output} is inside {given}: its logs would be counted twice; name a folder outside"
            )
        for info in list_eval_logs(given):
            found.setdefault(_full(info.name), PurePosixPath(url_to_fs(info.name)[1]).relative_to(root))
    if not found:
        raise UserError(f"{', '.join(paths)}: holds no .eval or .json log")
    return dict(sorted(found.items()))


def _full(path: str) -> str:
    """Return a local path in full, and another one as it is."""
    system, place = url_to_fs(path)
    return str(place) if "file" in system.protocol else path


def _check_targets(targets: dict[str, Path]) -> None:
    logs = {Path(source).resolve(): source for source in targets if "://" not in source}
    taken: dict[Path, str] = {}
    for source, target in targets.items():
        place = target.resolve()
        if place in logs:
            raise UserError(f"output {target} is the log {logs[place]} itself; name another folder")
        if place in taken:
            raise UserError(f"{taken[place]} and {source} would both be written to {target}; redact one at a time")
        taken[place] = source


def _redact(source: str, workshop: Path, target: Path, everything: bool) -> Redacted:
    copy = workshop / target.name
    try:
        if reason := _foreign(source):
            return Redacted(source, None, 0, 0, reason=reason)
        samples = dict(_samples(source, everything))
        replacements = _copy(source, copy, plan(samples))
        _check(source, str(copy))
    except Exception as error:  # decompressors and parsers raise what they like; what is not understood is not copied
        return Redacted(source, None, 0, 0, reason=f"cannot be read: {type(error).__name__}: {error}")
    if target.exists() and not filecmp.cmp(copy, target, shallow=False):
        raise UserError(f"{target} exists and is another file; name another folder or remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    copy.replace(target)
    told = sum(bool(each.answers) for each in samples.values())
    trusted = sum(each.trusted for each in samples.values())
    return Redacted(source, target, told, replacements, trusted, _graders(source) if trusted else ())


def _foreign(source: str) -> str:
    """Say why a log is not redacted, "" where it is."""
    log = read_eval_log(source, header_only=True)
    facts = log.eval.metadata or {}
    if "labels_sha256" in facts:
        return "a grader's run against labels, which holds no model's replies; share its calibration record"
    return "" if SUITE in facts else f"another task: {log.eval.task}"


def _graders(source: str) -> tuple[Judge, ...]:
    """Return who judged compliance, in every grading of a log."""
    scored = [summary for summary in read_summaries(source) if summary.scores]
    found = [judges(scored, grading).get(COMPLIANCE) for grading in gradings(scored)]
    return tuple(dict.fromkeys(filter(None, found)))


def _samples(source: str, everything: bool) -> Iterator[tuple[Key, Targets]]:
    """Decide for each sample of a log what is withheld."""
    if not source.endswith(FORMATS[0]):
        for sample in json.loads(_read(source)).get("samples") or []:
            yield (str(sample["id"]), sample["epoch"]), redaction_targets(sample, everything)
        return
    with fsspec.open(source, "rb") as file, zipfile.ZipFile(file) as archive:
        for name in dict.fromkeys(archive.namelist()):
            if name.startswith(SAMPLES):
                sample = json.loads(archive.read(name))
                found = key(sample)
                if not found or name != _member(*found):
                    raise ValueError(f"holds a sample in pieces ({name}), which cannot be redacted")
                yield found, redaction_targets(sample, everything)


def _member(id: str, epoch: int) -> str:
    """Return the name under which Inspect keeps a sample in a log."""
    return f"{SAMPLES}{id}_epoch_{epoch}.json"


def _copy(source: str, target: Path, planned: Plan) -> int:
    """Write the copy, member by member, and return how many times something was replaced."""
    if not source.endswith(FORMATS[0]):
        redacted = redact_json(_read(source), planned)
        target.write_text(redacted.text, encoding="utf-8", errors="surrogateescape", newline="")
        return redacted.replacements
    times, about = 0, {_member(*sample): sample for sample in planned.samples}
    with (
        fsspec.open(source, "rb") as file,
        zipfile.ZipFile(file) as archive,
        zipfile.ZipFile(target, "w") as copy,
    ):
        for name in dict.fromkeys(archive.namelist()):
            info, text = archive.getinfo(name), archive.read(name).decode("utf-8", "surrogateescape")
            redacted = redact_json(text, planned, about.get(name))
            member = zipfile.ZipInfo(name, info.date_time)
            member.compress_type, member.external_attr = info.compress_type, info.external_attr
            copy.writestr(member, redacted.text.encode("utf-8", "surrogateescape"))
            times += redacted.replacements
    return times


def _read(source: str) -> str:
    with fsspec.open(source, "rb") as file:
        return bytes(file.read()).decode("utf-8", "surrogateescape")


def _check(source: str, copy: str) -> None:
    """Raise unless Inspect reads the copy and finds the same scores in it."""
    read_eval_log(copy, header_only=True)
    if _values(source) != _values(copy):
        raise ValueError("its copy would not hold the same scores")


def _values(path: str) -> list[str]:
    return [
        f"{summary.id} {summary.epoch} { {name: score.value for name, score in (summary.scores or {}).items()} }"
        for summary in read_summaries(path)
    ]
