"""A recognizer in a process of its own, so that it and a web server's threads do not share a lock.

The threads of one Python process take turns. A search is some hundred short native calls, and after
each it waits for its turn; between many web threads that costs a third of the marks per second.

    recognizer = RecognizerProcess(config)   # in place of Recognizer(config)

Requests go over a socket that only this user can reach, each thread's on a connection of its own.
The process lives as long as the one that started it, however that ends. It is the one that decodes
what strangers upload: what it says is read as numbers and text, never unpickled.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from . import wire
from .asking import Asking
from .config import RecognizerConfig
from .errors import PlatformUnsupported, RecognizerBusy

log = logging.getLogger("facerecog")

RESTART_SECONDS = 3
"""How long a caller is asked to wait while the process starts again."""
# What it gets of the environment, in which a server has its passwords.
_KEPT = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMP", "LD_", "PYTHON", "OMP_", "ONEDNN_", "OV_")
_CLOSING_SECONDS = 5


class _Child:
    """One running process and the connections to it that nobody uses now."""

    def __init__(self, config: RecognizerConfig) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="facerecog-"))  # for this user only
        self._address = str(self._folder / "socket")
        self._idle: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker"],
            cwd=Path(__file__).resolve().parent.parent,
            env={name: value for name, value in os.environ.items() if name.startswith(_KEPT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            self.info: dict[str, Any] = self._told(config)
        except BaseException:
            self.close()
            raise

    def _told(self, config: RecognizerConfig) -> dict[str, Any]:
        """Hand over the configuration and return what is in use, or raise why nothing is."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(wire.order(config, self._address))
            self.process.stdin.flush()
            answer = self.process.stdout.read()
        except OSError:
            answer = b""
        finally:
            self.process.stdout.close()
        if not answer:
            raise PlatformUnsupported(
                "The process of the face recognition networks ended while it loaded them "
                f"(status {self.process.wait()})."
            )
        told = json.loads(answer)
        wire.raise_failure(told)
        return dict(told)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection; one on which anything went wrong is not used again."""
        try:
            lent = self._idle.get_nowait()
        except queue.Empty:
            lent = Client(self._address)
        try:
            yield lent
        except BaseException:
            lent.close()
            raise
        self._idle.put(lent)

    def close(self) -> None:
        """End the process, which the end of its input tells it to."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()
        shutil.rmtree(self._folder, ignore_errors=True)


class RecognizerProcess(Asking):
    """What a server needs of a :class:`Recognizer`, done by another process; safe for threads.

    If that process dies, those who wait for it and those who come while another is started get
    RecognizerBusy; nobody else notices.
    """

    def __init__(self, config: RecognizerConfig | None = None) -> None:
        """Start the process and wait until it has loaded the networks.

        Raises:
            ModelsMissing, PlatformUnsupported: as :class:`Recognizer`.
        """
        config = config or RecognizerConfig()
        self.config = replace(config, models_dir=config.models_dir.resolve())
        self._lock = threading.Lock()
        self._depth = 0
        self._closed = False
        self._child: _Child | None = _Child(self.config)

    def close(self) -> None:
        """End the process; this object must not be used afterwards."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.close()

    @property
    def info(self) -> dict[str, Any]:
        """As :attr:`Recognizer.info`.

        Raises:
            RecognizerBusy: the process has died and another is on its way.
        """
        return self._running().info

    @property
    def queue_depth(self) -> int:
        """How many analyses run or wait now."""
        return self._depth

    @property
    def pid(self) -> int:
        """The process that has the networks.

        Raises:
            RecognizerBusy: as :attr:`info`.
        """
        return self._running().process.pid

    def _ask(self, what: bytes, data: bytes) -> bytes:
        with self._lock:
            self._depth += 1
        try:
            child = self._running()
            try:
                with child.connection() as connection:
                    connection.send_bytes(what + data)
                    return connection.recv_bytes()
            except (EOFError, OSError) as error:
                log.error("the process of the face recognition networks does not answer: %s", error)
                self._running()  # starts another if it has ended
                raise _starting() from None
        finally:
            with self._lock:
                self._depth -= 1

    def _running(self) -> _Child:
        """Return the process, or start another in the place of one that has ended."""
        with self._lock:
            child = self._child
            if child is None:
                raise _starting()
            if child.alive:
                return child
            self._child = None
        threading.Thread(target=self._replace, args=(child,), daemon=True).start()
        raise _starting()

    def _replace(self, ended: _Child) -> None:
        log.error(
            "the process of the face recognition networks has ended with status %s: "
            "another is started",
            ended.process.returncode,
        )
        ended.close()
        child = ended
        try:
            child = _Child(self.config)
        except Exception:
            log.exception("it could not be started; the next photograph tries again")
        with self._lock:
            if not self._closed:
                self._child = child
                return
        child.close()


def _starting() -> RecognizerBusy:
    return RecognizerBusy(
        "The face recognition starts again; try again in a moment.", RESTART_SECONDS
    )
