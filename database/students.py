"""Students. `student_id` is the school's number, `id` the table's own."""

from __future__ import annotations

from datetime import datetime

from database import calendars, name_keys, naming, tokens, webhooks
from database.core import Row, Transaction
from database.filters import count, searched, where
from database.rows import StudentRow

_COLUMNS = """
    id, student_id, name, email, password_hash, course, state, token_version, consent_at,
    camera_consent_at, created_at, made_by, username, face_withdrawn_at, family_name,
    (SELECT COUNT(*) FROM face_templates WHERE face_templates.student = students.id) AS templates,
    (SELECT COUNT(*) FROM proposed_templates WHERE proposed_templates.student = students.id)
        AS proposed
"""


def create(
    tx: Transaction,
    *,
    student_id: str,
    name: str,
    email: str | None,
    password_hash: str | None,
    course: str | None,
    now: datetime,
) -> StudentRow:
    """Add a student.

    Raises:
        UniqueViolation: the school's number or the e-mail address is taken.
    """
    new_id = tx.insert(
        """
        INSERT INTO students
            (student_id, name, email, password_hash, course, state, token_version, created_at)
        VALUES
            (:student_id, :name, :email, :password_hash, :course, 'active', :version, :now)
        """,
        student_id=student_id,
        name=name,
        email=email,
        password_hash=password_hash,
        course=course,
        version=tokens.new_version(),
        now=now,
    )
    name_keys.renew(tx, new_id)
    row = by_id(tx, new_id)
    assert row is not None
    return row


def create_many(tx: Transaction, rows: list[Row], now: datetime, made_by: int) -> None:
    """Add students who have no password yet, each with `student_id`, `name`, `email`,
    `username` and, where it is known, `family_name`.

    `made_by` is the teacher who may hand out their invitations.

    Raises:
        UniqueViolation: a number or an address is taken.
    """
    tx.insert_many(
        """
        INSERT INTO students (student_id, name, email, username, state, token_version, created_at,
                              made_by, family_name, sort_key, search_key)
        VALUES (:student_id, :name, :email, :username, 'active', :version, :now, :made_by,
                :family_name, :sort_key, :search_key)
        """,
        [
            {
                **row,
                **naming.keys(row),
                "version": tokens.new_version(),
                "now": now,
                "made_by": made_by,
            }
            for row in rows
        ],
    )


def by_id(tx: Transaction, student: int) -> StudentRow | None:
    """The student with this table id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM students WHERE id = :id", StudentRow, id=student)


def number_of(tx: Transaction, student: int) -> str | None:
    """The school's number of the student with this id, or None."""
    found = tx.scalar("SELECT student_id FROM students WHERE id = :id", id=student)
    return None if found is None else str(found)


def by_email(tx: Transaction, *forms: str) -> StudentRow | None:
    """The student with this e-mail address, or with the first of its forms that is found."""
    for form in forms:
        row = tx.one(
            f"SELECT {_COLUMNS} FROM students WHERE email = :email", StudentRow, email=form
        )
        if row is not None:
            return row
    return None


def by_username(tx: Transaction, username: str) -> StudentRow | None:
    """The student with this user name, in small letters, or None."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM students WHERE username = :username",
        StudentRow,
        username=username,
    )


def ids_by_number(tx: Transaction, numbers: list[str]) -> dict[str, int]:
    """Table ids of the students with these numbers of the school, as far as there are any."""
    rows = tx.all("SELECT id, student_id FROM students WHERE student_id IN :n", n=numbers)
    return {str(row["student_id"]): int(row["id"]) for row in rows}


def by_student_id(tx: Transaction, student_id: str) -> StudentRow | None:
    """The student with this number of the school, or None."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM students WHERE student_id = :student_id",
        StudentRow,
        student_id=student_id,
    )


def alike_by_number(tx: Transaction, number: str) -> list[StudentRow]:
    """The students whose number is this one in capitals or small letters; two at most."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM students WHERE LOWER(student_id) = :number LIMIT 2",
        StudentRow,
        number=number.lower(),
    )


def known_as(tx: Transaction, *forms: int | str) -> StudentRow | None:
    """The student with this table id (int) or number of the school (str), or with the first of
    the forms that is found; else None."""
    for form in forms:
        row = by_id(tx, form) if isinstance(form, int) else by_student_id(tx, form)
        if row is not None:
            return row
    return None


def of_numbers_or_emails(
    tx: Transaction, numbers: list[str], emails: list[str]
) -> list[StudentRow]:
    """Every student with one of the school's numbers or one of the (lower-case) addresses."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM students WHERE student_id IN :numbers OR email IN :emails",
        StudentRow,
        numbers=numbers,
        emails=emails,
    )


def of_usernames(tx: Transaction, names: list[str]) -> list[StudentRow]:
    """Every student with one of these user names, in small letters."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM students WHERE username IN :names", StudentRow, names=names
    )


def update_profile(tx: Transaction, student: int, *, name: str, course: str | None) -> None:
    """Change what a student may change freely."""
    tx.execute(
        "UPDATE students SET name = :name, course = :course WHERE id = :id",
        name=name,
        course=course,
        id=student,
    )
    name_keys.renew(tx, student)


def set_password(tx: Transaction, student: int, password_hash: str) -> None:
    """Store a new password and end every token that was issued before."""
    tx.execute(
        """
        UPDATE students
        SET password_hash = :password_hash, token_version = token_version + 1
        WHERE id = :id
        """,
        password_hash=password_hash,
        id=student,
    )


def set_password_once(
    tx: Transaction, student: int, password_hash: str, token_version: int
) -> bool:
    """Like `set_password`, if no password was set since `token_version`; else False."""
    touched = tx.execute(
        """
        UPDATE students
        SET password_hash = :password_hash, token_version = token_version + 1
        WHERE id = :id AND token_version = :token_version
        """,
        password_hash=password_hash,
        id=student,
        token_version=token_version,
    )
    return touched > 0


def note_face_change(tx: Transaction, student: int, now: datetime) -> None:
    """Keep when another face was put in the place of the one before."""
    tx.execute(
        "UPDATE students SET face_changed_at = :now WHERE id = :student", now=now, student=student
    )


def set_camera_consent(tx: Transaction, student: int, agreed: bool, now: datetime) -> None:
    """Keep whether the student agrees to be recognised by cameras, and since when."""
    tx.execute(
        """
        UPDATE students SET camera_consent_at = CASE WHEN :agreed = 0 THEN NULL
                                                ELSE COALESCE(camera_consent_at, :now) END
        WHERE id = :id
        """,
        agreed=int(agreed),
        now=now,
        id=student,
    )


def search(
    tx: Transaction, *, text: str | None, limit: int, offset: int
) -> tuple[list[StudentRow], int]:
    """A page of students in the order of their names, and how many there are in all."""
    clause, params = _searched(text)
    rows = tx.all(
        f"""
        SELECT {_COLUMNS} FROM students {clause}
        ORDER BY sort_key, student_id LIMIT :limit OFFSET :offset
        """,
        StudentRow,
        **params,
        limit=limit,
        offset=offset,
    )
    return rows, count(tx, "students", clause, params)


def called(tx: Transaction, text: str, limit: int) -> list[int]:
    """Ids of the students who have every word of the text in name, number or address."""
    clause, params = _searched(text)
    rows = tx.all(f"SELECT id FROM students {clause} ORDER BY id LIMIT :n", **params, n=limit)
    return [int(row["id"]) for row in rows]


def numbers(tx: Transaction, *, text: str | None) -> list[Row]:
    """`id` and `student_id` of everybody whom `search` finds, in the same order."""
    clause, params = _searched(text)
    return tx.all(
        f"SELECT id, student_id FROM students {clause} ORDER BY sort_key, student_id", **params
    )


def _searched(text: str | None) -> tuple[str, Row]:
    return where(("state <> 'deleted'", {}), *searched(text))


def delete(tx: Transaction, student: int, now: datetime) -> None:
    """Remove the student and, by the foreign keys, whatever belongs to him or her."""
    row = by_id(tx, student)
    if row is not None:
        # whoever receives it knows the student by the school's number, which is gone afterwards
        webhooks.queue(tx, "student_deleted", now, id=student, student_id=row["student_id"])
    tx.execute("DELETE FROM reservation_uses WHERE student = :id", id=student)
    calendars.revoke(tx, f"student:{student}")
    tx.execute("DELETE FROM students WHERE id = :id", id=student)


def anonymise_marks(tx: Transaction, student: int, *, alias: str, now: datetime) -> None:
    """Move the student's marks to a nameless account, so that the sessions' counts stay right.

    It has the state `deleted`, no address, no password, no face, and is in no course.
    """
    if tx.scalar("SELECT 1 FROM attendance WHERE student = :id LIMIT 1", id=student) is None:
        return
    nameless = tx.insert(
        """
        INSERT INTO students (student_id, name, state, created_at)
        VALUES (:alias, 'Deleted student', 'deleted', :now)
        """,
        alias=alias,
        now=now,
    )
    name_keys.renew(tx, nameless)
    tx.execute(
        """
        UPDATE attendance SET student = :nameless, distance = NULL, remark = NULL
        WHERE student = :id
        """,
        nameless=nameless,
        id=student,
    )


def who_consented(tx: Transaction) -> set[int]:
    """Table ids of the students who agreed to the storing of their faces."""
    return {
        int(row["id"]) for row in tx.all("SELECT id FROM students WHERE consent_at IS NOT NULL")
    }


def of_ids(tx: Transaction, ids: list[int]) -> list[StudentRow]:
    """The students with these table ids, as far as there are any, in the order of their names."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM students WHERE id IN :ids ORDER BY sort_key, student_id",
        StudentRow,
        ids=ids,
    )


def names(tx: Transaction, ids: list[int]) -> list[tuple[int, str]]:
    """Id and name of each of these students who exist."""
    rows = tx.all("SELECT id, name FROM students WHERE id IN :ids", ids=ids)
    return [(int(row["id"]), str(row["name"])) for row in rows]


def standing(tx: Transaction, ids: list[int]) -> list[Row]:
    """Of those of these students who may sign in, what an open connection was let in with."""
    return tx.all(
        "SELECT id, token_version FROM students WHERE id IN :ids AND state = 'active'", ids=ids
    )


def end_tokens(tx: Transaction, student: int) -> None:
    """End every token of the account, on every device."""
    tx.execute("UPDATE students SET token_version = token_version + 1 WHERE id = :id", id=student)
