"""Install the server out of this folder, on a machine without a network.

    python3 install.py /opt/attendance

`make offline` puts this file under that name into the folder that it makes. Standard library only,
in the syntax of Python 3.6. Every file is compared with SHA256SUMS before anything is written; to
know that nobody has changed that list as well, compare its own hash with the one that was told.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"


def wrong_files(folder):
    """The names of files that are missing, changed or not named."""
    named = {}
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        value, _, name = line.partition("  ")
        named[name] = value
    there = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.name != SUMS and "__pycache__" not in path.parts
    }
    wrong = sorted(set(named) ^ set(there))
    for name in sorted(set(named) & set(there)):
        if hashlib.sha256(there[name].read_bytes()).hexdigest() != named[name]:
            wrong.append(name)
    return wrong


def unpack(folder, target):
    """The sources, the networks and the libraries of the pages, each in its place."""
    archive = next(folder.glob("attendance-*.tar.gz"))
    top = archive.name[: -len(".tar.gz")]
    with tarfile.open(str(archive)) as packed:
        for member in packed.getmembers():
            member.name = os.path.relpath(member.name, top)
            if member.name.startswith("..") or not (member.isfile() or member.isdir()):
                continue  # git's archives have neither
            packed.extract(member, str(target))
    for name, place in (("models", "models"), ("vendor", "attendance/static/vendor")):
        shutil.rmtree(str(target / place), ignore_errors=True)
        shutil.copytree(str(folder / name), str(target / place))
    (target / "attendance/static/vendor/.offline").touch()


def main(argv):
    """Install into the folder that is named."""
    if len(argv) != 1:
        return "usage: python3 install.py FOLDER"
    wrong = wrong_files(HERE)
    if wrong:
        return "error: these files are missing, changed or strange: " + ", ".join(wrong[:10])
    target = Path(argv[0]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    unpack(HERE, target)
    environment = dict(os.environ, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(HERE / "wheels"))
    command = [sys.executable, str(target / "tools" / "setup.py"), "install"]
    return subprocess.call(command, cwd=str(target), env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
