"""Photographs that a school chose to keep: encrypted files, named at random, one per template."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from attendance.core import files
from attendance.core.errors import Unavailable
from attendance.crypto.vault import Vault
from facerecog import containers

log = logging.getLogger("attendance")


class PhotoStore:
    """Keeps and deletes photographs in one folder."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder = folder
        self._vault = vault

    def keep(self, student: int, picture: bytes) -> str | None:
        """Keep the pixels of a picture, and nothing else that its file tells; return its name.

        Place, time, device and previews are taken out, the pixels are not encoded anew. A file
        without its end, of which nobody can say where its pixels end, is not kept: None.

        Raises:
            ImageUnreadable: it is no picture.
            Unavailable: as `store`.
        """
        if not containers.read(picture).complete:
            return None
        return self.store(student, containers.without_metadata(picture))

    def store(self, student: int, picture: bytes) -> str:
        """Write a picture, encrypted, and return its name. A half-written file never has one.

        Raises:
            Unavailable: the disk is full, or cannot be written.
        """
        token = secrets.token_hex(12)
        key_id, data = self._vault.encrypt(picture, owner=f"photo:{student}:{token}")
        name = f"{token}.{key_id}.enc"
        try:
            self.put(name, data)
        except OSError as error:
            log.error("a photograph could not be kept: %s", error)
            raise Unavailable("The photograph cannot be kept now. Try again later.") from error
        return name

    def put(self, name: str, data: bytes) -> None:
        """Write a picture that is encrypted already, under the name that it was given."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files.write(self.folder / name, data)

    def read(self, student: int, name: str) -> bytes:
        """The picture again. Raises `Undecryptable` or `FileNotFoundError`."""
        token, key_id, _ = name.split(".")
        data = (self.folder / name).read_bytes()
        return self._vault.decrypt(key_id, data, owner=f"photo:{student}:{token}")

    def discard(self, names: Iterable[str]) -> None:
        """Delete pictures; one that is gone already is no error."""
        for name in names:
            try:
                (self.folder / name).unlink(missing_ok=True)
            except OSError as error:
                log.error("a photograph could not be deleted: %s", error)

    def names(self, *, older_than: datetime) -> list[str]:
        """The pictures and half-written files in the folder that were written before a time."""
        if not self.folder.is_dir():
            return []
        return sorted(
            path.name
            for path in self.folder.glob("*.enc")
            if path.stat().st_mtime < older_than.timestamp()
        )


def key_of(name: str) -> str:
    """Id of the key that the picture of this name is encrypted with."""
    return name.split(".")[1]
