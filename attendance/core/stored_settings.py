"""Settings that an administrator may change while the server runs.

`Settings` stays the one declaration: a field marked `CHANGEABLE` there may be stored in the
database. What the environment (or `.env`) says wins over what is stored, and that wins over the
default. Stored values are written onto the process's one `Settings` object, so whoever reads
`settings.face_threshold` needs to know nothing of this.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from attendance.core.audit import By
from attendance.core.clock import Clock
from attendance.core.errors import SettingFixed
from attendance.core.settings import CHANGEABLE, Settings
from database import Database, DatabaseUnavailable, Transaction, stored_settings

log = logging.getLogger("attendance")

# Other processes see a change after this time at the latest.
MAX_AGE_SECONDS = 0.5
ENVIRONMENT, STORED, DEFAULT = "environment", "stored", "default"


def changeable() -> dict[str, FieldInfo]:
    """The settings that may be changed at run time, by name."""
    return {
        name: field
        for name, field in Settings.model_fields.items()
        if field.json_schema_extra == CHANGEABLE
    }


def declared_type(field: FieldInfo) -> Any:
    """The field's type together with its limits, as an annotation."""
    if not field.metadata:
        return field.annotation
    return Annotated.__class_getitem__((field.annotation, *field.metadata))  # type: ignore[attr-defined]  # a computed annotation


@dataclass(frozen=True)
class Shown:
    """A changeable setting as an administrator sees it."""

    name: str
    value: Any
    default: Any
    source: str
    field: FieldInfo


class StoredSettings:
    """Keeps the changeable fields of `settings` at what environment, database and default say."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._fields = changeable()
        self._fixed = self._fields.keys() & settings.model_fields_set
        self._stored: dict[str, Any] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Read the stored values. Raises `DatabaseUnavailable`."""
        with self._database.read() as tx:
            self._apply(stored_settings.read(tx))

    def refresh_if_old(self) -> None:
        """`refresh`, unless it was done a moment ago or another thread is at it."""
        if time.monotonic() - self._read_at < MAX_AGE_SECONDS:
            return
        if self._lock.acquire(blocking=False):
            try:
                self.refresh()
            except DatabaseUnavailable as error:
                # What was read last still counts; whoever needs the database will say so.
                log.error("settings could not be read: %s", error)
            finally:
                self._lock.release()

    def shown(self) -> Iterator[Shown]:
        """Every changeable setting in the order of the declaration."""
        for name, field in self._fields.items():
            if name in self._fixed:
                source = ENVIRONMENT
            else:
                source = STORED if name in self._stored else DEFAULT
            yield Shown(name, getattr(self._settings, name), field.default, source, field)

    def change(self, tx: Transaction, values: dict[str, Any], by: By) -> None:
        """Store values (None: back to the default), with a line in the audit log for each.

        The values must be valid. They count from the next `refresh`, after the commit.

        Raises:
            SettingFixed: the environment says otherwise, and it wins.
        """
        stored_settings.lock(tx)
        before = stored_settings.read(tx)
        now = self._clock.now()
        for name, value in values.items():
            if name in self._fixed:
                raise SettingFixed(f"{name.upper()} is set in the environment, which wins.")
            if value is None:
                stored_settings.forget(tx, name)
            else:
                stored_settings.store(tx, name, value, now)
            old = before.get(name, self._fields[name].default)
            new = self._fields[name].default if value is None else value
            if old != new:
                by.note(tx, now, "setting.change", f"setting:{name}", old=old, new=new)

    def _apply(self, stored: dict[str, Any]) -> None:
        self._stored = {
            name: self._checked(name, value)
            for name, value in stored.items()
            if name in self._fields and name not in self._fixed
        }
        for name in self._fields.keys() - self._fixed:
            setattr(self._settings, name, self._stored.get(name, self._fields[name].default))
        self._read_at = time.monotonic()

    def _checked(self, name: str, value: Any) -> Any:
        """The stored value; one that this version does not allow any more is the default."""
        field = self._fields[name]
        try:
            return TypeAdapter(declared_type(field)).validate_python(value)
        except ValidationError:
            log.error("the stored value of %s is not valid any more: the default counts", name)
            return field.default
