"""Where a request comes from: what is counted of callers who have not said who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from flask import Response, request

from attendance.core.services import Services

IPV6_PREFIX = 64
UNKNOWN = "unknown"
DEVICE_COOKIE = "attendance_device"
"""In which a browser keeps its signed name, where a course wants one student a device."""
DEVICE_LIFE = timedelta(days=400)


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: its address, as the trusted proxies tell it, whether a proxy that
    is not trusted stands in between, and the browser's own signed name, if it has one."""

    address: str
    hidden: bool = False
    device: str | None = None


NOWHERE = Origin("")


def origin(parts: Services) -> Origin:
    """Where this request comes from."""
    told = [part for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return Origin(
        request.remote_addr or "",
        hidden=len(told) > parts.settings.trusted_proxies,
        device=parts.tickets.read_device(request.cookies.get(DEVICE_COOKIE)),
    )


def name_device(parts: Services, response: Response) -> None:
    """Give the browser a name, unless it has one."""
    if parts.tickets.read_device(request.cookies.get(DEVICE_COOKIE)) is not None:
        return
    response.set_cookie(
        DEVICE_COOKIE,
        parts.tickets.new_device(),
        max_age=int(DEVICE_LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def network() -> str:
    """The network of the request: its IPv4 address, or the 64 first bits of its IPv6 address,
    of which one customer has a whole network."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """The network of an address as text; `unknown` for what is no address."""
    try:
        return str(IPv4Address(address))
    except AddressValueError:
        pass
    try:
        long = IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return UNKNOWN
    if long.ipv4_mapped is not None:
        return str(long.ipv4_mapped)
    kept = int(long) >> (128 - IPV6_PREFIX) << (128 - IPV6_PREFIX)
    return f"{IPv6Address(kept)}/{IPV6_PREFIX}"
