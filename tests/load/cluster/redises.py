"""Redis with two replicas and three Sentinels, with the files of deploy/cluster."""

from __future__ import annotations

from pathlib import Path

import redis

from tests.load.cluster.owned import require_own
from tests.load.cluster.processes import HERE, Program, filled, free_ports, listens, require, until

SERVICE = "attendance"
REDISES = SENTINELS = 3


class Redises:
    """The servers, the Sentinels, and what an installation's REDIS_URL says of them."""

    def __init__(self, folder: Path) -> None:
        require("redis-server", "redis-sentinel")
        ports = free_ports(REDISES + SENTINELS)
        self.ports, self.sentinels = ports[:REDISES], ports[REDISES:]
        self.servers = {port: _server(folder, port, self.ports[0]) for port in self.ports}
        self.watchers = [_sentinel(folder, port, self.ports[0]) for port in self.sentinels]

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        hosts = ",".join(f"{HERE}:{port}" for port in self.sentinels)
        return f"redis+sentinel://{hosts}/0/{SERVICE}"

    def start(self) -> None:
        """Start them; all Sentinels know of each other and of the replicas afterwards."""
        for port, server in self.servers.items():
            server.start()
            until(lambda port=port: listens(port), "Redis starts")  # type: ignore[misc]
        require_own({(HERE, port): server for port, server in self.servers.items()})
        for port, watcher in zip(self.sentinels, self.watchers, strict=True):
            watcher.start()
            until(lambda port=port: listens(port), "Sentinel starts")  # type: ignore[misc]
        until(self.is_whole, "the Sentinels find each other and the replicas")

    def is_whole(self) -> bool:
        """Whether each Sentinel knows of all."""
        return all(
            found.get("num-other-sentinels") == SENTINELS - 1
            and found.get("num-slaves") == REDISES - 1
            for found in map(self._seen_by, self.sentinels)
        )

    def master(self) -> int:
        """The master's port, as a Sentinel has it."""
        for port in self.sentinels:
            try:
                with redis.Redis(HERE, port, socket_timeout=1) as client:
                    address = client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", SERVICE)
                    return int(address[1])
            except redis.RedisError:
                continue
        raise RuntimeError("no Sentinel answers")

    def can_write(self) -> bool:
        """Whether who is called the master takes a word."""
        try:
            with redis.Redis(HERE, self.master(), socket_timeout=1) as client:
                return bool(client.set("attendance-probe", "1", ex=5))
        except redis.RedisError:
            return False

    def stop(self) -> None:
        """End all of them."""
        for program in [*self.watchers, *self.servers.values()]:
            program.stop()

    def _seen_by(self, port: int) -> dict[str, int]:
        try:
            with redis.Redis(HERE, port, socket_timeout=1) as client:
                found: dict[str, int] = client.sentinel_master(SERVICE)
                return found
        except redis.RedisError:
            return {}


def _server(folder: Path, port: int, master: int) -> Program:
    own = folder / f"redis-{port}"
    file = own / "redis.conf"
    program = Program(f"redis-{port}", ["redis-server", str(file)], own)
    replica = "" if port == master else f"replicaof {HERE} {master}"
    text = filled("redis.conf", port=port, bind=HERE, folder=own, replicaof=replica)
    file.write_text(text, encoding="utf-8")
    return program


def _sentinel(folder: Path, port: int, master: int) -> Program:
    own = folder / f"sentinel-{port}"
    file = own / "sentinel.conf"
    program = Program(f"sentinel-{port}", ["redis-sentinel", str(file)], own)
    text = filled(
        "sentinel.conf", port=port, bind=HERE, folder=own, master=HERE, master_port=master
    )
    file.write_text(text, encoding="utf-8")
    return program
