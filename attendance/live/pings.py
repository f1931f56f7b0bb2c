"""Engine.IO's pings, from one thread.

The library begins a thread for each, which sleeps until then, also when the line has ended
meanwhile: whoever opens lines and leaves would fill the process with them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from engineio import packet
from engineio.socket import Socket


class Pings:
    """Lines that get a ping, the next one first; each waits equally long."""

    def __init__(self, start_thread: Callable[..., Any]) -> None:
        self._start_thread = start_thread
        self._due: deque[tuple[float, Socket]] = deque()
        self._lock = threading.Lock()
        self._runs = False

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the library starts in a thread: a ping is put on the list, all else gets one."""
        line = getattr(target, "__self__", None)
        if not (isinstance(line, Socket) and target == line._send_ping):
            return self._start_thread(target, *args, **kwargs)
        with self._lock:
            self._due.append((time.monotonic() + line.server.ping_interval, line))
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="pings", daemon=True).start()
        return None

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._due:
                    self._runs = False
                    return
                due, line = self._due[0]
            if (wait := due - time.monotonic()) > 0:
                time.sleep(min(wait, 1.0))
                continue
            self._due.popleft()
            if not (line.closing or line.closed):
                line.last_ping = time.time()
                line.send(packet.Packet(packet.PING))
