"""Servers of one installation, which come and go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import requests

from attendance.core.settings import Settings
from tests.load.cluster.processes import HERE, STOP_SECONDS, Program, until

DRAIN_SECONDS = 2


class Server:
    """One process of the server."""

    def __init__(
        self, port: int, folder: Path, instance: Path, environment: dict[str, str]
    ) -> None:
        self.port = port
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "PHOTOS_DIR") if key in os.environ}
        settings = {
            "MODELS_DIR": str(Settings.load().models_dir),
            "INSTANCE_DIR": str(instance),
            "UPLOADS_DIR": str(instance / "uploads"),
            "PORT": str(port),
            "WORKERS": "1",
            "THREADS": "16",
            "SOCKETS": "100",
            "DATABASE_POOL_SIZE": "5",
            "TRUSTED_PROXIES": "1",
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
            "BCRYPT_ROUNDS": "4",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "app.py"]
        words = {**kept, **settings, **environment}
        self.program = Program(f"server-{port}", command, folder, words)

    def is_ready(self) -> bool:
        """What the load balancer asks."""
        try:
            return requests.get(f"http://{HERE}:{self.port}/health/ready", timeout=5).ok
        except requests.RequestException:
            return False

    def start(self) -> None:
        """Start it, and wait until it takes marks."""
        self.program.start()
        until(self.has_come, f"{self.program.name} is ready")

    def end(self) -> None:
        """Tell it to stop, and wait until it has ended what it had begun."""
        self.program.terminate()
        assert self.program.process is not None
        self.program.process.wait(STOP_SECONDS)

    def restart(self, **words: str) -> None:
        """Once more, with these words added to its settings this time."""
        self.end()
        usual = self.program.environment
        self.program.environment = {**(usual or {}), **words}
        try:
            self.start()
        finally:
            self.program.environment = usual

    def has_come(self) -> bool:
        """Whether it takes marks; ends the program if it has ended."""
        if not self.program.runs():
            sys.exit(f"{self.program.name} has ended:\n{self.program.last_words()}")
        return self.is_ready()
