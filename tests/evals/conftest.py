"""Running the task and reading its log."""

import pytest
from inspect_ai import eval as inspect_eval


@pytest.fixture
def run():
    """Return what runs the task on stand-in models, or on others, and gives the log; one vote unless asked for more."""

    def task(model="simulated/faker", grader="simulated/grader", args=None, **options):
        options = {"log_realtime": False, "retry_on_error": 0, **options}
        args = {"votes": 1, **(args or {})}
        roles = {"grader": grader} if grader else {}
        return inspect_eval("alignment_faking", task_args=args, model=model, model_roles=roles, **options)[0]

    return task


@pytest.fixture
def metrics():
    """Return what reads a log's metrics, by scorer and name."""
    return lambda log: {
        score.name: {name: m.value for name, m in score.metrics.items()} for score in log.results.scores
    }
