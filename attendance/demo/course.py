"""The demonstration's course: invented classmates and some weeks of sessions to look at."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from attendance.core import codes, statuses
from database import Transaction, courses, marks, sessions, students

CLASSMATES = (
    *("Amara Okafor", "Anton Weiss", "Chiara Romano", "Dilan Kaya", "Elif Demir", "Emma Larsen"),
    *("Felix Brandt", "Hana Suzuki", "Ines Moreau", "Jakub Nowak", "Kofi Mensah", "Lea Fischer"),
    *("Mateo Silva", "Nadia Rahimi", "Oskar Lind", "Priya Nair", "Sofia Costa", "Yusuf Hassan"),
)
FIRST_NUMBER = 101
WEEKS = 5
LESSONS = (timedelta(days=5), timedelta(days=2))  # before the end of each week
LENGTH = timedelta(minutes=45)
# How likely each standing is, for most and for the few whom a report shall find.
STANDINGS = (statuses.PRESENT, statuses.LATE, statuses.EXCUSED, None)
USUALLY = (86, 6, 3, 5)
SELDOM = (45, 10, 0, 45)
FEW = 3


def make_course(tx: Transaction, teacher: int, known: list[int], now: datetime) -> int:
    """A course with the `known` students and invented classmates, and ten sessions held."""
    begun = now - timedelta(weeks=WEEKS)
    course = courses.create(
        tx,
        teacher=teacher,
        code="MATH-1",
        name="Mathematics",
        section="10 B",
        description=None,
        timezone="UTC",
        join_code=codes.new_code(),
        now=begun,
    )
    classmates = [
        int(
            students.create(
                tx,
                student_id=f"S{FIRST_NUMBER + position}",
                name=name,
                email=f"{name.split()[0].lower()}@demo.example",
                password_hash=None,
                course=None,
                now=begun,
            )["id"]
        )
        for position, name in enumerate(CLASSMATES)
    ]
    for student in (*known, *classmates):
        courses.enrol(tx, course, student, begun)
    dice = random.Random(1)  # noqa: S311  # the same class every time
    for week in range(WEEKS, 0, -1):
        for before in LESSONS:
            start = now - timedelta(weeks=week - 1) - before
            _hold(tx, teacher, course, [*known, *classmates], start, dice)
    return course


def _hold(
    tx: Transaction,
    teacher: int,
    course: int,
    everybody: list[int],
    start: datetime,
    dice: random.Random,
) -> None:
    row = sessions.create(
        tx,
        teacher=teacher,
        course=course,
        subject="Mathematics",
        section="10 B",
        code=codes.new_code(),
        late_after_minutes=10,
        now=start,
        closes_at=None,
    )
    session = int(row["id"])
    for student in everybody:
        often = SELDOM if student in everybody[-FEW:] else USUALLY
        [status] = dice.choices(STANDINGS, often)
        if status is None:
            continue
        came = start + timedelta(seconds=dice.randint(20, 500))
        marks.add(
            tx,
            session=session,
            student=student,
            status=status,
            method=statuses.MANUAL if status == statuses.EXCUSED else statuses.QR_FACE,
            distance=None,
            now=came + (timedelta(minutes=9) if status == statuses.LATE else timedelta()),
        )
    sessions.end(tx, session, start + LENGTH)
