"""Teachers and administrators."""

from __future__ import annotations

from datetime import datetime

from database import calendars, counters, naming, tokens
from database.core import Row, Transaction
from database.filters import count, where
from database.rows import ListedTeacherRow, TeacherRow
from database.standings import HELD

_COLUMNS = "id, name, email, password_hash, department, role, state, token_version, created_at"


def create(
    tx: Transaction,
    *,
    name: str,
    email: str,
    password_hash: str,
    department: str | None,
    open_sign_up: bool,
    now: datetime,
) -> TeacherRow:
    """Add a teacher. The first of an installation is an active administrator.

    Two first sign-ups at once take turns at the counter, so there is one first.

    Raises:
        UniqueViolation: the e-mail address is taken.
    """
    is_first = counters.raise_by_one(tx, "teachers") == 1
    teacher_id = tx.insert(
        """
        INSERT INTO teachers
            (name, email, password_hash, department, role, state, token_version, created_at)
        VALUES
            (:name, :email, :password_hash, :department, :role, :state, :version, :now)
        """,
        name=name,
        email=email,
        password_hash=password_hash,
        department=department,
        role="admin" if is_first else "teacher",
        state="active" if is_first or open_sign_up else "pending",
        version=tokens.new_version(),
        now=now,
    )
    row = by_id(tx, teacher_id)
    assert row is not None
    return row


def by_id(tx: Transaction, teacher_id: int) -> TeacherRow | None:
    """The teacher with this id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM teachers WHERE id = :id", TeacherRow, id=teacher_id)


def by_email(tx: Transaction, *forms: str) -> TeacherRow | None:
    """The teacher with this e-mail address, or with the first of its forms that is found."""
    for form in forms:
        row = tx.one(
            f"SELECT {_COLUMNS} FROM teachers WHERE email = :email", TeacherRow, email=form
        )
        if row is not None:
            return row
    return None


def of_emails(tx: Transaction, addresses: list[str]) -> list[Row]:
    """`id`, `name`, `email` and `state` of the teachers who have one of these addresses."""
    return tx.all(
        "SELECT id, name, email, state FROM teachers WHERE email IN :addresses",
        addresses=addresses,
    )


def by_username(tx: Transaction, username: str) -> TeacherRow | None:
    """The teacher with this user name, in small letters, or None."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM teachers WHERE username = :username",
        TeacherRow,
        username=username,
    )


def update_profile(tx: Transaction, teacher_id: int, *, name: str, department: str | None) -> None:
    """Change what a teacher may change freely."""
    tx.execute(
        "UPDATE teachers SET name = :name, department = :department WHERE id = :id",
        name=name,
        department=department,
        id=teacher_id,
    )


def set_password(tx: Transaction, teacher_id: int, password_hash: str) -> None:
    """Store a new password and end every token that was issued before."""
    tx.execute(
        """
        UPDATE teachers
        SET password_hash = :password_hash, token_version = token_version + 1
        WHERE id = :id
        """,
        password_hash=password_hash,
        id=teacher_id,
    )


def set_password_once(
    tx: Transaction, teacher_id: int, password_hash: str, token_version: int
) -> bool:
    """Like `set_password`, if no password was set since `token_version`; else False."""
    touched = tx.execute(
        """
        UPDATE teachers
        SET password_hash = :password_hash, token_version = token_version + 1
        WHERE id = :id AND token_version = :token_version
        """,
        password_hash=password_hash,
        id=teacher_id,
        token_version=token_version,
    )
    return touched > 0


def search(
    tx: Transaction, *, state: str | None, text: str | None, limit: int, offset: int
) -> tuple[list[ListedTeacherRow], int]:
    """A page of teachers by name, those who wait first, and how many there are in all."""
    clause, params = where(
        ("state = :state", {"state": state}),
        ("teachers.id IN :called", {"called": called(tx, text) if text else None}),
    )
    rows = tx.all(
        f"""
        SELECT {_COLUMNS},
               (SELECT COUNT(*) FROM courses WHERE courses.teacher = teachers.id) AS courses,
               (SELECT COUNT(*) FROM sessions
                WHERE sessions.teacher = teachers.id AND {HELD}) AS sessions
        FROM teachers {clause}
        ORDER BY CASE WHEN state = 'pending' THEN 0 ELSE 1 END, name, id
        LIMIT :limit OFFSET :offset
        """,
        ListedTeacherRow,
        **params,
        limit=limit,
        offset=offset,
    )
    return rows, count(tx, "teachers", clause, params)


def called(tx: Transaction, text: str) -> list[int]:
    """Ids of the teachers who have every word of the text in the name or address, whatever the
    accents and capitals of either. Of a school's teachers all are looked at."""
    words = naming.words(text)
    rows = tx.all("SELECT id, name, email FROM teachers ORDER BY id")
    return [
        int(row["id"])
        for row in rows
        if all(word in naming.search_key(row["name"], row["email"]) for word in words)
    ]


def lock(tx: Transaction) -> None:
    """Take the turn to change who administers: two who do so at once come one after the other."""
    counters.raise_by_one(tx, "teachers")


def active_administrators(tx: Transaction) -> list[int]:
    """Ids of the administrators who can sign in."""
    rows = tx.all("SELECT id FROM teachers WHERE role = 'admin' AND state = 'active' ORDER BY id")
    return [int(row["id"]) for row in rows]


def count_in_state(tx: Transaction, state: str) -> int:
    """How many teachers are active, pending or suspended."""
    return int(tx.scalar("SELECT COUNT(*) FROM teachers WHERE state = :state", state=state))


def set_state(tx: Transaction, teacher_id: int, state: str) -> None:
    """Make the account active, pending or suspended, and end its tokens."""
    tx.execute(
        "UPDATE teachers SET state = :state, token_version = token_version + 1 WHERE id = :id",
        state=state,
        id=teacher_id,
    )


def set_role(tx: Transaction, teacher_id: int, role: str) -> None:
    """Make the account an administrator's (`admin`) or a teacher's (`teacher`)."""
    tx.execute("UPDATE teachers SET role = :role WHERE id = :id", role=role, id=teacher_id)


def hand_over(tx: Transaction, old: int, new: int) -> None:
    """Give the courses and sessions of one teacher to another, and the accounts that were made
    for the courses."""
    for table in ("courses", "sessions"):
        tx.execute(f"UPDATE {table} SET teacher = :new WHERE teacher = :old", new=new, old=old)
    tx.execute("UPDATE students SET made_by = :new WHERE made_by = :old", new=new, old=old)


def delete(tx: Transaction, teacher_id: int) -> None:
    """Remove the account.

    Raises:
        ForeignKeyViolation: courses or sessions belong to it.
    """
    calendars.revoke(tx, f"teacher:{teacher_id}")
    with tx.savepoint():
        tx.execute("DELETE FROM teachers WHERE id = :id", id=teacher_id)


def names(tx: Transaction, ids: list[int]) -> list[tuple[int, str]]:
    """Id and name of each of these teachers who exist."""
    rows = tx.all("SELECT id, name FROM teachers WHERE id IN :ids", ids=ids)
    return [(int(row["id"]), str(row["name"])) for row in rows]


def standing(tx: Transaction, ids: list[int]) -> list[Row]:
    """Of those of these teachers who may sign in, what an open connection was let in with."""
    return tx.all(
        "SELECT id, token_version, role FROM teachers WHERE id IN :ids AND state = 'active'",
        ids=ids,
    )


def end_tokens(tx: Transaction, teacher_id: int) -> None:
    """End every token of the account, on every device."""
    tx.execute(
        "UPDATE teachers SET token_version = token_version + 1 WHERE id = :id", id=teacher_id
    )
