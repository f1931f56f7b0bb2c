"""Incidents that rules about absences found, and the notices that are sent of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from database import leases
from database.core import Row, Transaction
from database.filters import where

_FULL = """
    SELECT notices.id, notices.incident, notices.step, notices.whom, notices.guardian,
           notices.state, notices.due_at, notices.attempts, notices.error, notices.sent_at,
           incidents.rule, incidents.student, incidents.course, incidents.day, incidents.found,
           incidents.began_at, students.name, students.student_id, students.email,
           courses.name AS course_name, courses.section, courses.code, courses.timezone,
           courses.teacher, teachers.name AS teacher_name, teachers.email AS teacher_email,
           teachers.state AS teacher_state, guardians.name AS guardian_name,
           guardians.email AS guardian_email, guardians.language,
           tutors.teacher AS tutor, tutoring.name AS tutor_name, tutoring.email AS tutor_email,
           tutoring.state AS tutor_state
    FROM notices JOIN incidents ON incidents.id = notices.incident
    JOIN students ON students.id = incidents.student
    JOIN courses ON courses.id = incidents.course
    JOIN teachers ON teachers.id = courses.teacher
    LEFT JOIN guardians ON guardians.id = notices.guardian
    LEFT JOIN tutors ON tutors.student = incidents.student
    LEFT JOIN teachers tutoring ON tutoring.id = tutors.teacher
"""


def live_in(tx: Transaction, course: int) -> list[Row]:
    """The incidents of a course that go on."""
    return tx.all(
        """
        SELECT id, rule, student, day, began_at FROM incidents
        WHERE course = :course AND live = 1 ORDER BY id
        """,
        course=course,
    )


def begin(
    tx: Transaction, *, rule: int, student: int, course: int, day: str, found: str, now: datetime
) -> int:
    """Write an incident down."""
    return tx.insert(
        """
        INSERT INTO incidents (rule, student, course, day, found, began_at, live)
        VALUES (:rule, :student, :course, :day, :found, :now, 1)
        """,
        rule=rule,
        student=student,
        course=course,
        day=day,
        found=found,
        now=now,
    )


def queue(tx: Transaction, rows: list[Row]) -> None:
    """Queue notices: `incident`, `step`, `whom`, `guardian`, `due_at` of each."""
    tx.insert_many(
        """
        INSERT INTO notices (incident, step, whom, guardian, state, due_at)
        VALUES (:incident, :step, :whom, :guardian, 'pending', :due_at)
        """,
        rows,
    )


def end(tx: Transaction, incidents: Sequence[int], now: datetime) -> None:
    """These are over: what was not sent of them is sent no more."""
    if not incidents:
        return
    tx.execute(
        "UPDATE incidents SET live = NULL, ended_at = :now WHERE id IN :incidents AND live = 1",
        incidents=list(incidents),
        now=now,
    )
    tx.execute(
        """
        UPDATE notices SET state = 'cancelled', due_at = NULL
        WHERE incident IN :incidents AND state IN ('pending', 'held')
        """,
        incidents=list(incidents),
    )


def live_of_rule(tx: Transaction, rule: int) -> list[int]:
    """The incidents of a rule that go on."""
    rows = tx.all("SELECT id FROM incidents WHERE rule = :rule AND live = 1", rule=rule)
    return [int(row["id"]) for row in rows]


def any_due(tx: Transaction, now: datetime) -> bool:
    """Whether a notice is to be sent."""
    found = tx.scalar(
        "SELECT 1 FROM notices WHERE state = 'pending' AND due_at <= :now LIMIT 1", now=now
    )
    return found is not None


def of_the_hour(tx: Transaction, since: datetime, until: datetime) -> list[Row]:
    """Notices that were sent since then, or are due until then, and that nobody confirmed."""
    return tx.all(
        f"""
        {_FULL} WHERE notices.confirmed = 0 AND (
            (notices.state = 'pending' AND notices.due_at <= :until)
            OR (notices.state = 'sent' AND notices.sent_at >= :since))
        ORDER BY notices.id
        """,
        since=since,
        until=until,
    )


def hold(tx: Transaction, notices: list[int]) -> None:
    """Let these wait until somebody confirms them."""
    tx.execute(
        "UPDATE notices SET state = 'held' WHERE id IN :notices AND state = 'pending'",
        notices=notices,
    )


def held(tx: Transaction) -> dict[int, int]:
    """How many notices of which rule wait to be confirmed."""
    rows = tx.all(
        """
        SELECT incidents.rule, COUNT(*) AS n
        FROM notices JOIN incidents ON incidents.id = notices.incident
        WHERE notices.state = 'held' GROUP BY incidents.rule
        """
    )
    return {int(row["rule"]): int(row["n"]) for row in rows}


def release(tx: Transaction, rule: int, *, send: bool) -> int:
    """Send what waits to be confirmed, or let it be; returns how many that were."""
    return tx.execute(
        """
        UPDATE notices SET state = :state, confirmed = 1
        WHERE state = 'held' AND incident IN (SELECT id FROM incidents WHERE rule = :rule)
        """,
        state="pending" if send else "cancelled",
        rule=rule,
    )


def claim(tx: Transaction, now: datetime, lease_until: datetime, limit: int) -> list[Row]:
    """Take some notices that are due; nobody else takes them until `lease_until`."""
    return leases.take(
        tx,
        f"""
        {_FULL} WHERE notices.state = 'pending' AND notices.due_at <= :now
        ORDER BY notices.due_at, notices.id LIMIT :limit
        """,
        """
        UPDATE notices SET due_at = :lease_until
        WHERE id = :id AND state = 'pending' AND due_at <= :now
        """,
        now=now,
        lease_until=lease_until,
        limit=limit,
    )


def put_off(tx: Transaction, notices: list[int], until: datetime) -> None:
    """Send these later."""
    tx.execute(
        "UPDATE notices SET due_at = :until WHERE id IN :notices AND state = 'pending'",
        notices=notices,
        until=until,
    )


def record(
    tx: Transaction,
    notices: list[int],
    *,
    state: str,
    error: str | None,
    due_at: datetime | None,
    sent_at: datetime | None,
) -> None:
    """Write how an attempt ended; what was taken back meanwhile stays so, unless it was sent."""
    tx.execute(
        """
        UPDATE notices SET state = :state, attempts = attempts + 1, error = :error,
                           due_at = :due_at, sent_at = :sent_at
        WHERE id IN :notices AND (state = 'pending' OR :state = 'sent')
        """,
        notices=notices,
        state=state,
        error=error,
        due_at=due_at,
        sent_at=sent_at,
    )


def by_id(tx: Transaction, notice: int) -> Row | None:
    """The notice with all that a message says, or None."""
    return tx.one(f"{_FULL} WHERE notices.id = :id", id=notice)


def history(tx: Transaction, *, before: int | None, limit: int) -> list[Row]:
    """Incidents, newest first, older than the one `before`."""
    clause, params = where(("incidents.id < :before", {"before": before}))
    return tx.all(
        f"""
        SELECT incidents.id, incidents.rule, notice_rules.name AS rule_name, notice_rules.kind,
               notice_rules.days, incidents.day, incidents.found, incidents.began_at,
               incidents.ended_at, incidents.student, students.name, students.student_id,
               courses.id AS course, courses.code, courses.name AS course_name, courses.section
        FROM incidents JOIN notice_rules ON notice_rules.id = incidents.rule
        JOIN students ON students.id = incidents.student
        JOIN courses ON courses.id = incidents.course
        {clause} ORDER BY incidents.id DESC LIMIT :limit
        """,
        **params,
        limit=limit,
    )


def of_incidents(tx: Transaction, incidents: list[int]) -> list[Row]:
    """The notices of these incidents, in the order of their steps."""
    return tx.all(
        f"{_FULL} WHERE notices.incident IN :incidents ORDER BY notices.step, notices.id",
        incidents=incidents,
    )
