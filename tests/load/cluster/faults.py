"""What is broken on purpose, one after the other, and put right again."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.load.cluster.place import Cluster
from tests.load.cluster.processes import until

AWAY_SECONDS = 8.0
ISOLATE = "SET GLOBAL wsrep_provider_options = 'gmcast.isolate={}'"


def nothing(_place: Cluster) -> None:
    """For comparison."""
    time.sleep(3)


def kill_the_writer(place: Cluster) -> None:
    """The node that writes loses its power, and comes back."""
    node = place.writer()
    node.program.kill()
    until(lambda: place.balancer.writer() not in ("", node.name), "another node writes", 30)
    time.sleep(2)
    node.program.start()
    until(node.is_synced, f"{node.name} is back")


def kill_a_reader(place: Cluster) -> None:
    """A node that stands by loses its power, and comes back."""
    node = place.reader()
    node.program.kill()
    time.sleep(4)
    node.program.start()
    until(node.is_synced, f"{node.name} is back")


def freeze_the_writer(place: Cluster) -> None:
    """The node that writes stands still with all of its connections, and goes on later."""
    node = place.writer()
    node.program.freeze()
    time.sleep(AWAY_SECONDS)
    node.program.thaw()
    until(node.is_synced, f"{node.name} is back")


def freeze_a_reader(place: Cluster) -> None:
    """A node that stands by holds up the others until they go on without it."""
    node = place.reader()
    node.program.freeze()
    time.sleep(AWAY_SECONDS)
    node.program.thaw()
    until(node.is_synced, f"{node.name} is back")


def split_off_the_writer(place: Cluster) -> None:
    """The node that writes loses the other two, but not its clients."""
    node = place.writer()
    node.ask(ISOLATE.format(1))
    time.sleep(AWAY_SECONDS)
    node.ask(ISOLATE.format(0))
    until(node.is_synced, f"{node.name} is back")


def kill_the_redis_master(place: Cluster) -> None:
    """Redis loses its master; Sentinel makes another, and the old one comes back as a replica."""
    port = place.redises.master()
    place.redises.servers[port].kill()
    until(
        lambda: place.redises.master() != port and place.redises.can_write(), "another master", 30
    )
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
        server.program.terminate()
        assert server.program.process is not None
        server.program.process.wait(30)
        server.start()


FAULTS: dict[str, Callable[[Cluster], None]] = {
    "nothing": nothing,
    "kill -9 the database node that writes": kill_the_writer,
    "kill -9 another database node": kill_a_reader,
    "freeze the node that writes for 8 s": freeze_the_writer,
    "freeze another node for 8 s": freeze_a_reader,
    "split the node that writes from the others for 8 s": split_off_the_writer,
    "kill -9 the Redis master": kill_the_redis_master,
    "kill -9 a server": kill_a_server,
    "restart the four servers, one after the other": restart_all_servers,
}
SHORT = ("kill -9 the database node that writes", "kill -9 the Redis master", "kill -9 a server")
