"""What this processor is quick at, beyond what OpenVINO tells of it, and how many cores it has."""

from __future__ import annotations

import os
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
DOT_PRODUCTS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"})
"""As Linux calls them: instructions that multiply and add eight-bit integers in one step."""


def has_int8(cpuinfo: Path = CPUINFO) -> bool:
    """Tell whether eight-bit networks are quicker here than bf16 and float32.

    OpenVINO names INT8 among its capabilities on every processor; without these instructions it is
    slower than bf16. Where there is no ``/proc/cpuinfo`` the answer is no.
    """
    try:
        text = cpuinfo.read_text(errors="replace")
    except OSError:
        return False
    for line in text.splitlines():
        name, _, flags = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return not DOT_PRODUCTS.isdisjoint(flags.split())
    return False


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
