"""How long a report takes, and how much memory: many logs, made by copying a few real ones under other names."""

import json
import tempfile
import zipfile
from pathlib import Path

from inspect_ai import eval as inspect_eval

from benchmarks.child_process import ProcessCost, run_python

CONDITIONS = (None, "no_conflict", "label_neutral", "label_swapped", "monitored")
HEADER, START = "header.json", "_journal/start.json"
INSPECT = "import sys; from inspect_ai.analysis import samples_df; samples_df(sys.argv[1], quiet=True)"


def compared(logs: int, samples: int) -> dict[str, ProcessCost]:
    """Read logs as the table, the report and Inspect's own data frame do.

    Returns:
        What each took, in the order of their memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = str(copies(Path(folder), logs, samples))
        ours = ("-m", "cli", "report", made)
        return {
            "table": run_python(*ours),
            "report": run_python(*ours, "--output", str(Path(folder, "report"))),
            "samples_df": run_python("-c", INSPECT, made),
        }


def copies(folder: Path, logs: int, samples: int) -> Path:
    """Run a stand-in once in each condition, and copy its logs as if other models had been run."""
    few = _originals(folder / "few", samples)
    many = folder / "logs"
    many.mkdir()
    for number in range(logs):
        model, log = f"provider/model-{number // len(few):02}", few[number % len(few)]
        _copy(log, many / f"2026-01-01T00-00-00-00-00_alignment-faking_{number:04}.eval", model)
    return many


def _originals(folder: Path, samples: int) -> list[Path]:
    for variant in CONDITIONS:
        inspect_eval(
            "alignment_faking",
            model="simulated/faker",
            model_roles={"grader": "simulated/grader"},
            task_args={"variant": variant},
            limit=samples,
            log_dir=str(folder),
            log_realtime=False,
            display="log",
        )
    return sorted(folder.glob("*.eval"))


def _copy(log: Path, target: Path, model: str) -> None:
    with zipfile.ZipFile(log) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = source.read(name)
            if name in (HEADER, START):
                header = json.loads(content)
                header["eval"] |= {"model": model, "task_id": target.stem, "eval_id": target.stem}
                content = json.dumps(header).encode()
            copy.writestr(name, content)
