"""What is said on the way, and how it ends where it cannot go on."""

from __future__ import annotations

import subprocess

from tools.steps import basics


class FreshError(Exception):
    """Why it could not be tried, or what failed; one sentence."""


def say(text: str) -> None:
    """Tell what is done now, told apart from what the set-up inside the machine says."""
    basics.say(text, "-->")


def call(command: list[str], failed: str) -> None:
    """Run a command to its end.

    Raises:
        FreshError: it failed; `failed` says what that means.
    """
    if subprocess.call(command):
        raise FreshError(failed)
