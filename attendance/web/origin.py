"""Where a request comes from: what is counted of callers who have not said who they are."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address

from flask import request

IPV6_PREFIX = 64
UNKNOWN = "unknown"


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
