"""Messages over a stream: four bytes that say how long, then so many bytes.

Whoever reads says how long a message may be at most and how long it may take, so that neither a
lie nor a halt costs more than that.
"""

from __future__ import annotations

import socket
import struct
import time

_LENGTH = struct.Struct(">I")
_PIECE = 256 * 1024


class Misframed(Exception):
    """What came is no message: it is too long, or ends in its middle."""


def send(stream: socket.socket, message: bytes, seconds: float) -> None:
    """Send a message.

    Raises:
        OSError: the other side has gone, or takes it too slowly (TimeoutError).
    """
    end = time.monotonic() + seconds
    left = memoryview(_LENGTH.pack(len(message)) + message)
    while left:
        stream.settimeout(_until(end))
        left = left[stream.send(left[:_PIECE]) :]


def receive(
    stream: socket.socket, longest: int, seconds: float, idle: float | None = None
) -> bytes | None:
    """The next message; None when the other side has ended between two.

    Args:
        stream: where it comes from.
        longest: more bytes are refused before they are read.
        seconds: what the message may take from its first byte on.
        idle: what may pass before its first byte; unset: it counts as part of the message.

    Raises:
        Misframed: it is too long, or the other side has ended in its middle.
        OSError: the connection broke, or it took too long (TimeoutError).
    """
    stream.settimeout(seconds if idle is None else idle)
    first = stream.recv(1)
    if not first:
        return None
    end = time.monotonic() + seconds
    (length,) = _LENGTH.unpack(first + _exactly(stream, _LENGTH.size - 1, end))
    if length > longest:
        raise Misframed(f"a message of {length} bytes, where {longest} are allowed")
    return bytes(_exactly(stream, length, end))


def _exactly(stream: socket.socket, count: int, end: float) -> bytearray:
    found = bytearray()
    while len(found) < count:
        stream.settimeout(_until(end))
        piece = stream.recv(min(_PIECE, count - len(found)))
        if not piece:
            raise Misframed("the other side ended in the middle of a message")
        found += piece
    return found


def _until(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("a message took too long")
    return left
