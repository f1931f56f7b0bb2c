"""The cluster's Sentinels give no orders to a Redis that the cluster did not start."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from tests.load.cluster.owned import require_own
from tests.load.cluster.processes import HERE, Program, filled, free_ports, listens_at, until
from tests.load.cluster.redises import SERVICE, Redises

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.skipif(
        not shutil.which("redis-sentinel") and not os.environ.get("CI"),
        reason="redis-sentinel is not installed (Debian: redis-sentinel)",
    ),
]
# Addresses of this machine, of which every connection comes from 127.0.0.1.
FIRST, SECOND = "127.28.1.31", "127.28.1.32"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as started:
        yield started


def start(stack: ExitStack, folder: Path, command: list[str], host: str, port: int) -> Program:
    program = Program(folder.name, command, folder)
    stack.callback(program.stop)
    program.start()
    until(lambda: listens_at(host, port), f"{host} starts")
    return program


def redis_at(
    stack: ExitStack, folder: Path, host: str, port: int, replicaof: str = "", more: str = ""
) -> Program:
    """One with the file of deploy/cluster, and lines of a test's own after it."""
    folder.mkdir()
    file = folder / "redis.conf"
    text = filled("redis.conf", port=port, bind=host, folder=folder, replicaof=replicaof)
    file.write_text(f"{text}\n{more}\n")
    return start(stack, folder, ["redis-server", str(file)], host, port)


def test_a_replica_is_named_by_its_own_address_on_a_host_of_several(
    stack: ExitStack, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    first = redis_at(stack, tmp_path / "one", FIRST, port)
    second = redis_at(stack, tmp_path / "two", SECOND, port, f"replicaof {FIRST} {port}")
    require_own({(FIRST, port): first, (SECOND, port): second})
    with redis.Redis(FIRST, port) as client:
        named = client.info("replication")["slave0"]
    assert (named["ip"], named["port"]) == (SECOND, port)


def test_a_replica_that_is_named_by_anothers_address_ends_the_start(
    stack: ExitStack, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    first = redis_at(stack, tmp_path / "one", FIRST, port)
    more = f"replica-announce-ip {HERE}"
    second = redis_at(stack, tmp_path / "two", SECOND, port, f"replicaof {FIRST} {port}", more)
    with pytest.raises(SystemExit, match=f"names {HERE}:{port}, which was not started here"):
        require_own({(FIRST, port): first, (SECOND, port): second})


def test_a_strangers_server_at_a_port_of_ours_ends_the_start_and_stays_a_master(
    stack: ExitStack, tmp_path: Path
) -> None:
    redises = Redises(tmp_path / "ours")
    stack.callback(redises.stop)
    taken = redises.ports[1]
    redis_at(stack, tmp_path / "stranger", HERE, taken)
    with pytest.raises(SystemExit, match=f"{taken} is another Redis than the one"):
        redises.start()
    assert not any(watcher.runs() for watcher in redises.watchers)
    with redis.Redis(HERE, taken) as client:
        assert client.info("replication")["role"] == "master"


def test_sentinels_find_each_other_where_connections_come_from_another_address(
    stack: ExitStack, tmp_path: Path
) -> None:
    port, watching = free_ports(2)
    redis_at(stack, tmp_path / "redis", FIRST, port)
    for number, host in enumerate((FIRST, SECOND), 1):
        own = tmp_path / f"sentinel-{number}"
        own.mkdir()
        file = own / "sentinel.conf"
        text = filled("sentinel.conf", port=watching, bind=host, folder=own,
                      master=FIRST, master_port=port)  # fmt: skip
        file.write_text(text)
        start(stack, own, ["redis-sentinel", str(file)], host, watching)

    def others(host: str) -> set[str]:
        with redis.Redis(host, watching) as client:
            return {str(each["ip"]) for each in client.sentinel_sentinels(SERVICE)}

    until(lambda: others(FIRST) == {SECOND} and others(SECOND) == {FIRST}, "they meet", 20)
