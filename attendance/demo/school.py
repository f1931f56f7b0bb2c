"""The demonstration class: real photographs, networks and marks, in a database of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attendance.core import codes, statuses
from attendance.core.services import Services
from attendance.demo.course import make_course
from database import Transaction, marks, sessions, students, teachers
from database.rows import SessionRow
from facerecog.samples import photo

PASSWORD = "attendance-demo"  # noqa: S105  # printed for everyone: it opens demonstrations only
TEACHER = ("Ada Lovelace", "ada@demo.example")
# invented name, address, number, public photographs to enrol
STUDENTS = (
    ("Ben Oduya", "ben@demo.example", "S001", ("obama", "obama2")),
    ("Joel Bergman", "joel@demo.example", "S002", ("biden",)),
    ("Greta Holm", "greta@demo.example", "S003", ("grace_hopper",)),
    ("Elena Castillo", "elena@demo.example", "S004", ("astronaut",)),
)
PRESENT_YESTERDAY = (
    ("S001", statuses.PRESENT),
    ("S003", statuses.PRESENT),
    ("S004", statuses.LATE),
)


def make_demo(parts: Services, say: Callable[[str], object]) -> None:
    """Make the class once, and tell the logins and what to try."""
    with parts.database.read() as tx:
        made = teachers.by_email(tx, TEACHER[1]) is not None
    if not made:
        _make(parts)
    with parts.database.read() as tx:
        teacher = teachers.by_email(tx, TEACHER[1])
        assert teacher is not None
        [newest], _ = sessions.of_teacher(
            tx, int(teacher["id"]), as_of=parts.clock.now(), limit=1, offset=0
        )
    say("")
    say(f"  Teacher and administrator: {TEACHER[1]}   password: {PASSWORD}")
    for name, email, number, _ in STUDENTS:
        say(f"  Student {number} {name}: {email}   password: {PASSWORD}")
    say(f"  Open session {newest['id']} (Algebra), code {newest['code']}")
    say(f"  A photograph of student S001 to mark with: {photo('obama3')}")


def _make(parts: Services) -> None:
    faces = {
        number: (names, [photo(name).read_bytes() for name in names])
        for _, _, number, names in STUDENTS
    }
    examined = {
        number: parts.faces.examine(pictures, consent=True)
        for number, (_, pictures) in faces.items()
    }
    now = parts.clock.now()
    with parts.database.write() as tx:
        teacher = _teacher(parts, tx, now)
        ids = {
            number: _student(parts, tx, name, email, number, now)
            for name, email, number, _ in STUDENTS
        }
        make_course(tx, teacher, list(ids.values()), now)
        _held_session(tx, teacher, ids, now - timedelta(days=1))
        _session(tx, teacher, now)
    for number, student in ids.items():
        with parts.database.write() as tx:
            parts.faces.store(tx, student, faces[number][1], examined[number], now=now)


def _teacher(parts: Services, tx: Transaction, now: datetime) -> int:
    row = teachers.create(
        tx,
        name=TEACHER[0],
        email=TEACHER[1],
        password_hash=parts.hashing.hash(PASSWORD, "demo"),
        department="Mathematics",
        open_sign_up=True,
        now=now,
    )
    return int(row["id"])


def _student(
    parts: Services, tx: Transaction, name: str, email: str, number: str, now: datetime
) -> int:
    row = students.create(
        tx,
        student_id=number,
        name=name,
        email=email,
        password_hash=parts.hashing.hash(PASSWORD, "demo"),
        course="Mathematics",
        now=now,
    )
    return int(row["id"])


def _session(tx: Transaction, teacher: int, now: datetime) -> SessionRow:
    return sessions.create(
        tx,
        teacher=teacher,
        course=None,
        subject="Algebra",
        section="A",
        code=codes.new_code(),
        late_after_minutes=15,
        now=now,
        closes_at=None,
    )


def _held_session(tx: Transaction, teacher: int, ids: dict[str, int], start: datetime) -> None:
    session = int(_session(tx, teacher, start)["id"])
    for minute, (number, status) in enumerate(PRESENT_YESTERDAY):
        marks.add(
            tx,
            session=session,
            student=ids[number],
            status=status,
            method=statuses.MANUAL,
            distance=None,
            now=start + timedelta(minutes=10 * minute),
        )
    sessions.end(tx, session, start + timedelta(minutes=45))
