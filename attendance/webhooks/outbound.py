"""One POST to an address that an administrator chose, without becoming a way into the network.

The host's addresses are looked up once, all of them are judged, and the connection goes to an
address that was judged: a name that changes its meaning in between (DNS rebinding) gains nothing.
Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import closing, suppress
from urllib.parse import SplitResult, urlsplit

TIMEOUT_SECONDS = 10
# However slowly the other side answers.
DEADLINE_SECONDS = 20
PORTS = {"http": 80, "https": 443}
# Metadata services of clouds outside the link-local ranges: AWS (IPv6), Alibaba, Oracle.
METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
    _ = parts.port  # a wrong one is a ValueError
    return parts


def is_forbidden(address: Address) -> bool:
    """Whether an address is link-local, multicast, or a cloud's metadata service."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_forbidden(inner)
    return address.is_link_local or address.is_multicast or address in METADATA


def names_forbidden_address(url: str) -> bool:
    """Whether the URL's host is written as an address that is forbidden."""
    try:
        return is_forbidden(ipaddress.ip_address(str(parsed(url).hostname)))
    except ValueError:
        return False


def post(url: str, body: bytes, headers: dict[str, str], *, link_local: bool) -> int:
    """Post and return the status of the answer, whatever it is.

    Args:
        link_local: let link-local and metadata addresses be reached too.

    Raises:
        Undeliverable: see there.
    """
    parts = parsed(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    try:
        with closing(_connected(host, port, link_local)) as raw:
            return _exchange(raw, parts, host, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise Undeliverable(str(error) or type(error).__name__) from error


def _exchange(
    raw: socket.socket, parts: SplitResult, host: str, body: bytes, headers: dict[str, str]
) -> int:
    if parts.scheme == "https":
        raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    connection = http.client.HTTPConnection(host, parts.port or PORTS[parts.scheme])
    connection.sock = raw
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # a socket that is shut down ends whatever read waits for it
    timer = threading.Timer(DEADLINE_SECONDS, _shut_down, [raw])
    timer.start()
    try:
        with closing(connection):
            connection.request("POST", target, body, {"Host": parts.netloc, **headers})
            return connection.getresponse().status
    finally:
        timer.cancel()


def _connected(host: str, port: int, link_local: bool) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    if not link_local and any(is_forbidden(ipaddress.ip_address(text)) for text in addresses):
        raise Undeliverable(f"{host} is a link-local or metadata address, which is not allowed")
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
