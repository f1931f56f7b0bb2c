"""How the students of a course check in: what each of its sessions asks for.

The rules count as they are when a join or a mark arrives, also where the teacher changes them in
the middle of a session. Marks that are there stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Literal

Scan = Literal["qr_or_code", "qr"]
Face = Literal["required", "optional", "off"]
Liveness = Literal["off", "watch", "enforce"]
CheckOut = Literal["off", "optional", "required"]


@dataclass(frozen=True)
class Position:
    """A circle on the earth: where a course is held. Nobody else's position is ever kept."""

    latitude: float
    longitude: float
    metres: int


@dataclass(frozen=True)
class CheckIn:
    """The rules of a course; the defaults ask for no more than ever."""

    scan: Scan = "qr_or_code"
    face: Face = "required"
    liveness: Liveness = "off"
    networks: tuple[str, ...] = ()
    one_device: bool = False
    check_out: CheckOut = "off"
    position: Position | None = None

    def changed(self, values: Mapping[str, Any]) -> CheckIn:
        """These rules with some of them changed."""
        after = {**asdict(self), **values}
        place = after["position"]
        return CheckIn(
            **{
                **after,
                "networks": tuple(after["networks"]),
                "position": None if place is None else Position(**place),
            }
        )

    def text(self) -> str:
        """As the table has it."""
        return json.dumps(asdict(self))


DEFAULT = CheckIn()


def of(row: Mapping[str, Any]) -> CheckIn:
    """The rules of a course, or of a session's course, from its row's `check_in`."""
    if not row["check_in"]:
        return DEFAULT
    known = {field.name for field in fields(CheckIn)}
    stored = {name: value for name, value in json.loads(row["check_in"]).items() if name in known}
    return DEFAULT.changed(stored)


def network(text: str) -> str:
    """A network (CIDR, or one address) in its normal form. Raises `ValueError`."""
    return str(_plain(ip_network(text.strip(), strict=False)))


def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an IPv4 or IPv6 address belongs to one of the networks."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ip_network(each) for each in networks)


def _plain(found: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """An IPv4 network that is written as one of IPv6 is one of IPv4."""
    mapped = isinstance(found, IPv6Network) and found.network_address.ipv4_mapped
    if mapped and found.prefixlen >= 96:
        return IPv4Network((mapped, found.prefixlen - 96))
    return found
