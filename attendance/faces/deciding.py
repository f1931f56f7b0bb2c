"""Who may say whose face it is that waits."""

from __future__ import annotations

from datetime import datetime

from attendance.core.errors import EnrolmentNotFound, found
from database import Transaction, proposals


def to_be_decided_by(tx: Transaction, proposal: int, teacher: int | None, now: datetime) -> int:
    """Whose enrolment it is (table id), if this teacher, or (None) an administrator, may decide.

    Raises:
        EnrolmentNotFound
    """
    student = found(proposals.student_of(tx, proposal), EnrolmentNotFound)
    if teacher is not None and not proposals.is_for(tx, student, teacher, now):
        raise EnrolmentNotFound
    return student
