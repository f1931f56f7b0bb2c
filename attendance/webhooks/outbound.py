"""One request to an address that somebody chose, without becoming a way into the network.

The host's addresses are looked up once, all of them are judged, and the connection goes to an
address that was judged: a name that changes its meaning in between (DNS rebinding) gains nothing.
Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from attendance.core import machine
from attendance.core.machine import Address

TIMEOUT_SECONDS = 10
# However slowly the other side answers.
DEADLINE_SECONDS = 20
PORTS = {"http": 80, "https": 443}
# Metadata services of clouds outside the link-local ranges: AWS (IPv6), Alibaba, Oracle.
METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
# RFC 1035, 2.3.4: the longest label and the longest name.
_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.IGNORECASE)
NAME_LENGTH = 253
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Reach:
    """What may be posted to besides the internet."""

    # Link-local addresses and the metadata services of clouds.
    link_local: bool = False
    # Private addresses, the school's own network, and this machine.
    private: bool = False
    # Ports of this server, which are never posted to, wherever they are on this machine.
    own_ports: frozenset[int] = frozenset()


INTERNET = Reach()


@dataclass(frozen=True)
class Answer:
    """What was answered; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


class Undeliverable(Exception):
    """The request was not sent, or not answered; the message says why."""


def parsed(url: str) -> SplitResult:
    """The parts of a URL that may be posted to.

    Raises:
        ValueError: with a sentence.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("The address begins with http:// or https:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The address carries no name or password.")
    if any(ord(character) <= 32 or ord(character) >= 127 for character in url):
        raise ValueError("The address has ASCII characters only, and no spaces.")
    if not _is_host(parts.hostname):
        raise ValueError("The address names no host that there can be.")
    _ = parts.port  # a wrong one is a ValueError
    return parts


def _is_host(host: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    name = host.removesuffix(".")
    return len(name) <= NAME_LENGTH and all(map(_LABEL.fullmatch, name.split(".")))


def is_forbidden(address: Address, reach: Reach = INTERNET) -> bool:
    """Whether nothing may be posted to an address.

    Never: multicast, and addresses that are none (0.0.0.0 leads to this machine). Link-local ones
    and metadata services, private ones and this machine only where `reach` says so. IPv4 addresses
    inside IPv6 ones (mapped, 6to4, NAT64) are judged as what they are.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_forbidden(inner, reach)
    if address.is_multicast or address.is_unspecified:
        return True
    if address.is_link_local or address in METADATA:
        return not reach.link_local
    return not (address.is_global or reach.private)


def names_forbidden_address(url: str, reach: Reach) -> bool:
    """Whether the URL's host is written as an address to which nothing may be posted there."""
    parts = parsed(url)
    try:
        address = ipaddress.ip_address(str(parts.hostname))
    except ValueError:
        return False
    return _refusal(address, _port(parts), reach) is not None


def _refusal(address: Address, port: int, reach: Reach) -> str | None:
    """Why nothing may be posted there; None: it may."""
    if is_forbidden(address, reach):
        kind = "link-local or metadata" if is_forbidden(address, Reach(private=True)) else "private"
        return f"a {kind} address, which is not allowed"
    if port in reach.own_ports and machine.has_address(address):
        return "this server itself"
    return None


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def post(url: str, body: bytes, headers: dict[str, str], reach: Reach) -> int:
    """Post and return the status of the answer, whatever it is.

    Raises:
        Undeliverable: see there.
    """
    return _ask("POST", url, body, headers, reach, 0).status


def get(url: str, headers: dict[str, str], reach: Reach, most_bytes: int) -> Answer:
    """Get what an address answers, of its body no more than so many bytes and one.

    Raises:
        Undeliverable: see there.
    """
    return _ask("GET", url, None, headers, reach, most_bytes + 1)


def _ask(
    method: str, url: str, body: bytes | None, headers: dict[str, str], reach: Reach, wanted: int
) -> Answer:
    try:
        parts = parsed(url)
        host = str(parts.hostname)
        with closing(_connected(host, _port(parts), reach)) as raw:
            return _exchange(raw, parts, method, body, headers, wanted)
    # a name that has no form in DNS is a ValueError
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Undeliverable(str(error) or type(error).__name__) from error


def _exchange(
    raw: socket.socket,
    parts: SplitResult,
    method: str,
    body: bytes | None,
    headers: dict[str, str],
    wanted: int,
) -> Answer:
    host = str(parts.hostname)
    if parts.scheme == "https":
        raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    connection = http.client.HTTPConnection(host, _port(parts))
    connection.sock = raw
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # a socket that is shut down ends whatever read waits for it
    timer = threading.Timer(DEADLINE_SECONDS, _shut_down, [raw])
    timer.start()
    try:
        with closing(connection):
            connection.request(method, target, body, {"Host": parts.netloc, **headers})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(wanted) if wanted else b"")
    finally:
        timer.cancel()


def _connected(host: str, port: int, reach: Reach) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    for address in addresses:
        if why := _refusal(ipaddress.ip_address(address), port, reach):
            raise Undeliverable(f"{host} is {why}")
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
        except OSError as error:
            failure = error
    raise failure or OSError("the host has no address")


def _shut_down(raw: socket.socket) -> None:
    with suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)
