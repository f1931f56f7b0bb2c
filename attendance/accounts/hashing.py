"""Where passwords are hashed: in a few threads of their own, behind a short queue.

A hash takes a quarter of a second of a core, and anybody may ask for one: whoever signs in or up
has no token yet. So hashes never take the cores that marks need, and a flood of them ends in 503.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from attendance.accounts import passwords
from attendance.admission.shares import NoRoom, Shares
from attendance.core.errors import SignInBusy

Result = TypeVar("Result")
NICENESS = 10


class Hashing:
    """Hashes passwords and compares them. One for each process, safe for all its threads."""

    def __init__(self, threads: int, queue: int, rounds: int) -> None:
        """`queue`: how many are hashed or wait at once; one owner has half of it at most."""
        self._rounds = rounds
        self._shares = Shares(queue, max(1, queue // 2))
        self._threads = ThreadPoolExecutor(threads, "attendance-hash", initializer=_step_back)

    @property
    def waiting(self) -> int:
        """How many passwords are hashed or wait for it now."""
        return self._shares.held

    def hash(self, password: str, owner: str) -> str:
        """The hash to store of a password without `passwords.complaint`.

        Args:
            password: what to hash.
            owner: for whom: an account, or the network that an anonymous request came from.

        Raises:
            SignInBusy
        """
        return self._in_turn(owner, lambda: passwords.hash_password(password, self._rounds))

    def matches(self, password: str, password_hash: str | None, owner: str) -> bool:
        """Whether the password is right; takes as long where there is no hash to compare with.

        Raises:
            SignInBusy
        """
        return self._in_turn(
            owner, lambda: passwords.matches(password, password_hash, self._rounds)
        )

    def _in_turn(self, owner: str, work: Callable[[], Result]) -> Result:
        try:
            with self._shares.place(owner):
                return self._threads.submit(work).result()
        except NoRoom:
            raise SignInBusy from None


def _step_back() -> None:
    """Whatever else the process does goes first: on Linux each thread has its own priority."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
