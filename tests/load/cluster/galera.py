"""Three MariaDB servers that are one database (Galera), with the file of deploy/cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mysql.connector

from tests.load.cluster.processes import HERE, Program, filled, free_ports, require, until

LIBRARIES = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")
NODES = 3
# rsync's own server, which copies a whole node, has no rights where root starts it.
USER = ("--user=mysql",) if os.geteuid() == 0 else ()
# Small, since all of it is on one machine.
SMALL = ("--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--max-connections=300",
         "--key-buffer-size=1M", "--performance-schema=OFF", "--table-open-cache=2000",
         "--skip-name-resolve")  # fmt: skip


class Node:
    """One of the servers."""

    def __init__(self, number: int, folder: Path, ports: list[int], nodes: list[str]) -> None:
        self.name, self.port = f"db{number}", ports[0]
        self.folder = folder
        data = folder / "data"
        file = folder / "galera.cnf"
        folder.mkdir(parents=True)
        file.write_text(
            filled(
                "galera.cnf",
                bind=HERE,
                port=self.port,
                provider=_library(),
                nodes=",".join(nodes),
                name=self.name,
                node=f"{HERE}:{ports[1]}",
                listen=f"{HERE}:{ports[1]}",
                ist=f"{HERE}:{ports[2]}",
                sst=f"{HERE}:{ports[3]}",
                gcache="32M",
            ),
            encoding="utf-8",
        )
        self.program = Program(
            self.name,
            ["mariadbd", f"--defaults-file={file}", *USER, f"--datadir={data}",
             f"--socket={folder}/socket", f"--pid-file={folder}/pid", *SMALL],
            folder,
        )  # fmt: skip
        if USER:
            shutil.chown(folder, "mysql")
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", *USER,
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True,
        )  # fmt: skip

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer of this node, over a connection of its own."""
        with mysql.connector.connect(
            host=HERE, port=self.port, user="root", connection_timeout=2, use_pure=True,
            autocommit=True, read_timeout=5,
        ) as connection:  # fmt: skip
            cursor = connection.cursor()
            cursor.execute(sql)
            rows: Any = cursor.fetchall() if cursor.description else []
            return list(rows)

    def state(self) -> str:
        """What the node says of itself: `Synced` and so on, or nothing."""
        try:
            return str(self.ask("SHOW STATUS LIKE 'wsrep_local_state_comment'")[0][1])
        except (mysql.connector.Error, IndexError):
            return ""

    def is_synced(self) -> bool:
        """Whether it has all that the others have, and takes part."""
        return self.state() == "Synced"


class Galera:
    """The three, as one."""

    def __init__(self, folder: Path) -> None:
        require("mariadbd", "mariadb-install-db", "rsync")
        ports = free_ports(4 * NODES)
        each = [ports[4 * number : 4 * number + 4] for number in range(NODES)]
        group = [f"{HERE}:{own[1]}" for own in each]
        self.nodes = [
            Node(number + 1, folder / f"db{number + 1}", own, group)
            for number, own in enumerate(each)
        ]

    def start(self) -> None:
        """The first makes the cluster, the others copy it, one after the other."""
        for number, node in enumerate(self.nodes):
            node.program.start(*(["--wsrep-new-cluster"] if number == 0 else []))
            until(lambda node=node: self._has_come(node), f"{node.name} joins the cluster")  # type: ignore[misc]

    def size(self) -> int:
        """How many nodes the first one that answers knows of."""
        for node in self.nodes:
            try:
                return int(node.ask("SHOW STATUS LIKE 'wsrep_cluster_size'")[0][1])
            except mysql.connector.Error:
                continue
        return 0

    def are_synced(self) -> bool:
        """Whether all of them take part."""
        return all(node.is_synced() for node in self.nodes)

    def stop(self) -> None:
        """End them, the maker last."""
        for node in reversed(self.nodes):
            node.program.stop()

    @staticmethod
    def _has_come(node: Node) -> bool:
        if not node.program.runs():
            sys.exit(f"{node.name} has ended:\n{node.program.last_words()}")
        return node.is_synced()


def _library() -> str:
    for path in LIBRARIES:
        if Path(path).exists():
            return path
    sys.exit("Galera's library is needed (Debian: galera-4)")
