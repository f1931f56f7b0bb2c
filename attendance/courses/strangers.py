"""Students of whom a teacher knows the school's number only.

A teacher may enrol any number and mark it by hand, and sees then whose it is: that is what lists
are for, and how a wrong number is noticed. So that nobody reads the whole school like this, such
students are counted, and each stands in the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable

from attendance.accounts.guard import Account
from attendance.core.services import Services
from database import Transaction, courses

PURPOSE = "stranger"


def meet(parts: Services, tx: Transaction, account: Account, students: Iterable[int]) -> None:
    """Count those of the students (own ids) whom the teacher has in no course.

    Raises:
        TooManyAttempts: more than an hour's share of them.
    """
    if account.is_admin:
        return
    familiar = courses.taught_by(tx, account.id)
    for student in students:
        if student not in familiar:
            count(parts, account.name)


def count(parts: Services, account: str) -> None:
    """Count one more. Raises `TooManyAttempts`."""
    per_hour = parts.settings.unknown_students_per_hour
    parts.attempts.require_unspent(PURPOSE, account, per_hour)
    parts.attempts.note_failure(PURPOSE, account, per_hour)
