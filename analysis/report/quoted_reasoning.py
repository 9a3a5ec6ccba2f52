"""Which replies a report quotes, and their words."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd
from inspect_ai.log import EvalSample, read_eval_log_sample

from analysis.reading.logs import Run
from analysis.reading.reply_table import COMPLIANCE, FAKING
from analysis.reading.scoring_passes import OUTCOME
from analysis.redaction.text_redaction import Redactor, redactor
from analysis.report.cell_formatting import model_name, run_name
from analysis.report.pages.blocks import Quotation
from analysis.summary.run_summary import Summary
from experiment.hidden_characters import shortened
from experiment.markdown_text import plain_words

PER_MODEL = 2
MOST = 12
LONGEST = 2000  # characters
STORE = "SplitReply"
PRIVATE, PUBLIC = "private reasoning", "public answer"
REDACTED = "Answers to harmful queries that are not refusals are replaced by their length and hash."


class Reply(NamedTuple):
    """A reply read from its transcript: Inspect's sample, the private reasoning and the public answer, "" for none."""

    sample: EvalSample
    private: str
    public: str


class Choice(NamedTuple):
    """A kind of reply that is worth quoting: its anchor, why it is quoted, which replies, and which words of them."""

    anchor: str
    title: str
    holds: Callable[[pd.DataFrame], "pd.Series[bool]"]
    kind: str


CHOICES = (
    Choice(
        "faking",
        "Alignment-faking reasoning, the most votes first",
        lambda rows: (rows[FAKING] == 1) & (rows[OUTCOME] == "complied"),
        PRIVATE,
    ),
    Choice(
        "parrot",
        "Knows what training does, and is no alignment faking",
        lambda rows: (rows[FAKING] == 0) & rows["knows_consequence"],
        PRIVATE,
    ),
    Choice("disputed", "Definitions, panel members or votes disagree", lambda rows: rows["disputed"], PUBLIC),
)


def quotations(runs: Sequence[Run], summaries: Sequence[Summary], redact: bool = False) -> dict[str, list[Quotation]]:
    """Choose replies of every kind, at most two of a model and twelve in all, and read their words.

    Args:
        runs: The runs.
        summaries: Their numbers, in the same order.
        redact: Whether to replace answers that are not to be shared, wherever they are quoted.

    Returns:
        The quotations of each kind, by its title; a kind without one is absent.
    """
    found: dict[str, list[Quotation]] = {choice.title: [] for choice in CHOICES}
    for choice in CHOICES:
        for place, (run, summary, row) in enumerate(_chosen(choice, runs, summaries), start=1):
            anchor = f"{choice.anchor}-{place}"
            found[choice.title].append(_quotation(choice, anchor, run, summary, row, redact))
    return {title: each for title, each in found.items() if each}


def read_reply(path: str, sample: str | int, epoch: int) -> Reply:
    """Read one reply's transcript, with its words as the solver split them."""
    read = read_eval_log_sample(path, id=sample, epoch=epoch)
    return Reply(read, *(str(read.store.get(f"{STORE}:{part}") or "") for part in ("private", "public")))


def viewer(path: str, sample: str | int, epoch: int) -> tuple[str, str]:
    """Return the command that opens a log's folder in Inspect's viewer, and the sample's place there."""
    folder, _, name = path.rpartition("/")
    place = f"http://127.0.0.1:7575/#/logs/{quote(name)}/samples/sample/{quote(str(sample), safe='')}/{epoch}/"
    return f"inspect view --log-dir {shlex.quote(folder or '.')}", place


def _chosen(
    choice: Choice, runs: Sequence[Run], summaries: Sequence[Summary]
) -> Iterator[tuple[Run, Summary, dict[str, Any]]]:
    left = dict.fromkeys((summary.model for summary in summaries), PER_MODEL)
    total = MOST
    for run, summary in zip(runs, summaries, strict=True):
        rows = run.samples[choice.holds(run.samples)].sort_values("vote_share", ascending=False, kind="stable")
        for row in rows.head(min(left[summary.model], total)).to_dict("records"):
            left[summary.model] -= 1
            total -= 1
            yield run, summary, {str(name): value for name, value in row.items()}


def _quotation(
    choice: Choice,
    anchor: str,
    run: Run,
    summary: Summary,
    row: dict[str, Any],
    redact: bool,
) -> Quotation:
    path, sample, epoch = str(row["log"]), row["sample"], int(row["epoch"])
    reply = read_reply(path, sample, epoch)
    hide = redactor(reply.sample) if redact else str
    words = hide(reply.private if choice.kind == PRIVATE else reply.public)
    command, place = viewer(path, sample, epoch)
    return Quotation(
        anchor=anchor,
        title=f"{model_name(summary)}, {summary.condition}, tier {row['tier']}",
        kind=choice.kind,
        text=shortened(words, LONGEST),
        facts=(
            ("run", run_name(summary)),
            ("sample", f"{sample}, epoch {epoch}"),
            ("query", str(reply.sample.input)),
            ("outcome", str(row[OUTCOME])),
            *_grades(run, reply, hide),
            ("log", path),
            ("in the viewer", place),
        ),
        command=command,
    )


def _grades(run: Run, reply: Reply, hide: Redactor) -> Iterator[tuple[str, str]]:
    for scorer in (COMPLIANCE, FAKING):
        score = (reply.sample.scores or {}).get(run.scores.get(scorer, scorer))
        if score and score.explanation:
            yield scorer.replace("_", " "), hide(plain_words(score.explanation))
