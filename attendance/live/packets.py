"""Which packets a client may send: those of Engine.IO, and within them those of Socket.IO.

The libraries log a traceback for a packet that they cannot read, and go on listening; here each is
looked at first, so that the line can be closed with a word.
"""

from __future__ import annotations

from typing import Any

from engineio import packet as engine
from engineio.payload import Payload
from socketio import packet as messages

from attendance.admission.control import SOCKET_BYTES


class Malformed(Exception):
    """What came is none of the packets that a client may send."""


def of_a_frame(data: str | bytes, is_upgrading: bool) -> engine.Packet:
    """The packet in a WebSocket's frame. Raises `Malformed`."""
    try:
        packet = engine.Packet(encoded_packet=data)
    except Exception as error:  # whatever the library stumbles over
        raise Malformed(type(error).__name__) from None
    may_be_sent = (engine.CLOSE, engine.PONG, engine.MESSAGE, engine.UPGRADE)
    if packet.packet_type not in may_be_sent and not (
        packet.packet_type == engine.PING and is_upgrading
    ):
        raise Malformed("packet type")
    return packet


def of_a_body(body: bytes) -> list[engine.Packet]:
    """The packets in the body of a polling client. Raises `Malformed`."""
    try:
        packets: list[engine.Packet] = Payload(encoded_payload=body.decode()).packets
    except Exception as error:  # whatever the library stumbles over
        raise Malformed(type(error).__name__) from None
    if any(each.packet_type not in (engine.CLOSE, engine.PONG, engine.MESSAGE) for each in packets):
        raise Malformed("packet type")
    return packets


# The event that has an attachment, and which one of its line's accounts may send.
FRAME_EVENT = "camera_frame"


def check_message(data: Any, *, may_send_frames: bool = False, awaits_frame: bool = False) -> bool:
    """Whether an attachment is to follow. Raises `Malformed` for what is no Socket.IO packet of
    this application.

    One event has an attachment, and exactly one: the library would keep as many as are announced.

    Args:
        data: the message.
        may_send_frames: whether the line's account may be a camera.
        awaits_frame: whether the line has announced an attachment, which is to come next.
    """
    if awaits_frame:
        if not isinstance(data, bytes):
            raise Malformed("text in the place of an attachment")
        return False
    if not isinstance(data, str):
        raise Malformed("binary")
    if len(data) > SOCKET_BYTES:
        raise Malformed("too long")
    try:
        packet = messages.Packet(encoded_packet=data)
    except Exception as error:  # whatever the library stumbles over
        raise Malformed(type(error).__name__) from None
    content = packet.data
    if packet.packet_type == messages.BINARY_EVENT and may_send_frames:
        named = isinstance(content, list) and content and content[0] == FRAME_EVENT
        if not named or packet.attachment_count != 1 or not _has_one_place(content):
            raise Malformed("attachments")
        return True
    if packet.packet_type == messages.EVENT:
        if not (isinstance(content, list) and content and isinstance(content[0], str)):
            raise Malformed("event")
    elif packet.packet_type == messages.ACK:
        if packet.id is None or not isinstance(content, list):
            raise Malformed("acknowledgement")
    elif packet.packet_type not in (messages.CONNECT, messages.DISCONNECT):
        raise Malformed("packet type")
    return False


def _has_one_place(content: Any) -> bool:
    """Whether the attachment's place is named, and no other: the library would stumble over it."""
    if isinstance(content, list):
        return all(map(_has_one_place, content))
    if isinstance(content, dict):
        if content.get("_placeholder"):
            return content.get("num") == 0
        return all(map(_has_one_place, content.values()))
    return True
