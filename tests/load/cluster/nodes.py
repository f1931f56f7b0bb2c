"""Database servers that are one database: what the kinds of clusters have in common."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mysql.connector

from tests.load.cluster.processes import HERE, Program

NODES = 3
DISK = "400M"
# So much is enough to go on with, for as small a disk.
LEAST_MB = 40


def disk(folder: Path) -> None:
    """Make the folder a small disk of its own, which can be filled, where root asks for it."""
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "attendance", str(folder)]
        with contextlib.suppress(subprocess.CalledProcessError):  # not allowed in a container
            subprocess.run(command, check=True, capture_output=True)


def without_disk(folder: Path) -> None:
    """Take the disk away."""
    if folder.is_mount():
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)


class Node:
    """One of the servers."""

    def __init__(self, number: int, port: int, folder: Path, program: Program) -> None:
        """`folder`: where its files are, on a small disk of its own where root starts it."""
        self.name, self.port, self.folder, self.program = f"db{number}", port, folder, program

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer of this node, over a connection of its own."""
        with mysql.connector.connect(
            host=HERE, port=self.port, user="root", connection_timeout=10, use_pure=True,
            autocommit=True, read_timeout=60,
        ) as connection:  # fmt: skip
            cursor = connection.cursor()
            cursor.execute(sql)
            rows: Any = cursor.fetchall() if cursor.description else []
            return list(rows)

    def is_synced(self) -> bool:
        """Whether it has all that the others have, and takes part."""
        raise NotImplementedError

    def cut_off(self) -> None:
        """Part it from the other nodes, but not from its clients."""
        raise NotImplementedError

    def join_again(self) -> None:
        """Let it find the others again."""
        raise NotImplementedError

    def has_come(self) -> bool:
        """Whether it takes part; ends the program if it has ended."""
        self.require_running()
        return self.is_synced()

    def require_running(self) -> None:
        """End the program, with what the node said last, if the node has ended."""
        if not self.program.runs():
            sys.exit(f"{self.name} has ended:\n{self.program.last_words()}")


class Nodes:
    """All of them, as one."""

    # asked over a connection, it says to which node that is
    name_sql: str
    # what the tests call it
    server: str
    nodes: Sequence[Node]

    def start(self) -> None:
        """Start them; all take part afterwards."""
        raise NotImplementedError

    @staticmethod
    def section(text: str) -> str:
        """HAProxy's file for this kind of cluster, made of `haproxy.cfg`."""
        raise NotImplementedError

    def are_synced(self) -> bool:
        """Whether all of them take part."""
        return all(node.is_synced() for node in self.nodes)

    def stop(self) -> None:
        """End them, the first last."""
        for node in reversed(self.nodes):
            node.program.stop()
            without_disk(node.folder)
