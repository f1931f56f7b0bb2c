"""A bare Debian in a folder, with a clone of the project in it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tools.fresh.host import mirror
from tools.fresh.words import FreshError, call, say

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("python3", "python3-venv", "make", "ca-certificates", "git", "curl")
DEBOOTSTRAP_SECONDS = 1800
PROJECT = "/root/attendance"  # where the clone is, inside


def bare(machine: Path, packages: tuple[str, ...]) -> None:
    """The smallest Debian of this machine's release, with these packages.

    Raises:
        FreshError: debootstrap failed, or took longer than `DEBOOTSTRAP_SECONDS`.
    """
    address, release = mirror()
    say(f"A bare Debian ({release}) with {', '.join(packages)}, in {machine}")
    included = "--include=" + ",".join(packages)
    with tempfile.NamedTemporaryFile("w+", prefix="debootstrap-") as log:
        command = ["timeout", str(DEBOOTSTRAP_SECONDS), "debootstrap", "--variant=minbase"]
        command += [included, release, str(machine), address]
        if subprocess.call(command, stdout=log, stderr=subprocess.STDOUT):
            log.seek(0)
            print(log.read()[-2000:])
            raise FreshError("debootstrap could not make the machine (it says why above).")


def make(machine: Path) -> None:
    """A bare Debian with the few programs that the README asks for, and a clone of the project."""
    bare(machine, PACKAGES)
    say("A clone of the last commit")
    clone = ["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(machine) + PROJECT]
    call(clone, "git could not clone the project.")


def mount(machine: Path, folders: list[Path]) -> None:
    """What programs expect of a machine, and the folders that pip looks into, read-only."""
    for kind, name, options in (
        ("proc", "proc", ""),
        ("sysfs", "sys", "ro"),
        ("tmpfs", "dev", "mode=755"),
        ("tmpfs", "tmp", "mode=1777"),
    ):
        target = machine / name
        also = ["-o", options] if options else []
        call(["mount", "-t", kind, *also, kind, str(target)], f"/{name} could not be mounted.")
    device = machine / "dev"
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (device / name).touch()
        call(["mount", "--bind", f"/dev/{name}", str(device / name)], f"no /dev/{name}")
    (device / "shm").mkdir(mode=0o1777)
    (device / "pts").mkdir()
    call(["mount", "-t", "tmpfs", "tmpfs", str(device / "shm")], "no /dev/shm")
    call(["mount", "-t", "devpts", "devpts", str(device / "pts")], "no /dev/pts")
    (device / "fd").symlink_to("/proc/self/fd")
    for folder in folders:
        target = machine / str(folder).lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        call(["mount", "--bind", "-o", "ro", str(folder), str(target)], f"no {folder}")


def inside(machine: Path, script: str) -> list[str]:
    """The command that runs a shell script in the project's folder on the machine."""
    return ["chroot", str(machine), "bash", "-c", f"cd {PROJECT} && {script}"]
