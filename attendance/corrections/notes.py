"""Pictures of notes: drawn anew, encrypted, and shown to whoever decides about the request."""

from __future__ import annotations

import io
from datetime import datetime

from PIL import Image, ImageOps

from attendance.accounts.guard import Account
from attendance.core.audit import By
from attendance.core.errors import (
    AbsenceDecided,
    AbsenceNotFound,
    NoteNotFound,
    found,
    from_face_error,
)
from attendance.core.services import Services
from attendance.corrections import absences
from attendance.crypto.vault import Undecryptable, of_notes
from database import (
    ForeignKeyViolation,
    Transaction,
    UniqueViolation,
    absence_notes,
    stored_settings,
)
from database import absences as stored
from facerecog import ImageUnreadable

FORMATS = ["JPEG", "PNG", "WEBP"]
SIZE = (1600, 1600)  # a page of paper can be read in it
MOST_PIXELS = 50_000_000
QUALITY = 80


def drawn(data: bytes) -> bytes:
    """The picture as a JPEG, upright, small, and without anything else that the file has.

    Raises:
        Problem: 400 `image_unreadable`, it is no still JPEG, PNG or WebP picture, or too large.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height <= MOST_PIXELS:
                picture.draft("RGB", SIZE)  # of a JPEG, no more than is needed is decoded
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail(SIZE, Image.Resampling.LANCZOS)
                return _written(upright.convert("RGBA"))
    except Exception:  # noqa: S110  # Pillow's readers raise many kinds on damaged files
        pass
    raise from_face_error(ImageUnreadable("This is no JPEG, PNG or WebP picture of usual size."))


def _written(picture: Image.Image) -> bytes:
    clean = Image.new("RGB", picture.size, "white")
    clean.paste(picture, mask=picture.getchannel("A"))
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def put(parts: Services, student: int, absence: int, picture: bytes, by: By) -> None:
    """Keep the picture of a note beside the student's own request, in the place of the one before.

    Raises:
        Problem: as `drawn`.
        AbsenceNotFound: it is none of the student's.
        AbsenceDecided: every course has decided.
    """
    with parts.database.read() as tx:
        _require_undecided(tx, student, absence)
    note = drawn(picture)
    now = parts.clock.now()
    try:
        with parts.database.write() as tx:
            _require_undecided(tx, student, absence)
            keep(parts, tx, absence, note, now)
            by.note(tx, now, "absence.note", f"student:{student}", new={"absence": absence})
    except (ForeignKeyViolation, UniqueViolation):
        raise AbsenceNotFound from None


def _require_undecided(tx: Transaction, student: int, absence: int) -> None:
    row = found(stored.by_id(tx, absence), AbsenceNotFound)
    if row["student"] != student:
        raise AbsenceNotFound
    lines = stored.concerned(tx, [absence])
    if lines and all(line["accepted"] is not None for line in lines):
        raise AbsenceDecided


def keep(parts: Services, tx: Transaction, absence: int, note: bytes, now: datetime) -> None:
    """Keep a picture that was drawn anew.

    Raises:
        ForeignKeyViolation, UniqueViolation: as `absence_notes.put`.
    """
    stored_settings.lock(tx)  # the key is not changed until the commit
    absence_notes.put(tx, absence, *parts.vault.encrypt(note, of_notes(absence)), now)


def seen(parts: Services, account: Account, absence: int) -> bytes:
    """The picture, for whoever may decide for one of the courses.

    Raises:
        AbsenceNotFound: the account may not.
        NoteNotFound: there is none, or none any more.
    """
    now = parts.clock.now()
    with parts.database.read() as tx:
        absences.one(tx, account, absence, now)
        key_id, data = found(absence_notes.of_absence(tx, absence), NoteNotFound)
    try:
        return parts.vault.decrypt(key_id, data, of_notes(absence))
    except Undecryptable:
        raise NoteNotFound from None
