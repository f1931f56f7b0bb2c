"""The cameras that look at this moment, of this process: one frame at a time of each.

Nothing here is written anywhere. A camera is forgotten with its connection, and what it knows of a
face with the face's track.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from attendance.core.errors import FrameOutOfOrder, FramePending, TooManyCameras
from facerecog.tracks import Tracker

IDLE_SECONDS = 120.0
"""A camera that has sent nothing for so long makes room for another."""
OF_ONE = 4
"""Cameras of one connection."""
LEFT_SECONDS = 5.0
"""Of one connection's, one that has sent nothing for so long makes room for another session's: a
room has one lesson after the other before the same camera."""
COUNTED = ("frames", "faces", "known", "uncertain", "unknown", "marked")


@dataclass
class Camera:
    """One camera that looks at a session."""

    session: int
    name: str
    tracker: Tracker = field(default_factory=Tracker)
    last_seq: int = -1
    busy: bool = False
    used_at: float = 0.0
    # what is still to be written of how much it looked
    frames: int = 0
    looked_from: float | None = None
    looked_at: float = 0.0
    # by student: when he or she was last announced, and when last written down as seen
    announced: dict[int, float] = field(default_factory=dict)
    written: dict[int, float] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)
    # tracks of which the teacher was asked, and the student who was named first; None: of nobody
    asked: dict[int, int | None] = field(default_factory=dict)
    counted: dict[int, str] = field(default_factory=dict)


class Cameras:
    """Who looks, and the counts of what was seen since the process began. Safe for threads."""

    def __init__(self, most: int) -> None:
        """`most`: how many cameras may look at once."""
        self._most = most
        self._lock = threading.Lock()
        self._cameras: dict[tuple[str, int, str], Camera] = {}
        self.counts: Counter[str] = Counter()
        self.seconds = 0.0
        # told how many seconds each frame took
        self.observe: Callable[[float], object] = lambda _seconds: None

    @property
    def open(self) -> int:
        """How many cameras have looked within the last minutes."""
        now = time.monotonic()
        with self._lock:
            return sum(now - camera.used_at < IDLE_SECONDS for camera in self._cameras.values())

    @contextmanager
    def turn(self, connection: str, session: int, name: str, seq: int) -> Iterator[Camera]:
        """The camera of a connection, for the time of one frame.

        Raises:
            FramePending: its last frame is not answered yet.
            FrameOutOfOrder: a later frame has come before.
            TooManyCameras: as many look already as may.
        """
        camera = self._taken(connection, session, name, seq)
        try:
            yield camera
        finally:
            with self._lock:
                camera.busy = False
                camera.used_at = time.monotonic()

    def _taken(self, connection: str, session: int, name: str, seq: int) -> Camera:
        key = (connection, session, name)
        now = time.monotonic()
        with self._lock:
            camera = self._cameras.get(key)
            if camera is None:
                self._make_room(connection, now)
                camera = self._cameras[key] = Camera(session, name, used_at=now)
            if camera.busy:
                raise FramePending
            if seq <= camera.last_seq:
                raise FrameOutOfOrder
            camera.busy, camera.last_seq, camera.used_at = True, seq, now
            return camera

    def _make_room(self, connection: str, now: float) -> None:
        self._forget(IDLE_SECONDS, now)
        if self._own(connection) >= OF_ONE:
            self._forget(LEFT_SECONDS, now, connection)
        if self._own(connection) >= OF_ONE or len(self._cameras) >= self._most:
            raise TooManyCameras

    def _own(self, connection: str) -> int:
        return sum(key[0] == connection for key in self._cameras)

    def _forget(self, seconds: float, now: float, connection: str | None = None) -> None:
        """Forget cameras, of one connection or of all, that have sent nothing for so long."""
        for key, camera in list(self._cameras.items()):
            is_meant = connection in (None, key[0])
            if is_meant and not camera.busy and now - camera.used_at > seconds:
                del self._cameras[key]

    def leave(self, connection: str) -> None:
        """Forget the cameras of a connection that has ended, and all that they knew."""
        with self._lock:
            for key in [key for key in self._cameras if key[0] == connection]:
                del self._cameras[key]

    def count(self, **seen: int) -> None:
        """Add to the counts: frames, faces, known, uncertain, unknown, marked."""
        with self._lock:
            self.counts.update(seen)

    def figures(self) -> dict[str, Any]:
        """The counts, how many cameras look, and how long a frame took on the average."""
        with self._lock:
            counts, seconds = Counter(self.counts), self.seconds
        frames = counts["frames"]
        return {
            "open": self.open,
            **{name: counts[name] for name in COUNTED},
            "ms_per_frame": round(1000 * seconds / frames, 1) if frames else None,
            "frames_per_second": round(frames / seconds, 1) if frames and seconds else None,
        }

    def timed(self, seconds: float) -> None:
        """Add one frame's time."""
        with self._lock:
            self.seconds += seconds
        self.observe(seconds)
