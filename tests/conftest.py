"""Every test is offline and writes its logs to a folder of its own."""

import gc
from threading import Thread

import pytest
import uvicorn
from hypothesis import settings

from simulated.server.app import bound

settings.register_profile("long", max_examples=400)  # `make verify`


def pytest_collection_finish():
    """Spare every look for unreachable objects all that thousands of tests have imported."""
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(autouse=True)
def _own_log_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECT_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.setenv("INSPECT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("INSPECT_DISPLAY", "log")  # "none" lays out the table of metrics all the same, unseen


def pytest_addoption(parser):
    parser.addoption("--rewrite", action="store_true", help="rewrite the golden renderings in tests/rendered")


@pytest.fixture(scope="module")
def serve():
    """Return what starts a server and gives its URL."""
    running = []

    def start(application):
        opened, url = bound(0)
        server = uvicorn.Server(uvicorn.Config(application, log_level="critical"))
        running.append((server, Thread(target=server.run, kwargs={"sockets": [opened]})))
        running[-1][1].start()
        return url

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join()
