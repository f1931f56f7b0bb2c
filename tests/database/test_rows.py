"""What the typed rows promise is what their SELECTs yield."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from database import Database, courses, marks, rows, sessions, students, teachers
from tests.database.conftest import NOW

pytestmark = pytest.mark.any_database


@pytest.fixture
def school(database: Database) -> Database:
    """One of each: a teacher, a student in a course, a session with a mark."""
    with database.write() as tx:
        teachers.create(
            tx,
            name="Grace",
            email="grace@school.example",
            password_hash="-",
            department=None,
            open_sign_up=True,
            now=NOW,
        )
        students.create(
            tx,
            student_id="S1",
            name="Ada",
            email="ada@school.example",
            password_hash=None,
            course=None,
            now=NOW,
        )
        courses.create(
            tx,
            teacher=1,
            code="M",
            name="Mathematics",
            section=None,
            description=None,
            timezone="UTC",
            join_code="ABCDEF",
            now=NOW,
        )
        courses.enrol(tx, 1, 1, NOW)
        sessions.create(
            tx,
            teacher=1,
            course=1,
            subject="Mathematics",
            section=None,
            code="CODE42",
            late_after_minutes=None,
            now=NOW,
            closes_at=NOW + timedelta(hours=1),
        )
        marks.add(tx, session=1, student=1, status="present", method="code", distance=0.25, now=NOW)
    return database


READS: list[tuple[type[Any], typing.Callable[[Any], Mapping[str, Any] | None]]] = [
    (rows.SessionRow, lambda tx: sessions.by_id(tx, 1)),
    (rows.SessionRow, lambda tx: sessions.by_id_locked(tx, 1)),
    (rows.SessionRow, lambda tx: sessions.by_code(tx, "CODE42")),
    (
        rows.CountedSessionRow,
        lambda tx: sessions.of_teacher(tx, 1, as_of=NOW, limit=1, offset=0)[0][0],
    ),
    (rows.SessionRow, lambda tx: sessions.open_of_course(tx, 1, NOW)),
    (rows.ListedSessionRow, lambda tx: sessions.page(tx, teacher=1, limit=1, offset=0)[0][0]),
    (rows.LiveSessionRow, lambda tx: sessions.live_for(tx, 1, NOW, limit=1)[0]),
    (rows.CourseRow, lambda tx: courses.by_id(tx, 1)),
    (rows.CourseRow, lambda tx: courses.by_join_code(tx, "ABCDEF")),
    (rows.CourseRow, lambda tx: courses.of_teacher(tx, 1, NOW)[0]),
    (rows.AttendedCourseRow, lambda tx: courses.attended_by(tx, 1)[0]),
    (rows.CourseStudentRow, lambda tx: courses.students_of(tx, 1)[0]),
    (rows.CourseStudentRow, lambda tx: courses.student_of(tx, 1, 1)),
    (rows.StudentRow, lambda tx: students.by_id(tx, 1)),
    (rows.StudentRow, lambda tx: students.by_email(tx, "ada@school.example")),
    (rows.StudentRow, lambda tx: students.by_student_id(tx, "S1")),
    (rows.StudentRow, lambda tx: students.search(tx, text=None, limit=1, offset=0)[0][0]),
    (rows.StudentRow, lambda tx: students.of_numbers_or_emails(tx, ["S1"], [])[0]),
    (rows.TeacherRow, lambda tx: teachers.by_id(tx, 1)),
    (rows.TeacherRow, lambda tx: teachers.by_email(tx, "grace@school.example")),
    (
        rows.ListedTeacherRow,
        lambda tx: teachers.search(tx, state=None, text=None, limit=1, offset=0)[0][0],
    ),
    (rows.MarkRow, lambda tx: marks.of_student_in(tx, session=1, student=1)),
    (rows.MarkRow, lambda tx: marks.of_session(tx, 1, NOW)[0]),
]


def test_each_select_yields_the_columns_that_its_row_names(school: Database) -> None:
    with school.read() as tx:
        for kind, read in READS:
            _agrees(kind, read(tx))


def test_a_discarded_session_has_the_columns_that_its_row_names(school: Database) -> None:
    with school.write() as tx:
        sessions.discard(tx, 1, NOW)
        _agrees(rows.DiscardedSessionRow, sessions.discarded(tx, 1))


def test_every_row_that_is_named_is_compared() -> None:
    named = {
        value
        for value in vars(rows).values()
        if isinstance(value, type) and value.__module__ == rows.__name__
    }

    assert named == {kind for kind, _ in READS} | {rows.DiscardedSessionRow}


def _agrees(kind: type[Any], row: Mapping[str, Any] | None) -> None:
    promised = typing.get_type_hints(kind)
    assert row is not None
    assert row.keys() == promised.keys(), kind
    for name, value in row.items():
        allowed = typing.get_args(promised[name]) or (promised[name],)
        assert isinstance(value, allowed), (kind, name, value)
        assert not isinstance(value, datetime) or value.tzinfo is not None
