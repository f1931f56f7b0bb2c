"""The process of the networks: it loads them, and answers whoever reaches its socket.

`facerecog/process.py` starts it, with its order on the standard input, and is told on the standard
output what is in use.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from . import wire
from .errors import FaceRecogError
from .memory import keep_memory_together
from .recognizer import Face, Recognizer

log = logging.getLogger("facerecog")

_BACKLOG = 128


def _serve(recognizer: Recognizer, connection: Connection) -> None:
    """Answer one connection until it ends."""

    def one_face(ask: Callable[[bytes], Face]) -> Callable[[bytes], bytes]:
        return lambda data: wire.answer(ask(data))

    def frame(request: bytes) -> bytes:
        wanted, data = wire.read_wanted(request)
        return wire.frame_answer(recognizer.look(data, wanted))

    asks: dict[bytes, Callable[[bytes], bytes]] = {
        wire.ANALYSE: one_face(recognizer.analyse),
        wire.ENROL: one_face(recognizer.enrol),
        wire.FIND: one_face(recognizer.find),
        wire.LOOK: frame,
        wire.STUDY: one_face(recognizer.study),
    }
    with connection:
        while True:
            try:
                request = connection.recv_bytes()
            except (EOFError, OSError):
                return
            try:
                answer = asks[request[:1]](request[1:])
            except FaceRecogError as error:
                answer = wire.failure(error)
            except Exception as error:
                log.exception("a photograph could not be analysed")
                answer = wire.failure(error)
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
    config, address = wire.ordered(sys.stdin.buffer.readline())
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as told:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # for whatever a library prints
        try:
            recognizer = Recognizer(config)
            listener = Listener(address, backlog=_BACKLOG)
        except FaceRecogError as error:
            told.write(wire.failure(error))
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


if __name__ == "__main__":
    raise SystemExit(main())
