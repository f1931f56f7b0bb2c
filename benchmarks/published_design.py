"""The baseline of ``make bench-http``: one mark as a published attendance project does it.

    .venv-torch/bin/python -m benchmarks.published_design FRAME THREADS

From its description: each request builds both networks of facenet-pytorch, loads the weights from
disk, finds and embeds the face, and compares it with every student's stored list of numbers in a
Python loop. Only that is timed: no HTTP, no token, no database, all in the baseline's favour.
Each line on the input asks for one mark; each answer is its seconds.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from pathlib import Path

import facenet_pytorch
import numpy as np
import torch
from PIL import Image

from facerecog.torch_engine import state_dict
from facerecog.weights import default_models_dir, find_source

STUDENTS = 200
THRESHOLD = 0.9


def mark(data: bytes, weights: Path, stored: list[tuple[int, str]]) -> int | None:
    """Return the student whose stored embedding is nearest, or None beyond the threshold."""
    mtcnn = facenet_pytorch.MTCNN(margin=20)
    resnet = facenet_pytorch.InceptionResnetV1(pretrained=None).eval()
    resnet.load_state_dict(torch.load(weights), strict=False)
    face = mtcnn(Image.open(io.BytesIO(data)).convert("RGB"))
    with torch.no_grad():
        embedding = resnet(face[None])[0].numpy()
    best, best_distance = None, THRESHOLD
    for student, numbers in stored:
        distance = float(np.linalg.norm(embedding - np.array(json.loads(numbers))))
        if distance < best_distance:
            best, best_distance = student, distance
    return best


def main() -> None:
    """Mark once for each line of the input."""
    data = Path(sys.argv[1]).read_bytes()
    torch.set_num_threads(int(sys.argv[2]))
    rows = np.random.default_rng(0).normal(size=(STUDENTS, 512))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    stored = [(number, json.dumps(row.tolist())) for number, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pt"
        torch.save(state_dict(find_source(default_models_dir())), weights)
        mark(data, weights, stored)
        print("ready", flush=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            mark(data, weights, stored)
            print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
