"""Tickets, reservations and join tokens with plain values."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.sessions.tickets import TicketExpired, TicketInvalid, Tickets, TokenOutdated

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
TICKETS = Tickets(b"k" * 32, step_seconds=15, join_minutes=5)


@given(session=st.integers(1, 2**62), late=st.floats(0, 29.9))
def test_a_ticket_is_read_while_it_lives(session: int, late: float) -> None:
    assert TICKETS.read_ticket(TICKETS.ticket(session, NOW), NOW + timedelta(seconds=late)) == (
        session
    )


@given(text=st.text(max_size=60))
def test_no_text_is_taken_for_a_ticket_or_token(text: str) -> None:
    with pytest.raises(TicketInvalid):
        TICKETS.read_ticket(text, NOW)
    with pytest.raises(TicketInvalid):
        TICKETS.read_join_token(text)
    with pytest.raises(TicketInvalid):
        TICKETS.read_reservation(text, NOW)


def test_a_ticket_from_the_future_is_refused() -> None:
    ticket = TICKETS.ticket(1, NOW + timedelta(seconds=15))
    with pytest.raises(TicketInvalid):
        TICKETS.read_ticket(ticket, NOW)


def test_an_expired_ticket_tells_its_session() -> None:
    with pytest.raises(TicketExpired) as expired:
        TICKETS.read_ticket(TICKETS.ticket(7, NOW), NOW + timedelta(seconds=30))
    assert expired.value.session_id == 7


def test_another_key_reads_nothing() -> None:
    other = Tickets(b"x" * 32, step_seconds=15, join_minutes=5)
    token, _ = other.join_token(1, 2, "face", NOW)
    with pytest.raises(TicketInvalid):
        TICKETS.read_ticket(other.ticket(1, NOW), NOW)
    with pytest.raises(TicketInvalid):
        TICKETS.read_join_token(token)


def test_a_reservation_is_no_join_token() -> None:
    sealed, _ = TICKETS.reserve(1, NOW)
    with pytest.raises(TicketInvalid):
        TICKETS.read_join_token(sealed)


def test_every_character_of_a_token_counts() -> None:
    token, _ = TICKETS.join_token(1, 2, "face", NOW)
    for position, character in enumerate(token):
        changed = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(TicketInvalid):
            TICKETS.read_join_token(changed)


def test_every_character_of_a_reservation_counts() -> None:
    sealed, _ = TICKETS.reserve(1, NOW)
    for text in (sealed + "A", "A" + sealed, sealed[:-1], sealed + "=", sealed.replace(".", ".!")):
        with pytest.raises(TicketInvalid):
            TICKETS.read_reservation(text, NOW)


def test_an_expired_reservation_tells_its_session() -> None:
    sealed, reservation = TICKETS.reserve(7, NOW)
    assert TICKETS.read_reservation(sealed, NOW + timedelta(seconds=299)) == reservation
    with pytest.raises(TicketExpired) as expired:
        TICKETS.read_reservation(sealed, NOW + timedelta(seconds=300))
    assert expired.value.session_id == 7


def test_what_an_earlier_version_gave_out_is_outdated_even_if_genuine() -> None:
    """Its form: JSON and ten bytes of HMAC-SHA256, both in Base64."""
    token, sealed = former(b"join", [1, 2, "face", 0.5]), former(b"reservation", ["a" * 32, 1, 0.5])
    with pytest.raises(TokenOutdated):
        TICKETS.read_join_token(token)
    with pytest.raises(TokenOutdated):
        TICKETS.read_reservation(sealed, NOW)


def former(purpose: bytes, values: list[object], key: bytes = b"k" * 32) -> str:
    """A token in the form of version 1.0.0."""
    body = base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode())
    mac = hmac.digest(key, purpose + b"\0" + body, "sha256")[:10]
    sealed = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    return f"{body.decode().rstrip('=')}.{sealed}"


def test_a_ticket_makes_a_small_qr_code() -> None:
    """Capital letters, digits and hyphens only: the alphanumeric mode of ISO/IEC 18004."""
    ticket = TICKETS.ticket(10**6, NOW)
    assert len(ticket) <= 32
    assert set(ticket) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
