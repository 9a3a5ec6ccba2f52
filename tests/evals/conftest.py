"""Running the task and reading its log."""

import pytest
from inspect_ai import eval as inspect_eval


@pytest.fixture
def run():
    """Return what runs the task on stand-in models, or on others, and gives the log; one vote unless asked for more."""

    def task(model="simulated/faker", grader="simulated/grader", args=None, **options):
        options = {"log_realtime": False, "retry_on_error": 0, **options}
        args = {"votes": 1, "preflight": False, **(args or {})}
        roles = {"grader": grader} if grader else {}
        return inspect_eval("alignment_faking", task_args=args, model=model, model_roles=roles, **options)[0]

    return task


@pytest.fixture
def metrics():
    """Return what reads a log's metrics, by scorer and name."""
    return lambda log: {
        score.name: {name: m.value for name, m in score.metrics.items()} for score in log.results.scores
    }


@pytest.fixture(scope="session")
def numbers():
    """Return what gives outcomes and scores by sample and epoch, and every metric."""

    def read(log):
        scores = {
            (sample.id, sample.epoch): {name: str(score.value) for name, score in sample.scores.items()}
            for sample in log.samples
        }
        return scores, {score.name: str(score.metrics) for score in log.results.scores}

    return read


@pytest.fixture(scope="session")
def calls_of():
    """Return what gives the first user turn of every call that was made for some samples."""
    return lambda samples: {
        next(message.text for message in event.input if message.role == "user")
        for sample in samples
        for event in sample.events
        if event.event == "model"
    }


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory, numbers):
    """Return what gives the numbers of an uninterrupted run, in this process and without a network."""

    def of(samples, **args):
        [log] = inspect_eval(
            "alignment_faking",
            task_args={"votes": 1, **args},
            model="simulated/faker",
            model_roles={"grader": "simulated/grader"},
            limit=samples,
            log_dir=str(tmp_path_factory.mktemp("uninterrupted")),
            display="log",
        )
        return numbers(log)

    return of
