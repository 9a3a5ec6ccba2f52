"""Labelled replies in place of a model's: loading them, and handing them to the scorers."""

from collections.abc import Collection

from inspect_ai.model import ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver

from experiment.queries.labelled_replies import Labelled, load_labels, to_labelled
from experiment.registry_names import unqualified
from solvers.public_datasets import LABEL_SETS, fetch, public_sets
from solvers.reply_store import SplitReply

NOBODY = "labelled"


def load_label_set(name: str, scores: Collection[str]) -> list[Labelled]:
    """Load a label set: a file of `datasets/labels/`, an entry of its `public_label_sets.yaml`, or a path.

    Raises:
        UserError: The set cannot be found, fetched or read, or labels a score that cannot be labelled.
    """
    public = public_sets(LABEL_SETS)
    if name not in public:
        return load_labels(name, scores, sorted(public))
    entry = public[name]
    columns = {"text": entry.text, "stratum": entry.category, "query": entry.query}
    given = {field: column for field, column in columns.items() if column}
    rows = [
        {field: row[column] for field, column in given.items()}
        | {score: row[label] if isinstance(label, str) else label for score, label in entry.labels.items()}
        for row in fetch(entry, name)
    ]
    return to_labelled(rows, name, scores)


@solver
@unqualified
def labelled_reply() -> Solver:
    """Hand a labelled text to the scorers as the reply of a sample; no model is called.

    Returns:
        A solver that keeps the text of a sample's metadata as the part of a split reply that they say it is.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        text, kept = state.metadata["text"], state.store_as(SplitReply)
        kept.done = True
        setattr(kept, state.metadata["part"], text)
        state.output = ModelOutput.from_content(NOBODY, text)
        state.completed = True
        return state

    return solve
