"""What `flask purge` removes: unused faces, expired rows, photographs that nothing points to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from attendance.core.audit import By
from attendance.core.services import Services
from database import encrypted, faces, retention, student_changes

# Finished deliveries, expired keys and refusals are of interest for a while.
LOG_LIFE = timedelta(days=30)
# A request that nobody decides about keeps its picture for so long.
UNDECIDED_NOTES = timedelta(days=365)
# An enrolment writes its photographs before its rows; nothing takes that long.
PHOTO_GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class Purged:
    """What was removed, or would be."""

    faces: int
    rows: dict[str, int]
    photos: int
    # photographs whose file is gone: nothing to remove, something to know
    missing_photos: int


def purge(parts: Services, by: By, *, days: int | None, dry_run: bool) -> Purged:
    """Remove what has had its time.

    Args:
        days: templates unused for so many days go; None: none do.
        dry_run: only tell what would be removed.
    """
    now = parts.clock.now()
    term = timedelta(days=parts.settings.picture_memory_days)
    times = retention.Times(
        now=now,
        long_ago=now - LOG_LIFE,
        last_term=now - term,
        notes_decided=now - timedelta(days=parts.settings.note_days),
        notes_undecided=now - UNDECIDED_NOTES,
    )
    before = None if days is None else now - timedelta(days=days)
    with parts.database.read() as tx:
        unused = [] if before is None else retention.students_with_unused_faces(tx, before)
        rows = retention.expired(tx, times)
    if not dry_run:
        if before is not None:
            unused = [student for student in unused if _forget(parts, student, before, by)]
        with parts.database.write() as tx:
            retention.delete_expired(tx, times)
    files = set(parts.faces.photos.names(older_than=now - PHOTO_GRACE))
    with parts.database.read() as tx:
        known = set(encrypted.photos(tx))
    orphans = sorted(files - known)
    if not dry_run:
        parts.faces.photos.discard(orphans)
    missing = [name for name in known if not (parts.faces.photos.folder / name).exists()]
    return Purged(len(unused), rows, len(orphans), len(missing))


def _forget(parts: Services, student: int, before: datetime, by: By) -> bool:
    """Forget the face, unless it was enrolled or used by now; returns whether it was not."""
    with parts.database.write() as tx:
        version = faces.lock(tx)
        if not retention.students_with_unused_faces(tx, before, student):
            return False
        now = parts.clock.now()
        obsolete = faces.replace(tx, student, [], version=version, now=now)
        student_changes.forget_consent(tx, student)
        by.note(tx, now, "face.purge", f"student:{student}")
    parts.faces.photos.discard(obsolete)
    return True
