"""Guardians of students: where they are written to."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction

_COLUMNS = "id, student, name, email, language, created_at, from_list"


def add(
    tx: Transaction,
    *,
    student: int,
    name: str | None,
    email: str,
    language: str | None,
    now: datetime,
) -> int:
    """Add a guardian.

    Raises:
        UniqueViolation: the student has one of this address.
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    return tx.insert(
        """
        INSERT INTO guardians (student, name, email, language, created_at)
        VALUES (:student, :name, :email, :language, :now)
        """,
        student=student,
        name=name,
        email=email,
        language=language,
        now=now,
    )


def by_id(tx: Transaction, guardian: int) -> Row | None:
    """The guardian with this id, or None."""
    return tx.one(
        f"""
        SELECT {_COLUMNS},
               (SELECT students.name FROM students WHERE students.id = student) AS student_name
        FROM guardians WHERE id = :id
        """,
        id=guardian,
    )


def of_student(tx: Transaction, student: int) -> list[Row]:
    """The student's guardians, in the order in which they were entered."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM guardians WHERE student = :student ORDER BY id", student=student
    )


def add_many(tx: Transaction, rows: list[Row]) -> None:
    """Add guardians of a list: `student`, `name`, `email` and `now` of each; the language is the
    school's.

    Raises:
        UniqueViolation, ForeignKeyViolation: as `add`.
    """
    if rows:
        tx.insert_many(
            """
            INSERT INTO guardians (student, name, email, language, created_at, from_list)
            VALUES (:student, :name, :email, NULL, :now, 1)
            """,
            rows,
        )


def rename(tx: Transaction, guardian: int, name: str) -> None:
    """Give a guardian another name."""
    tx.execute("UPDATE guardians SET name = :name WHERE id = :id", name=name, id=guardian)


def listed(tx: Transaction, students: list[int]) -> list[Row]:
    """The guardians of these students, in the order in which they were entered."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM guardians WHERE student IN :students ORDER BY id",
        students=students,
    )


def of_students(tx: Transaction, students: list[int]) -> dict[int, list[int]]:
    """The guardians' ids of each of these students who has some."""
    found: dict[int, list[int]] = {}
    for student, guardian in tx.tuples(
        "SELECT student, id FROM guardians WHERE student IN :students ORDER BY id",
        students=students,
    ):
        found.setdefault(int(student), []).append(int(guardian))
    return found


def delete(tx: Transaction, guardian: int) -> None:
    """Remove a guardian, and what waits to be sent to him or her."""
    tx.execute("DELETE FROM guardians WHERE id = :id", id=guardian)
