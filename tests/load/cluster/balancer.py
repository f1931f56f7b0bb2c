"""HAProxy before the databases and the servers, with the file of deploy/cluster."""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import mysql.connector

from tests.load.cluster.nodes import LEAST_MB, Nodes
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


class Room:
    """What the socket unit does on a host: whoever connects is told what `room.sh` says."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "LEAST_MB": str(LEAST_MB)}

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                command = ["sh", str(TEMPLATES / "room.sh"), str(folder)]
                said = subprocess.run(command, capture_output=True, env=environment, check=False)
                self.request.sendall(said.stdout)

        self._server = socketserver.ThreadingTCPServer((HERE, 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class Balancer:
    """One HAProxy; the file is used as it is, and gets its words from the environment."""

    def __init__(self, folder: Path, databases: Nodes, servers: list[int]) -> None:
        require("haproxy")
        self.web, self.database = free_ports(2)
        words = {"WEB": f"{HERE}:{self.web}", "DATABASE": f"{HERE}:{self.database}"}
        words["RUN"] = str(folder)
        for number, port in enumerate(servers, 1):
            words[f"SERVER{number}"] = f"{HERE}:{port}"
        # the file speaks of four; where nobody listens, none is
        for number in range(len(servers) + 1, 5):
            words[f"SERVER{number}"] = f"{HERE}:1"
        self._rooms = [Room(node.folder) for node in databases.nodes]
        for number, (node, room) in enumerate(zip(databases.nodes, self._rooms, strict=True), 1):
            words[f"DB{number}"] = f"{HERE}:{node.port}"
            words[f"ROOM{number}"] = str(room.port)
        self._databases = databases
        file = folder / "haproxy.cfg"
        folder.mkdir(parents=True, exist_ok=True)
        text = (TEMPLATES / "haproxy.cfg").read_text(encoding="utf-8")
        file.write_text(databases.section(text), encoding="utf-8")
        command = ["haproxy", "-db", "-f", str(file)]
        self.program = Program("haproxy", command, folder, {**os.environ, **words})

    @property
    def url(self) -> str:
        """Where phones go."""
        return f"http://{HERE}:{self.web}"

    def start(self) -> None:
        """Start it; the database is to be reached through it then."""
        for room in self._rooms:
            room.start()
        self.program.start()
        until(self._has_come, "HAProxy starts")
        until(lambda: self.writer() != "", "HAProxy finds a node that writes")

    def stop(self) -> None:
        """End it, and those who speak for the disks."""
        self.program.stop()
        for room in self._rooms:
            room.stop()

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
                cursor.execute(self._databases.name_sql)
                rows: list[Any] = list(cursor.fetchall())
                return str(rows[0][0])
        except mysql.connector.Error:
            return ""
