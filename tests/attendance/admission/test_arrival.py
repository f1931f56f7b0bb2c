"""When a request is whole, and who has to go when too many are not."""

from __future__ import annotations

import pytest

from attendance.admission.arrival import HEAD_BYTES, Arrival, HeadTooLong, Room, group_of
from attendance.admission.control import SMALL_BYTES

HEAD = b"POST / HTTP/1.1\r\nHost: here\r\n"


def whole_after(*parts: bytes) -> int | None:
    """How many parts it takes."""
    arrival = Arrival()
    for number, part in enumerate(parts, 1):
        if arrival.take(part):
            return number
    return None


def test_a_header_is_waited_for_to_its_end_wherever_it_is_cut() -> None:
    message = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
    for cut in range(1, len(message)):
        assert whole_after(message[:cut], message[cut:]) == 2
    assert whole_after(*(bytes([byte]) for byte in message)) == len(message)


def test_a_small_body_is_waited_for_and_a_large_one_is_not() -> None:
    assert whole_after(HEAD + b"Content-Length: 3\r\n\r\n", b"ab", b"c") == 3
    assert whole_after(HEAD + b"content-length:3\r\n\r\nabc") == 1
    assert whole_after(HEAD + b"Content-Length: %d\r\n\r\n" % (SMALL_BYTES + 1)) == 1


def test_chunks_are_waited_for_until_the_last() -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    message = b"3;x=y\r\nabc\r\n9\r\n\r\n0\r\n\r\nde\r\n0\r\nA: b\r\n\r\n"
    assert whole_after(head, *(bytes([byte]) for byte in message)) == 1 + len(message)
    assert whole_after(head, b"no size\r\n") == 2, "which the parser refuses"
    assert whole_after(head, b"-5\r\n") == 2
    assert whole_after(head, b"3\r\nabc\r\n") is None
    assert whole_after(head, b"1\r\na\r\n" * SMALL_BYTES) == 2, "more than may come"


def test_a_client_that_waits_for_a_word_gets_it_once() -> None:
    arrival = Arrival()
    assert not arrival.take(HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert arrival.expects_word
    assert arrival.take(b"abc")
    assert arrival.received == HEAD + b"Content-Length: 3\r\n\r\nabc"


def test_empty_lines_before_a_request_are_no_request() -> None:
    assert whole_after(b"\r\n\r\n", b"\r\n", b"GET / HTTP/1.1\r\n\r\n") == 3


def test_a_header_without_end_is_refused() -> None:
    arrival = Arrival()
    assert not arrival.take(b"X" * HEAD_BYTES)
    with pytest.raises(HeadTooLong):
        arrival.take(b"X")


def test_the_oldest_of_the_address_with_the_most_goes_first() -> None:
    room: Room[str] = Room(places=4, per_address=None, limit_bytes=10)
    for name, address in (("s1", "school"), ("f1", "flood"), ("f2", "flood"), ("f3", "flood")):
        room.enter(name, address, due=1)
    assert room.one_too_many("flood") is None
    room.enter("s2", "school", due=1)
    assert room.one_too_many("school") == "f1"
    room.leave("f1")
    assert room.one_too_many("school") is None
    room.note("s1", 4)
    room.note("f3", 7)
    assert room.one_too_many("flood") == "f3", "which has sent the most"
    room.leave("f3")
    assert room.one_too_many("flood") is None


def test_an_address_has_a_share_of_the_room() -> None:
    room: Room[int] = Room(places=100, per_address=2, limit_bytes=10)
    for number in range(3):
        room.enter(number, "flood", due=1)
    assert room.one_too_many("flood") == 0
    assert room.one_too_many("school") is None


def test_time_ends_and_can_be_cut() -> None:
    room: Room[str] = Room(places=9, per_address=9, limit_bytes=10)
    room.enter("early", "a", due=1)
    room.enter("late", "a", due=9)
    room.note("early", 1, due=5)
    assert room.late(4) == []
    room.hasten(3)
    assert room.late(4) == ["early", "late"]


def test_a_customer_of_ipv6_is_one_address() -> None:
    assert group_of(("2001:db8:1:2::5", 1, 0, 0)) == group_of(("2001:db8:1:2:3::6", 1, 0, 0))
    assert group_of(("2001:db8:1:2::5", 1, 0, 0)) != group_of(("2001:db8:1:3::5", 1, 0, 0))
    assert group_of(("192.0.2.1", 1)) != group_of(("192.0.2.2", 1))
    assert group_of(("fe80::1%eth0", 1, 0, 0)) == group_of(("fe80::2%eth0", 1, 0, 0))
    assert group_of("") == group_of("")
