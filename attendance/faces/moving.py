"""From the templates of one choice of networks to those of another.

Kept photographs are embedded anew at once (`re_embed`). Who has none is judged by the old network,
as far as a probe still tells what it said, until a mark that it accepts at the strictest level:
that picture becomes the new template (`move`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attendance.core.audit import By
from attendance.core.errors import Problem
from attendance.core.services import Services
from attendance.crypto.vault import Undecryptable
from attendance.faces.index import Own
from database import ForeignKeyViolation, Row, Transaction, faces, students
from facerecog import FaceRecogError, FaceResult
from facerecog.models import model_of, within


@dataclass(frozen=True)
class Status:
    """How many students have templates of which kind."""

    model: str
    """What templates that are made now are called."""
    current: int
    """Students who are compared by the networks in use."""
    re_embed: int
    """Students of earlier networks of whom photographs are kept: `flask re-embed` moves them."""
    old: int
    """Students whom an earlier network judges until they are marked."""
    enrol_again: int
    """Students whose networks are not in use: they are asked to enrol again."""


@dataclass
class Moved:
    """What a run of `re_embed` did."""

    students: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)
    """Students of whom no kept photograph could be embedded, and why not."""


def status(parts: Services) -> Status:
    """Where the school stands; asks the database only."""
    model = model_of(parts.settings.face_networks)
    with parts.database.read() as tx:
        rows = faces.by_student(tx)
    of_student: dict[int, list[Row]] = {}
    for row in rows:
        of_student.setdefault(int(row["student"]), []).append(row)
    counts = dict.fromkeys(("current", "re_embed", "old", "enrol_again"), 0)
    for own in of_student.values():
        counts[_state(own, model)] += 1
    return Status(model, **counts)


def _state(rows: list[Row], model: str) -> str:
    models = [str(row["model"]) for row in rows]
    if any(within(own, model) for own in models):
        return "current"
    if any(row["photos"] for row in rows):
        return "re_embed"
    return "old" if any(within(model, own) for own in models) else "enrol_again"


def to_re_embed(parts: Services) -> list[int]:
    """The students of whom photographs are kept and templates are of other networks."""
    model = parts.faces.model
    with parts.database.read() as tx:
        rows = faces.by_student(tx)
    done = {int(row["student"]) for row in rows if within(str(row["model"]), model)}
    return sorted({int(row["student"]) for row in rows if row["photos"]} - done)


def re_embed(parts: Services, by: By, progress: Callable[[int], object]) -> Moved:
    """Embed the kept photographs of everybody with templates of other networks.

    It can be interrupted at any point: the next run goes on where this one stopped.

    Args:
        progress: told of each student.
    """
    moved = Moved()
    for student in to_re_embed(parts):
        try:
            moved.students += _re_embed(parts, student)
        except (FaceRecogError, Problem, Undecryptable, OSError) as error:
            moved.failed.append((student, str(error)))
        progress(1)
    with parts.database.write() as tx:
        by.note(
            tx,
            parts.clock.now(),
            "face.re-embed",
            "faces",
            new={"model": parts.faces.model, "students": moved.students},
        )
    return moved


def _re_embed(parts: Services, student: int) -> bool:
    """Embed a student's photographs anew; False if the templates have changed meanwhile.

    Raises:
        FaceRecogError, Undecryptable, OSError: as the last photograph, where none can be embedded.
    """
    with parts.database.read() as tx:
        rows = [row for row in faces.templates_of(tx, student) if row["photo"] is not None]
    templates: dict[int, faces.NewTemplate] = {}
    why: Exception | None = None
    for row in rows:
        try:
            found = parts.faces.for_template(parts.faces.photos.read(student, str(row["photo"])))
        except (FaceRecogError, Undecryptable, OSError) as error:
            why = error
            continue
        templates[int(row["id"])] = parts.faces.encrypted(student, found, None)
    if not templates:
        if why is not None:
            raise why
        return False

    def work(tx: Transaction) -> bool:
        version = faces.lock(tx)
        return faces.renew(tx, student, templates, version=version)

    return parts.database.run(work, repeatable=True)


def move(parts: Services, student: int, face: FaceResult, own: Own) -> bool:
    """Make the picture of a mark the template of a student whom an earlier network has judged.

    Only where that network is as sure as it can be, where consent covers it, and where no
    photograph is kept, which would make a better template.
    """
    now_model = parts.faces.model
    if own.model == now_model or own.distance > parts.faces.thresholds.strict(own.model):
        return False
    now = parts.clock.now()

    def work(tx: Transaction) -> bool:
        version = faces.lock(tx)
        row = students.by_id(tx, student)
        rows = faces.templates_of(tx, student)
        covered = row is not None and row["consent_at"] is not None
        if not covered or not rows or any(_spoken_for(each, now_model) for each in rows):
            return False
        template = parts.faces.encrypted(student, face, None)
        faces.replace(tx, student, [template], version=version, now=now)
        return True

    try:
        return parts.database.run(work, repeatable=True)
    except ForeignKeyViolation:
        return False  # the account was deleted meanwhile


def _spoken_for(template: Row, model: str) -> bool:
    return template["photo"] is not None or within(str(template["model"]), model)
