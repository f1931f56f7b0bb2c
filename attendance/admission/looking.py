"""A request that is here, as the thread will read it: nothing is taken, nothing is sent."""

from __future__ import annotations

from typing import Any

from gunicorn import http
from gunicorn.http import wsgi


class _Mute:
    """Stands for the connection, over which the library might say "100 Continue"."""

    def send(self, data: bytes) -> int:
        """Send nothing."""
        return len(data)


def look_at(caller: Any, cfg: Any) -> tuple[dict[str, Any], bytes] | None:
    """What gunicorn's parser makes of the header that has come from a caller of the worker, and
    what has come after it; None: it is no request, and the thread says so."""
    try:
        parser = http.get_parser(cfg, [bytes(caller.arrival.received)], caller.client)
        request = next(parser)
        _answer, environ = wsgi.create(request, _Mute(), caller.client, caller.server, cfg)
    except Exception:  # of a dozen kinds
        return None
    return environ, bytes(parser.unreader.take_buffered())
