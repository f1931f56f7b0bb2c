"""How this machine's apt, pip and npm find their way, for the new machine to do the same.

Everything is read from this machine's own files and environment at the time; the project names no
mirror and no registry.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.fresh.words import FreshError

# What tells apt, pip and npm here where to look, and whom to trust.
APT = ("sources.list", "sources.list.d", "auth.conf", "auth.conf.d", "keyrings", "trusted.gpg.d")
PIP_FILES = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
NPM_FILES = ("/etc/npmrc", "/usr/etc/npmrc", "~/.npmrc")
VARIABLES = re.compile(
    r"(PIP|NPM_CONFIG)_.+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE"
    r"|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS",
    re.IGNORECASE,
)


def mirror() -> tuple[str, str]:
    """The address of the first Debian archive in apt's own sources, and the release's name.

    Raises:
        FreshError: apt knows of none.
    """
    form = ["--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages", "Origin: Debian"]
    listed = subprocess.run(
        ["apt-get", "indextargets", *form], capture_output=True, text=True, check=False
    ).stdout.split("\n")
    if len(listed[0].split()) != 2:
        raise FreshError("apt knows of no Debian archive: run `apt-get update`, then try again.")
    address, release = listed[0].split()
    return address, release


def environment() -> dict[str, str]:
    """The variables by which pip, npm and TLS find their way here, and nothing else of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if VARIABLES.fullmatch(name) and "CACHE" not in name.upper()
    }
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {**kept, "PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def configuration() -> list[Path]:
    """The files that tell pip and npm where to look, as far as this machine has them."""
    named = [os.environ.get("PIP_CONFIG_FILE", ""), *PIP_FILES, *NPM_FILES]
    return [path for name in named if name and (path := Path(name).expanduser()).is_file()]


def paths_in(text: str) -> set[Path]:
    """The absolute paths that a configuration names and that exist, also as `file:` addresses."""
    words = re.findall(r"(?:(?<=^)|(?<=[\s=:'\",])|(?<=file://))(/[\w.+/-]+)", text)
    return {path for word in words if (path := Path(word)).exists() and path != Path("/")}


def take_over(machine: Path) -> list[Path]:
    """Copy the configuration of apt, pip and npm; return the folders that they name, to mount."""
    for name in APT:
        source, target = Path("/etc/apt") / name, machine / "etc/apt" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copy2(source, target)
        elif target.is_file():  # debootstrap's own would be asked too
            target.unlink()
    keys = "usr/share/keyrings"
    shutil.copytree(f"/{keys}", machine / keys, dirs_exist_ok=True)
    # How apt fetches, without this machine's hooks, which need programs that are not there.
    dumped = subprocess.check_output(["apt-config", "dump"], text=True).splitlines()
    fetching = [line for line in dumped if line.startswith("Acquire::")]
    (machine / "etc/apt/apt.conf.d/90fetching").write_text("\n".join(fetching) + "\n")
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copyfile(name, machine / name[1:])

    files = configuration()
    texts = [path.read_text("utf-8", "replace") for path in files]
    named = set().union(*map(paths_in, [*texts, *environment().values()]))
    own = ("/usr", "/bin", "/sbin", "/lib")  # in PATH, and there as well
    outside = {path for path in named if not str(path).startswith(own)}
    for path in [*files, *sorted(path for path in outside if path.is_file())]:
        target = machine / str(path).lstrip("/")
        if path.is_relative_to(Path.home()):
            target = machine / "root" / path.relative_to(Path.home())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)
    there = (Path("/etc/ssl/certs"), Path.home())
    folders = {path for path in outside if path.is_dir() and path not in there}
    # the pages of an index lead to files beside it
    beside = {path.parent for path in folders if len(path.parent.parts) > 2}
    return sorted(folders | beside)
