"""Rules about absences as administrators keep them, and guardians."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attendance.accounts.administration import existing_student
from attendance.core.audit import By
from attendance.core.errors import (
    GuardianKnown,
    GuardianNotFound,
    NothingHeld,
    NoticeRuleNotFound,
    StudentNotFound,
    found,
)
from attendance.core.services import Services
from attendance.notices import checking, judging, presenting
from database import (
    ForeignKeyViolation,
    Row,
    Transaction,
    UniqueViolation,
    consents,
    courses,
    guardians,
    notice_rules,
    notices,
    tutors,
)

MOST_EXAMPLES = 8


def listed(tx: Transaction) -> list[Row]:
    """Every rule as it is shown."""
    held = notices.held(tx)
    return [presenting.rule(row, held.get(int(row["id"]), 0)) for row in notice_rules.every(tx)]


def add(parts: Services, values: dict[str, Any], by: By) -> Row:
    """A new rule. What it finds from now on is told; nothing is told of what was before."""
    with parts.database.write() as tx:
        now = parts.clock.now()
        rule = notice_rules.create(tx, values, now)
        by.note(tx, now, "notice_rule.create", f"notice_rule:{rule}", new=values)
        return _shown(tx, rule)


def change(parts: Services, rule: int, values: dict[str, Any], by: By) -> Row:
    """Give a rule other values. What it has found is over where it now looks for something else,
    or is switched off.

    Raises:
        NoticeRuleNotFound
    """
    with parts.database.write() as tx:
        old = _existing(tx, rule)
        now = parts.clock.now()
        notice_rules.change(tx, rule, values)
        judged = ("kind", "amount", "days")
        if not values["enabled"] or any(old[name] != values[name] for name in judged):
            notices.end(tx, notices.live_of_rule(tx, rule), now)
        before = {name: old[name] for name in notice_rules.FIELDS}
        by.note(tx, now, "notice_rule.change", f"notice_rule:{rule}", old=before, new=values)
        return _shown(tx, rule)


def delete(parts: Services, rule: int, by: By) -> None:
    """Remove a rule with what it found. Raises `NoticeRuleNotFound`."""
    with parts.database.write() as tx:
        old = _existing(tx, rule)
        notice_rules.delete(tx, rule)
        by.note(
            tx,
            parts.clock.now(),
            "notice_rule.delete",
            f"notice_rule:{rule}",
            old={name: old[name] for name in notice_rules.FIELDS},
        )


def release(parts: Services, rule: int, *, send: bool, by: By) -> int:
    """Send what waits to be confirmed, or give it up; returns how many messages.

    Raises:
        NoticeRuleNotFound, NothingHeld
    """
    with parts.database.write() as tx:
        _existing(tx, rule)
        released = notices.release(tx, rule, send=send)
        if not released:
            raise NothingHeld
        action = "notice_rule.confirm" if send else "notice_rule.refuse"
        new = {"messages": released}
        by.note(tx, parts.clock.now(), action, f"notice_rule:{rule}", new=new)
    return released


def trial(parts: Services, values: dict[str, Any]) -> Row:
    """To whom a rule of these values would write, if it were new today. Nothing is kept."""
    now = parts.clock.now()
    people: set[tuple[str, int]] = set()
    students: dict[int, str] = {}
    reached: set[int] = set()
    with parts.database.read() as tx:
        for course in courses.that_go_on(tx):
            for student, one in checking.attended(
                tx, course, now, parts.settings.risk_after_sessions
            ):
                day = judging.day_of(values, now, course["timezone"])
                if judging.finding(values, one, day, now) is None:
                    continue
                number = int(student["id"])
                students[number] = student["name"]
                known = guardians.of_students(tx, [number])
                tutor = tutors.of(tx, number)
                told = checking.people_of(
                    values["steps"], student, course, known, int(tutor["id"]) if tutor else None
                )
                people |= told
                if told:
                    reached.add(number)
    return {
        "students": len(students),
        "people": len(people),
        "by": dict(Counter(whom for whom, _ in people)),
        "without_address": len(students) - len(reached),
        "held": len(people) > values["most_people"],
        "examples": list(students.values())[:MOST_EXAMPLES],
    }


def incidents(tx: Transaction, *, before: int | None, limit: int) -> tuple[list[Row], int | None]:
    """What rules found, newest first, and where the next page begins."""
    rows = notices.history(tx, before=before, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    sent: dict[int, list[Row]] = {int(row["id"]): [] for row in rows}
    for notice in notices.of_incidents(tx, list(sent)) if rows else []:
        sent[int(notice["incident"])].append(notice)
    shown = [presenting.incident(row, sent[int(row["id"])]) for row in rows]
    return shown, shown[-1]["id"] if more else None


# -- guardians


def add_guardian(parts: Services, student: int, values: dict[str, Any], by: By) -> Row:
    """Add a guardian to a student.

    Raises:
        StudentNotFound, GuardianKnown
    """
    now = parts.clock.now()
    try:
        with parts.database.write() as tx:
            existing_student(tx, student)
            guardian = guardians.add(tx, student=student, **values, now=now)
            by.note(tx, now, "guardian.add", f"student:{student}", new=values)
            return found(guardians.by_id(tx, guardian), GuardianNotFound)
    except UniqueViolation:
        raise GuardianKnown from None
    except ForeignKeyViolation:
        raise StudentNotFound from None


def set_minor(parts: Services, student: int, minor: bool, by: By) -> None:
    """Say whether a student's consent is a guardian's. Raises `StudentNotFound`."""
    now = parts.clock.now()
    with parts.database.write() as tx:
        existing_student(tx, student)
        old = consents.is_minor(tx, student)
        consents.set_minor(tx, student, minor, now)
        if old != minor:
            by.note(tx, now, "student.minor", f"student:{student}", old=old, new=minor)


def delete_guardian(parts: Services, student: int, guardian: int, by: By) -> None:
    """Remove a guardian of a student. Raises `GuardianNotFound`."""
    with parts.database.write() as tx:
        row = found(guardians.by_id(tx, guardian), GuardianNotFound)
        if row["student"] != student:
            raise GuardianNotFound
        guardians.delete(tx, guardian)
        old = {name: row[name] for name in ("name", "email", "language")}
        by.note(tx, parts.clock.now(), "guardian.remove", f"student:{student}", old=old)


def _existing(tx: Transaction, rule: int) -> Row:
    return found(notice_rules.by_id(tx, rule), NoticeRuleNotFound)


def _shown(tx: Transaction, rule: int) -> Row:
    return presenting.rule(_existing(tx, rule), notices.held(tx).get(rule, 0))
