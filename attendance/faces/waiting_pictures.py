"""Small pictures for whoever decides on a face that waits: the new one, and the one before.

The new one is kept, encrypted, until the decision. Of the one before there is a picture only where
the school keeps photographs.
"""

from __future__ import annotations

import logging

from attendance.core.errors import EnrolmentNotFound, found
from attendance.core.services import Services
from attendance.crypto.vault import Undecryptable, of_proposals
from attendance.faces.deciding import to_be_decided_by
from database import proposals
from facerecog import FaceRecogError
from facerecog.frames import Wanted

log = logging.getLogger("attendance")

_LARGEST = Wanted(most_embedded=1, crops=True)


def cut(parts: Services, picture: bytes) -> bytes | None:
    """The face of a photograph as a small JPEG, or None where it cannot be had now."""
    try:
        faces = parts.faces.look(picture, _LARGEST).faces
    except FaceRecogError as error:
        log.warning("no small picture of a face that waits: %s", error.code)
        return None
    return next((face.crop for face in faces if face.crop), None)


def new(parts: Services, proposal: int, teacher: int | None) -> bytes:
    """The face that waits.

    Raises:
        EnrolmentNotFound: there is no picture, it was decided, or is of no student whom the
            teacher may mark.
    """
    with parts.database.read() as tx:
        student = to_be_decided_by(tx, proposal, teacher, parts.clock.now())
        key_id, data = found(proposals.picture(tx, proposal), EnrolmentNotFound)
    try:
        return parts.vault.decrypt(key_id, data, owner=of_proposals(student))
    except Undecryptable:
        raise EnrolmentNotFound from None


def before(parts: Services, proposal: int, teacher: int | None) -> bytes:
    """The face that counts now, out of a photograph that was kept. Raises as `new`."""
    with parts.database.read() as tx:
        student = to_be_decided_by(tx, proposal, teacher, parts.clock.now())
        name = found(proposals.photo_before(tx, student), EnrolmentNotFound)
    try:
        photograph = parts.faces.photos.read(student, name)
    except (FileNotFoundError, Undecryptable):
        raise EnrolmentNotFound from None
    return found(cut(parts, photograph), EnrolmentNotFound)
