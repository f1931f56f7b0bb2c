"""To which push services anything is sent: those of the browsers' makers, as the settings name."""

from __future__ import annotations

from urllib.parse import urlsplit

HTTPS_PORT = 443


def is_allowed(url: str, services: list[str]) -> bool:
    """Whether a browser's endpoint is at one of these services.

    A service is a host, `*.` and a host for every one below it, or either with `:` and a port.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or HTTPS_PORT
    except ValueError:
        return False
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        return False
    return any(_is_of(host, port, service.lower()) for service in services)


def _is_of(host: str, port: int, service: str) -> bool:
    name, _, wanted = service.partition(":")
    if port != (int(wanted) if wanted.isdecimal() else HTTPS_PORT):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return host == name
