"""The process of the networks: it loads them, and answers whoever reaches its socket.

`facerecog/process.py` starts it, with its order on the standard input, and is told on the standard
output what is in use.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from . import wire
from .answering import answers
from .errors import FaceRecogError
from .memory import keep_memory_together
from .recognizer import Recognizer

_BACKLOG = 128


def _serve(recognizer: Recognizer, connection: Connection) -> None:
    """Answer one connection until it ends."""
    answer = answers(recognizer)
    with connection:
        while True:
            try:
                request = connection.recv_bytes()
            except (EOFError, OSError):
                return
            try:
                connection.send_bytes(answer(request))
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
