"""Grids on a real Ray cluster of two nodes, one of which is killed, and into a real S3 server."""

import json
import os
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
import yaml
from click.testing import CliRunner
from inspect_ai.log import list_eval_logs, read_eval_log

from analysis.report.report import write_report
from analysis.report.report_inputs import gather, read
from cli.main import main

ray = pytest.importorskip("ray")
moto_server = pytest.importorskip("moto.server")
pytestmark = pytest.mark.ray

SMALL = {
    "models": ["simulated/faker"],
    "graders": ["simulated/grader"],
    "limit": 12,
    "task": {"votes": 1},
    "run": {"log_realtime": False, "log_buffer": 1},
}
ENOUGH = 4  # finished samples of a shard, of 12, before its node is killed
BUCKET = "s3://grids"


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    """A local server that speaks S3, with a bucket; its address stands in the environment of this process."""
    import boto3

    server = moto_server.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    names = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = dict(os.environ)
    os.environ.update(names)
    boto3.client("s3").create_bucket(Bucket=BUCKET.removeprefix("s3://"))
    yield BUCKET
    os.environ.clear()
    os.environ.update(before)
    server.stop()


@pytest.fixture(scope="module")
def cluster(s3):
    """Two nodes of one core each, in processes of their own."""
    from ray.cluster_utils import Cluster

    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    found.add_node(num_cpus=1)
    ray.init(address=found.address, log_to_driver=False)
    found.wait_for_nodes()
    yield found
    ray.shutdown()
    found.shutdown()


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """Return what runs `alignment-faking grid` on a grid with some fields changed."""
    monkeypatch.chdir(tmp_path)

    def run(*options, **fields):
        (tmp_path / "grid.yaml").write_text(yaml.safe_dump({**SMALL, **fields}), encoding="utf-8")
        done = CliRunner().invoke(main, ["grid", "grid.yaml", *options])
        assert done.exit_code == 0, done.output
        return done.output

    return run


def results(folder, output):
    write_report(gather(read(str(folder))), output)
    found = json.loads((output / "results.json").read_text(encoding="utf-8"))["runs"]
    for run in found:
        del run["logs"], run["status"]
    return found


def written(folder):
    """The logs of each shard, oldest first."""
    found = {}
    for info in list_eval_logs(str(Path(folder).absolute()), descending=False):
        found.setdefault(Path(info.name).parent.name, []).append(read_eval_log(info.name))
    return found


def kill_in_the_middle(cluster, folder):
    """Kill the second node once both shards have finished some of their samples."""
    deadline = monotonic() + 120
    while monotonic() < deadline:
        shards = written(folder).values() if Path(folder).exists() else []
        if len(shards) == 2 and all(len(log.samples or []) >= ENOUGH for [log] in shards):
            break
        sleep(0.5)
    [node] = [node for node in cluster.list_all_nodes() if not node.head]
    cluster.remove_node(node, allow_graceful=False)


def test_two_nodes_and_an_object_store_give_the_numbers_of_one_process(cluster, grid, s3, tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps([f"What is {n} times {n}?" for n in range(6)]), encoding="utf-8")
    fields = {"models": ["simulated/faker", "simulated/quiet"], "queries": ["mine.json"], "limit": None}
    grid("--log-dir", "one", **fields)
    first = grid("--log-dir", f"{s3}/grid", "--engine", "ray", **fields, shards=2)
    assert first.count("done, 6 samples") == 4
    again = grid("--log-dir", f"{s3}/grid", "--engine", "ray", **fields, shards=2)
    assert again.count("complete already, 6 samples") == 4
    by_model = [
        sorted(results(folder, tmp_path / name), key=lambda run: run["model"])
        for folder, name in ((f"{s3}/grid", "a"), ("one", "b"))
    ]
    for run in by_model[0] + by_model[1]:
        del run["run"]
    assert by_model[0] == by_model[1]


def test_the_cell_of_a_lost_node_is_run_again_and_keeps_what_was_finished(cluster, grid, tmp_path):
    slow = {"model": "simulated/faker", "args": {"latency": 0.5}, "generate": {"max_connections": 1}}
    killer = Thread(target=kill_in_the_middle, args=(cluster, "cut"))
    killer.start()
    output = grid("--log-dir", "cut", "--engine", "ray", models=[slow], shards=2)
    killer.join()
    assert output.count("done, 12 samples") == 2
    [[whole], [lost, again]] = sorted(written("cut").values(), key=len)
    assert [whole.status, lost.status, again.status] == ["success", "started", "success"]
    kept = {sample.uuid for sample in lost.samples}
    assert ENOUGH <= len(kept) < len(again.samples) == 12
    assert kept <= {sample.uuid for sample in again.samples}
    grid("--log-dir", "one", models=[{**slow, "generate": {"max_connections": 24}}])
    assert results("cut", tmp_path / "a") == results("one", tmp_path / "b")
