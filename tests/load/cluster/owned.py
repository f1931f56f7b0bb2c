"""No Sentinel is started that could give orders to a Redis of somebody else.

Sentinel makes a replica of every server that its master names, at whatever address the master has
for it; a wrong address is another Redis of this machine, which would lose its data.
"""

from __future__ import annotations

import sys
from typing import Any

import redis

from tests.load.cluster.processes import Program, until

# A host and a port.
Address = tuple[str, int]


def require_own(servers: dict[Address, Program]) -> None:
    """Wait until the replicas have found their master; end the program if one of the servers, or
    one that they name, is none that it has started itself."""
    for address, program in servers.items():
        if _asked(address, "server").get("process_id") != program.pid:
            sys.exit(f"{_shown(address)} is another Redis than the one that was started here")
    until(lambda: _count(servers) == len(servers) - 1, "the replicas find their master")
    for address in servers:
        for named in _named_by(address) - servers.keys():
            sys.exit(
                f"Redis at {_shown(address)} names {_shown(named)}, which was not started here"
            )


def _named_by(address: Address) -> set[Address]:
    """Its replicas and its master, as it has them."""
    told = _asked(address, "replication")
    found = {
        (str(value["ip"]), int(value["port"]))
        for key, value in told.items()
        if key.startswith("slave") and isinstance(value, dict)
    }
    if "master_host" in told:
        found.add((str(told["master_host"]), int(told["master_port"])))
    return found


def _count(servers: dict[Address, Program]) -> int:
    return sum(int(_asked(each, "replication")["connected_slaves"]) for each in servers)


def _asked(address: Address, section: str) -> dict[str, Any]:
    with redis.Redis(*address, socket_timeout=2) as client:
        told: dict[str, Any] = client.info(section)
        return told


def _shown(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
