"""HAProxy before the databases and the servers, with the file of deploy/cluster."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import mysql.connector

from tests.load.cluster.galera import Galera
from tests.load.cluster.processes import (
    HERE,
    TEMPLATES,
    Program,
    free_ports,
    listens,
    require,
    until,
)

USER = f"CREATE USER IF NOT EXISTS haproxy@'{HERE}'"


class Balancer:
    """One HAProxy; the file is used as it is, and gets its words from the environment."""

    def __init__(self, folder: Path, galera: Galera, servers: list[int]) -> None:
        require("haproxy")
        self.web, self.database = free_ports(2)
        words = {"WEB": f"{HERE}:{self.web}", "DATABASE": f"{HERE}:{self.database}"}
        words["RUN"] = str(folder)
        for number, port in enumerate(servers, 1):
            words[f"SERVER{number}"] = f"{HERE}:{port}"
        for number, node in enumerate(galera.nodes, 1):
            words[f"DB{number}"] = f"{HERE}:{node.port}"
        file = str(TEMPLATES / "haproxy.cfg")
        command = ["haproxy", "-db", "-f", file]
        self.program = Program("haproxy", command, folder, {**os.environ, **words})

    @property
    def url(self) -> str:
        """Where phones go."""
        return f"http://{HERE}:{self.web}"

    def database_url(self, name: str) -> str:
        """For DATABASE_URL."""
        return f"mysql+mysqlconnector://root@{HERE}:{self.database}/{name}"

    def start(self) -> None:
        """Start it; the database is to be reached through it then."""
        self.program.start()
        until(self._has_come, "HAProxy starts")
        until(lambda: self.writer() != "", "HAProxy finds a node that writes", 20)

    def _has_come(self) -> bool:
        if not self.program.runs():
            sys.exit(f"HAProxy has ended:\n{self.program.last_words()}")
        return listens(self.web)

    def writer(self) -> str:
        """The name of the node that new connections come to, or nothing."""
        try:
            with mysql.connector.connect(
                host=HERE, port=self.database, user="root", connection_timeout=2, use_pure=True,
                read_timeout=2,
            ) as connection:  # fmt: skip
                cursor = connection.cursor()
                cursor.execute("SELECT @@wsrep_node_name")
                rows: list[Any] = list(cursor.fetchall())
                return str(rows[0][0])
        except mysql.connector.Error:
            return ""
