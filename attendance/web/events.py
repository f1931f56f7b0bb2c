"""How something is said over Socket.IO; a wing's `events.py` says what, and to whom.

Rooms: `teacher:7` and `student:12` (every connection of an account), `students` (all of them:
a session without a course is open to each), `session:9` (students who joined), `session:9:teachers`
(who watch its list). Who is in a course is asked at the moment of sending: a student who was
enrolled or removed meanwhile, on whichever process, hears what he or she may hear.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from attendance.core.services import Services
from attendance.web.extensions import socketio
from database import DatabaseUnavailable, Row

log = logging.getLogger("attendance")

ALL_STUDENTS = "students"
Told = ParamSpec("Told")


def emit(event: str, payload: Row, rooms: list[str]) -> None:
    """Send to each connection in any of the rooms, once. What is stored does not depend on it."""
    if not rooms:  # which the library takes for everybody
        return
    try:
        socketio.emit(event, payload, to=rooms)
    except Exception as error:
        log.error("%s could not be sent: %s", event, error)


def if_it_can_be_told(
    tell: Callable[Concatenate[Services, Told], None],
) -> Callable[Concatenate[Services, Told], None]:
    """What is stored does not depend on who hears of it: that the database is away by now, and
    cannot say who that is, ends up in the log, and lists are sent again when it is back."""

    @functools.wraps(tell)
    def told(parts: Services, /, *args: Told.args, **kwargs: Told.kwargs) -> None:
        try:
            tell(parts, *args, **kwargs)
        except DatabaseUnavailable as error:
            log.error("%s: nobody was told: %s", tell.__name__, error)
            parts.untold.set()

    return told
