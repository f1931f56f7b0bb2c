"""Hosts that only recognise faces: what the servers name in FACE_PROCESS."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from attendance.core.settings import Settings
from tests.load.cluster.processes import HERE, Program, free_ports, until

SECRET = "a secret of this cluster"  # of a moment, on this machine


class Recogniser:
    """One of them: its own process, certificate and networks."""

    def __init__(self, number: int, folder: Path) -> None:
        self.address = f"tls://{HERE}:{free_ports(1)[0]}"
        command = [sys.executable, "-m", "facerecog", "serve", self.address]
        command += ["--certificate", str(folder / "c.pem"), "--key", str(folder / "k.pem")]
        words = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        words |= {"MODELS_DIR": str(Settings.load().models_dir), "FACE_SECRET": SECRET}
        words["FACE_THREADS"] = "1"
        self.program = Program(f"recogniser-{number}", command, folder, words)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        said = len(self._said())
        self.program.start()
        until(lambda: "The networks answer at" in self._said()[said:], "networks answer")

    def settings(self) -> dict[str, str]:
        """What a server that asks it has in its environment."""
        found = re.search(r"^FACE_FINGERPRINT=(\S+)$", self._said(), re.M)
        assert found, self.program.last_words()
        return {
            "FACE_PROCESS": self.address,
            "FACE_SECRET": SECRET,
            "FACE_FINGERPRINT": found[1],
        }

    def _said(self) -> str:
        log = self.program.folder / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
