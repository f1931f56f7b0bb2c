"""Programs that need packages for the set-up only: these are there while it runs, then gone."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .fetch import FetchError

ROOT = Path(__file__).resolve().parent.parent
ONNX = ROOT / "requirements-onnx.txt"


def fold(source: Path, target: Path, models_dir: Path, progress: bool = True) -> None:
    """Write SFace's weights out (:mod:`facerecog.fold`) in a process of its own.

    ``models_dir`` is one more folder in which pip looks for wheels.

    Raises:
        FetchError: onnx could not be fetched, or the file is not what it reads.
    """
    with _onnx(models_dir, progress) as folder:
        paths = [folder, str(ROOT), os.environ.get("PYTHONPATH", "")]
        result = subprocess.run(
            [sys.executable, "-m", f"{__package__}.fold", str(source), str(target)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if result.returncode:
        raise FetchError(f"{source.name} could not be read: {_last_line(result.stderr)}")


@contextmanager
def _onnx(models_dir: Path, progress: bool) -> Iterator[str]:
    """Give a folder from which onnx can be imported, or "" where it is installed anyway."""
    if importlib.util.find_spec("onnx") is not None:
        yield ""
        return
    if progress:
        print("Installing onnx, which reads the weights, for the moment …", flush=True)
    with tempfile.TemporaryDirectory(prefix="facerecog-onnx-") as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-input"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "--target", folder]
        command += ["--find-links", str(models_dir), "-r", str(ONNX)]
        result = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if result.returncode:
            raise FetchError(
                f"the packages of {ONNX.name} could not be installed (their wheels may lie in "
                f"{models_dir} too): {_last_line(result.stderr)}"
            )
        yield folder


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no reason is given"])[-1].removeprefix("ERROR: ")
