"""Socket.IO between processes: what one sends, the sockets of all others hear, through Redis.

The library's own manager, with time-outs, and with a promise for when Redis was away: then every
process sends its listeners their lists again, since events may have been missed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import redis
import socketio

from attendance.core import redis_hosts
from attendance.sessions.events import watchers_of

log = logging.getLogger("attendance")

TIMEOUT_SECONDS = 2.0
RETRY_SECONDS = 1.0
# Not one of the library's methods: its own listeners pass over it.
MISSED = "attendance_missed"
# Events after which a teacher's list is another.
MARKS = ("attendance_marked", "attendance_snapshot")


class Messages(socketio.RedisManager):  # type: ignore[misc]  # the library has no types
    """Carries events between the processes of a school."""

    def __init__(self, url: str, installation: str, on_missed: Callable[[], object]) -> None:
        """Speak with the other processes of an installation; others may use the same Redis.

        `on_missed` is called when events may have been missed, and Redis is back."""
        super().__init__(
            url,
            channel=f"attendance-{installation}",
            redis_options={
                "socket_timeout": TIMEOUT_SECONDS,
                "socket_connect_timeout": TIMEOUT_SECONDS,
                "health_check_interval": 5,
            },
        )
        self._on_missed = on_missed
        self._sender = redis_hosts.connect(url, **self.redis_options)
        self._sending = threading.Lock()
        self._away_until = 0.0
        self._owed = False
        self._told: Counter[int] = Counter()

    def owe(self) -> None:
        """The others have missed something: `settle` will tell them."""
        self._owed = True

    def settle(self) -> None:
        """Tell the others, as soon as that can be done, that they have missed something."""
        if self._owed:
            self._publish({"method": "nothing", "host_id": self.host_id})

    def told(self) -> Counter[int]:
        """How often this process's teachers were told of marks since the last time, by session."""
        told, self._told = self._told, Counter()
        return told

    def forget(self, session: int) -> None:
        """Count what is told of a session from now on."""
        self._told.pop(session, None)

    def _handle_emit(self, message: Any) -> None:
        """An event, of this process or of another, for those who are connected to this one."""
        super()._handle_emit(message)
        payload = message["data"][0] if message["data"] else None
        if message["event"] in MARKS and isinstance(payload, dict):
            session = payload["session_id"]
            if watchers_of(session) in (message.get("room") or ()):
                self._told[session] += 1

    def _publish(self, data: Any) -> None:
        """Send to the other processes. While Redis is away this returns at once."""
        if time.monotonic() < self._away_until:
            self._owed = True
            return
        try:
            with self._sending:
                if self._owed:
                    self._sender.publish(self.channel, self.json.dumps({"method": MISSED}))
                    self._owed = False
            self._sender.publish(self.channel, self.json.dumps(data))
        except redis.RedisError as error:
            log.error("other processes did not hear an event: %s", redis_hosts.in_short(error))
            self._owed = True
            self._away_until = time.monotonic() + RETRY_SECONDS

    def _listen(self) -> Iterator[Any]:
        """What the others send, for ever."""
        back = False
        while True:
            try:
                with redis_hosts.connect(self.redis_url, **self.redis_options) as connection:
                    pubsub = connection.pubsub(ignore_subscribe_messages=True)
                    pubsub.subscribe(self.channel)
                    if back:
                        self._on_missed()
                    yield from self._messages(pubsub)
            except redis.RedisError as error:
                log.error(
                    "events of other processes are not heard: %s", redis_hosts.in_short(error)
                )
                back = True
            time.sleep(RETRY_SECONDS)

    def _messages(self, pubsub: Any) -> Iterator[Any]:
        missed = self.json.dumps({"method": MISSED}).encode()
        while True:
            # Returns after a second without news; a dead line is found by its health check.
            message = pubsub.get_message(timeout=1.0)
            if message is None or message["type"] != "message":
                continue
            if message["data"] == missed:
                self._on_missed()
            else:
                yield message["data"]
