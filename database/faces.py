"""Face templates: encrypted bytes, and the log by which every process keeps its index fresh.

`face_changes` has one row per enrolment or deletion. Its version comes from a counter that is
locked until commit, so versions become visible in order and a reader that asks for "all after
mine" misses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from database import counters
from database.core import Row, Transaction

_COLUMNS = "id, student, key_id, data, model, quality, photo"


@dataclass(frozen=True)
class NewTemplate:
    """One encrypted template on its way into the table."""

    key_id: str
    data: bytes
    model: str
    quality: float
    photo: str | None


def lock(tx: Transaction) -> int:
    """Take the turn to change faces and return the version that the change will bear."""
    return counters.raise_by_one(tx, "faces")


def replace(
    tx: Transaction, student: int, templates: list[NewTemplate], *, version: int, now: datetime
) -> list[str]:
    """Replace the student's templates (none: delete them) and log the change.

    Call `lock` first, in the same transaction. Returns the names of kept photographs that no
    row points to any more; the caller deletes the files after the commit.

    Raises:
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    photos = [
        str(row["photo"])
        for row in tx.all(
            "SELECT photo FROM face_templates WHERE student = :student AND photo IS NOT NULL",
            student=student,
        )
    ]
    tx.execute("DELETE FROM face_templates WHERE student = :student", student=student)
    for template in templates:
        tx.insert(
            """
            INSERT INTO face_templates (student, key_id, data, model, quality, photo, created_at)
            VALUES (:student, :key_id, :data, :model, :quality, :photo, :now)
            """,
            student=student,
            key_id=template.key_id,
            data=template.data,
            model=template.model,
            quality=template.quality,
            photo=template.photo,
            now=now,
        )
    tx.insert_row(
        "INSERT INTO face_changes (version, student) VALUES (:version, :student)",
        version=version,
        student=student,
    )
    return photos


def version(tx: Transaction) -> int:
    """The version of the newest committed change."""
    return int(tx.scalar("SELECT COALESCE(MAX(version), 0) FROM face_changes"))


def changed_since(tx: Transaction, version: int) -> list[Row]:
    """`version` and `student` of every change after `version`, oldest first."""
    return tx.all(
        "SELECT version, student FROM face_changes WHERE version > :version ORDER BY version",
        version=version,
    )


def templates_of(tx: Transaction, student: int) -> list[Row]:
    """`id`, `student`, `key_id`, `data`, `model`, `quality` and `photo` of each template of one."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM face_templates WHERE student = :student ORDER BY id",
        student=student,
    )


def all_templates(tx: Transaction) -> list[Row]:
    """The same of every template of the school."""
    return tx.all(f"SELECT {_COLUMNS} FROM face_templates ORDER BY student, id")


def renew(
    tx: Transaction, student: int, templates: dict[int, NewTemplate], *, version: int
) -> bool:
    """Put new data in the place of a student's templates, by their ids, and log the change.

    Call `lock` first, in the same transaction. False if one of them is not there any more.
    """
    changed = [
        tx.execute(
            """
            UPDATE face_templates SET key_id = :key_id, data = :data, model = :model
            WHERE id = :id AND student = :student
            """,
            id=template_id,
            student=student,
            key_id=template.key_id,
            data=template.data,
            model=template.model,
        )
        for template_id, template in templates.items()
    ]
    if not all(changed):
        return False
    tx.insert_row(
        "INSERT INTO face_changes (version, student) VALUES (:version, :student)",
        version=version,
        student=student,
    )
    return True


def by_student(tx: Transaction) -> list[Row]:
    """`student`, `model`, `templates` and how many of them have `photos`, for each pair."""
    return tx.all(
        """
        SELECT student, model, COUNT(*) AS templates, COUNT(photo) AS photos
        FROM face_templates GROUP BY student, model ORDER BY student, model
        """
    )
