"""What a mark rests on, in words: as kept beside it, or as its method says of older marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attendance.core import statuses
from database.rows import MarkRow

SCAN, CODE, NETWORK, DEVICE = "scan", "code", "network", "device"
ALIVE, FACE, CAMERA, MANUAL = "alive", "face", "camera", "manual"
PIN, PASSKEY = "pin", "passkey"
KIOSK = "kiosk"
"""At the school's own device at the door."""
PLACE, ELSEWHERE, PLACE_UNKNOWN = "place", "elsewhere", "place_unknown"
"""What the student's browser says of the place where the course is held."""
BY_POSITION = {"in": PLACE, "out": ELSEWHERE, "unknown": PLACE_UNKNOWN}
CONFIRMED = "confirmed"
"""The face waited for a person, who has confirmed it since."""
DOUBT = "doubt"
"""The pictures may not show somebody alive: for the teacher's eye, nothing was refused."""

# How much each adds to the certainty that it was the student and that he or she was there.
_WEIGHT = {
    MANUAL: 9,
    CAMERA: 6,
    SCAN: 3,
    KIOSK: 3,
    CONFIRMED: 3,
    ALIVE: 3,
    NETWORK: 2,
    DEVICE: 1,
    FACE: 2,
    PASSKEY: 2,
    PIN: 1,
    CODE: 1,
    PLACE: 1,
    ELSEWHERE: -4,
    DOUBT: -4,
}
_WEAK_BELOW = 4
_BY_METHOD = {
    statuses.FACE: [CODE, FACE],
    statuses.QR_FACE: [SCAN, FACE],
    statuses.CAMERA: [CAMERA, FACE],
    statuses.MANUAL: [MANUAL],
    statuses.QR: [SCAN],
}

Mark = Mapping[str, Any]


def by_face(rests_on: list[str], *, alive: bool, doubt: bool, unused: bool) -> list[str]:
    """The words of a mark by face, after those for what the gates have seen. Pictures of which one
    was used before (not `unused`) show nobody alive."""
    words = [*rests_on, *([ALIVE] if alive and unused else []), FACE]
    return words if unused and not doubt else [*words, DOUBT]


def kept(words: Iterable[str]) -> str:
    """Words as the table has them."""
    return ",".join(words)


def of(mark: Mark) -> list[str]:
    """The words of a mark; none where there is no mark."""
    if mark["evidence"]:
        return str(mark["evidence"]).split(",")
    return list(_BY_METHOD.get(mark["method"], ()))


def told(mark: Mark) -> list[str]:
    """The words of a mark for the student whose it is."""
    return [word for word in of(mark) if word != DOUBT]


def strength(mark: Mark) -> int:
    """How much a mark rests on, in points: more is stronger."""
    return sum(_WEIGHT.get(word, 0) for word in of(mark))


def is_weak(mark: Mark) -> bool:
    """Whether a mark rests on so little that a look at the student is worth it: a typed code and
    a picture, for example, which both can be sent from home."""
    return mark["method"] is not None and strength(mark) < _WEAK_BELOW


def weakest(listed: Iterable[MarkRow], number: int) -> list[MarkRow]:
    """The marks that rest on the least, the weakest first. Among equals, the face that was least
    like comes first. Marks by hand are not among them."""
    marked = [mark for mark in listed if mark["method"] not in (None, statuses.MANUAL)]
    return sorted(marked, key=lambda mark: (strength(mark), -(mark["distance"] or 0)))[:number]
