"""How much of a run was measured, in which forms its reasoning came, and how its graders did."""

from collections import Counter
from typing import NamedTuple

from analysis.reading.generation_options import GRADER, Options, options
from analysis.reading.logs import Run
from experiment.replies.data_quality import Quality, own_judge, quality, shortfalls
from experiment.replies.reply_counts import FORM, Noted, counts

NO_FORM = "none recognised"


class Health(NamedTuple):
    """What a reader needs to judge whether a run can be read.

    Args:
        counts: What `experiment.replies.reply_counts.counts` counts, under the names of the log's metrics; what is not
            recorded is absent.
        quality: The same over all tiers.
        forms: For each tier the forms in which private reasoning came, to their number; empty where not recorded.
        problems: Where it measured too little, and a model that judged its own replies; a sentence each, without end.
        options: How the models were called; a grader that is not bound in the log is absent.
    """

    replies: dict[str, int]
    counts: dict[str, int]
    quality: Quality
    forms: dict[str, dict[str, int]]
    problems: list[str]
    graders: tuple[str, ...]
    options: tuple[Options, ...]

    def number_of(self, name: str, tier: str) -> int | None:
        """Return a count of a tier, None where it is not recorded."""
        return self.counts.get(f"{name}_{tier}")

    def lost(self, tier: str) -> dict[str, int]:
        """Return how many replies of a tier were not measured, by reason, a key of `LABELS`."""
        return quality(self.counts, self.replies.get(tier, 0), [tier]).lost


def health_of(run: Run) -> Health:
    """Read how a run went off its replies and its header.

    Returns:
        Counts of replies, and sentences where they pass a limit of `experiment.replies.data_quality`.
    """
    noted = [Noted(*row) for row in run.samples[["tier", "outcome", "noted"]].itertuples(index=False)]
    found = counts(noted)
    tiers = dict(Counter(each.tier for each in noted))
    measured, called = quality(found, len(noted), tiers), options(run.log)
    names = [name for judge in run.judges.values() for name in judge.grader.split(", ")]
    graders = tuple(dict.fromkeys(names or [each.model for each in called if each.role == GRADER]))
    subject = called[0]
    longest = subject.given.get("max_tokens")
    mode = (run.log.eval.metadata or {})["scratchpad"]
    problems = shortfalls(measured, mode, longest if isinstance(longest, int) else None)
    return Health(
        replies=tiers,
        counts=found,
        quality=measured,
        forms=_forms(noted),
        problems=[*problems, *filter(None, [own_judge(subject.model, graders)])],
        graders=graders,
        options=tuple(each for each in called if each.role != GRADER or each.model in graders),
    )


def _forms(noted: list[Noted]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for each in noted:
        if FORM in each.notes:
            found.setdefault(each.tier, Counter())[str(each.notes[FORM]) or NO_FORM] += 1
    return {tier: dict(forms.most_common()) for tier, forms in found.items()}
