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
from tests.load.cluster.camera import RoomCamera
from tests.load.cluster.galera import Galera
from tests.load.cluster.group import Group
from tests.load.cluster.nodes import Node, Nodes
from tests.load.cluster.processes import HERE, free_ports, until
from tests.load.cluster.recognisers import Recogniser
from tests.load.cluster.redises import Redises
from tests.load.cluster.servers import Server
from tests.load.cluster.watching import Watcher
from tests.load.school import Place, peopled
from tests.relay import Relay
from tests.servers import School

SERVERS, TEACHERS = 4, 4
DATABASE = "attendance"
KINDS: dict[str, type[Galera] | type[Group]] = {"galera": Galera, "group": Group}


@dataclass(kw_only=True)
class Databased:
    """Databases that are one, behind HAProxy."""

    databases: Nodes
    balancer: Balancer

    def writer(self) -> Node:
        """The node that writes now."""
        found: list[Node] = []

        def is_found() -> bool:
            name = self.balancer.writer()
            found.extend(node for node in self.databases.nodes if node.name == name)
            return bool(found)

        until(is_found, "some node writes")
        return found[0]

    def reader(self) -> Node:
        """One that does not."""
        writer = self.writer()
        return next(node for node in self.databases.nodes if node is not writer)


@dataclass(kw_only=True)
class Cluster(Databased, Place):
    """All of it, running."""

    redises: Redises
    recognisers: list[Recogniser]
    servers: list[Server]
    # the first server's way to the database
    way: Relay
    watchers: list[Watcher] = field(default_factory=list)
    camera: RoomCamera | None = None

    def start_session(self, subject: str = "Load") -> dict[str, Any]:
        """A new session, whose list every teacher's page shows."""
        session = super().start_session(subject)
        for watcher in self.watchers:
            watcher.follow(int(session["id"]))
        return session

    def is_whole(self) -> bool:
        """Whether every part does its work."""
        return (
            self.databases.are_synced()
            and self.redises.can_write()
            and all(server.is_ready() for server in self.servers)
            and all(watcher.client.connected for watcher in self.watchers)
            and (self.camera is None or self.camera.is_connected)
        )


@contextlib.contextmanager
def clustered(count: int, kind: str = "galera", servers: int = SERVERS) -> Iterator[Cluster]:
    """Start everything with so many students and servers, and end all of it."""
    # not below a folder that only root may read: the databases are another user's
    folder = Path(tempfile.mkdtemp(prefix="attendance-cluster-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(_keep_logs, folder)
        databases = KINDS[kind](folder)
        stack.callback(databases.stop)
        databases.start()
        databases.nodes[0].ask(USER)
        databases.nodes[0].ask(f"CREATE DATABASE {DATABASE}")
        redises = Redises(folder)
        stack.callback(redises.stop)
        redises.start()
        ports = free_ports(servers)
        balancer = Balancer(folder / "haproxy", databases, ports)
        stack.callback(balancer.stop)
        balancer.start()
        environment = {
            "DATABASE_URL": database_url(balancer.database),
            "REDIS_URL": redises.url,
            "MARK_TRIES_PER_MINUTE": "10000",
            "JOIN_TRIES_PER_MINUTE": "10000",
            "ACCESS_TOKEN_MINUTES": "600",
        }
        instance = folder / "instance"
        parts, teacher, people = peopled(instance, environment, count)
        stack.callback(parts.database.close)
        recognisers = [
            Recogniser(number, folder / f"recogniser-{number}")
            for number in range(1, max(2, servers // 2 + 1))
        ]
        for recogniser in recognisers:
            stack.callback(recogniser.program.stop)
            recogniser.start()
        way = stack.enter_context(Relay(HERE, balancer.database))
        started = [
            Server(
                port,
                folder / f"server-{port}",
                instance,
                {
                    **environment,
                    **recognisers[number % len(recognisers)].settings(),
                    **({} if number else {"DATABASE_URL": database_url(way.port)}),
                },
            )
            for number, port in enumerate(ports)
        ]
        for server in started:
            stack.callback(server.program.stop)
        for server in started:
            stack.callback(server.program.terminate)
            server.start()
        assert started[0].program.process is not None
        place = Cluster(
            school=School(balancer.url, started[0].program.process),
            database=parts.database,
            parts=parts,
            folder=folder,
            teacher=teacher,
            students=people,
            environment=environment,
            databases=databases,
            redises=redises,
            recognisers=recognisers,
            servers=started,
            way=way,
            balancer=balancer,
        )
        until(lambda: place.school.call("GET", "/health/ready").ok, "HAProxy finds the servers")
        for _ in range(TEACHERS):
            place.watchers.append(Watcher(balancer.url, teacher))
            stack.callback(place.watchers[-1].stop)
            place.watchers[-1].start()
        place.camera = RoomCamera(place)
        stack.callback(place.camera.stop)
        yield place


def database_url(port: int) -> str:
    """For DATABASE_URL, of what answers at a port."""
    return f"mysql+mysqlconnector://root@{HERE}:{port}/{DATABASE}"


def _keep_logs(folder: Path) -> None:
    """What the programs said is worth more than their data, where somebody asks for it."""
    if kept := os.environ.get("CLUSTER_LOGS"):
        for log in folder.glob("*/log"):
            target = Path(kept) / log.parent.name
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, target / "log")
    shutil.rmtree(folder, ignore_errors=True)
