"""A folder of people in, embeddings and refusals out, and what is kept of it."""

from __future__ import annotations

import hashlib
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from facerecog import FaceNotFound, Recognizer, RecognizerConfig, acquisition
from facerecog.acquisition import (
    EmbeddingCache,
    acquire,
    cache_folder,
    identity,
    photographs_of,
)


class Embedder:
    """Numbers made of the bytes themselves; refuses what is empty, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> np.ndarray:
        with self._lock:
            self.asked += 1
        if not data:
            raise FaceNotFound("nobody")
        row = np.frombuffer(hashlib.sha256(data).digest(), np.uint8).astype(np.float32)
        return row / np.linalg.norm(row)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three people with two photographs each, of which one is refused."""
    for person in ("Ada", "Bob", "Cem"):
        (tmp_path / "people" / person).mkdir(parents=True)
        for number in range(2):
            path = tmp_path / "people" / person / f"{number}.jpg"
            path.write_bytes(
                f"{person}{number}".encode() if (person, number) != ("Bob", 1) else b""
            )
    (tmp_path / "people" / "Ada" / "notes.txt").write_text("no picture")
    return tmp_path / "people"


def test_embeddings_bear_the_names_of_their_folders_and_refusals_are_counted(folder: Path) -> None:
    told: list[int] = []
    found = acquire(photographs_of(folder), Embedder(), told=told.append)
    assert found.names == ["Ada", "Ada", "Bob", "Cem", "Cem"]
    assert found.refused == {"face_not_found": 1}
    assert found.refused_of == ["Bob"]
    assert found.photographs == sum(told) == 6
    for row, text in zip(found.embeddings, ("Ada0", "Ada1", "Bob0", "Cem0", "Cem1"), strict=True):
        assert (row == Embedder()(text.encode())).all()


def test_what_was_embedded_is_not_embedded_again(folder: Path, tmp_path: Path) -> None:
    first, second = Embedder(), Embedder()
    one = acquire(photographs_of(folder), first, EmbeddingCache(tmp_path / "cache"))
    other = acquire(photographs_of(folder), second, EmbeddingCache(tmp_path / "cache"))
    assert (first.asked, second.asked) == (6, 0)
    assert (one.embeddings == other.embeddings).all()
    assert (one.names, one.refused) == (other.names, other.refused)
    (folder / "Ada" / "2.jpg").write_bytes(b"new")
    acquire(photographs_of(folder), second, EmbeddingCache(tmp_path / "cache"))
    assert second.asked == 1


def test_a_run_that_is_broken_off_goes_on_where_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquisition, "SHARD", 2)

    def breaks(data: bytes) -> np.ndarray:
        if data == b"Cem0":
            raise KeyboardInterrupt
        return Embedder()(data)

    with pytest.raises(KeyboardInterrupt):
        acquire(photographs_of(folder), breaks, EmbeddingCache(tmp_path / "cache"), threads=1)
    again = Embedder()
    acquire(photographs_of(folder), again, EmbeddingCache(tmp_path / "cache"))
    assert again.asked == 2  # four of six were kept


def test_the_kept_embeddings_are_for_their_owner_and_name_nobody(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    acquire(photographs_of(folder), Embedder(), EmbeddingCache(cache))
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    (shard,) = cache.iterdir()
    assert stat.S_IMODE(shard.stat().st_mode) == 0o600
    with np.load(shard) as arrays:
        assert set(arrays.files) == {"digests", "codes", "embeddings"}
    assert b"Ada" not in shard.read_bytes()


def test_the_cache_lies_outside_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    project = Path(acquisition.__file__).resolve().parent.parent
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert not cache_folder().is_relative_to(project)
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache_folder() == Path("/elsewhere/facerecog/evaluate")


def test_other_networks_or_settings_are_another_identity(recognizer: Recognizer) -> None:
    one = identity(recognizer)
    assert one == identity(recognizer)
    with Recognizer(RecognizerConfig(margin=32)) as other:
        assert identity(other) != one
    with Recognizer(RecognizerConfig(precision="f32")) as other:
        assert identity(other) != one
    with Recognizer(RecognizerConfig(threads=1, max_queue=3)) as other:
        assert identity(other) == one


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    found = acquire(photographs_of(tmp_path), Embedder())
    assert (found.photographs, found.names, len(found.embeddings)) == (0, [], 0)


def test_a_photograph_may_be_one_thing_as_a_probe_and_another_as_a_template(
    folder: Path, tmp_path: Path
) -> None:
    def looks(data: bytes) -> np.ndarray:
        probe = Embedder()(data)
        return np.stack([probe, probe[::-1]])

    for _ in range(2):  # the second time they are read
        found = acquire(photographs_of(folder), looks, EmbeddingCache(tmp_path / "cache"))
        assert found.templates is not None
        assert (found.embeddings[0] == Embedder()(b"Ada0")).all()
        assert (found.templates == found.embeddings[:, ::-1]).all()
