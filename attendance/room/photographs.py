"""Photographs of the class: every face, who it is, and whom that marks.

A photograph is one look: there is no second frame to be surer by. What several photographs show of
one person counts once, by the nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attendance.core.errors import Problem, from_face_error
from attendance.core.services import Services
from attendance.room import gallery
from database.rows import SessionRow
from facerecog import FaceRecogError, Seen, Wanted
from facerecog.tracks import KNOWN, SMALL, UNCERTAIN, UNKNOWN, State, Verdict

MIN_FACE = 20
MOST_FACES = 200


@dataclass
class Found:
    """A face on one of the photographs."""

    image: int
    face: Seen
    verdict: Verdict
    state: State

    @property
    def student(self) -> int | None:
        """Who it is, where that is known, by table id."""
        nearest = self.verdict.nearest
        return int(nearest.key) if self.state == KNOWN and nearest else None

    @property
    def distance(self) -> float:
        """To the nearest person of the gallery."""
        return 2.0 if self.verdict.nearest is None else self.verdict.nearest.distance


def recognise(
    parts: Services, session: SessionRow, pictures: Sequence[bytes]
) -> tuple[list[Found], gallery.Room]:
    """Every face of the photographs, in their order, and the gallery that they were compared with.

    Raises:
        Problem: one is no picture; `image` tells which (from 1).
    """
    with parts.database.read() as tx:
        room = gallery.of_courses(parts, tx, [session["course"]])
    wanted = Wanted(
        min_face=MIN_FACE,
        min_embedded=MIN_FACE,
        most_embedded=MOST_FACES if room.people else 0,
    )
    found: list[Found] = []
    for number, picture in enumerate(pictures, start=1):
        try:
            frame = parts.faces.look(picture, wanted)
        except FaceRecogError as error:
            which = {"image": number} if len(pictures) > 1 else {}
            problem: Problem = from_face_error(error, **which)
            raise problem from error
        found += [_judged(number, face, room) for face in frame.faces]
    _one_name_once(found)
    return found, room


def _judged(number: int, face: Seen, room: gallery.Room) -> Found:
    if face.embedding is None:
        state = SMALL if face.side < MIN_FACE else UNKNOWN
        return Found(number, face, Verdict(None, False, False), state)
    verdict = room.judge(face.embedding)
    state = KNOWN if verdict.is_named else UNCERTAIN if verdict.is_like else UNKNOWN
    return Found(number, face, verdict, state)


def _one_name_once(found: Sequence[Found]) -> None:
    """Of two faces on one photograph that bear one name, the farther is not sure of it."""
    named: dict[tuple[int, int], Found] = {}
    for each in sorted(found, key=lambda each: each.distance):
        student = each.student
        if student is None:
            continue
        if (each.image, student) in named:
            each.state = UNCERTAIN
        else:
            named[each.image, student] = each
