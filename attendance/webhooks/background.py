"""What a serving process does besides answering: sending what is queued."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from attendance.core.services import Services
from attendance.webhooks import sending
from database import DatabaseUnavailable

log = logging.getLogger("attendance")

PAUSE_SECONDS = 1.0


class Sender:
    """A thread that sends what is due until it is stopped. Processes share the work."""

    def __init__(
        self,
        parts: Services,
        name: str,
        send_due: Callable[[Services, ThreadPoolExecutor], int],
        at_once: int,
    ) -> None:
        """`send_due` sends what is due, with a pool of `at_once`, and says how many it tried."""
        self._parts, self._name = parts, name
        self._send_due, self._at_once = send_due, at_once
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Sender:
        """Begin to send."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Send no more; waits for the attempts under way."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(self._at_once, thread_name_prefix=self._name) as pool:
            while not self._stopping.is_set():
                try:
                    tried = self._send_due(self._parts, pool)
                except DatabaseUnavailable as error:
                    log.error("%s could not reach the database: %s", self._name, error)
                    tried = 0
                except Exception as error:
                    log.exception("%s", self._name, exc_info=error)
                    tried = 0
                if not tried:
                    self._stopping.wait(PAUSE_SECONDS)


class WebhookSender(Sender):
    """Sends to webhooks."""

    def __init__(self, parts: Services) -> None:
        super().__init__(parts, "webhooks", sending.send_due, sending.AT_ONCE)
