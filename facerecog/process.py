"""A recognizer in a process of its own, so that it and a web server's threads do not share a lock.

The threads of one Python process take turns. A search is some hundred short native calls, and after
each it waits for its turn; between many web threads that costs a third of the marks per second.

    recognizer = RecognizerProcess(config)   # in place of Recognizer(config)

Requests go over a socket that only this user can reach, each thread's on a connection of its own.
The process lives as long as the one that started it, however that ends. It is the one that decodes
what strangers upload: what it says is read as numbers and text, never unpickled.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

import numpy as np

from .config import RecognizerConfig
from .crop import Quality
from .errors import FaceRecogError, PlatformUnsupported, RecognizerBusy
from .recognizer import Face, FaceResult, Recognizer

log = logging.getLogger("facerecog")

RESTART_SECONDS = 3
"""How long a caller is asked to wait while the process starts again."""
# What it gets of the environment, in which a server has its passwords.
_KEPT = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMP", "LD_", "PYTHON", "OMP_", "ONEDNN_", "OV_")
_ANALYSE, _FIND = b"a", b"f"
_BACKLOG = 128
_PROGRAM = "from facerecog.process import main; raise SystemExit(main())"
_CLOSING_SECONDS = 5
# M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX of glibc's malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def keep_memory_together() -> None:
    """Tell glibc's allocator how a process that decodes pictures all day uses memory.

    Two arenas for all threads: with one for each of many threads, pictures of changing size leave
    holes in all of them, and the process grows and grows. And pixels come from what the last
    picture left: to map them anew costs as much as half the decoding.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(_TRIM_THRESHOLD, 64 * 2**20)


class _Child:
    """One running process and the connections to it that nobody uses now."""

    def __init__(self, config: RecognizerConfig) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="facerecog-"))  # for this user only
        self._address = str(self._folder / "socket")
        self._idle: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
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
            pickle.dump((config, self._address), self.process.stdin)
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
        _raise_error(told)
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


class RecognizerProcess:
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

    def __enter__(self) -> RecognizerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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

    def analyse(self, data: bytes) -> FaceResult:
        """Find and embed the one face of a photograph.

        Raises:
            FaceRecogError: as :meth:`Recognizer.analyse`.
        """
        found = self._ask(_ANALYSE, data)
        assert isinstance(found, FaceResult)
        return found

    def find(self, data: bytes) -> Face:
        """Find and judge the one face of a photograph.

        Raises:
            FaceRecogError: as :meth:`Recognizer.find`.
        """
        return self._ask(_FIND, data)

    def _ask(self, what: bytes, data: bytes) -> Face:
        with self._lock:
            self._depth += 1
        try:
            child = self._running()
            try:
                with child.connection() as connection:
                    connection.send_bytes(what + data)
                    answer = connection.recv_bytes()
            except (EOFError, OSError) as error:
                log.error("the process of the face recognition networks does not answer: %s", error)
                self._running()  # starts another if it has ended
                raise _starting() from None
        finally:
            with self._lock:
                self._depth -= 1
        return _face(answer)

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


# An answer is a line of JSON, followed by the embedding's bytes where there is one.


def _answer(face: Face) -> bytes:
    """Write a face down."""
    line = {
        "box": face.box.tolist(),
        "landmarks": face.landmarks.tolist(),
        "probability": face.probability,
        "quality": asdict(face.quality),
    }
    embedding = face.embedding.tobytes() if isinstance(face, FaceResult) else b""
    return json.dumps(line).encode() + b"\n" + embedding


def _error(error: Exception) -> bytes:
    """Write an error down."""
    line = {"error": str(error), "retry_after": getattr(error, "retry_after", None)}
    if isinstance(error, FaceRecogError):
        line["code"] = error.code
    return json.dumps(line).encode() + b"\n"


def _face(answer: bytes) -> Face:
    """Read a face, or raise the error that was written down."""
    line, _, embedding = answer.partition(b"\n")
    said = json.loads(line)
    _raise_error(said)
    face = Face(
        np.array(said["box"], np.float32),
        np.array(said["landmarks"], np.float32),
        float(said["probability"]),
        Quality(**said["quality"]),
    )
    if not embedding:
        return face
    return FaceResult(**vars(face), embedding=np.frombuffer(embedding, np.float32).copy())


def _raise_error(said: dict[str, Any]) -> None:
    if "error" not in said:
        return
    kinds = {kind.code: kind for kind in FaceRecogError.__subclasses__()}
    kind = kinds.get(said.get("code", ""))
    if kind is None:
        raise RuntimeError(said["error"])
    if kind is RecognizerBusy:
        raise RecognizerBusy(said["error"], int(said["retry_after"]))
    raise kind(said["error"])


def _serve(recognizer: Recognizer, connection: Connection) -> None:
    """Answer one connection until it ends."""
    with connection:
        while True:
            try:
                request = connection.recv_bytes()
            except (EOFError, OSError):
                return
            ask = recognizer.analyse if request[:1] == _ANALYSE else recognizer.find
            try:
                answer = _answer(ask(request[1:]))
            except FaceRecogError as error:
                answer = _error(error)
            except Exception as error:
                log.exception("a photograph could not be analysed")
                answer = _error(error)
            try:
                connection.send_bytes(answer)
            except OSError:
                return  # who asked has gone


def main() -> int:
    """Load the networks as the standard input says, serve, and end with that input."""
    # A terminal's Ctrl+C and a service manager's stop reach the server too: it finishes what it
    # has begun, and then closes the input.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    keep_memory_together()
    config, address = pickle.load(sys.stdin.buffer)  # noqa: S301  # of the process that started this
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as told:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # for whatever a library prints
        try:
            recognizer = Recognizer(config)
            listener = Listener(address, backlog=_BACKLOG)
        except FaceRecogError as error:
            told.write(_error(error))
            return 1
        told.write(json.dumps(recognizer.info).encode())

    def accept() -> None:
        while True:
            connection = listener.accept()
            threading.Thread(target=_serve, args=(recognizer, connection), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.buffer.read()
    shutil.rmtree(Path(address).parent, ignore_errors=True)
    os._exit(0)  # not waiting for photographs that nobody waits for
