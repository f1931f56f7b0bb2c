"""How often somebody is told that a face is another student's.

Whoever enrols one photograph after the other learns who of them is a student here. So these answers
are counted, and stand in the audit log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attendance.core.audit import By
from attendance.core.errors import FaceTaken
from attendance.core.services import Services


@contextmanager
def counted(parts: Services, by: By) -> Iterator[None]:
    """An enrolment or registration by this account.

    Raises:
        TooManyAttempts: the account was told too often within an hour.
        FaceTaken: as within the block.
    """
    per_hour = parts.settings.face_taken_per_hour
    parts.attempts.require_unspent("face taken", by.actor, per_hour)
    try:
        yield
    except FaceTaken:
        parts.attempts.note_failure("face taken", by.actor, per_hour)
        with parts.database.write() as tx:
            by.note(tx, parts.clock.now(), "face.taken", by.actor)
        raise
