"""Enrolling the faces of a school that has photographs, from a folder.

    S001_John/front.jpg  S001_John/left.jpg     a folder per student
    S001_John.jpg  S001.png                     or a file per picture

A name begins with the student id, which must be known here; `_` or a space ends it. Who has
templates already is left as he or she is, so an interrupted import is simply run again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from attendance.core import student_numbers
from attendance.core.audit import By
from attendance.core.errors import ConsentWithdrawn, FacesDiffer, FaceTaken, ImageTooLarge
from attendance.core.limits import MAX_IMAGE_BYTES, MAX_IMAGES
from attendance.core.services import Services
from database import Transaction, students
from database.rows import StudentRow
from facerecog import FaceRecogError, FaceResult

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
# Some of them are read by their content, the others are named in the report with the way on.
OTHERS = frozenset(
    f".{kind}"
    for kind in (
        *("avif", "bmp", "dng", "gif", "heic", "heics", "heif", "hif", "jfif"),
        *("jp2", "jpe", "jxl", "mpo", "tif", "tiff"),
    )
)
ENROLLED, UNCHANGED, REJECTED = "enrolled", "unchanged", "rejected"


@dataclass(frozen=True)
class Line:
    """One line of the report. `reason` is the code of a problem, such as `face_not_found`."""

    source: str
    student_id: str
    result: str
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Batch:
    """The pictures that belong together: one student's, or (None) one unknown name's."""

    student: StudentRow | None
    name: str
    pictures: list[Path]


def batches(parts: Services, folder: Path) -> list[Batch]:
    """The pictures in a folder and in its folders, by student, in the order of their names."""
    named: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            named[path.name] = [file for file in sorted(path.iterdir()) if _is_picture(file)]
        elif _is_picture(path):
            named.setdefault(path.stem, []).append(path)
    found: dict[str, Batch] = {}
    with parts.database.read() as tx:
        for name, pictures in named.items():
            student = _student(tx, name)
            key = name if student is None else f"student:{student['id']}"
            batch = found.setdefault(key, Batch(student, name, []))
            batch.pictures.extend(pictures)
    return list(found.values())


def enrol(parts: Services, batch: Batch, by: By, *, replace: bool) -> Iterator[Line]:
    """Enrol one student with the pictures that are good enough; yields the report's lines.

    Args:
        replace: enrol again those who have templates already.
    """
    if batch.student is None:
        detail = "No student has an id with which this name begins."
        yield Line(batch.name, "", REJECTED, "student_unknown", detail)
        return
    student, student_id = int(batch.student["id"]), str(batch.student["student_id"])
    if batch.student["templates"] and not replace:
        yield Line(batch.name, student_id, UNCHANGED)
        return
    if batch.student["face_withdrawn_at"] is not None:
        yield Line(batch.name, student_id, REJECTED, ConsentWithdrawn.code, ConsentWithdrawn.detail)
        return
    good: list[tuple[bytes, FaceResult]] = []
    for picture in batch.pictures:
        source = f"{picture.parent.name}/{picture.name}"
        if len(good) == MAX_IMAGES:
            detail = f"{MAX_IMAGES} pictures are enough."
            yield Line(source, student_id, UNCHANGED, "not_needed", detail)
            continue
        try:
            data = _read(picture)
            good.append((data, parts.faces.for_template(data)))
        except (FaceRecogError, ImageTooLarge) as error:
            yield Line(source, student_id, REJECTED, error.code, str(error))
    if not good:
        if not batch.pictures:
            yield Line(batch.name, student_id, REJECTED, "no_pictures", "The folder has none.")
        return
    try:
        _store(parts, student, [data for data, _ in good], [face for _, face in good], by)
    except (FacesDiffer, FaceTaken, ConsentWithdrawn) as error:
        yield Line(batch.name, student_id, REJECTED, error.code, error.detail)
        return
    yield Line(batch.name, student_id, ENROLLED, detail=f"{len(good)} templates")


def _store(
    parts: Services, student: int, pictures: list[bytes], found: list[FaceResult], by: By
) -> None:
    parts.faces.require_one_person(list(enumerate(found, start=1)))
    now = parts.clock.now()
    with parts.database.write() as tx:
        obsolete = parts.faces.store(tx, student, pictures, found, now=now)
        by.note(tx, now, "face.import", f"student:{student}", new={"templates": len(found)})
    parts.faces.photos.discard(obsolete)


def _student(tx: Transaction, name: str) -> StudentRow | None:
    """The student with whose id the name begins; the longest id counts."""
    for end in [len(name), *(match.start() for match in reversed([*re.finditer("[_ ]", name)]))]:
        row = students.known_as(tx, *student_numbers.forms(name[:end])) if end else None
        if row is not None:
            return row
    return None


def _read(picture: Path) -> bytes:
    with picture.open("rb") as file:
        data = file.read(MAX_IMAGE_BYTES + 1)
    if len(data) > MAX_IMAGE_BYTES:
        raise ImageTooLarge
    return data


def _is_picture(path: Path) -> bool:
    return (
        path.suffix.lower() in SUFFIXES | OTHERS
        and not path.name.startswith(".")
        and path.is_file()
    )
