"""The whole cluster: three databases, Redis, four servers, HAProxy, students and teachers."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.load.cluster.balancer import USER, Balancer
from tests.load.cluster.galera import Galera, Node
from tests.load.cluster.processes import free_ports, until
from tests.load.cluster.redises import Redises
from tests.load.cluster.servers import Server
from tests.load.cluster.watching import Watcher
from tests.load.school import Place, peopled
from tests.servers import School

SERVERS, TEACHERS = 4, 4
DATABASE = "attendance"


@dataclass(kw_only=True)
class Cluster(Place):
    """All of it, running."""

    galera: Galera
    redises: Redises
    servers: list[Server]
    balancer: Balancer
    watchers: list[Watcher] = field(default_factory=list)

    def start_session(self, subject: str = "Load") -> dict[str, Any]:
        """A new session, whose list every teacher's page shows."""
        session = super().start_session(subject)
        for watcher in self.watchers:
            watcher.follow(int(session["id"]))
        return session

    def writer(self) -> Node:
        """The node that writes now."""
        until(lambda: self.balancer.writer() != "", "some node writes", 30)
        name = self.balancer.writer()
        return next(node for node in self.galera.nodes if node.name == name)

    def reader(self) -> Node:
        """One that does not."""
        writer = self.writer()
        return next(node for node in self.galera.nodes if node is not writer)

    def is_whole(self) -> bool:
        """Whether every part does its work."""
        return (
            self.galera.are_synced()
            and self.redises.can_write()
            and all(server.is_ready() for server in self.servers)
            and all(watcher.client.connected for watcher in self.watchers)
        )


@contextlib.contextmanager
def clustered(count: int) -> Iterator[Cluster]:
    """Start everything with so many students, and end all of it."""
    # not below a folder that only root may read: the databases are another user's
    folder = Path(tempfile.mkdtemp(prefix="attendance-cluster-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(_keep_logs, folder)
        galera = Galera(folder)
        stack.callback(galera.stop)
        galera.start()
        galera.nodes[0].ask(USER)
        galera.nodes[0].ask(f"CREATE DATABASE {DATABASE}")
        redises = Redises(folder)
        stack.callback(redises.stop)
        redises.start()
        ports = free_ports(SERVERS)
        balancer = Balancer(folder / "haproxy", galera, ports)
        stack.callback(balancer.program.stop)
        balancer.start()
        environment = {
            "DATABASE_URL": balancer.database_url(DATABASE),
            "REDIS_URL": redises.url,
            "MARK_TRIES_PER_MINUTE": "10000",
            "JOIN_TRIES_PER_MINUTE": "10000",
            "ACCESS_TOKEN_MINUTES": "600",
        }
        instance = folder / "instance"
        parts, teacher, people = peopled(instance, environment, count)
        stack.callback(parts.database.close)
        servers = [Server(port, folder / f"server-{port}", instance, environment) for port in ports]
        for server in servers:
            stack.callback(server.program.stop)
        for server in servers:
            stack.callback(server.program.terminate)
            server.start()
        assert servers[0].program.process is not None
        place = Cluster(
            school=School(balancer.url, servers[0].program.process),
            database=parts.database,
            parts=parts,
            folder=folder,
            teacher=teacher,
            students=people,
            environment=environment,
            galera=galera,
            redises=redises,
            servers=servers,
            balancer=balancer,
        )
        until(lambda: place.school.call("GET", "/health/ready").ok, "HAProxy finds the servers")
        for _ in range(TEACHERS):
            place.watchers.append(Watcher(balancer.url, teacher))
            stack.callback(place.watchers[-1].stop)
            place.watchers[-1].start()
        yield place


def _keep_logs(folder: Path) -> None:
    """What the programs said is worth more than their data, where somebody asks for it."""
    if kept := os.environ.get("CLUSTER_LOGS"):
        for log in folder.glob("*/log"):
            target = Path(kept) / log.parent.name
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, target / "log")
    shutil.rmtree(folder, ignore_errors=True)
