"""facenet-pytorch before a camera: every face of every frame, in a process of its own.

    .venv-torch/bin/python -m benchmarks.facenet_camera FRAMES THREADS CLOCK

`MTCNN(keep_all=True)` finds the faces, one batch goes through InceptionResnetV1, and one product of
matrices compares them with 200 stored faces. Each line on the input names a scene and seconds, each
answer is its frames a second. :class:`FacenetCamera` is the other end, for `benchmarks.camera`.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).resolve().parent.parent
MIN_FACE = 24
"""Pixels, as in the product."""
STORED = 200


class FacenetCamera:
    """Asks the process, which is started with the reference's own Python."""

    def __init__(self, python: Path, folder: Path, threads: int, clock: str) -> None:
        self._folder = folder
        command = [str(python), "-m", "benchmarks.facenet_camera", str(folder), str(threads), clock]
        self._process = subprocess.Popen(
            command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()

    def put(self, scene: str, frames: Sequence[bytes]) -> None:
        """Lay the frames of a scene where the process reads them."""
        for number, data in enumerate(frames):
            (self._folder / f"{scene}-{number:03}.jpg").write_bytes(data)

    def rate(self, scene: str, seconds: float) -> float:
        """Frames a second."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{scene} {seconds}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End the process by ending its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"facenet-pytorch ended with {self._process.wait()}")
        return line.strip()


class Design:
    """The library as its documentation uses it for many faces."""

    def __init__(self, threads: int) -> None:
        import facenet_pytorch
        import torch

        from facerecog.torch_engine import state_dict
        from facerecog.weights import default_models_dir, find_source

        torch.set_num_threads(threads)
        self._torch = torch
        self._mtcnn = facenet_pytorch.MTCNN(keep_all=True, min_face_size=MIN_FACE)
        self._resnet = facenet_pytorch.InceptionResnetV1(pretrained=None).eval()
        weights = state_dict(find_source(default_models_dir()))
        self._resnet.load_state_dict(weights, strict=False)
        rows = np.random.default_rng(0).normal(size=(STORED, 512)).astype(np.float32)
        self._stored = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def look(self, data: bytes) -> Any:
        """The nearest stored face of each face of a frame."""
        from PIL import Image

        faces = self._mtcnn(Image.open(io.BytesIO(data)).convert("RGB"))
        if faces is None:
            return []
        with self._torch.no_grad():
            embeddings = self._resnet(faces).numpy()
        return (embeddings @ self._stored.T).argmax(axis=1)


def main() -> None:
    """Measure what each line of the input asks for."""
    from benchmarks.worker import CLOCKS

    folder, threads, now = Path(sys.argv[1]), int(sys.argv[2]), CLOCKS[sys.argv[3]]
    design = Design(threads)
    print("ready", flush=True)
    for line in sys.stdin:
        scene, seconds = line.split()
        frames = [path.read_bytes() for path in sorted(folder.glob(f"{scene}-*.jpg"))]
        design.look(frames[0])
        began, count = now(), 0
        while now() - began < float(seconds):
            design.look(frames[count % len(frames)])
            count += 1
        print(count / (now() - began), flush=True)


if __name__ == "__main__":
    main()
