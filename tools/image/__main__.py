"""Build the container image without a daemon, start it, and take the README's first steps with it.

    python3 -m tools.image                         into dist/, after it was tried
    python3 -m tools.image --folder DIR            work there (about 4 GB) in place of /var/tmp
    python3 -m tools.image --archive FILE          write the image to this file

debootstrap makes a base from Debian's packages, of this machine's release and from this machine's
mirrors; buildah builds deploy/Dockerfile on it, with this machine's ways to pip's and npm's
packages; no image of anybody else is fetched. Then the image is started, asked for /health/ready,
and a student enrols and marks with it. The archive is for `docker load` or `podman load`. All that
was made on the way is removed.

Root on Debian only, with debootstrap and buildah (`apt-get install debootstrap buildah`), an
installed project (`make install`) and curl. It works in namespaces of its own, which take every
mount and every process with them when they end. Standard library only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fresh.machine import ROOT
from tools.fresh.words import FreshError, say
from tools.image.building import Buildah, build
from tools.image.trying import try_image
from tools.steps.release import DIST, version

INSIDE = "ATTENDANCE_IMAGE"  # set for the second start of this program, inside the namespaces
FREE_BYTES = 5_000_000_000
NEEDED = {
    "debootstrap": "debootstrap",
    "buildah": "buildah",
    "unshare": "util-linux",
    "curl": "curl",
}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where to work")  # noqa: S108
    parser.add_argument("--archive", type=Path, help="where the image goes")
    return parser.parse_args()


def require_what_it_needs(folder: Path) -> None:
    """Say what is missing here before anything is made.

    Raises:
        FreshError: this is no Debian, nobody is root, or a program, room or the project's own
            packages are missing.
    """
    if not Path("/etc/debian_version").exists():
        raise FreshError("This needs Debian: the image's base is made with debootstrap.")
    if os.geteuid() != 0:
        raise FreshError("This needs root: debootstrap, mount and chroot do.")
    for program, package in NEEDED.items():
        if not shutil.which(program):
            raise FreshError(f"There is no {program}: `apt-get install {package}` brings it.")
    if not (ROOT / ".venv" / "bin" / "python").exists():
        raise FreshError("The first steps need the project's packages: run `make install` first.")
    if not folder.is_dir():
        raise FreshError(f"There is no folder {folder}.")
    if (free := shutil.disk_usage(folder).free) < FREE_BYTES:
        raise FreshError(
            f"{folder} has {free / 1e9:.1f} GB free, and this takes up to {FREE_BYTES / 1e9:.0f}."
        )


def main() -> None:
    """Build it, try it, write it to a file, and remove the rest."""
    asked = arguments()
    require_what_it_needs(asked.folder)
    # whoever ends this program has its folder removed as well
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    if INSIDE not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="attendance-image-", dir=asked.folder))
        name = f"attendance-{version()}-image.tar"  # type: ignore[no-untyped-call]
        archive = (asked.archive or DIST / name).resolve()
        command = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
        command += [sys.executable, "-m", "tools.image"]
        command += ["--folder", str(folder), "--archive", str(archive)]
        try:
            sys.exit(subprocess.call(command, env={**os.environ, INSIDE: "1"}))
        finally:
            shutil.rmtree(folder)
    buildah = Buildah(asked.folder)
    image = build(buildah)
    try_image(buildah, image)
    asked.archive.parent.mkdir(parents=True, exist_ok=True)
    asked.archive.unlink(missing_ok=True)
    tag = f"attendance:{version()}"  # type: ignore[no-untyped-call]
    buildah.call("push", image, f"docker-archive:{asked.archive}:{tag}")
    say(f"{asked.archive}: {asked.archive.stat().st_size / 1e6:.0f} MB, for `docker load -i`")


if __name__ == "__main__":
    try:
        main()
    except FreshError as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
