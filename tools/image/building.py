"""A base of Debian's packages, and deploy/Dockerfile built on it, by buildah."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from tools.fresh.host import environment, take_over
from tools.fresh.machine import ROOT, bare
from tools.fresh.words import FreshError, say

# What the server's image has of Debian, and what only its first stages have.
PACKAGES = ("python3", "python-is-python3", "ca-certificates")
TOOLS = ("python3-pip", "npm")
NOT_READ = (
    "usr/share/locale", "usr/share/man", "usr/share/info", "var/lib/apt/lists", "var/cache/apt",
    "var/log/apt", "var/cache/debconf",
)  # fmt: skip
CALL_SECONDS, BUILD_SECONDS = 900, 2400
BASE, WORKSHOP, IMAGE = "localhost/debian", "localhost/workshop", "localhost/attendance"


class Buildah:
    """buildah with a store in a folder, apart from the machine's own containers."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where its store is made."""
        self._command = ["buildah", "--root", str(folder / "store")]
        self._command += ["--runroot", str(folder / "run")]

    def command(self, *words: str) -> list[str]:
        """What a shell would be given."""
        return [*self._command, *words]

    def call(self, *words: str, seconds: int = CALL_SECONDS) -> str:
        """Run one of its commands to its end, and return what it says; errors are shown.

        Raises:
            FreshError: it failed, or took too long.
        """
        try:
            done = subprocess.run(
                self.command(*words),
                stdout=subprocess.PIPE,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FreshError(f"buildah {words[0]} took longer than {seconds} s.") from None
        if done.returncode:
            print(done.stdout[-4000:])
            raise FreshError(f"buildah {words[0]} failed (it says why above).")
        return done.stdout.strip()


def build(buildah: Buildah) -> str:
    """Make the bases and the image, and return the image's name."""
    started = time.monotonic()
    base(buildah)
    folders = workshop(buildah)
    say("deploy/Dockerfile, by buildah")
    arguments = {"PAGES": WORKSHOP, "BUILD": WORKSHOP, "PYTHON": BASE}
    words = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    # what pip and npm are told of this machine's own folders
    words += [f"--volume={folder}:{folder}:ro" for folder in folders]
    deploy = ROOT / "deploy"
    buildah.call(
        "build", "--isolation=chroot", "--format=docker", "--pull-never", "--layers=false",
        f"--file={deploy / 'Dockerfile'}", f"--ignorefile={deploy / 'Dockerfile.dockerignore'}",
        f"--tag={IMAGE}", *words, str(ROOT), seconds=BUILD_SECONDS,
    )  # fmt: skip
    say(f"The image is built after {time.monotonic() - started:.0f} s")
    return IMAGE


def base(buildah: Buildah) -> None:
    """The smallest Debian with Python."""
    container = buildah.call("from", "scratch")
    machine = Path(buildah.call("mount", container))
    bare(machine, PACKAGES)
    slim(machine)
    commit(buildah, container, BASE)


def slim(machine: Path) -> None:
    """Take out what nobody reads in a container; packages' licences stay."""
    for name in NOT_READ:
        shutil.rmtree(machine / name, ignore_errors=True)
        (machine / name).mkdir(parents=True, mode=0o755)
    for path in (machine / "usr/share/doc").rglob("*"):
        if not path.is_dir() and path.name != "copyright":
            path.unlink()


def workshop(buildah: Buildah) -> list[Path]:
    """The same with what the first stages need, and this machine's ways to packages, which the
    server's image has nothing of. Returns the folders that those name."""
    say(f"The same with {', '.join(TOOLS)}, for the first stages")
    container = buildah.call("from", "--pull-never", BASE)
    folders = take_over(Path(buildah.call("mount", container)))
    for name, value in environment().items():
        buildah.call("config", f"--env={name}={value}", container)
    install = f"apt-get update -qq && apt-get install -qq --no-install-recommends {' '.join(TOOLS)}"
    buildah.call("run", "--isolation=chroot", container, "--", "sh", "-c", install)
    commit(buildah, container, WORKSHOP)
    return folders


def commit(buildah: Buildah, container: str, name: str) -> None:
    """Make the container an image, and remove it."""
    buildah.call("umount", container)
    buildah.call("commit", "--quiet", "--rm", container, name)
