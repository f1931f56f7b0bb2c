"""Take out of an installed environment what the server never loads: ``python slim.py FOLDER``.

FOLDER is the one that pip installed into (its site-packages, or ``pip install --target``). For the
container image only, after the networks were fetched: their conversion needs OpenVINO's readers.
A pattern that finds nothing stops the build, so that this list cannot go stale unseen.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

MEGABYTE = 1_000_000

# Each: what, and why nothing misses it.
NOT_NEEDED = (
    # the networks run on the processor, from OpenVINO's own format
    "openvino/include",
    "openvino/libs/cache.json",
    "openvino/libs/libopenvino_intel_gpu_plugin.so",
    "openvino/libs/libopenvino_intel_npu_plugin.so",
    "openvino/libs/libopenvino_onnx_frontend.so.*",
    "openvino/libs/libopenvino_tensorflow_frontend.so.*",
    "openvino/libs/libopenvino_tensorflow_lite_frontend.so.*",
    "openvino/libs/libopenvino_pytorch_frontend.so.*",
    "openvino/libs/libopenvino_paddle_frontend.so.*",
    "openvino/libs/libopenvino_jax_frontend.so.*",
    "openvino/libs/libopenvino_gguf_frontend.so.*",
    # signing in to MySQL by Kerberos, LDAP, security key or cloud account; passwords are built in
    "mysql/vendor/plugin",
    "mysql/vendor/private",
    # tests of packages
    "numpy/**/tests",
    "qrcode/tests",
)
# Compiled modules are made again by whoever starts Python, and cost more than they save here.
ANYWHERE = ("__pycache__", "*.a", "*.pyi")
# One file per language; the pages' languages are those of attendance/translations.
LOCALES = "babel/locale-data"
ALWAYS_KEPT = ("root", "en")


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def remove(path: Path) -> int:
    """Remove a file or a folder and return its bytes."""
    freed = size(path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    return freed


def slim(packages: Path, languages: set[str]) -> int:
    """Remove what is not needed and return the bytes saved.

    Raises:
        FileNotFoundError: a pattern of `NOT_NEEDED` finds nothing.
    """
    freed = 0
    for pattern in NOT_NEEDED:
        found = list(packages.glob(pattern))
        if not found:
            raise FileNotFoundError(f"{pattern} is not in {packages}: bring slim.py up to date")
        freed += sum(remove(path) for path in found)
    for pattern in ANYWHERE:
        freed += sum(remove(path) for path in list(packages.rglob(pattern)))
    for file in (packages / LOCALES).glob("*.dat"):
        if file.stem.split("_")[0] not in languages.union(ALWAYS_KEPT):
            freed += remove(file)
    return freed


def main(packages: Path, translations: Path) -> None:
    """Slim one folder and say what that gave."""
    before = size(packages)
    languages = {path.name.split("_")[0] for path in translations.iterdir() if path.is_dir()}
    freed = slim(packages, languages)
    sys.stdout.write(
        f"{before // MEGABYTE} MB before, {(before - freed) // MEGABYTE} MB after "
        f"(languages: en {' '.join(sorted(languages))})\n"
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python slim.py PACKAGES TRANSLATIONS")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
