"""A cluster on this machine, and one fault after the other while students mark.

    python -m tests.load.cluster [--students 20] [--short] [--only NAME …] [--serve]

Three MariaDB Galera nodes, Redis with two replicas and three Sentinels, four servers, and HAProxy
before both, all on free ports of 127.0.0.1, with the files of deploy/cluster; all of it ends with
the program. What was answered 200 is in each node, nothing is there twice, and each teacher's list
is what the database has. Prints a table for docs/reliability.md; exit status 1 if a promise is
broken. `--serve` starts everything, prints the addresses, and waits for Ctrl+C. With CLUSTER_LOGS
the programs' logs are kept in that folder.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.load.cluster.conflicts import conflicts
from tests.load.cluster.faults import FAULTS, SHORT
from tests.load.cluster.place import Cluster, clustered
from tests.load.cluster.pressing import Outcome, press

HEAD = (
    "| fault | marks answered 200 | of them lost | twice | longest pause | events not heard | "
    "lists wrong afterwards | other answers |"
)


def main() -> int:
    """Start, break, tell, end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--short", action="store_true", help="three faults, shorter phases")
    parser.add_argument("--only", nargs="*", help=", ".join(FAULTS))
    parser.add_argument("--serve", action="store_true", help="break nothing")
    given = parser.parse_args()
    names = given.only or (SHORT if given.short else FAULTS)
    if unknown := set(names) - set(FAULTS):
        parser.error(f"there is no fault {unknown.pop()!r}")
    began = time.monotonic()
    with clustered(given.students) as place:
        print(f"started in {time.monotonic() - began:.0f} s", flush=True)
        if given.serve:
            serve(place)
            return 0
        asked, done, attempts = conflicts(place)
        print(f"two nodes count one row up: {asked} asked for, {done} done, {attempts} attempts")
        outcomes = [one(place, name, given.short) for name in names]
    print(f"\n{HEAD}\n| {'--- | ' * 8}".rstrip())
    for outcome in outcomes:
        print(outcome.row())
    print(f"{time.monotonic() - began:.0f} s in all")
    return 0 if asked == done and all(outcome.is_as_promised for outcome in outcomes) else 1


def one(place: Cluster, name: str, short: bool) -> Outcome:
    """One fault, told as it ends."""
    print(name, "…", flush=True)
    outcome = press(place, name, FAULTS[name], short)
    print(f"  {outcome.row()} whole after {outcome.whole:.1f} s", flush=True)
    return outcome


def serve(place: Cluster) -> None:
    """Tell where everything is, and wait."""
    print("servers", place.balancer.url, "database", place.balancer.database_url("attendance"))
    for node in place.galera.nodes:
        print(node.name, f"mysql+mysqlconnector://root@127.0.0.1:{node.port}/attendance")
    print("redis", place.redises.url, flush=True)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print("ending")


if __name__ == "__main__":
    sys.exit(main())
