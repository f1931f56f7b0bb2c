"""Where a request comes from, as the proxies in front of the server say."""

from __future__ import annotations

from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix


def behind(app: Any, count: int) -> Any:
    """The WSGI application behind so many proxies, each of which adds what it sees."""
    if count == 0:
        return app
    return ProxyFix(app, x_for=count, x_proto=count, x_host=count, x_prefix=count)
