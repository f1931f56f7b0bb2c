"""What a serving process does besides answering: sending webhooks."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from attendance.core.services import Services
from attendance.webhooks import sending
from database import DatabaseUnavailable

log = logging.getLogger("attendance")

PAUSE_SECONDS = 1.0


class WebhookSender:
    """A thread that sends what is due until it is stopped. Processes share the work."""

    def __init__(self, parts: Services) -> None:
        self._parts = parts
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> WebhookSender:
        """Begin to send."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Send no more; waits for the attempts under way."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(sending.AT_ONCE, thread_name_prefix="webhook") as pool:
            while not self._stopping.is_set():
                try:
                    tried = sending.send_due(self._parts, pool)
                except DatabaseUnavailable as error:
                    log.error("webhooks could not reach the database: %s", error)
                    tried = 0
                except Exception as error:
                    log.exception("webhooks", exc_info=error)
                    tried = 0
                if not tried:
                    self._stopping.wait(PAUSE_SECONDS)
