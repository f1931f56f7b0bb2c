"""A clock that is ahead: Python reads this first of all where PYTHONPATH names the folder.

CLOCK_AHEAD_SECONDS says by how much. (Debian's libfaketime stops Python's threads: they wait by the
clock that only goes forwards, and it takes that for another one.)
"""

from __future__ import annotations

import datetime as module
import os
import time
from typing import Any

SECONDS = float(os.environ["CLOCK_AHEAD_SECONDS"])
real, real_time = module.datetime, time.time


class Kind(type(real)):  # type: ignore[misc]  # of type `type`
    """What is a `datetime`, is one of these as well."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, real)


class datetime(real, metaclass=Kind):  # type: ignore[misc, valid-type]  # noqa: N801  # drivers go by the name
    """The library's own, with another present; what it makes is the library's."""

    __slots__ = ()

    def __new__(cls, *given: Any, **named: Any) -> Any:
        return real(*given, **named)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return real.now(tz) + module.timedelta(seconds=SECONDS)

    @classmethod
    def utcnow(cls) -> Any:
        return real.now(module.timezone.utc).replace(tzinfo=None) + module.timedelta(
            seconds=SECONDS
        )


module.datetime = datetime  # type: ignore[misc]
time.time = lambda: real_time() + SECONDS
