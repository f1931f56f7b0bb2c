"""Three MariaDB servers that are one database (Galera), with the file of deploy/cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mysql.connector

from tests.load.cluster.nodes import NODES, Node, Nodes, disk
from tests.load.cluster.processes import HERE, Program, filled, free_ports, require, until

LIBRARIES = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")
ISOLATE = "SET GLOBAL wsrep_provider_options = 'gmcast.isolate={}'"
# rsync's own server, which copies a whole node, has no rights where root starts it.
USER = ("--user=mysql",) if os.geteuid() == 0 else ()
# Small, since all of it is on one machine.
SMALL = ("--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--max-connections=300",
         "--key-buffer-size=1M", "--performance-schema=OFF", "--table-open-cache=2000",
         "--skip-name-resolve")  # fmt: skip


class GaleraNode(Node):
    """One of the servers."""

    def __init__(
        self, number: int, folder: Path, log: Path, ports: list[int], nodes: list[str]
    ) -> None:
        data = folder / "data"
        file = folder / "galera.cnf"
        disk(folder)
        file.write_text(
            filled(
                "galera.cnf",
                bind=HERE,
                port=ports[0],
                provider=_library(),
                nodes=",".join(nodes),
                name=f"db{number}",
                node=f"{HERE}:{ports[1]}",
                listen=f"{HERE}:{ports[1]}",
                ist=f"{HERE}:{ports[2]}",
                sst=f"{HERE}:{ports[3]}",
                gcache="32M",
            ),
            encoding="utf-8",
        )
        command = ["mariadbd", f"--defaults-file={file}", *USER, f"--datadir={data}",
                   f"--socket={folder}/socket", f"--pid-file={folder}/pid", *SMALL]  # fmt: skip
        super().__init__(number, ports[0], folder, Program(f"db{number}", command, log))
        if USER:
            shutil.chown(folder, "mysql")
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", *USER,
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True,
        )  # fmt: skip

    def is_synced(self) -> bool:
        """Whether it has all that the others have, and takes part."""
        try:
            state = self.ask("SHOW STATUS LIKE 'wsrep_local_state_comment'")
        except mysql.connector.Error:
            return False
        return [row[1] for row in state] == ["Synced"]

    def cut_off(self) -> None:
        """Galera's own way of losing the others: nothing is sent to them, or taken from them."""
        self.ask(ISOLATE.format(1))

    def join_again(self) -> None:
        """Speak with the others again."""
        self.ask(ISOLATE.format(0))


class Galera(Nodes):
    """The three, as one."""

    name_sql = "SELECT @@wsrep_node_name"
    server = "MariaDB"

    def __init__(self, folder: Path) -> None:
        require("mariadbd", "mariadb-install-db", "rsync")
        ports = free_ports(4 * NODES)
        each = [ports[4 * number : 4 * number + 4] for number in range(NODES)]
        group = [f"{HERE}:{own[1]}" for own in each]
        self.nodes = [
            GaleraNode(number, folder / f"db{number}", folder / f"log-db{number}", own, group)
            for number, own in enumerate(each, 1)
        ]

    def start(self) -> None:
        """The first makes the cluster, the others copy it, one after the other."""
        for number, node in enumerate(self.nodes):
            node.program.start(*(["--wsrep-new-cluster"] if number == 0 else []))
            until(node.has_come, f"{node.name} joins the cluster")

    @staticmethod
    def section(text: str) -> str:
        """The file as it is."""
        return text


def _library() -> str:
    for path in LIBRARIES:
        if Path(path).exists():
            return path
    sys.exit("Galera's library is needed (Debian: galera-4)")
