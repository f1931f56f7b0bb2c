"""The README's two commands, and its first steps, run on the new machine."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.fresh.host import environment
from tools.fresh.machine import ROOT, inside
from tools.fresh.words import FreshError, say

START_SECONDS = 1200  # packages and networks may come over a slow line


def free_port() -> int:
    """A port on which nobody listens: the machine shares this one's network."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def first_steps(port: int) -> str:
    """The shell script in the README that signs up, enrols and marks, for this port.

    Raises:
        FreshError: the README has no such script.
    """
    readme = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"```bash\n(B=http://localhost:5001\n.*?)```", readme, re.DOTALL)
    if not found:
        raise FreshError("The README shows no first steps with curl.")
    return found[1].replace("localhost:5001", f"localhost:{port}")


def try_run(machine: Path) -> None:
    """`make run`, then the README's first steps against it.

    Raises:
        FreshError: it did not start, or a step went otherwise than the README says.
    """
    port = free_port()
    say("make run")
    server = subprocess.Popen(
        inside(machine, "exec make run"),
        env={**environment(), "PORT": str(port)},
        start_new_session=True,
    )
    try:
        wait_until_ready(server, port, "`make run`")
        take_first_steps(inside(machine, "set -e\n" + first_steps(port)))
    finally:
        end(server)


def wait_until_ready(server: subprocess.Popen[bytes], port: int, what: str) -> None:
    """Wait until the server says that it is ready.

    Raises:
        FreshError: it ended, or took longer than `START_SECONDS`.
    """
    started = time.monotonic()
    while not _is_ready(port):
        if server.poll() is not None:
            raise FreshError(f"{what} failed (it says why above).")
        if time.monotonic() - started > START_SECONDS:
            raise FreshError(f"{what} did not serve within {START_SECONDS} s.")
        time.sleep(0.5)
    say(f"It serves after {time.monotonic() - started:.0f} s. The README's first steps")


def take_first_steps(command: list[str], folder: Path | None = None) -> None:
    """Run the command that goes through the README's first steps, and look at what they show.

    Raises:
        FreshError: a step went otherwise than the README says.
    """
    steps = subprocess.run(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True, check=False
    )
    print(steps.stdout)
    # the other man's picture is refused, and the list has the student's line
    missing = [word for word in ("face_mismatch", "S001,Barack") if word not in steps.stdout]
    if steps.returncode or missing:
        raise FreshError("The README's first steps went otherwise than it says (see above).")


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server with all that it has started: they are a group of their own."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def try_test(machine: Path, args: str) -> None:
    """`make test`, with all tests or those that `args` chooses.

    Raises:
        FreshError: a test failed, or the tests could not run.
    """
    say(f"make test {args}".rstrip())
    started = time.monotonic()
    # As on CI, where a page's test without a browser fails in place of being skipped.
    command = inside(machine, 'exec make test ARGS="$TESTS"')
    code = subprocess.call(command, env={**environment(), "TESTS": args, "CI": "true"})
    say(f"make test ended after {time.monotonic() - started:.0f} s")
    if code:
        raise FreshError("`make test` failed (see above).")
