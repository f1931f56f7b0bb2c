"""Why marks were refused, kept for appeals: the code and the time, no picture, no distance."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attendance.core.errors import FACE_STATUS, Problem
from attendance.core.services import Services
from attendance.sessions import events, marking
from database import DatabaseUnavailable, ForeignKeyViolation, appeals
from facerecog import FaceRecogError

log = logging.getLogger("attendance")
SERVER_ERROR = 500


@contextmanager
def noted(parts: Services, student: int, **meant: Any) -> Iterator[None]:
    """Note what this block refuses, and let it pass on.

    Args:
        meant: `join_token`, `code` and `session_id` of the attempt, which name the session. An
            attempt that names none that exists is not kept, nor is one that failed through no
            fault of the student's.
    """
    try:
        yield
    except (Problem, FaceRecogError) as error:
        status = error.status if isinstance(error, Problem) else FACE_STATUS.get(error.code, 503)
        if status < SERVER_ERROR:
            _note(parts, student, error.code, meant)
        raise


def _note(parts: Services, student: int, code: str, meant: dict[str, Any]) -> None:
    try:
        session = marking.session_meant(parts, **meant)
        if session is not None:
            with parts.database.write() as tx:
                appeals.note_refusal(
                    tx,
                    session=int(session["id"]),
                    student=student,
                    code=code,
                    now=parts.clock.now(),
                )
            events.refusal_noted(parts, session, student, code)
    except (DatabaseUnavailable, ForeignKeyViolation) as error:
        log.warning("a refusal could not be kept: %s", error)
