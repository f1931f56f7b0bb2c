"""Alive: what the server asks a student to show, and what the answer shows.

A challenge names the steps, is signed, bound to student and session, counts for a minute, and once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from attendance.core.errors import NotAlive, PictureUsed
from attendance.core.services import Services
from attendance.courses import check_in
from attendance.sessions.tickets import Challenge, TicketInvalid
from database import Transaction, marks, tokens, used_pictures
from database.rows import SessionRow
from facerecog import FaceResult, combined, liveness, signs

Way = Literal["turn", "distance"]
"""`distance` is for whoever cannot turn the head: nearer and further."""
NEAR_BITS = 26
"""Up to so many of 256 bits two fingerprints differ that are of one picture (docs/accuracy.md)."""
SAME_BITS = 14
"""Up to so many where it was only encoded anew. Further apart, one of several pictures may be
another one of the same face in the same place and light, and says nothing alone."""
SECONDS_A_STEP = 0.4
"""Nobody turns the head and is photographed quicker."""


@dataclass(frozen=True)
class Shown:
    """What the pictures of a mark show: the face, whether it seems alive, their fingerprints."""

    face: FaceResult
    alive: bool = False
    doubt: bool = False
    fingerprints: list[str] = field(default_factory=list)


def draw(
    parts: Services, session: SessionRow, student: int, way: Way, now: datetime
) -> Challenge | None:
    """A new challenge, where the session's course asks for one and the face is used.

    Raises:
        TooManyAttempts: the student has been given too many within an hour: whoever guesses at the
            steps must not go on until they fit.
    """
    rules = check_in.of(session)
    if rules.liveness == "off" or rules.face == "off":
        return None
    if rules.liveness == "enforce":
        per_hour = parts.settings.challenge_tries_per_hour
        parts.attempts.require_unspent("challenge", f"student:{student}", per_hour)
        parts.attempts.note_failure("challenge", f"student:{student}", per_hour)
    number = parts.settings.challenge_steps
    steps = nearer_and_further(number) if way == "distance" else turns(number)
    life = timedelta(seconds=parts.settings.challenge_seconds)
    return parts.tickets.challenge(int(session["id"]), student, steps, now, life)


def turns(number: int) -> list[str]:
    """One look straight ahead, and turns to both sides.

    Every row of turns is as likely as every other in which at most two neighbours are alike, and
    between those two comes the look ahead. What a clip that runs round and round can show next is
    thereby guessed anew with each turn (docs/accuracy.md).
    """
    while True:
        row = [secrets.choice((liveness.LEFT, liveness.RIGHT)) for _ in range(number - 1)]
        alike = [place for place in range(1, len(row)) if row[place - 1] == row[place]]
        if len(alike) <= 1 and len(set(row)) == 2:
            place = alike[0] if alike else secrets.randbelow(number)
            return [*row[:place], liveness.STRAIGHT, *row[place:]]


def nearer_and_further(number: int) -> list[str]:
    """Near and far by turns."""
    first = secrets.randbelow(2)
    return [(liveness.NEAR, liveness.FAR)[(first + step) % 2] for step in range(number)]


def look(
    parts: Services,
    session: SessionRow,
    student: int,
    pictures: list[bytes],
    challenge: str | None,
) -> Shown:
    """The face of the pictures, which answer a challenge where the course asks for one.

    Raises:
        NotAlive: they do not (`enforce`); `step` tells which picture does not show what was asked.
        PictureUsed: one of them was used before (`enforce`).
        Problem, FacesDiffer: as `Faces.analyse_together`.
    """
    rules = check_in.of(session)
    if rules.liveness == "off" or _is_marked(parts, session, student):
        return Shown(parts.faces.analyse_together(pictures))
    enforced = rules.liveness == "enforce"
    try:
        steps = _answered(parts, session, student, len(pictures), challenge)
    except NotAlive:
        if enforced:
            raise
        frames = parts.faces.study(pictures, all_of_them=False)
        return Shown(combined(frames), doubt=True, fingerprints=_fingerprints(frames))
    frames = parts.faces.study(pictures, all_of_them=True)
    verdict = liveness.judge(frames, steps)
    if not verdict.alive and enforced:
        raise _told(steps, verdict.step)
    shown = Shown(combined(frames), verdict.alive, not verdict.alive, _fingerprints(frames))
    with parts.database.read() as tx:
        require_unused(parts, tx, session, student, shown)
    return shown


def require_unused(
    parts: Services, tx: Transaction, session: SessionRow, student: int, shown: Shown
) -> bool:
    """Whether none of the pictures was used before. Raises `PictureUsed` where that is enforced."""
    since = parts.clock.now() - timedelta(days=parts.settings.picture_memory_days)
    known = used_pictures.of_student(tx, student, since)
    nearest = [signs.apart(each, known) for each in shown.fingerprints]
    unused = not was_used([bits for bits in nearest if bits is not None])
    if not unused and check_in.of(session).liveness == "enforce":
        raise PictureUsed
    return unused


def was_used(nearest: Sequence[int]) -> bool:
    """Whether pictures are ones that were used, by how far each is from the nearest of these: one
    of them is the same, or two are nearly so; where there is one only, it is nearly so."""
    near = sum(bits <= NEAR_BITS for bits in nearest)
    return min(nearest, default=NEAR_BITS + 1) <= SAME_BITS or near >= 2 or near == len(nearest) > 0


def _answered(
    parts: Services, session: SessionRow, student: int, pictures: int, text: str | None
) -> Sequence[str]:
    """The steps of a challenge that may be answered now, and is thereby used up.

    Raises:
        NotAlive: `reason` tells why not.
    """
    if not text:
        raise NotAlive(
            "This course asks you to turn your head. Join again to be told how.", reason="missing"
        )
    now = parts.clock.now()
    try:
        challenge = parts.tickets.read_challenge(text)
    except TicketInvalid:
        raise NotAlive("This challenge is not from this server.", reason="missing") from None
    if (challenge.student, challenge.session_id) != (student, session["id"]):
        raise NotAlive("This challenge is another's, or of another session.", reason="other")
    if challenge.expires_at <= now:
        raise NotAlive("That took too long. Try again, with new steps.", reason="too_late")
    if now - challenge.issued_at < timedelta(seconds=SECONDS_A_STEP * len(challenge.steps)):
        raise NotAlive("Nobody turns the head so quickly. Try again.", reason="too_fast")
    with parts.database.write() as tx:
        fresh = tokens.use_once(tx, challenge.number, student, challenge.expires_at)
    if not fresh:
        raise NotAlive("These steps were answered already. Try again.", reason="used")
    if pictures != len(challenge.steps):
        raise NotAlive(
            f"One picture for each of {len(challenge.steps)} steps is needed.", reason="count"
        )
    return challenge.steps


def _told(steps: Sequence[str], step: int | None) -> NotAlive:
    if step is None:
        return NotAlive(
            "The pictures do not show a head that turned. Turn your own head, in good light.",
            reason="flat",
        )
    asked = steps[step - 1]
    return NotAlive(
        f"Picture {step} does not show what was asked: {asked}. Try again.",
        reason="step",
        step=step,
    )


def _fingerprints(frames: list[FaceResult]) -> list[str]:
    return [frame.signs.fingerprint for frame in frames if frame.signs is not None]


def _is_marked(parts: Services, session: SessionRow, student: int) -> bool:
    """Whether there is a mark, which a second one does not change."""
    with parts.database.read() as tx:
        return marks.of_student_in(tx, session=int(session["id"]), student=student) is not None
