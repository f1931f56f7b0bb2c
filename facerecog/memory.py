"""How a process that decodes pictures all day uses memory."""

from __future__ import annotations

import ctypes
from contextlib import suppress

# M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX of glibc's malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def keep_memory_together() -> None:
    """Tell glibc's allocator how a process that decodes pictures all day uses memory.

    Two arenas for all threads: with one for each of many threads, pictures of changing size leave
    holes in all of them, and the process grows and grows. And pixels come from what the last
    picture left: to map them anew costs as much as half the decoding.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(_TRIM_THRESHOLD, 64 * 2**20)


def give_back() -> None:
    """Give the system what is free (glibc): networks take far more in the making than made."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
