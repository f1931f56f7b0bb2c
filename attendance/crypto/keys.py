"""Secrets that no setting gives are made once, in files that only their owner can read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from attendance.core import files
from attendance.core.settings import Settings, SettingsInvalid

MIN_SECRET_LENGTH = 32
AES_KEY_BYTES = 32
# Part of the name of an encrypted photograph, so without dots and slashes.
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


def signing_key(settings: Settings) -> str:
    """The key that signs tokens.

    Raises:
        SettingsInvalid: the key that was set is too short.
    """
    if settings.jwt_secret_key is not None:
        key = settings.jwt_secret_key.get_secret_value()
    else:
        key = _kept(settings.instance_dir / "jwt.key", lambda: secrets.token_urlsafe(48))
    if len(key) < MIN_SECRET_LENGTH:
        raise SettingsInvalid(f"JWT_SECRET_KEY: at least {MIN_SECRET_LENGTH} characters")
    return key


def installation_id(settings: Settings) -> str:
    """The same in all processes of an installation, another in every other; no secret."""
    return derived_key(signing_key(settings), "installation").hex()[:16]


def derived_key(signing_key: str, purpose: str) -> bytes:
    """A key of its own for each purpose (HMAC-SHA256 of the purpose), 32 bytes."""
    return hmac.new(signing_key.encode(), purpose.encode(), hashlib.sha256).digest()


def encryption_keys(settings: Settings) -> dict[str, bytes]:
    """AES-256 keys by id, the one to encrypt with first.

    Raises:
        SettingsInvalid: a key is not 32 bytes of base64 with an id before it.
    """
    if settings.encryption_keys is not None:
        text = settings.encryption_keys.get_secret_value()
    else:
        text = _kept(_key_file(settings), new_encryption_key)
    return parsed_keys(text)


def parsed_keys(text: str) -> dict[str, bytes]:
    """The keys of a text of `id:base64`, separated by commas or lines.

    Raises:
        SettingsInvalid: see `encryption_keys`.
    """
    keys: dict[str, bytes] = {}
    for entry in text.replace("\n", ",").split(","):
        if not entry.strip():
            continue
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not _KEY_ID.fullmatch(key_id) or len(key) != AES_KEY_BYTES:
            raise SettingsInvalid("ENCRYPTION_KEYS: each is id:base64 of 32 bytes")
        keys[key_id] = key
    if not keys:
        raise SettingsInvalid("ENCRYPTION_KEYS: there is none")
    return keys


def encryption_keys_changed(settings: Settings) -> Callable[[], dict[str, bytes] | None]:
    """A function that gives the keys when their file was changed since the last call, else None."""
    if settings.encryption_keys is not None:
        return lambda: None
    path = _key_file(settings)
    seen = [_signature(path)]

    def changed() -> dict[str, bytes] | None:
        found = _signature(path)
        if found is None or found == seen[0]:
            return None
        keys = parsed_keys(path.read_text(encoding="ascii"))
        seen[0] = found
        return keys

    return changed


def store_encryption_keys(settings: Settings, keys: dict[str, bytes]) -> None:
    """Replace the file of encryption keys; every process takes them at its next use.

    Raises:
        SettingsInvalid: they are set in the environment.
    """
    if settings.encryption_keys is not None:
        raise SettingsInvalid("ENCRYPTION_KEYS is set in the environment: change it there")
    path = _key_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, formatted_keys(keys).encode("ascii"))


def formatted_keys(keys: dict[str, bytes]) -> str:
    """The keys in the form of the setting, one a line."""
    return "\n".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in keys.items())


def new_encryption_key() -> str:
    """A fresh key in the form of the setting."""
    key = base64.b64encode(secrets.token_bytes(AES_KEY_BYTES)).decode()
    return f"k{secrets.token_hex(4)}:{key}"


def _key_file(settings: Settings) -> Path:
    return settings.instance_dir / "encryption.keys"


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file is replaced; None while there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The file's text; made first if there is no file. Two processes agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_first(path, make().encode("ascii"))
    return path.read_text(encoding="ascii").strip()
