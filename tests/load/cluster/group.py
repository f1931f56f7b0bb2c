"""Three MySQL servers that are one database (Group Replication), with the file of deploy/cluster.

The servers are those of `tests/services/mysql.py`, which run inside a folder by chroot: root only.
All of it is in a network namespace, in which a node can be split from the others by iptables.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import mysql.connector

from tests.load.alone import ALONE
from tests.load.cluster.nodes import NODES, Node, Nodes, disk
from tests.load.cluster.processes import HERE, TEMPLATES, Program, filled, free_ports, until
from tests.services import mysql as service

SMALL = ("--innodb-buffer-pool-size=64M", "--innodb-redo-log-capacity=32M", "--mysqlx=OFF",
         "--max-connections=300", "--table-open-cache=2000", "--user=root",
         "--innodb-flush-log-at-trx-commit=2", "--secure-file-priv=")  # fmt: skip
RECOVERY = (
    "CHANGE REPLICATION SOURCE TO SOURCE_USER='root' FOR CHANNEL 'group_replication_recovery'"
)
GROUP = 47100
STATE = (
    "SELECT MEMBER_STATE FROM performance_schema.replication_group_members "
    "WHERE MEMBER_ID = @@server_uuid"
)


class GroupNode(Node):
    """One of the servers; `inside` is its folder as it sees it."""

    def __init__(
        self, number: int, inside: str, log: Path, ports: list[int], every: list[int]
    ) -> None:
        outside = service.outside(inside)
        disk(outside)
        (outside / "group.cnf").write_text(
            filled(
                "group.cnf",
                bind=HERE,
                port=ports[0],
                number=number,
                node=f"{HERE}:{ports[1]}",
                nodes=",".join(f"{HERE}:{port}" for port in every),
            ),
            encoding="utf-8",
        )
        self._group = GROUP + number  # of users: by it iptables knows what this node sends
        self._port, self._others = ports[1], [port for port in every if port != ports[1]]
        command = ["setpriv", f"--regid={self._group}", "--clear-groups",
                   "chroot", str(service.TREE), "mysqld", f"--defaults-file={inside}/group.cnf",
                   f"--datadir={inside}/data", f"--socket={inside}/socket",
                   f"--pid-file={inside}/pid", *SMALL]  # fmt: skip
        super().__init__(number, ports[0], outside, Program(f"db{number}", command, log))

    def is_synced(self) -> bool:
        """Whether it has all that the others have, and takes part."""
        try:
            return self.ask(STATE) == [("ONLINE",)]
        except mysql.connector.Error:
            return False

    def listens(self) -> bool:
        """Whether it answers, alone or not."""
        self.require_running()
        try:
            return bool(self.ask("SELECT 1"))
        except mysql.connector.Error:
            return False

    def cut_off(self) -> None:
        """Nothing comes from the others, and nothing goes to them."""
        self._split("-A")

    def join_again(self) -> None:
        """The way is free again."""
        self._split("-D")

    def _split(self, what: str) -> None:
        assert ALONE in os.environ, "the machine's own network is not split"
        mine = ["-m", "owner", f"--gid-owner={self._group}"]
        others = ["-m", "multiport", f"--dports={','.join(map(str, self._others))}"]
        for each in ([*mine, *others], [*mine, f"--sport={self._port}"], [f"--dport={self._port}"]):
            rule = ["iptables", "-w", what, "OUTPUT", "-p", "tcp", *each, "-j", "DROP"]
            subprocess.run(rule, check=True, capture_output=True)


class Group(Nodes):
    """The three, as one: all may write, and one does."""

    name_sql = "SELECT CONCAT('db', @@server_id)"
    server = "MySQL"

    def __init__(self, folder: Path) -> None:
        service.unpack()
        ports = free_ports(2 * NODES)
        each = [ports[2 * number : 2 * number + 2] for number in range(NODES)]
        group = [own[1] for own in each]
        self._inside = f"/cluster-{os.getpid()}"
        self.nodes: list[GroupNode] = [
            GroupNode(number, f"{self._inside}/db{number}", folder / f"db{number}", own, group)
            for number, own in enumerate(each, 1)
        ]

    def start(self) -> None:
        """The first makes the group, the others join it."""
        first = f"{self._inside}/db1/data"
        subprocess.run(
            service.chroot("--initialize-insecure", f"--datadir={first}"),
            check=True, capture_output=True,
        )  # fmt: skip
        for node in self.nodes[1:]:
            target = service.outside(f"{self._inside}/{node.name}/data")
            shutil.copytree(service.outside(first), target)
            (target / "auto.cnf").unlink(missing_ok=True)  # its name, which must be its own
        for number, node in enumerate(self.nodes):
            # alone at the first start, since nobody has told it yet as whom to copy
            node.program.start("--group-replication-start-on-boot=OFF")
            until(node.listens, f"{node.name} starts")
            node.ask(RECOVERY)
            if number == 0:
                node.ask("SET GLOBAL group_replication_bootstrap_group = ON")
            node.ask("START GROUP_REPLICATION")
            if number == 0:
                node.ask("SET GLOBAL group_replication_bootstrap_group = OFF")
            until(node.has_come, f"{node.name} joins the group")

    def stop(self) -> None:
        """End them, and take their folders away."""
        super().stop()
        shutil.rmtree(service.outside(self._inside), ignore_errors=True)

    @staticmethod
    def section(text: str) -> str:
        """With the section for the databases in place of Galera's."""
        before, found, _ = text.partition("# One node writes at a time.")
        assert found, "haproxy.cfg has another last section"
        return before + (TEMPLATES / "haproxy-group.cfg").read_text(encoding="utf-8")
