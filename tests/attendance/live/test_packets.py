"""Which packets a client of Socket.IO may send."""

from __future__ import annotations

import pytest

from attendance.live import packets
from attendance.live.packets import Malformed

DEEP = "[" * 20_000


def check_frame(frame: str) -> None:
    packets.check_message(packets.of_a_frame(frame, is_upgrading=False).data)


def check_body(body: bytes) -> None:
    for packet in packets.of_a_body(body):
        packets.check_message(packet.data)


@pytest.mark.parametrize("frame", ["9", "x1", "0{}", "6", "2probe", "b!", f"4{DEEP}", "²"])
def test_what_is_no_packet_of_engineio_is_malformed(frame: str) -> None:
    with pytest.raises(Malformed):
        check_frame(frame)
    with pytest.raises(Malformed):
        check_body(frame.encode())


def test_what_clients_send_is_taken() -> None:
    for frame in ("1", "3", "40", '40{"token":"x"}', '42["join_session",{"session_id":1}]', "5"):
        assert packets.of_a_frame(frame, is_upgrading=False)
    assert packets.of_a_frame("2probe", is_upgrading=True)
    assert len(packets.of_a_body(b'3\x1e40{"token":"x"}')) == 2
    for message in ("0", '0{"token":"x"}', "1", '2["leave_session",{}]', '27["x"]', "37[]"):
        packets.check_message(message)


@pytest.mark.parametrize("body", [b"\xff", b"4", b"d=", b"3\x1e" * 20 + b"3", b"\x1e", b"5"])
def test_a_body_of_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        check_body(body)


@pytest.mark.parametrize(
    "message",
    [b"x", {"a": 1}, "", "7", "2", "2{}", "2[]", "2[1]", "2[null]", "2[", "2" + DEEP, "3", "3[]",
     "31{}", "4", '51-["x",{"_placeholder":true,"num":0}]', "2" + "1" * 200 + '["x"]'],
)  # fmt: skip
def test_what_is_no_packet_of_socketio_is_malformed(message: object) -> None:
    with pytest.raises(Malformed):
        packets.check_message(message)
