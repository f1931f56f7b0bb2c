"""Where this installation is reached: what goes before the paths of links."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for

from attendance.core import machine
from attendance.web.current import services

log = logging.getLogger("attendance")


def base_url() -> str:
    """Where this installation is reached, without a slash at the end: as `PUBLIC_URL` has it.

    Where it stands below a path of its host, that is part of it. Without PUBLIC_URL the host that
    the request names is taken, if that is this machine. Anybody can send any host, and links go to
    others, by mail too: one with a foreign host would carry their invitations there. In its place
    comes the address at which the request arrived.
    """
    settings = services().settings
    if settings.public_url:
        return settings.public_url.rstrip("/")
    try:
        named = urlsplit(f"//{request.host}")
        host, port = named.hostname or "", named.port
    except ValueError:
        host, port = "", None
    if host == settings.host.lower() or machine.answers_to(host):
        return _url(host, port) + request.script_root
    _say_once()
    address = _arrived_at()
    found = settings.local_url if address is None else _url(address, settings.port)
    return found + request.script_root


def address_of(endpoint: str, **values: Any) -> str:
    """The whole address of a page or call, for programs elsewhere."""
    return base_url() + url_for(endpoint, **values).removeprefix(request.script_root)


@dataclass(frozen=True)
class OutOfReach:
    """What stands in a QR code names only the machine that opens it."""

    address: str
    """Which other machines in the network reach this one by."""
    secure_address: str
    is_listening: bool
    """Whether the server listens on that address."""


def out_of_reach() -> OutOfReach | None:
    """Why phones cannot follow the links of this page; None: as far as one can tell they can."""
    settings = services().settings
    if not machine.is_loopback(urlsplit(base_url()).hostname or ""):
        return None
    own = machine.own_address()
    port = settings.port
    return OutOfReach(
        f"http://{own}:{port}", f"https://{own}:{port}", not machine.is_loopback(settings.host)
    )


def _url(host: str, port: int | None) -> str:
    """Put together again: of what else a Host header can hold, nothing is taken."""
    host = f"[{host}]" if ":" in host else host
    return f"{request.scheme}://{host}" + (f":{port}" if port else "")


def _arrived_at() -> str | None:
    """This machine's address on the line of the request."""
    line = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    try:
        address = ipaddress.ip_address(line.getsockname()[0].partition("%")[0]) if line else None
    except (OSError, ValueError):  # a Unix socket has none, and one that is closed
        return None
    return None if address is None else str(address)


@cache
def _say_once() -> None:
    log.warning(
        "PUBLIC_URL is not set, and a request came for a host that is no name of this machine: "
        "its links got this machine's address"
    )
