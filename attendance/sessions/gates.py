"""Here: what a course asks for besides the face. A scan, a network, a device of one's own."""

from __future__ import annotations

from attendance.core import statuses
from attendance.core.errors import DeviceUsed, ScanRequired, WrongNetwork
from attendance.courses import check_in, rooms
from attendance.sessions import evidence
from attendance.web.origin import Origin
from database import Transaction, marks
from database.rows import SessionRow

NO_COOKIES = (
    "Your browser does not keep the cookie that tells devices apart. Allow cookies for this site, "
    "join again, or ask your teacher to mark you by hand."
)


def require_here(
    tx: Transaction,
    session: SessionRow,
    student: int,
    method: str,
    origin: Origin,
    *,
    marks_now: bool,
) -> None:
    """The gates of the session's course and room, as they are now.

    Raises:
        ScanRequired, WrongNetwork, DeviceUsed
    """
    rules = check_in.of(session)
    if rules.scan == "qr" and method == statuses.FACE:
        raise ScanRequired
    networks = rooms.networks_of(tx, session)
    if networks and not check_in.is_within(origin.address, networks):
        raise WrongNetwork(
            "A proxy hides where you are from the server. Tell your teacher: the administrator has "
            "to count it in TRUSTED_PROXIES."
            if origin.hidden
            else None
        )
    if not rules.one_device:
        return
    if origin.device is None:
        if marks_now:
            raise DeviceUsed(NO_COOKIES)
        return
    if marks.marked_by_device(tx, int(session["id"]), origin.device) not in (None, student):
        raise DeviceUsed


def rests_on(tx: Transaction, session: SessionRow, method: str, position: str) -> list[str]:
    """The words for what `require_here` has seen, and for what the browser says of the place."""
    rules = check_in.of(session)
    return [
        evidence.SCAN if method == statuses.QR_FACE else evidence.CODE,
        *([evidence.NETWORK] if rooms.networks_of(tx, session) else []),
        *([evidence.DEVICE] if rules.one_device else []),
        *([evidence.BY_POSITION[position]] if rules.position else []),
    ]
