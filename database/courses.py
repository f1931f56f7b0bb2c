"""Courses and who is enrolled in them."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from database import staff
from database.core import Row, Transaction, UniqueViolation
from database.filters import count, where
from database.rows import AttendedCourseRow, CourseRow, CourseStudentRow

_COLUMNS = """
    courses.id, courses.teacher, courses.code, courses.name, courses.section,
    courses.description, courses.timezone, courses.join_code, courses.archived_at,
    courses.created_at, courses.late_counts, courses.excused_counts_as, courses.min_percentage,
    courses.max_absences, courses.absences_in_row, courses.check_in,
    (SELECT COUNT(*) FROM enrolments WHERE enrolments.course = courses.id) AS students
"""
_STUDENTS = """
    SELECT students.id, students.student_id, students.name, students.family_name, students.email,
           enrolments.enrolled_at,
           CASE WHEN students.password_hash IS NULL THEN 0 ELSE 1 END AS has_password,
           (SELECT COUNT(*) FROM face_templates
            WHERE face_templates.student = students.id) AS templates,
           students.face_changed_at
    FROM enrolments JOIN students ON students.id = enrolments.student
    WHERE enrolments.course = :course
"""
# Who was out of a course for so long or less was never out of it, as far as is counted.
COMES_BACK = timedelta(days=30)
# What a teacher may change.
CHANGEABLE = (
    "code",
    "name",
    "section",
    "description",
    "timezone",
    "late_counts",
    "excused_counts_as",
    "min_percentage",
    "max_absences",
    "absences_in_row",
    "check_in",
)


def create(
    tx: Transaction,
    *,
    teacher: int,
    code: str,
    name: str,
    section: str | None,
    description: str | None,
    timezone: str,
    join_code: str,
    now: datetime,
) -> int:
    """Add a course and return its id.

    Raises:
        UniqueViolation: another course has the join code.
    """
    return tx.insert(
        """
        INSERT INTO courses (teacher, code, name, section, description, timezone, join_code,
                             created_at)
        VALUES (:teacher, :code, :name, :section, :description, :timezone, :join_code, :now)
        """,
        teacher=teacher,
        code=code,
        name=name,
        section=section,
        description=description,
        timezone=timezone,
        join_code=join_code,
        now=now,
    )


def by_id(tx: Transaction, course: int) -> CourseRow | None:
    """The course with this id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM courses WHERE id = :id", CourseRow, id=course)


def by_join_code(tx: Transaction, join_code: str) -> CourseRow | None:
    """The course with this (normalised) join code, or None."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM courses WHERE join_code = :code", CourseRow, code=join_code
    )


def of_teacher(tx: Transaction, teacher: int, now: datetime) -> list[CourseRow]:
    """The courses that the teacher has or helps in, the archived ones last, by code."""
    return tx.all(
        f"""
        SELECT {_COLUMNS} FROM courses WHERE courses.id IN ({staff.COURSES})
        ORDER BY CASE WHEN archived_at IS NULL THEN 0 ELSE 1 END, code, section, id
        """,
        CourseRow,
        teacher=teacher,
        as_of=now,
    )


def that_go_on(tx: Transaction) -> list[CourseRow]:
    """Every course that is not archived."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM courses WHERE archived_at IS NULL ORDER BY id", CourseRow
    )


def attended_by(tx: Transaction, student: int) -> list[AttendedCourseRow]:
    """The courses that the student is enrolled in, the archived ones last, by code."""
    return tx.all(
        f"""
        SELECT {_COLUMNS}, enrolments.enrolled_at
        FROM enrolments JOIN courses ON courses.id = enrolments.course
        WHERE enrolments.student = :student
        ORDER BY CASE WHEN archived_at IS NULL THEN 0 ELSE 1 END, code, section, courses.id
        """,
        AttendedCourseRow,
        student=student,
    )


def update(tx: Transaction, course: int, row: Row) -> None:
    """Store what a teacher may change, from a row that has all of it."""
    settings = ", ".join(f"{name} = :{name}" for name in CHANGEABLE)
    tx.execute(
        f"UPDATE courses SET {settings} WHERE id = :id",
        id=course,
        **{name: row[name] for name in CHANGEABLE},
    )


def set_archived(tx: Transaction, course: int, archived_at: datetime | None) -> None:
    """Archive the course, or (None) take it back into use."""
    tx.execute(
        "UPDATE courses SET archived_at = :archived_at WHERE id = :id",
        archived_at=archived_at,
        id=course,
    )


def set_join_code(tx: Transaction, course: int, join_code: str) -> None:
    """Replace the join code.

    Raises:
        UniqueViolation: another course has it; the transaction goes on.
    """
    with tx.savepoint():
        tx.execute(
            "UPDATE courses SET join_code = :join_code WHERE id = :id",
            join_code=join_code,
            id=course,
        )


def lock(tx: Transaction, course: int) -> None:
    """Take the course's turn: who opens a session in it comes after whoever has it, until the
    commit."""
    tx.one(f"SELECT id FROM courses WHERE id = :id {tx.update_lock}", id=course)


def delete(tx: Transaction, course: int) -> None:
    """Delete a course, its enrolments, plans and excuses, and what was discarded of its sessions.

    Raises:
        ForeignKeyViolation: sessions belong to it.
    """
    tx.execute("DELETE FROM sessions WHERE course = :id AND discarded_at IS NOT NULL", id=course)
    tx.execute("DELETE FROM courses WHERE id = :id", id=course)


def enrol(tx: Transaction, course: int, student: int, now: datetime) -> bool:
    """Enrol the student; False if he or she was in the course already.

    Raises:
        ForeignKeyViolation: the student or course is gone.
    """
    with suppress(UniqueViolation):
        tx.insert_row(
            """
            INSERT INTO enrolments (course, student, enrolled_at)
            VALUES (:course, :student, :now)
            """,
            course=course,
            student=student,
            now=_in_course_since(tx, course, student, now),
        )
        return True
    return False


def _in_course_since(tx: Transaction, course: int, student: int, now: datetime) -> datetime:
    """Since when somebody who comes into the course is in it: whoever left it a short while ago
    goes on, with what was missed meanwhile."""
    before = tx.one(
        """
        SELECT enrolled_at FROM former_enrolments
        WHERE course = :course AND student = :student AND left_at >= :since
        """,
        course=course,
        student=student,
        since=now - COMES_BACK,
    )
    return now if before is None else before["enrolled_at"]


def enrol_many(tx: Transaction, course: int, students: list[int], now: datetime) -> None:
    """Enrol students who are not in the course.

    Raises:
        UniqueViolation: one of them is.
        ForeignKeyViolation: one of them, or the course, is gone.
    """
    before = {
        int(row["student"]): row["enrolled_at"]
        for row in tx.all(
            """
            SELECT student, enrolled_at FROM former_enrolments
            WHERE course = :course AND left_at >= :since
            """,
            course=course,
            since=now - COMES_BACK,
        )
    }
    tx.insert_many(
        "INSERT INTO enrolments (course, student, enrolled_at) VALUES (:course, :student, :since)",
        [
            {"course": course, "student": student, "since": before.get(student, now)}
            for student in students
        ],
    )


def remove(tx: Transaction, course: int, student: int, now: datetime) -> bool:
    """End the enrolment; False if there was none. Marks and history stay, and for a while is known
    since when the student was in the course."""
    tx.execute(
        "DELETE FROM former_enrolments WHERE course = :course AND student = :student",
        course=course,
        student=student,
    )
    tx.execute(
        """
        INSERT INTO former_enrolments (course, student, enrolled_at, left_at)
        SELECT course, student, enrolled_at, :now FROM enrolments
        WHERE course = :course AND student = :student
        """,
        course=course,
        student=student,
        now=now,
    )
    touched = tx.execute(
        "DELETE FROM enrolments WHERE course = :course AND student = :student",
        course=course,
        student=student,
    )
    return touched > 0


def students_of(tx: Transaction, course: int) -> list[CourseStudentRow]:
    """The students of the course in order, with `templates` and `has_password`."""
    return tx.all(
        f"{_STUDENTS} ORDER BY students.sort_key, students.student_id",
        CourseStudentRow,
        course=course,
    )


def student_of(tx: Transaction, course: int, student: int) -> CourseStudentRow | None:
    """One line of `students_of`, or None if the student is not in the course."""
    return tx.one(
        f"{_STUDENTS} AND students.id = :student", CourseStudentRow, course=course, student=student
    )


def is_enrolled(tx: Transaction, course: int, student: int) -> bool:
    """Whether the student is in the course."""
    found = tx.scalar(
        "SELECT 1 FROM enrolments WHERE course = :course AND student = :student",
        course=course,
        student=student,
    )
    return found is not None


def of_student(tx: Transaction, student: int) -> list[int]:
    """Ids of the courses that the student is enrolled in."""
    rows = tx.all(
        "SELECT course FROM enrolments WHERE student = :student ORDER BY course", student=student
    )
    return [int(row["course"]) for row in rows]


def student_ids(tx: Transaction, course: int) -> list[int]:
    """Table ids of the students enrolled in the course."""
    rows = tx.all(
        "SELECT student FROM enrolments WHERE course = :course ORDER BY student", course=course
    )
    return [int(row["student"]) for row in rows]


def students_of_any(tx: Transaction, wanted: Collection[int]) -> set[int]:
    """Table ids of the students who are enrolled in at least one of these courses."""
    rows = tx.all(
        "SELECT DISTINCT student FROM enrolments WHERE course IN :courses", courses=list(wanted)
    )
    return {int(row["student"]) for row in rows}


def taught_by(tx: Transaction, teacher: int) -> set[int]:
    """Table ids of the students enrolled in any course of the teacher's."""
    rows = tx.all(
        """
        SELECT DISTINCT enrolments.student
        FROM enrolments JOIN courses ON courses.id = enrolments.course
        WHERE courses.teacher = :teacher
        """,
        teacher=teacher,
    )
    return {int(row["student"]) for row in rows}


def is_taught_by(tx: Transaction, student: int, teacher: int) -> bool:
    """Whether the student is enrolled in any course of the teacher's."""
    found = tx.scalar(
        """
        SELECT 1 FROM enrolments JOIN courses ON courses.id = enrolments.course
        WHERE enrolments.student = :student AND courses.teacher = :teacher LIMIT 1
        """,
        student=student,
        teacher=teacher,
    )
    return found is not None


def page(tx: Transaction, *, teacher: int | None, limit: int, offset: int) -> tuple[list[Row], int]:
    """Everybody's courses (or one teacher's) by code, with the teacher's name, and their number."""
    clause, params = where(("courses.teacher = :teacher", {"teacher": teacher}))
    rows = tx.all(
        f"""
        SELECT courses.id, courses.teacher, teachers.name AS teacher_name, courses.code,
               courses.name, courses.section, courses.timezone, courses.archived_at,
               (SELECT COUNT(*) FROM enrolments
                WHERE enrolments.course = courses.id) AS students
        FROM courses JOIN teachers ON teachers.id = courses.teacher {clause}
        ORDER BY courses.code, courses.id LIMIT :limit OFFSET :offset
        """,
        **params,
        limit=limit,
        offset=offset,
    )
    return rows, count(tx, "courses", clause, params)
