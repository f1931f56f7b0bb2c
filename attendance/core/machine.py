"""This machine in its networks: which addresses and names are its own."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# RFC 5737 keeps this address for documentation; nothing is sent to it.
_SOMEWHERE = ("192.0.2.1", 9)


def has_address(address: Address) -> bool:
    """Whether an address is one of this machine's, the loopback's included."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))  # no other can be bound to
    except OSError:
        return False
    return True


def answers_to(host: str) -> bool:
    """Whether a host, a name or an address as a URL has it, is this machine by its own account:
    nobody is asked, since whoever made up a name may also say what it means."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() in _names()
    return not address.is_unspecified and has_address(address)


def own_address() -> str:
    """The IP address under which others in the network reach this machine, as far as one can
    tell: that of the interface which leads outside, else the loopback's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address, means whichever machine looks it up."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    name = socket.gethostname().lower()
    # the second is how a phone finds it without a name server (RFC 6762)
    return frozenset({"localhost", name, f"{name.partition('.')[0]}.local"})
