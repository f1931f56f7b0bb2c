"""Which API keys are of cameras, known without asking the database: it is asked once a second.

Whoever greets new lines has no time to wait for a database (`attendance/live/door.py`), and must
not give a thread to everybody who says that it has a key. A new key is known here after a second.
"""

from __future__ import annotations

import weakref

from flask import Flask

from attendance.accounts import api_keys
from attendance.core.errors import ApiKeyInvalid
from attendance.core.roles import DEVICE
from attendance.crypto import tokens
from attendance.room.access import SCOPE
from database import Transaction
from database import api_keys as keys

_known: weakref.WeakKeyDictionary[Flask, dict[str, int]] = weakref.WeakKeyDictionary()


def learn(app: Flask, tx: Transaction) -> None:
    """Read which keys there are now."""
    _known[app] = {
        str(row["key_hash"]): int(row["id"])
        for row in keys.hashes(tx)
        if SCOPE in api_keys.scopes_of(row)
    }


def subject_of(app: Flask, key: str) -> str:
    """Which device a key names, `device:7`. Raises `ApiKeyInvalid`."""
    number = _known.get(app, {}).get(tokens.hashed(key))
    if number is None:
        raise ApiKeyInvalid
    return f"{DEVICE}:{number}"
