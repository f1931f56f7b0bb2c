"""Where Redis is: one server, or the one of several that Sentinel calls the master.

REDIS_URL is `redis://…` or `rediss://…` as redis-py takes it, or Sentinel's addresses in the form
that python-socketio has: `redis+sentinel://[user:password@]host:port,host:port/database/service`.
After a fail-over the next connection goes to the new master.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

log = logging.getLogger("attendance")

SENTINEL = "redis+sentinel"
SCHEMES = ("redis", "rediss", SENTINEL)
FORM = f"{SENTINEL}://host:port,host:port/database/service"
TIMEOUT_SECONDS = 1.0
# How Sentinels are asked: the next one is a better idea than the same again.
ASKING: dict[str, Any] = {
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
    "retry": Retry(NoBackoff(), 0),
}


class RedisUrlInvalid(ValueError):
    """The URL does not say where Redis is; the message says what is wrong with it."""


@dataclass(frozen=True)
class Watched:
    """A Redis that Sentinel watches over."""

    sentinels: list[tuple[str, int]]
    service: str
    # of the master: its database, and who signs in
    master: dict[str, Any]

    @property
    def shown(self) -> str:
        """The Sentinels' addresses."""
        return ",".join(f"{host}:{port}" for host, port in self.sentinels)


def watched(url: str) -> Watched | None:
    """What a URL says of Sentinel; None: it names one server.

    Raises:
        RedisUrlInvalid: it is neither.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise RedisUrlInvalid("this is no URL") from None
    if parts.scheme not in SCHEMES:
        raise RedisUrlInvalid(f"it begins with redis://, rediss:// or {SENTINEL}://")
    if parts.scheme != SENTINEL:
        return None
    database, _, service = parts.path.strip("/").partition("/")
    if not database.isdecimal() or not service or "/" in service:
        raise RedisUrlInvalid(f"Sentinel's form is {FORM}")
    who, _, hosts = parts.netloc.rpartition("@")
    master: dict[str, Any] = {"db": int(database)}
    user, _, password = who.partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    master |= {name: value for name, value in given.items() if value}
    return Watched([_address(host) for host in hosts.split(",")], unquote(service), master)


def _address(host: str) -> tuple[str, int]:
    name, _, port = host.rpartition(":")
    if not name or not port.isdecimal() or not 0 < int(port) < 65536:
        raise RedisUrlInvalid(f"Sentinel's form is {FORM}")
    return name.strip("[]"), int(port)


def connect(url: str, **options: Any) -> redis.Redis:
    """A client of the server, or of whichever is the master; nothing is sent yet."""
    place = watched(url)
    if place is None:
        return redis.Redis.from_url(url, **options)
    sentinel: Any = Sentinel(place.sentinels, sentinel_kwargs=ASKING)  # type: ignore[no-untyped-call]
    client: redis.Redis = sentinel.master_for(place.service, **{**options, **place.master})
    return client


def in_short(error: Exception) -> str:
    """What a log says of it: redis-py names every Sentinel with all of its options."""
    if isinstance(error, MasterNotFoundError):
        return "no Sentinel names a master"
    return str(error)


def require_known(url: str | None) -> None:
    """Ask Sentinel for the master, once, at the start. One that does not answer is no reason not to
    start: Redis may be away for a while.

    Raises:
        RedisUrlInvalid: no Sentinel that answers watches over such a service.
    """
    place = None if url is None else watched(url)
    if place is None:
        return
    answers = 0
    for host, port in place.sentinels:
        try:
            with redis.Redis(host=host, port=port, **ASKING) as client:
                if client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", place.service):
                    return
                answers += 1
        except redis.ResponseError as error:
            raise RedisUrlInvalid(f"{host}:{port} is no Sentinel ({error})") from None
        except redis.RedisError as error:
            log.warning("a Sentinel does not answer: %s", error)
    if answers:
        raise RedisUrlInvalid(
            f"no Sentinel of {place.shown} watches over a service named {place.service!r}"
        )
