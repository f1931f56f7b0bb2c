"""How often an account has tried something within the last minute or hour.

Counted in Redis, where several processes share the count; while Redis is away, each process counts
for itself, so that nobody is locked out and nobody may guess without end.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

import redis
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisSentinelStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from attendance.core import redis_hosts
from attendance.core.errors import TooManyAttempts

log = logging.getLogger("attendance")

REDIS_TIMEOUT_SECONDS = 1.0
# While Redis is away, not every request waits for it to find that out.
ASK_AGAIN_SECONDS = 5.0


Question = Callable[[MovingWindowRateLimiter, RateLimitItem, str, str], None]


class Attempts:
    """Counts attempts. Safe for all threads of a process."""

    def __init__(self, redis_url: str | None, installation: str) -> None:
        """`redis_url`: where all processes of an installation count together; None: this alone."""
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._away_until = 0.0
        if redis_url is not None:
            self._shared = MovingWindowRateLimiter(_storage(redis_url, installation))

    def count(self, purpose: str, account: str, per_minute: int) -> None:
        """Count one attempt of this account.

        Raises:
            TooManyAttempts: more than `per_minute` within a minute.
        """
        self._ask(_counted, parse(f"{per_minute} per minute"), purpose, account)

    def require_unspent(self, purpose: str, account: str, per_hour: int) -> None:
        """Count nothing, and refuse who has been counted too often.

        Raises:
            TooManyAttempts: `per_hour` were counted within an hour.
        """
        self._ask(_unspent, parse(f"{per_hour} per hour"), purpose, account)

    def note_failure(self, purpose: str, account: str, per_hour: int) -> None:
        """Count what has failed, for `require_unspent`."""
        self._ask(_noted, parse(f"{per_hour} per hour"), purpose, account)

    def _ask(self, question: Question, limit: RateLimitItem, purpose: str, account: str) -> None:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                question(self._shared, limit, purpose, account)
                return
            except (StorageError, redis.RedisError) as error:
                cause = error.storage_error if isinstance(error, StorageError) else error
                log.error(
                    "attempts are counted by each process for itself: %s",
                    redis_hosts.in_short(cause),
                )
                self._away_until = time.monotonic() + ASK_AGAIN_SECONDS
        question(self._own, limit, purpose, account)


def _storage(redis_url: str, installation: str) -> RedisStorage:
    patience: Any = {
        "socket_timeout": REDIS_TIMEOUT_SECONDS,
        "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
    }
    prefix = f"attendance-{installation}"
    place = redis_hosts.watched(redis_url)
    if place is None:
        return RedisStorage(redis_url, key_prefix=prefix, wrap_exceptions=True, **patience)
    return RedisSentinelStorage(
        # the library's own form has no place for the database
        f"{redis_hosts.SENTINEL}://{place.shown}/{place.service}",
        sentinel_kwargs=redis_hosts.ASKING,
        use_replicas=False,
        key_prefix=prefix,
        wrap_exceptions=True,
        **patience,
        **place.master,
    )


def _counted(
    limiter: MovingWindowRateLimiter, limit: RateLimitItem, purpose: str, account: str
) -> None:
    if not limiter.hit(limit, purpose, account):
        raise _refusal(limiter, limit, purpose, account)


def _unspent(
    limiter: MovingWindowRateLimiter, limit: RateLimitItem, purpose: str, account: str
) -> None:
    if not limiter.test(limit, purpose, account):
        raise _refusal(limiter, limit, purpose, account)


def _noted(
    limiter: MovingWindowRateLimiter, limit: RateLimitItem, purpose: str, account: str
) -> None:
    limiter.hit(limit, purpose, account)


def _refusal(
    limiter: MovingWindowRateLimiter, limit: RateLimitItem, purpose: str, account: str
) -> TooManyAttempts:
    reset = limiter.get_window_stats(limit, purpose, account).reset_time
    return TooManyAttempts(max(1, math.ceil(reset - time.time())))
