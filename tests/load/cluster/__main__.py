"""A cluster on this machine, and one fault after the other while students mark.

    python -m tests.load.cluster [--database group] [--students 20] [--only NAME …]
    python -m tests.load.cluster --short
    python -m tests.load.cluster --serve
    python -m tests.load.cluster [--database group] --rows [--only NAME …]
    python -m tests.load.cluster [--database group] --tests tests/database [PYTEST'S WORDS …]

Three MariaDB Galera nodes, or three of MySQL's Group Replication; Redis with two replicas and three
Sentinels, two hosts that recognise faces, four servers, and HAProxy before databases and servers,
all on free ports of 127.0.0.1, with the files of deploy/cluster; all of it ends with the program.
A camera looks into a room all the while.
What was answered 200 is in each node, nothing is there twice, and each teacher's list is what the
database has. Prints a table for docs/reliability.md; exit status 1 if a promise is broken. With
`--serve` everything is started, the addresses are printed, and nothing is broken until Ctrl+C. With
`--rows` only the databases and HAProxy are started, and rows are written through the application's
database layer in place of marks, for a machine that has little time. With `--tests` only those are
started as well, and the project's tests run on them. With CLUSTER_LOGS the programs' logs are kept
in that folder.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

from tests.load.alone import go_alone
from tests.load.cluster import rows
from tests.load.cluster.conflicts import conflicts, is_read_at_once
from tests.load.cluster.faults import BEFORE, FAULTS, OF_DATABASES
from tests.load.cluster.place import KINDS, SERVERS, Cluster, clustered, database_url
from tests.load.cluster.pressing import Outcome, press
from tests.load.cluster.processes import require
from tests.load.cluster.suite import run_tests
from tests.load.school import PHOTOGRAPHS
from tests.services import mysql as service

SHORT = "kill -9 the database node that writes"
HEAD = (
    "| fault | marks answered 200 | of them lost | twice | longest pause | events not heard | "
    "a teacher saw a mark at most … later | lists wrong afterwards | other answers | camera |"
)


def main() -> int:
    """Start, break, tell, end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=KINDS, default="galera")
    parser.add_argument("--students", type=int)
    parser.add_argument("--only", nargs="*", metavar="NAME", help=", ".join(FAULTS))
    parser.add_argument("--short", action="store_true", help="one fault, two servers")
    parser.add_argument("--serve", action="store_true", help="break nothing")
    parser.add_argument("--rows", action="store_true", help="faults of databases, without servers")
    parser.add_argument("--tests", nargs=argparse.REMAINDER, help="words for pytest")
    given = parser.parse_args()
    names = given.only or ([SHORT] if given.short else OF_DATABASES if given.rows else FAULTS)
    count = given.students or (12 if given.short else 20)
    if unknown := set(names) - set(OF_DATABASES if given.rows else FAULTS):
        parser.error(f"there is no fault {unknown.pop()!r}")
    if given.database == "group" and not given.serve and given.tests is None:
        require("iptables", "setpriv")
        service.unpack()  # and the students' pictures: there is no way to them from inside
        go_alone("tests.load.cluster", *PHOTOGRAPHS)
    # whoever ends this program, by a time-out for example, ends what it has started as well
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    if given.tests is not None:
        return run_tests(given.database, given.tests)
    if given.rows:
        return rows_alone(given.database, list(names))
    began = time.monotonic()
    with clustered(count, given.database, 2 if given.short else SERVERS) as place:
        print(f"started in {time.monotonic() - began:.0f} s", flush=True)
        if given.serve:
            serve(place)
            return 0
        agree = nodes_agree(place)
        outcomes = [one(place, name, given.short) for name in names]
    print(f"\n{HEAD}\n| {'--- | ' * 10}".rstrip())
    for outcome in outcomes:
        print(outcome.row())
    print(f"{time.monotonic() - began:.0f} s in all")
    return 0 if agree and all(outcome.is_as_promised for outcome in outcomes) else 1


def rows_alone(kind: str, names: list[str]) -> int:
    """The faults of the databases, told one by one."""
    with rows.databased(kind) as place:
        print(f"{rows.HEAD}\n| {'--- | ' * 6}".rstrip(), flush=True)
        kept = [rows.one(place, name, OF_DATABASES[name]) for name in names]
    return 0 if all(kept) else 1


def nodes_agree(place: Cluster) -> bool:
    """Two nodes write one row, and one reads what another wrote."""
    asked, done, attempts = conflicts(place)
    print(f"two nodes count one row: {asked} asked for, {done} done, {attempts} attempts")
    at_once = is_read_at_once(place)
    print(
        f"what one wrote, another that lags {'gives' if at_once else 'does NOT give'}", flush=True
    )
    return asked == done and at_once


def one(place: Cluster, name: str, short: bool) -> Outcome:
    """One fault, told as it ends."""
    print(name, "…", flush=True)
    if before := BEFORE.get(name):
        before(place)
    outcome = press(place, name, FAULTS[name], short)
    print(f"  {outcome.row()} whole after {outcome.whole:.1f} s", flush=True)
    for words in outcome.lists.words:
        print("  NOT AS PROMISED:", words, flush=True)
    return outcome


def serve(place: Cluster) -> None:
    """Tell where everything is, and wait."""
    print("servers", place.balancer.url, "database", database_url(place.balancer.database))
    for node in place.databases.nodes:
        print(node.name, database_url(node.port))
    print("redis", place.redises.url, flush=True)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print("ending")


if __name__ == "__main__":
    sys.exit(main())
