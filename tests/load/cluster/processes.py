"""Programs with a folder, a log and free ports of 127.0.0.1, that can be killed and frozen."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attendance.core.settings import PROJECT
from tests.servers import free_port

TEMPLATES = PROJECT / "deploy" / "cluster"
HERE = "127.0.0.1"
# How long is waited at most: bounds for what hangs, on machines that have much else to do as well.
START_SECONDS, STOP_SECONDS = 240.0, 60.0


def require(*programs: str) -> None:
    """End with one sentence if one of these is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            sys.exit(
                f"{program} is needed (Debian: mariadb-server galera-4 rsync redis-server "
                "redis-sentinel haproxy iptables)"
            )


def free_ports(count: int) -> list[int]:
    """So many different ports."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return sorted(found)


def filled(file: str, /, **words: object) -> str:
    """A file of deploy/cluster with its words put in, by the script that is there for that."""
    said = {word.upper(): str(value) for word, value in words.items()}
    command = [str(TEMPLATES / "fill.sh"), str(TEMPLATES / file)]
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **said},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr.strip())
    return done.stdout


def until(
    happens: Callable[[], bool], what: str, seconds: float = START_SECONDS, needed: bool = True
) -> float:
    """Wait for it, and tell how long that took; ends the program if it takes too long, where it is
    needed."""
    began = time.monotonic()
    while not happens():
        if time.monotonic() > began + seconds:
            if not needed:
                break
            sys.exit(f"it took more than {seconds:.0f} seconds: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def listens(port: int) -> bool:
    """Whether somebody takes connections at this port of 127.0.0.1."""
    return listens_at(HERE, port)


def listens_at(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


class Program:
    """One program of the cluster: started, killed, frozen, thawed and ended by its own id."""

    def __init__(
        self, name: str, command: list[str], folder: Path, environment: dict[str, str] | None = None
    ) -> None:
        self.name, self.command, self.folder = name, command, folder
        self.environment, self.home = environment, PROJECT
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, *more: str) -> None:
        """Start it, with its output in the folder's `log`."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, *more],
                cwd=self.home,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the running program."""
        assert self.process is not None
        return self.process.pid

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL, as a host that loses its power."""
        self._send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(STOP_SECONDS)

    def freeze(self) -> None:
        """SIGSTOP: it holds its connections, and says nothing."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on, and knows nothing of what has been meanwhile."""
        self._send(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM, to the program alone: what it has started, it ends itself."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """End it, with all that it has started."""
        if self.process is None or self.process.poll() is not None:
            return
        self._send(signal.SIGCONT)
        self.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self, count: int = 2000) -> str:
        """The end of its log."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-count:]

    def _send(self, number: signal.Signals) -> None:
        """To the program and what it has started: they are a group of their own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
