"""Judging the courses in which something has changed: incidents begin, and end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attendance.core.roles import ACTIVE
from attendance.core.services import Services
from attendance.courses import percentages
from attendance.notices import judging
from attendance.notices.judging import Attended
from database import Row, Transaction, courses, guardians, notice_checks, notice_rules, notices
from database import reports as stored
from database.rows import CourseRow

COURSES_AT_ONCE = 20
STUDENTS_AT_ONCE = 50
STUDENT, TEACHER, TUTOR = "student", "teacher", "tutor"
GUARDIAN, WEBHOOK = "guardian", "webhook"


def check_waiting(parts: Services) -> int:
    """Judge some of the courses in which something has changed; returns how many."""
    with parts.database.read() as tx:
        waiting = notice_checks.waiting(tx, COURSES_AT_ONCE)
    for course in waiting:
        parts.database.run(lambda tx, course=course: _check(parts, tx, course))  # type: ignore[misc]
    return len(waiting)


def attended(
    tx: Transaction, course: CourseRow, now: datetime, least: int
) -> Iterator[tuple[Row, Attended]]:
    """Each student of the course, and what a rule judges of him or her."""
    number, zone = int(course["id"]), course["timezone"]
    definitions = percentages.definitions_of(course)
    began = {
        int(row["id"]): row["started_at"]
        for row in stored.sessions_of(tx, number, begins_at=None, ends_at=None)
    }
    explained: dict[int, list[tuple[str, str]]] = {}
    for student, first, last in notice_checks.explanations(tx, number):
        explained.setdefault(student, []).append((first, last))
    after = ("", "")
    while batch := stored.students_after(tx, number, after, STUDENTS_AT_ONCE):
        after = (batch[-1]["sort_key"], batch[-1]["student_id"])
        held: dict[int, list[tuple[datetime, str]]] = {int(row["id"]): [] for row in batch}
        for student, session, status, meaning, _ in stored.statuses(
            tx, number, list(held), now, begins_at=None, ends_at=None
        ):
            counted = percentages.counted_as(status, meaning)
            held[student].append((began[session], counted))
        for row in batch:
            student = int(row["id"])
            yield (
                row,
                Attended(zone, definitions, held[student], explained.get(student, ()), least),
            )


def people_of(
    steps: list[Row],
    student: Row,
    course: CourseRow,
    known: dict[int, list[int]],
    tutor: int | None,
) -> set[tuple[str, int]]:
    """To whom the steps would write about a student: the kind of person, and the id.

    A tutor is a teacher, who may be the course's own.
    """
    number = int(student["id"])
    people: set[tuple[str, int]] = set()
    for step in steps:
        if STUDENT in step["whom"] and student["email"]:
            people.add((STUDENT, number))
        if TEACHER in step["whom"]:
            people.add((TEACHER, int(course["teacher"])))
        if TUTOR in step["whom"] and tutor is not None:
            people.add((TEACHER, tutor))
        if GUARDIAN in step["whom"]:
            people.update((GUARDIAN, guardian) for guardian in known.get(number, ()))
    return people


def _check(parts: Services, tx: Transaction, number: int) -> None:
    courses.lock(tx, number)
    course = courses.by_id(tx, number)
    if not notice_checks.take(tx, number) or course is None:
        return
    now = parts.clock.now()
    rules = [] if course["archived_at"] is not None else notice_rules.every(tx, enabled=True)
    live: dict[tuple[int, int], list[Row]] = {}
    for incident in notices.live_in(tx, number):
        live.setdefault((int(incident["rule"]), int(incident["student"])), []).append(incident)
    over: list[int] = []
    for student, one in attended(tx, course, now, parts.settings.risk_after_sessions):
        for rule in rules:
            known = live.pop((int(rule["id"]), int(student["id"])), [])
            over += [
                int(incident["id"])
                for incident in known
                if judging.finding(rule, one, incident["day"], now) is None
            ]
            day = judging.day_of(rule, now, course["timezone"])
            found = judging.finding(rule, one, day, now)
            if found is not None and day not in {incident["day"] for incident in known}:
                _begin(tx, rule, student, course, day, found, now)
    # of rules that are off, and of students who left
    over += [int(incident["id"]) for rest in live.values() for incident in rest]
    notices.end(tx, over, now)


def _begin(
    tx: Transaction,
    rule: Row,
    student: Row,
    course: CourseRow,
    day: str,
    found: str,
    now: datetime,
) -> None:
    number = int(student["id"])
    incident = notices.begin(
        tx, rule=rule["id"], student=number, course=int(course["id"]), day=day, found=found, now=now
    )
    known = guardians.of_students(tx, [number]).get(number, [])
    rows = []
    for position, step in enumerate(rule["steps"]):
        due_at = now + timedelta(minutes=rule["hold_minutes"], hours=step["after_hours"])
        for whom in step["whom"]:
            to: list[int | None] = list(known) if whom == GUARDIAN else [None]
            rows += [
                {
                    "incident": incident,
                    "step": position,
                    "whom": whom,
                    "guardian": guardian,
                    "due_at": due_at,
                }
                for guardian in to
            ]
    notices.queue(tx, rows)


def address_of(notice: Row) -> str | None:
    """Where a notice goes; None: nowhere."""
    if notice["whom"] == GUARDIAN:
        return str(notice["guardian_email"]) if notice["guardian_email"] else None
    if notice["whom"] == TUTOR:
        return str(notice["tutor_email"]) if notice["tutor_state"] == ACTIVE else None
    if notice["whom"] == TEACHER:
        return str(notice["teacher_email"]) if notice["teacher_state"] == ACTIVE else None
    return str(notice["email"]) if notice["email"] else None
