"""Addresses of timetables: asked through the same guard as webhooks, and kept encrypted, since
whoever has such an address can often read the calendar."""

from __future__ import annotations

from typing import Any

from attendance.core.errors import (
    InvalidRequest,
    TimetableTooLarge,
    TimetableUnreachable,
)
from attendance.core.services import Services
from attendance.crypto.vault import OF_TIMETABLES, Undecryptable
from attendance.timetables.reading import MOST_BYTES, Source
from attendance.webhooks import outbound
from attendance.webhooks.hooks import reach
from attendance.webhooks.outbound import Undeliverable
from database import Row, Transaction, stored_settings, timetables

LONGEST = 2000
OK, NOT_MODIFIED = 200, 304
HEADERS = {"Accept": "text/calendar", "User-Agent": "attendance-timetables"}


def accepted(text: str) -> str:
    """An address as it is asked; `webcal:` is another word for `https:`.

    Raises:
        InvalidRequest: it is none, or does not begin with https.
    """
    url = text.strip()
    if url.lower().startswith("webcal:"):
        url = "https:" + url[len("webcal:") :]
    said = "The address begins with https:// and names a host."
    try:
        parts = outbound.parsed(url)
    except ValueError:
        raise InvalidRequest.of("url", "url", said) from None
    if parts.scheme != "https" or len(url) > LONGEST:
        raise InvalidRequest.of("url", "url", said)
    return url


def fetched(parts: Services, url: str, known: Row | None = None) -> Source | None:
    """What an address answers; None: the same as when `known` was read.

    Raises:
        TimetableUnreachable, TimetableTooLarge
    """
    headers = dict(HEADERS)
    if known is not None and known["etag"]:
        headers["If-None-Match"] = known["etag"]
    if known is not None and known["modified"]:
        headers["If-Modified-Since"] = known["modified"]
    try:
        answer = outbound.get(url, headers, reach(parts.settings), MOST_BYTES)
    except Undeliverable as error:
        raise TimetableUnreachable(f"The address does not answer: {error}.") from None
    if answer.status == NOT_MODIFIED and known is not None:
        return None
    if answer.status != OK:
        raise TimetableUnreachable(f"The address answers {answer.status}, and no calendar.")
    if len(answer.body) > MOST_BYTES:
        raise TimetableTooLarge
    etag, modified = (
        _short(answer.headers.get(name), most)
        for name, most in (("etag", 200), ("last-modified", 100))
    )
    return Source(answer.body, url, etag, modified)


def _short(value: str | None, most: int) -> str | None:
    is_fit = value is not None and len(value) <= most and value.isascii() and value.isprintable()
    return value if is_fit else None


def sealed(parts: Services, tx: Transaction, url: str) -> dict[str, Any]:
    """The columns of an address, for `timetables.create`."""
    # A key rotation waits here, so that no address is left under an old key.
    stored_settings.lock(tx)
    key_id, text = parts.vault.encrypt(url.encode(), OF_TIMETABLES)
    return {"host": outbound.parsed(url).hostname, "key_id": key_id, "url": text}


def opened(parts: Services, timetable: int) -> str | None:
    """The address of a timetable, or None: it is a file's.

    Raises:
        TimetableUnreachable: its key is missing.
    """
    with parts.database.read() as tx:
        row = timetables.url_of(tx, timetable)
    if row is None or row["url"] is None:
        return None
    try:
        return parts.vault.decrypt(row["key_id"], row["url"], OF_TIMETABLES).decode()
    except Undecryptable:
        raise TimetableUnreachable("The address cannot be read any more: give it again.") from None
