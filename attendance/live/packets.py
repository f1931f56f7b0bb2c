"""Which packets a client may send: those of Engine.IO, and within them those of Socket.IO.

The libraries log a traceback for a packet that they cannot read, and go on listening; here each is
looked at first, so that the line can be closed with a word.
"""

from __future__ import annotations

from typing import Any

from engineio import packet as engine
from engineio.payload import Payload
from socketio import packet as messages


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


def check_message(data: Any) -> None:
    """Raises `Malformed` for what is no Socket.IO packet of this application, which has no
    attachments: the library would keep as many as are announced."""
    if not isinstance(data, str):
        raise Malformed("binary")
    try:
        packet = messages.Packet(encoded_packet=data)
    except Exception as error:  # whatever the library stumbles over
        raise Malformed(type(error).__name__) from None
    content = packet.data
    if packet.packet_type == messages.EVENT:
        if not (isinstance(content, list) and content and isinstance(content[0], str)):
            raise Malformed("event")
    elif packet.packet_type == messages.ACK:
        if packet.id is None or not isinstance(content, list):
            raise Malformed("acknowledgement")
    elif packet.packet_type not in (messages.CONNECT, messages.DISCONNECT):
        raise Malformed("packet type")
