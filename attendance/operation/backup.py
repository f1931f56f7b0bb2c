"""`flask backup` and `flask restore`: the database and the kept photographs in one file.

The file is a ZIP archive: `manifest.json`, `attendance.db` (SQLite, whatever the installation
runs on), `uploads/…` and, only if asked for, `encryption.keys`. It goes back into any database,
so it is also the way from SQLite to MySQL or PostgreSQL.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attendance.core.audit import By
from attendance.core.clock import iso
from attendance.core.services import Services
from attendance.crypto.keys import (
    encryption_keys,
    formatted_keys,
    parsed_keys,
    store_encryption_keys,
)
from attendance.faces.photos import key_of
from database import Database, copying, encrypted, faces, migrate
from database.migrate import current_revision, is_known

Progress = Callable[[int], object]

FORMAT = 1
MANIFEST, DATABASE, KEYS, UPLOADS = "manifest.json", "attendance.db", "encryption.keys", "uploads/"
_PHOTO = re.compile(r"[0-9a-f]{24}\.[A-Za-z0-9_-]{1,16}\.enc")


# What a damaged archive raises while it is read.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class BackupUnusable(Exception):
    """The file is no backup, is damaged, or needs what is not here; the message says which."""


@dataclass(frozen=True)
class Saved:
    """What a backup holds."""

    photos: int
    # deleted between the snapshot of the database and the copy of the file
    gone: int
    keys: bool


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    made_at: str
    rows: int
    photos: int


def save(parts: Services, path: Path, by: By, *, with_keys: bool, progress: Progress) -> Saved:
    """Write a backup of the running installation to `path`."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        copied = Path(folder) / DATABASE
        copying.save(parts.database, copied, progress)
        names, revision = _described(copied)
        gone = 0
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(copied, DATABASE, zipfile.ZIP_DEFLATED)
            for name in names:
                try:
                    archive.write(parts.faces.photos.folder / name, UPLOADS + name)
                except FileNotFoundError:
                    gone += 1
                progress(1)
            if with_keys:
                archive.writestr(KEYS, formatted_keys(encryption_keys(parts.settings)))
            manifest = {
                "format": FORMAT,
                "made_at": iso(parts.clock.now()),
                "revision": revision,
                "database": parts.database.dialect,
                "photos": len(names) - gone,
                "keys": with_keys,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
    with parts.database.write() as tx:
        by.note(tx, parts.clock.now(), "backup.save", "installation", new=manifest)
    return Saved(len(names) - gone, gone, with_keys)


def size(parts: Services) -> int:
    """How many steps of progress `save` and `restore` take, about."""
    with parts.database.read() as tx:
        photos = len(encrypted.photos(tx))
    return photos + (0 if parts.database.dialect == "sqlite" else copying.rows(parts.database))


def restore(
    parts: Services, path: Path, by: By, *, without_faces: bool, progress: Progress
) -> Restored:
    """Replace everything in the installation by what the backup holds.

    The database changes in one transaction: until its end everybody sees the old state, and after
    an error it is the old state that stays. Every token ends, and running processes read the
    faces again.

    Args:
        without_faces: leave templates and photographs behind, where their key is lost.

    Raises:
        BackupUnusable: see there; nothing was changed.
    """
    with _opened(path) as archive, tempfile.TemporaryDirectory(prefix="restore-") as folder:
        manifest = _manifest(archive)
        copied = Path(folder) / DATABASE
        with archive.open(DATABASE) as packed, copied.open("wb") as file:
            shutil.copyfileobj(packed, file)
        source = copying.opened(copied)
        try:
            migrate(source)
            if without_faces:
                with source.write() as tx:
                    encrypted.delete_all(tx)
            _require_keys(parts, archive, source)
            migrate(parts.database)
            photos = 0 if without_faces else _unpack_photos(parts, archive, progress)
            rows = copying.rows(source)
            obsolete = _replace_rows(parts, source, by, manifest, progress)
        finally:
            source.close()
    parts.faces.photos.discard(obsolete)
    return Restored(str(manifest["made_at"]), rows, photos)


def _described(copied: Path) -> tuple[list[str], str | None]:
    """The photographs that a copied database names, and its revision."""
    database = copying.opened(copied)
    try:
        with database.read() as tx:
            return encrypted.photos(tx), current_revision(database)
    finally:
        database.close()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
        damaged = archive.testzip()
    except _UNREADABLE:
        raise BackupUnusable(f"{path} is not a backup, or damaged, or only a part") from None
    if damaged is not None:
        raise BackupUnusable(f"{path} is damaged: {damaged}")
    return archive


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        known = manifest["format"] == FORMAT and DATABASE in archive.namelist()
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise BackupUnusable("this is not a backup of this application")
    if not is_known(manifest["revision"]):
        raise BackupUnusable("this backup was made by a newer version of the application")
    return manifest


def _require_keys(parts: Services, archive: zipfile.ZipFile, source: Database) -> None:
    """Make sure that every key that the backup needs is there; keys in the backup are added."""
    with source.read() as tx:
        needed = encrypted.key_ids(tx) | {key_of(name) for name in encrypted.photos(tx)}
    missing = needed - set(parts.vault.key_ids)
    if missing and KEYS in archive.namelist():
        packed = parsed_keys(archive.read(KEYS).decode("ascii"))
        added = {key_id: key for key_id, key in packed.items() if key_id in missing}
        missing -= added.keys()
        if added and parts.settings.encryption_keys is not None:
            raise BackupUnusable(
                "add this to ENCRYPTION_KEYS first: " + formatted_keys(added).replace("\n", ",")
            )
        if not missing:
            store_encryption_keys(parts.settings, {**encryption_keys(parts.settings), **added})
    if missing:
        raise BackupUnusable(
            f"faces in this backup need the encryption key {', '.join(sorted(missing))}, which is "
            "neither here nor in the backup (--without-faces restores everything else)"
        )


def _unpack_photos(parts: Services, archive: zipfile.ZipFile, progress: Progress) -> int:
    number = 0
    for entry in archive.namelist():
        name = entry.removeprefix(UPLOADS)
        if entry.startswith(UPLOADS) and _PHOTO.fullmatch(name):
            parts.faces.photos.put(name, archive.read(entry))
            number += 1
            progress(1)
    return number


def _replace_rows(
    parts: Services, source: Database, by: By, manifest: dict[str, Any], progress: Progress
) -> list[str]:
    """Copy every row; returns the names of photographs that nothing points to any more."""
    with source.read() as old, parts.database.write() as tx:
        faces.lock(tx)
        before, photos = copying.faces_before(tx), set(encrypted.photos(tx))
        ids = copying.copy(old, tx, progress)
        copying.refresh_faces(tx, before)
        now = parts.clock.now()
        copying.end_tokens(tx)
        by.note(tx, now, "backup.restore", "installation", new=manifest)
        obsolete = sorted(photos - set(encrypted.photos(tx)))
    copying.continue_ids(parts.database, ids)
    return obsolete
