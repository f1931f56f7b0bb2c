"""What is broken on purpose, one after the other, and put right again."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attendance.core.settings import PROJECT
from tests.load.cluster.earlier import newest_migrations, unpacked
from tests.load.cluster.nodes import Node
from tests.load.cluster.place import Cluster, Databased
from tests.load.cluster.processes import until

AWAY_SECONDS = 8.0
AHEAD = Path(__file__).parent / "ahead"
Fault = Callable[[Cluster], None]
OfDatabases = Callable[[Databased], None]


def nothing(_place: Databased) -> None:
    """For comparison."""
    time.sleep(3)


def killed(which: Callable[[Databased], Node]) -> OfDatabases:
    """A node loses its power, and comes back when the others have gone on without it."""

    def fault(place: Databased) -> None:
        node = which(place)
        node.program.kill()
        until(lambda: place.balancer.writer() not in ("", node.name), "another node writes")
        time.sleep(2)
        node.program.start()
        until(node.is_synced, f"{node.name} is back")

    return fault


def frozen(which: Callable[[Databased], Node]) -> OfDatabases:
    """A node stands still with all of its connections, and goes on later. (One that only stands by
    holds up the others until they go on without it.)"""

    def fault(place: Databased) -> None:
        node = which(place)
        node.program.freeze()
        time.sleep(AWAY_SECONDS)
        node.program.thaw()
        until(node.is_synced, f"{node.name} is back")

    return fault


def split_off_the_writer(place: Databased) -> None:
    """The node that writes loses the other two, but not its clients."""
    node = place.writer()
    node.cut_off()
    time.sleep(AWAY_SECONDS)
    node.join_again()
    until(node.is_synced, f"{node.name} is back")


def kill_the_redis_master(place: Cluster) -> None:
    """Redis loses its master; Sentinel makes another, and the old one comes back as a replica."""
    port = place.redises.master()
    place.redises.servers[port].kill()
    until(lambda: place.redises.master() != port and place.redises.can_write(), "another master")
    place.redises.servers[port].start()


def kill_a_server(place: Cluster) -> None:
    """One of the four is gone with everything that it had begun."""
    server = place.servers[0]
    server.program.kill()
    time.sleep(2)
    server.start()


def restart_all_servers(place: Cluster) -> None:
    """One after the other, as an upgrade does it: told to stop, ended, started, ready."""
    for server in place.servers:
        server.restart()


def kill_a_recogniser(place: Cluster) -> None:
    """A host with networks is gone; its servers say that they are not ready, until it is back."""
    recogniser = place.recognisers[0]
    recogniser.program.kill()
    time.sleep(4)
    recogniser.start()


def cut_a_server_from_the_database(place: Cluster) -> None:
    """One server's way to the database is dead, and nobody else's."""
    place.way.refuse()
    time.sleep(AWAY_SECONDS)
    place.way.refusing = False


def fill_the_disk_of(which: Callable[[Databased], Node]) -> OfDatabases:
    """Not a byte more fits on a node's disk, for a while."""

    def fault(place: Databased) -> None:
        node = which(place)
        if not node.folder.is_mount():
            sys.exit("a disk can be filled where root starts this: each node has a small one then")
        full = node.folder / "full"
        with full.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * 65536):
                pass
        time.sleep(AWAY_SECONDS)
        full.unlink()
        if not node.is_synced():  # it has left the others for good, and is started again by hand
            node.program.stop()
            node.program.start()
        until(node.is_synced, f"{node.name} is back")

    return fault


def let_a_clock_be_ahead(place: Cluster) -> None:
    """One server's clock is two minutes ahead of all others'."""
    server = place.servers[0]
    server.restart(PYTHONPATH=str(AHEAD), CLOCK_AHEAD_SECONDS="120")
    time.sleep(AWAY_SECONDS)
    server.restart()


def let_the_earlier_version_run(place: Cluster) -> None:
    """All servers, and the schema, are of the version before."""
    home = unpacked(place.folder / "earlier")
    earlier = newest_migrations()[-2][:4]
    for server in place.servers:
        server.end()
    _flask(place, "db-upgrade", "--revision", earlier)
    for server in place.servers:
        server.program.home = home
        server.start()


def roll_the_upgrade(place: Cluster) -> None:
    """The schema is brought up to date while the version before runs, then one server after the
    other is the present version."""
    _flask(place, "db-upgrade")
    for server in place.servers:
        server.program.home = PROJECT
        server.restart()


def _flask(place: Cluster, *words: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    words_of = place.servers[0].program.environment
    done = subprocess.run(command, cwd=PROJECT, env=words_of, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])


# These need no server and no faces.
OF_DATABASES: dict[str, OfDatabases] = {
    "nothing": nothing,
    "kill -9 the database node that writes": killed(Databased.writer),
    "kill -9 another database node": killed(Databased.reader),
    "freeze the node that writes for 8 s": frozen(Databased.writer),
    "freeze another node for 8 s": frozen(Databased.reader),
    "split the node that writes from the others for 8 s": split_off_the_writer,
    "fill the disk of the node that writes for 8 s": fill_the_disk_of(Databased.writer),
    "fill the disk of another node for 8 s": fill_the_disk_of(Databased.reader),
}
FAULTS: dict[str, Fault] = {
    **OF_DATABASES,
    "cut one server from the database for 8 s": cut_a_server_from_the_database,
    "kill -9 the Redis master": kill_the_redis_master,
    "kill -9 a server": kill_a_server,
    "kill -9 a recogniser host": kill_a_recogniser,
    "let a server's clock be two minutes ahead for 8 s": let_a_clock_be_ahead,
    "restart the four servers, one after the other": restart_all_servers,
    "roll an upgrade with a migration over the four servers": roll_the_upgrade,
}
# What is to be so before the marks begin to flow.
BEFORE: dict[str, Fault] = {
    "roll an upgrade with a migration over the four servers": let_the_earlier_version_run,
}
