"""The photographs of an evaluation: a folder of people in, embeddings and refusals out.

What was embedded is kept (:class:`EmbeddingCache`), so that an evaluation that was broken off goes
on where it was, and the next one of the same networks takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .errors import FaceRecogError
from .models import SFACE_WEIGHT
from .recognizer import Recognizer

Embedder = Callable[[bytes], np.ndarray]
"""The bytes of a photograph in, its embedding out: (d,), or (2, d) where a template differs from a
probe, the probe first; refuses with a FaceRecogError."""

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
SHARD = 64
"""Photographs that are written together: what a broken run loses at most."""
MAKING = 2
"""Counted up when the way from a photograph to its embeddings changes."""
UNLIKE_OTHERS = {"models_dir", "threads", "max_queue", "max_batch", "retry_after"}
"""Settings that leave an embedding as it is."""


@dataclass(frozen=True)
class Acquired:
    """What a folder of photographs gave."""

    embeddings: np.ndarray
    """(n, d) float32 of unit length: each photograph as a probe."""
    names: list[str]
    """Whose each embedding is: the name of the folder."""
    refused: Counter[str]
    """How many photographs were refused, by the code of the reason: failures to acquire."""
    refused_of: list[str]
    """Whose each refused photograph was."""
    templates: np.ndarray | None = None
    """(n, d) float32: each photograph as a template; None: the same as the probe."""

    @property
    def photographs(self) -> int:
        """How many there were."""
        return len(self.names) + self.refused.total()


def photographs_of(folder: Path) -> list[Path]:
    """Return the pictures of a folder that holds one folder for each person, in order."""
    return sorted(
        path
        for path in folder.glob("*/*")
        if path.suffix.lower() in ENDINGS and not path.parent.name.startswith(".")
    )


def acquire(
    photographs: list[Path],
    embed: Embedder,
    cache: EmbeddingCache | None = None,
    told: Callable[[int], object] = lambda done: None,
    threads: int = 4,
) -> Acquired:
    """Embed photographs, each of the person whose folder it lies in.

    Args:
        photographs: see :func:`photographs_of`.
        embed: called by several threads.
        cache: of this embedder, or nothing is kept.
        told: called with 1 for each photograph that is done.
        threads: how many photographs are under way at once.
    """

    def one(path: Path) -> np.ndarray | str:
        data = path.read_bytes()
        kept = cache.get(data) if cache else None
        if kept is None:
            try:
                kept = embed(data)
            except FaceRecogError as error:
                kept = error.code
            if cache:
                cache.put(data, kept)
        told(1)
        return kept

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(one, photographs))
    if cache:
        cache.save()
    names = [path.parent.name for path in photographs]
    embedded = [one for one in found if not isinstance(one, str)]
    rows = np.stack(embedded) if embedded else np.empty((0, 0), np.float32)
    return Acquired(
        rows[:, 0] if rows.ndim == 3 else rows,
        [name for name, one in zip(names, found, strict=True) if not isinstance(one, str)],
        Counter(one for one in found if isinstance(one, str)),
        [name for name, one in zip(names, found, strict=True) if isinstance(one, str)],
        rows[:, 1] if rows.ndim == 3 else None,
    )


class EmbeddingCache:
    """Embeddings by the SHA-256 of their photographs, in files of a folder; safe for threads.

    They are biometric data: the folder is its owner's alone (0700), and nothing else is kept,
    neither names nor pictures.
    """

    def __init__(self, folder: Path) -> None:
        """Read what ``folder`` holds; it is made when there is none."""
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._kept: dict[bytes, np.ndarray | str] = {}
        self._new: list[tuple[bytes, np.ndarray | str]] = []
        for shard in sorted(folder.glob("*.npz")):
            with np.load(shard) as arrays:
                found = zip(arrays["digests"], arrays["codes"], strict=True)
                rows = iter(arrays["embeddings"])
                for digest, code in found:
                    self._kept[digest.tobytes()] = str(code) if code else next(rows)

    def get(self, data: bytes) -> np.ndarray | str | None:
        """Return the embedding of a photograph, the code of its refusal, or None."""
        return self._kept.get(hashlib.sha256(data).digest())

    def put(self, data: bytes, found: np.ndarray | str) -> None:
        """Keep what was found in a photograph."""
        digest = hashlib.sha256(data).digest()
        with self._lock:
            self._kept[digest] = found
            self._new.append((digest, found))
            full = len(self._new) >= SHARD
        if full:
            self.save()

    def save(self) -> None:
        """Write what is new as one file, whole or not at all."""
        with self._lock:
            new, self._new = self._new, []
        if not new:
            return
        embeddings = [found for _, found in new if not isinstance(found, str)]
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                digests=np.array([list(digest) for digest, _ in new], np.uint8),
                codes=np.array([found if isinstance(found, str) else "" for _, found in new]),
                embeddings=np.array(embeddings, np.float32),
            )
        path = Path(name)
        path.replace(path.with_suffix(".npz"))


def cache_folder() -> Path:
    """Return where embeddings of evaluations are kept: outside the project, in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "facerecog" / "evaluate"


def identity(recognizer: Recognizer) -> str:
    """Return a name for what decides how a recognizer embeds: networks, precision and settings."""
    settings = {k: v for k, v in asdict(recognizer.config).items() if k not in UNLIKE_OTHERS}
    info = {k: v for k, v in recognizer.info.items() if k != "threads"}
    text = json.dumps([MAKING, SFACE_WEIGHT, settings, info], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
