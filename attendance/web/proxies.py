"""Where a request comes from, and below which path, as the proxies in front of the server say."""

from __future__ import annotations

from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix


def behind(app: Any, count: int, path: str = "") -> Any:
    """The WSGI application behind so many proxies, each of which adds what it sees.

    Args:
        app: is given environments in which SCRIPT_NAME is the path below which the installation
            stands, and PATH_INFO what follows it, whether or not a proxy has taken that path off.
        count: of proxies that are believed.
        path: where the installation stands below its host, such as `/attendance`, when neither a
            proxy (X-Forwarded-Prefix) nor the server (SCRIPT_NAME) says so.
    """
    below = _below(app, path)
    if count == 0:
        return below
    return ProxyFix(below, x_for=count, x_proto=count, x_host=count, x_prefix=count)


def _below(app: Any, path: str) -> Any:
    def named(environ: dict[str, Any], start: Any) -> Any:
        root = (environ.get("SCRIPT_NAME") or path).strip("/")
        root = f"/{root}" if root else ""
        inside = str(environ.get("PATH_INFO", ""))
        if root and f"{inside}/".startswith(f"{root}/"):
            inside = inside[len(root) :]
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = root, inside or "/"
        return app(environ, start)

    return named
