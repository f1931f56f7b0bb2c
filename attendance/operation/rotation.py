"""Changing the encryption key while the server runs.

The new key is put first, so that everything new is encrypted with it; then what is old is
re-encrypted, a batch per transaction; then the keys that nothing uses any more are removed. It can
be interrupted at any point: the next run goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from attendance.core.audit import By
from attendance.core.services import Services
from attendance.crypto.keys import (
    encryption_keys,
    formatted_keys,
    new_encryption_key,
    parsed_keys,
    store_encryption_keys,
)
from attendance.crypto.vault import OF_TIMETABLES, OF_WEBHOOKS, of_notes, of_templates
from attendance.faces.photos import key_of
from database import Row, Transaction, absence_notes, encrypted, faces, stored_settings

BATCH = 100


@dataclass
class Rotated:
    """What a run did."""

    current: str
    resumed: bool
    changed: int = 0
    lost_photos: int = 0
    removed: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    # to be set in the environment, where the keys come from there
    next_keys: str | None = None


def rotate(
    parts: Services, by: By, *, keep_old: bool, progress: Callable[[int], object]
) -> Rotated:
    """Make a new key current and re-encrypt everything with it.

    Where the keys come from the environment, the first of them is current; when all is encrypted
    with it already, the answer proposes the keys for the next change (`next_keys`).

    Args:
        keep_old: leave old keys in their file, for backups that need them.
        progress: told how many pieces each batch has changed.

    Raises:
        Undecryptable: a key is missing.
    """
    from_environment = parts.settings.encryption_keys is not None
    with parts.database.read() as tx:
        outdated = _used(tx) - {parts.vault.current}
    result = Rotated(current=parts.vault.current, resumed=bool(outdated))
    if not outdated:
        keys = {**parsed_keys(new_encryption_key()), **encryption_keys(parts.settings)}
        if from_environment:
            result.next_keys = formatted_keys(keys).replace("\n", ",")
            return result
        store_encryption_keys(parts.settings, keys)
        result.current = parts.vault.current
    while True:
        for changed, lost in _change_batches(parts, result.current):
            result.changed += changed
            result.lost_photos += lost
            progress(changed)
        if _finish(parts, by, result, keep=keep_old or from_environment):
            return result


def count(parts: Services) -> int:
    """How many pieces a complete change will re-encrypt."""
    with parts.database.read() as tx:
        return encrypted.count(tx)


def _used(tx: Transaction) -> set[str]:
    return encrypted.key_ids(tx) | {key_of(name) for name in encrypted.photos(tx)}


def _change_batches(parts: Services, current: str) -> Iterator[tuple[int, int]]:
    """How many pieces were changed, and how many photographs were gone, batch by batch."""
    with parts.database.write() as tx:
        encrypted.drop_crops(tx, current)
    for change in (_change_templates, _change_proposals, _change_photos, *_SECRETS):
        while True:
            changed, lost = change(parts, current)
            if not changed:
                break
            yield changed, lost


def _change_templates(parts: Services, current: str) -> tuple[int, int]:
    to_change, store = encrypted.templates_to_change, encrypted.set_template
    return _change_faces(parts, current, to_change, store)


def _change_proposals(parts: Services, current: str) -> tuple[int, int]:
    to_change, store = encrypted.proposals_to_change, encrypted.set_proposal
    return _change_faces(parts, current, to_change, store)


def _change_faces(
    parts: Services,
    current: str,
    to_change: Callable[[Transaction, str, int], list[Row]],
    store: Callable[[Transaction, int, str, str, bytes], int],
) -> tuple[int, int]:
    with parts.database.write() as tx:
        rows = to_change(tx, current, BATCH)
        for row in rows:
            owner = of_templates(row["student"])
            plain = parts.vault.decrypt(row["key_id"], row["data"], owner)
            key_id, data = parts.vault.encrypt(plain, owner)
            store(tx, row["id"], row["key_id"], key_id, data)
    return len(rows), 0


def _change_photos(parts: Services, current: str) -> tuple[int, int]:
    """The new file is written before the row points to it, the old one deleted afterwards."""
    photos = parts.faces.photos
    with parts.database.read() as tx:
        rows = encrypted.photos_to_change(tx, current, BATCH)
    lost = 0
    for row in rows:
        student, old = int(row["student"]), str(row["photo"])
        new = None
        try:
            new = photos.store(student, photos.read(student, old))
        except FileNotFoundError:
            lost += 1
        with parts.database.write() as tx:
            touched = encrypted.set_photo(tx, int(row["id"]), old, new)
        if touched:
            photos.discard([old])
        elif new is not None:  # the student enrolled again meanwhile
            photos.discard([new])
    return len(rows), lost


def _change_secrets(parts: Services, current: str) -> tuple[int, int]:
    to_change, store = encrypted.secrets_to_change, encrypted.set_secret
    return _change_owned(parts, current, OF_WEBHOOKS, to_change, store)


def _change_addresses(parts: Services, current: str) -> tuple[int, int]:
    to_change, store = encrypted.addresses_to_change, encrypted.set_address
    return _change_owned(parts, current, OF_TIMETABLES, to_change, store)


def _change_notes(parts: Services, current: str) -> tuple[int, int]:
    with parts.database.write() as tx:
        rows = absence_notes.to_change(tx, current, BATCH)
        for row in rows:
            owner = of_notes(row["absence"])
            plain = parts.vault.decrypt(row["key_id"], row["data"], owner)
            key_id, data = parts.vault.encrypt(plain, owner)
            absence_notes.set_key(tx, row["absence"], row["key_id"], key_id, data)
    return len(rows), 0


_SECRETS = (_change_secrets, _change_addresses, _change_notes)


def _change_owned(
    parts: Services,
    current: str,
    owner: str,
    to_change: Callable[[Transaction, str, int], list[Row]],
    store: Callable[[Transaction, int, str, str, bytes], int],
) -> tuple[int, int]:
    with parts.database.write() as tx:
        rows = to_change(tx, current, BATCH)
        for row in rows:
            plain = parts.vault.decrypt(row["key_id"], row["secret"], owner)
            key_id, secret = parts.vault.encrypt(plain, owner)
            store(tx, row["id"], row["key_id"], key_id, secret)
    return len(rows), 0


def _finish(parts: Services, by: By, result: Rotated, *, keep: bool) -> bool:
    """Remove the keys that nothing uses; False if something was written with an old key.

    Whoever encrypts holds one of the two turns from before it reads the key until its commit, so
    nobody can be in between with an old key while both are held here.
    """
    with parts.database.write() as tx:
        faces.lock(tx)
        stored_settings.lock(tx)
        used = _used(tx)
        if used - {result.current}:
            return False
        keys = encryption_keys(parts.settings)
        result.unused = [key_id for key_id in keys if key_id != result.current]
        if not keep:
            result.removed = result.unused
            store_encryption_keys(parts.settings, {result.current: keys[result.current]})
        by.note(
            tx,
            parts.clock.now(),
            "key.rotate",
            f"key:{result.current}",
            new={"changed": result.changed, "removed": result.removed},
        )
    return True
