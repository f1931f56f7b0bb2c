"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from attendance.core import files


def test_a_file_takes_its_place_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")
    with files.whole(path) as draft:
        draft.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["list.csv"]


def test_what_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")
    with suppress(ZeroDivisionError), files.whole(path) as draft:
        draft.write_text("ne")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["list.csv"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_only_the_owner_can_read_what_is_written(tmp_path: Path) -> None:
    with files.whole(tmp_path / "backup") as draft:
        assert draft.stat().st_mode & 0o777 == 0o600
        draft.write_bytes(b"faces")
    files.write(tmp_path / "photo", b"face")
    files.write_first(tmp_path / "key", b"secret")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_two_writers_do_not_share_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with files.whole(path) as one, files.whole(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"  # the outer block ended last


def test_the_first_of_two_writers_is_the_one_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "key"
    files.write_first(path, b"first")
    files.write_first(path, b"second")
    assert path.read_bytes() == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_file_system_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", refused)
    files.write_first(tmp_path / "key", b"first")
    assert (tmp_path / "key").read_bytes() == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
