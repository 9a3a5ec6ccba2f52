"""What Inspect's viewer shows of each task's samples: the columns, their names and colours."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.viewer import ScoreColorScale, TaskSamplesColumn, TaskSamplesView, ViewerConfig

from experiment.queries.labelled_replies import COMPLIANCE
from scorers.label_agreement import LABELLED
from scorers.label_agreement import SUFFIX as AGREEMENT
from scorers.rubric import FAKING
from scorers.scorers import MOTIVES

SCORERS = ("outcome", "compliance", "alignment_faking", "self_preservation")


def _view(
    name: str, shown: Sequence[str], hidden: Sequence[str], labels: dict[str, str], colours: dict[str, Any]
) -> ViewerConfig:
    return ViewerConfig(
        task_samples_view=TaskSamplesView(
            name=name,
            columns=[
                TaskSamplesColumn(id="sampleId"),
                TaskSamplesColumn(id="input"),
                *(TaskSamplesColumn.score(scorer) for scorer in shown),
                *(TaskSamplesColumn.score(scorer, visible=False) for scorer in hidden),
                *(TaskSamplesColumn(id=id, visible=False) for id in ("target", "answer", "tokens", "duration")),
            ],
            score_labels=labels,
            score_color_scales=colours,
            color_scales_enabled=True,
        )
    )


TIERS_AND_SCORES = _view(
    "tiers and scores",
    SCORERS,
    [name for name in MOTIVES if name not in SCORERS],
    {"alignment_faking": "AF reasoning"} | {name: name.replace("_", " ") for name in MOTIVES},
    {
        "outcome": {
            "complied": "info",
            "refused": "muted",
            "malformed": "warn",
            "truncated": "warn",
            "filtered": "warn",
            "ungraded": "bad",
            "errored": "bad",
        },
        "compliance": ScoreColorScale(palette="neutral", min=0, max=1),
        "alignment_faking": ScoreColorScale(palette="good-low", min=0, max=1),
        **{name: ScoreColorScale(palette="neutral", min=0, max=1) for name in MOTIVES},
    },
)

GRADES_AND_LABELS = _view(
    "verdicts against labels",
    [f"{name}{AGREEMENT}" for name in (COMPLIANCE, FAKING)],
    [],
    {f"{name}{AGREEMENT}": name.replace("_", " ") for name in LABELLED},
    {
        f"{name}{AGREEMENT}": {
            "hit": "good",
            "rejection": "good",
            "miss": "bad",
            "false alarm": "bad",
            "ungraded": "warn",
        }
        for name in LABELLED
    },
)
