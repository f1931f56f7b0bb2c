"""Networks that answer at an address, as a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from facerecog import RecognizerConfig, RemoteRecognizer, addresses
from facerecog.remote import Patience

SECRET = "a secret of the two hosts"
SFACE = RecognizerConfig(networks="sface")


@dataclass
class Served:
    """A recognizer in a process of its own, and how it is reached."""

    process: subprocess.Popen[str]
    address: addresses.Address
    fingerprint: str

    def client(
        self,
        config: RecognizerConfig = SFACE,
        secret: str = SECRET,
        fingerprint: str | None = None,
        patience: Patience | None = None,
    ) -> RemoteRecognizer:
        return RemoteRecognizer(
            config,
            self.address,
            secret=secret,
            fingerprint=self.fingerprint if fingerprint is None else fingerprint,
            patience=patience,
        )


@contextmanager
def serving(
    address: str, folder: Path, *options: str, secret: str = SECRET, networks: str = "sface"
) -> Iterator[Served]:
    """Start it there, its certificate in `folder`, and end it."""
    command = [sys.executable, "-m", "facerecog", "--networks", networks, "serve", address]
    command += ["--certificate", str(folder / "c.pem"), "--key", str(folder / "k.pem"), *options]
    environment = {**os.environ, "FACE_SECRET": secret}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            fingerprint, line = "", process.stdout.readline()
            if line.startswith("FACE_FINGERPRINT="):
                fingerprint, line = line.strip().partition("=")[2], process.stdout.readline()
            assert line == f"The networks answer at {address}\n"
            yield Served(process, addresses.read(address), fingerprint)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
