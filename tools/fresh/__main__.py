"""Try the README's two commands on a machine that has nothing: a bare Debian in a folder.

    python3 -m tools.fresh                         make the machine, run and test there, remove it
    python3 -m tools.fresh --test-args "-k lock"   only these tests
    python3 -m tools.fresh --folder DIR --keep     leave the machine in DIR to look at it

A developer's machine has what others lack, and so no test there notices what the set-up forgets.
debootstrap makes the smallest Debian, of this machine's release and from this machine's mirrors,
with Python, make, git and curl. In it, a clone of the last commit starts with `make run`, goes
through the first steps that the README shows with curl, and then runs `make test`.

Root on Debian only: it mounts, in a namespace of its own, which takes every mount and every
process with it when it ends. Standard library only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fresh.commands import try_run, try_test
from tools.fresh.host import take_over
from tools.fresh.machine import make, mount
from tools.fresh.words import FreshError, say

INSIDE = "ATTENDANCE_FRESH"  # set for the second start of this program, inside the namespaces


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, help="where the machine is made (about 4 GB)")
    parser.add_argument("--keep", action="store_true", help="do not remove it at the end")
    parser.add_argument("--test-args", default="", help="what `make test` passes to pytest")
    parser.add_argument("--only", choices=("run", "test"), help="one of the two commands")
    return parser.parse_args()


def require_debian_and_root() -> None:
    """Say what is missing here before anything is made.

    Raises:
        FreshError: this is no Debian, nobody is root, or a program is missing.
    """
    if not Path("/etc/debian_version").exists():
        raise FreshError("This needs Debian: the new machine is made with debootstrap.")
    if os.geteuid() != 0:
        raise FreshError("This needs root: debootstrap, mount and chroot do.")
    for program, package in (("debootstrap", "debootstrap"), ("unshare", "util-linux")):
        if not shutil.which(program):
            raise FreshError(f"There is no {program}: `apt-get install {package}` brings it.")


def main() -> None:
    """Make the machine, run both commands, and remove it."""
    asked = arguments()
    require_debian_and_root()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="attendance-fresh-"))
    if INSIDE not in os.environ:
        try:
            # Processes and mounts of the machine end with the namespaces, whatever happens.
            command = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
            command += [sys.executable, "-m", "tools.fresh", *sys.argv[1:], "--folder", str(folder)]
            sys.exit(subprocess.call(command, env={**os.environ, INSIDE: "1"}))
        finally:
            if not asked.keep:
                shutil.rmtree(folder)
    machine = folder.resolve()
    make(machine)
    mount(machine, take_over(machine))
    if asked.only != "test":
        try_run(machine)
    if asked.only != "run":
        try_test(machine, asked.test_args)
    say("A fresh machine runs the README's commands.")


if __name__ == "__main__":
    try:
        main()
    except FreshError as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
