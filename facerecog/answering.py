"""What a process with the networks answers to a request (see `facerecog/wire.py`)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from . import wire
from .errors import FaceRecogError
from .recognizer import Face, Recognizer

log = logging.getLogger("facerecog")


def answers(recognizer: Recognizer) -> Callable[[bytes], bytes]:
    """A function from a request to its answer, which is an error's where something is wrong."""

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

    def answer(request: bytes) -> bytes:
        try:
            return asks[request[:1]](request[1:])
        except FaceRecogError as error:
            return wire.failure(error)
        except Exception as error:
            log.exception("a photograph could not be analysed")
            return wire.failure(error)

    return answer
