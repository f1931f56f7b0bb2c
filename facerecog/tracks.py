"""Faces followed from frame to frame, and judged by several frames together.

Boxes are joined as in SORT (Bewley et al. 2016, https://arxiv.org/abs/1602.00763): each track is
moved on by its velocity and takes the detection that overlaps it most. Where a face jumped too far
for that, as it does at few frames a second, what is left over is joined by appearance, as in
DeepSORT (Wojke et al. 2017, https://arxiv.org/abs/1703.07402); and a face that lies right but looks
like somebody else begins a track of its own.

A track keeps its best frames' embeddings, and who it is follows from all of them together. What is
known of it once costs nothing more: :meth:`Tracker.wanted` tells which faces of the next frame need
no embedding. As soon as a face turns out to be nobody's of the gallery, its embeddings are gone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from . import boxes as bx
from .frames import Frame, Seen, Settled, Wanted
from .matching import Key, Match
from .motion import Motion

State = Literal["known", "uncertain", "unknown", "small"]
KNOWN: State = "known"
UNCERTAIN: State = "uncertain"
UNKNOWN: State = "unknown"
SMALL: State = "small"

OVERLAP = 0.25
"""Least intersection over union of a track, moved on, with the detection that continues it."""
KEPT = 5
"""Frames of a track that are judged together; more gain little (docs/accuracy.md)."""
AGREE = 2 / 3
"""Part of these frames of which each, alone, must have the same person nearest."""
ALIKE = 0.8
"""Of the distance of two people, within which a face is one's that is looked for by its looks."""
LOST_SECONDS = 2.5
"""Who was not seen for so long may sit anywhere: only by its looks is such a face found again."""
PAUSED_SECONDS = 15.0
"""Where no frame came meanwhile, faces are looked for in their places for so long, and keep their
names there until it was seen, as soon as possible, whether they are the same."""
AWAY_SECONDS = 60.0
"""Whoever had a name is found again within this time, and has it at once."""
AGAIN = {KNOWN: 25, UNCERTAIN: 8, UNKNOWN: 40, SMALL: 1}
"""After how many frames a decided face is embedded again: somebody else may sit there by now, and
whoever was turned away may look up."""
FASTEST = 1.5
"""By how much of its side a face moves between two frames at most, to be looked for there."""


@dataclass(frozen=True)
class Verdict:
    """What a gallery says of one probe."""

    nearest: Match | None
    """The nearest person, however far; None: the gallery is empty."""
    is_named: bool
    """Near enough, and clearly nearer than the second, to be given the name."""
    is_like: bool
    """Near enough that it could be the nearest person."""
    candidates: tuple[Match, ...] = ()
    """The nearest people who could be meant, the nearest first."""


Judge = Callable[[np.ndarray], Verdict]
NOBODY = Verdict(None, False, False)


@dataclass(frozen=True)
class Rules:
    """When enough is known of a track."""

    enough: int = 3
    """Frames from which a face may get its name."""
    patience: int = 5
    """Frames after which a face without a name is uncertain or unknown."""
    apart: float = 1.25
    """Distance of two embeddings from which they are of two people."""


@dataclass(frozen=True, eq=False)
class Shot:
    """One embedded frame of a track."""

    embedding: np.ndarray
    quality: float
    nearest: Key | None
    crop: bytes


@dataclass
class Track:
    """One face that is followed."""

    id: int
    box: np.ndarray
    """(4,) float32: parts of the frame's width and height."""
    seen_at: float
    first_at: float
    motion: Motion = field(default_factory=Motion)
    velocity: np.ndarray = field(default_factory=lambda: np.zeros(4, np.float32))
    frames: int = 1
    shots: list[Shot] = field(default_factory=list)
    embedded: int = 0
    """Embeddings since the track began, or was last forgotten."""
    embedded_frame: int = 0
    state: State = UNKNOWN
    decided: bool = False
    verdict: Verdict = NOBODY
    still: bool = False
    """It would have a name, but has never moved: it may be a picture on the wall."""
    side: float = 0.0

    @property
    def key(self) -> Key | None:
        """Who it is, where that is known."""
        return self.verdict.nearest.key if self.state == KNOWN and self.verdict.nearest else None

    @property
    def distance(self) -> float | None:
        """How far from that person's templates, where that is known."""
        known = self.state == KNOWN and self.verdict.nearest
        return self.verdict.nearest.distance if known and self.verdict.nearest else None

    @property
    def crop(self) -> bytes:
        """A small picture of its best frame, or nothing."""
        return max(self.shots, key=lambda shot: shot.quality).crop if self.shots else b""

    def expected(self, at: float) -> np.ndarray:
        """Where its box should be at a time: moved on, but after a pause where it was."""
        passed = at - self.seen_at
        return self.box + self.velocity * np.float32(passed if passed <= LOST_SECONDS else 0)

    def forget(self) -> None:
        """Keep nothing of the face but where it is."""
        self.shots, self.embedded = [], 0

    def needs_embedding(self) -> bool:
        """Whether the next frame's face should be embedded whatever its quality."""
        return not self.decided or self.frames - self.embedded_frame >= AGAIN[self.state]


class Tracker:
    """The tracks of one camera. For one thread at a time."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.tracks: list[Track] = []
        self._numbers = itertools.count(1)
        self._last_at = 0.0

    def wanted(self, at: float, usual: Wanted) -> Wanted:
        """What is wanted of the next frame, which is of this time in seconds."""
        settled = [
            Settled(
                tuple(float(edge) for edge in track.expected(at)),  # type: ignore[arg-type]  # four
                max((shot.quality for shot in track.shots), default=1.0),
            )
            for track in self.tracks
            if at - track.seen_at <= LOST_SECONDS and not track.needs_embedding()
        ]
        return Wanted(usual.min_face, usual.min_embedded, usual.most_embedded, settled, usual.crops)

    def keep(self, keys: Container[Key]) -> None:
        """Forget whatever was judged of people who are not in the gallery any more."""
        for track in self.tracks:
            nearest = track.verdict.nearest
            if nearest is not None and nearest.key not in keys:
                track.forget()
                track.state, track.decided, track.still = UNKNOWN, False, False
                track.verdict = NOBODY

    def update(self, frame: Frame, at: float, judge: Judge, min_side: float) -> list[Track]:
        """Take a frame's faces; return the tracks that it shows, one for each face, in their order.

        Args:
            frame: what `Recognizer.look` found.
            at: when it was taken, seconds; not before an earlier one.
            judge: compares with the gallery of this moment.
            min_side: smaller faces, in pixels, say too little.
        """
        self.tracks = [track for track in self.tracks if self._waits(track, at)]
        found = frame.faces
        joined = self._joined(found, at)
        self._recall(joined, found, at, judge)
        shown = []
        for place, face in enumerate(found):
            track = joined.get(place)
            if track is None:
                track = Track(next(self._numbers), face.box, at, at)
                self.tracks.append(track)
            else:
                if at - track.seen_at > LOST_SECONDS:
                    track.embedded_frame = track.frames - max(AGAIN.values())
                _move(track, face, at)
            track.side = face.side
            track.motion.add(face.box, frame.width, frame.height, face.landmarks)
            self._judge(track, face, judge, min_side)
            shown.append(track)
        self._one_name_once(shown)
        self._last_at = at
        return shown

    def _is_there(self, track: Track, at: float) -> bool:
        """Whether a track is looked for where it was: of the last frame also after a pause, as of
        a camera that has much to send over a slow line."""
        passed = at - track.seen_at
        is_of_last = track.seen_at == self._last_at and passed <= PAUSED_SECONDS
        return passed <= LOST_SECONDS or is_of_last

    def _waits(self, track: Track, at: float) -> bool:
        """Whether a track may still be continued: of whoever has a name the longest."""
        is_named = track.state == KNOWN and bool(track.shots)
        return self._is_there(track, at) or (is_named and at - track.seen_at <= AWAY_SECONDS)

    # -- which face is which track's

    def _joined(self, found: Sequence[Seen], at: float) -> dict[int, Track]:
        """The track of each face, by its place, as far as it has one."""
        joined: dict[int, Track] = {}
        tracks = [track for track in self.tracks if self._is_there(track, at)]
        if not found or not tracks:
            return joined
        boxes = np.stack([face.box for face in found])
        expected = [track.expected(at) for track in tracks]
        overlaps = np.stack([bx.overlaps(box, boxes) for box in expected])
        near = np.stack([_nearness(box, boxes) for box in expected])
        self._take(joined, tracks, found, overlaps, OVERLAP)
        self._take(joined, tracks, found, near, 0.0)
        self._take_alike(joined, tracks, found)
        return joined

    def _take(
        self,
        joined: dict[int, Track],
        tracks: Sequence[Track],
        found: Sequence[Seen],
        scores: np.ndarray,
        least: float,
    ) -> None:
        """Join the best pairs first, of those who have no partner yet."""
        taken = {track.id for track in joined.values()}
        order = np.dstack(np.unravel_index(np.argsort(-scores, axis=None), scores.shape))[0]
        for row, place in order:
            if scores[row, place] <= least:
                return
            track = tracks[row]
            if place in joined or track.id in taken or self._is_another(track, found[place]):
                continue
            joined[int(place)] = track
            taken.add(track.id)

    def _take_alike(
        self, joined: dict[int, Track], tracks: Sequence[Track], found: Sequence[Seen]
    ) -> None:
        taken = {track.id for track in joined.values()}
        for place, face in enumerate(found):
            if place in joined or face.embedding is None:
                continue
            alike = [
                (distance, track)
                for track in tracks
                if track.id not in taken
                and track.shots
                and (distance := _apart(track, face.embedding)) < self.rules.apart * ALIKE
            ]
            if alike:
                track = min(alike, key=lambda pair: pair[0])[1]
                joined[place] = track
                taken.add(track.id)

    def _recall(
        self, joined: dict[int, Track], found: Sequence[Seen], at: float, judge: Judge
    ) -> None:
        """Let whoever was away go on with the track of before, in place of a new one."""
        away = [track for track in self.tracks if not self._is_there(track, at)]
        for place, face in enumerate(found):
            new = joined.get(place)
            if not away or face.embedding is None or (new is not None and new.decided):
                continue
            nearest = judge(face.embedding).nearest
            alike = [
                (distance, track)
                for track in away
                if (distance := _apart(track, face.embedding)) < self.rules.apart * ALIKE
                and nearest is not None
                and nearest.key == track.key
            ]
            if not alike:
                continue
            track = min(alike, key=lambda pair: pair[0])[1]
            away.remove(track)
            if new is not None:
                self.tracks.remove(new)
            track.velocity = np.zeros(4, np.float32)
            track.box = face.box
            joined[place] = track

    def _is_another(self, track: Track, face: Seen) -> bool:
        if face.embedding is None or not track.shots:
            return False
        return _apart(track, face.embedding) > self.rules.apart

    # -- who it is

    def _judge(self, track: Track, face: Seen, judge: Judge, min_side: float) -> None:
        if face.side < min_side and not track.shots:
            if not track.decided:
                track.state = SMALL
            return
        if track.state == SMALL:
            track.state = UNKNOWN
        if face.embedding is None:
            if track.still:
                self._decide(track)
            return
        if track.state == UNKNOWN and track.decided:
            track.forget()  # it is looked at from the beginning
            track.decided = False
        alone = judge(face.embedding)
        quality = 0.01 if face.quality is None else max(face.quality.quality, 0.01)
        key = alone.nearest.key if alone.nearest else None
        track.shots.append(Shot(face.embedding, quality, key, face.crop))
        if len(track.shots) > KEPT:
            track.shots.remove(min(track.shots, key=lambda shot: shot.quality))
        track.embedded += 1
        track.embedded_frame = track.frames
        track.verdict = judge(_together(track.shots))
        self._decide(track)

    def _decide(self, track: Track) -> None:
        track.still = False
        if self._has_name(track):
            track.decided = True
            if track.motion.has_moved:
                track.state = KNOWN
            else:
                track.state, track.still = UNCERTAIN, True
            return
        if track.embedded < self.rules.patience:
            return
        track.decided = True
        if track.verdict.is_like:
            track.state = UNCERTAIN
        else:
            track.state, track.verdict = UNKNOWN, NOBODY
            track.forget()

    def _has_name(self, track: Track) -> bool:
        verdict = track.verdict
        if not verdict.is_named or verdict.nearest is None or track.embedded < self.rules.enough:
            return False
        agree = sum(shot.nearest == verdict.nearest.key for shot in track.shots)
        return agree >= AGREE * len(track.shots)

    def _one_name_once(self, shown: Sequence[Track]) -> None:
        """Of two faces in one frame that bear one name, the farther is not sure of it: a mirror, a
        picture of somebody who is there, or a look-alike."""
        nearest: dict[Key, Track] = {}
        for track in sorted(shown, key=lambda track: track.distance or 0.0):
            key = track.key
            if key is None:
                continue
            if key in nearest:
                track.state, track.decided = UNCERTAIN, True
            else:
                nearest[key] = track


def _move(track: Track, face: Seen, at: float) -> None:
    passed = max(at - track.seen_at, 1e-3)
    velocity = (face.box - track.box) / np.float32(passed)
    track.velocity = (track.velocity + velocity) / 2
    track.box, track.seen_at = face.box, at
    track.frames += 1


def _nearness(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """How near (n,) boxes of like size lie to a box: 1 in the same place, 0 too far away."""
    size = box[2:] - box[:2]
    sizes = boxes[:, 2:] - boxes[:, :2]
    ratio = (sizes / np.maximum(size, 1e-6)).mean(axis=1)
    middle = (box[:2] + box[2:]) / 2
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    away = np.linalg.norm((middles - middle) / np.maximum(size, 1e-6), axis=1)
    return np.where((ratio > 0.6) & (ratio < 1.7), 1 - away / FASTEST, 0.0)


def _together(shots: Sequence[Shot]) -> np.ndarray:
    """One probe of several frames: the mean weighted by quality, as in facerecog/joint.py."""
    weights = np.array([shot.quality for shot in shots], np.float32)
    mean = weights @ np.stack([shot.embedding for shot in shots])
    return (mean / np.linalg.norm(mean)).astype(np.float32)


def _apart(track: Track, embedding: np.ndarray) -> float:
    """Distance of a face to the frames of a track together."""
    cosine = float(_together(track.shots) @ embedding)
    return float(np.sqrt(max(2 - 2 * cosine, 0)))
