"""Write down what facenet-pytorch finds, so that tests can compare without PyTorch.

    .venv-torch/bin/python -m benchmarks.make_golden

writes ``tests/facerecog/golden.json``: of each public photograph all boxes, probabilities and
landmarks, and the embedding of the largest face; of the optional folder ``../shared/faces`` the
error rates and the boxes of the group photograph. Nothing of a face but numbers is kept.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import facenet_pytorch
import numpy as np
import torch
from PIL import Image

from facerecog.pairs import pairs
from facerecog.samples import NAMES, photo
from facerecog.torch_engine import state_dict
from facerecog.weights import default_models_dir, find_source

PROJECT = Path(__file__).resolve().parent.parent
GOLDEN = PROJECT / "tests" / "facerecog" / "golden.json"
FACES = PROJECT.parent / "shared" / "faces"
MARGIN = 20  # of 160 pixels, as RecognizerConfig.margin
THRESHOLDS = (0.9, 1.0)


class Reference:
    """facenet-pytorch as its documentation uses it, with a margin of 20 and the largest face."""

    def __init__(self) -> None:
        self.mtcnn = facenet_pytorch.MTCNN(margin=MARGIN)
        self.resnet = facenet_pytorch.InceptionResnetV1(pretrained=None).eval()
        self.resnet.load_state_dict(state_dict(find_source(default_models_dir())), strict=False)

    @torch.no_grad()
    def embed(self, image: Image.Image) -> np.ndarray | None:
        """Return the embedding (512,) of the largest face, or None."""
        face = self.mtcnn(image)
        return None if face is None else self.resnet(face[None])[0].numpy()

    def describe(self, image: Image.Image) -> dict[str, Any]:
        """Return boxes, probabilities, landmarks and embedding as plain lists."""
        boxes, probabilities, landmarks = self.mtcnn.detect(image, landmarks=True)
        embedding = self.embed(image)
        if boxes is None or embedding is None:
            return {"boxes": [], "probabilities": [], "landmarks": [], "embedding": None}
        return {
            "boxes": np.round(np.array(boxes, float), 3).tolist(),
            "probabilities": np.round(np.array(probabilities, float), 6).tolist(),
            "landmarks": np.round(np.array(landmarks, float), 3).tolist(),
            "embedding": np.round(embedding.astype(float), 6).tolist(),
        }


def error_rates(reference: Reference, folder: Path) -> dict[str, Any]:
    """Return the reference's error rates on a folder of folders, one a person."""
    embeddings, people = [], []
    for path in sorted(folder.glob("*/*.jpg")):
        embedding = reference.embed(Image.open(path).convert("RGB"))
        if embedding is not None:
            embeddings.append(embedding)
            people.append(path.parent.name)
    found = pairs(np.stack(embeddings), people)
    rates = [found.at(threshold) for threshold in THRESHOLDS] + [found.without_false_accepts()]
    return {
        "photographs": len(embeddings),
        "same_pairs": len(found.same),
        "different_pairs": len(found.different),
        "rates": [vars(rate) for rate in rates],
    }


def main() -> None:
    """Write the golden numbers."""
    reference = Reference()
    golden: dict[str, Any] = {
        "made_by": "benchmarks/make_golden.py",
        "versions": {
            "facenet-pytorch": "2.6.0",
            "torch": torch.__version__,
            "pillow": Image.__version__,
        },
        "margin": MARGIN,
        "photos": {
            name: reference.describe(Image.open(photo(name)).convert("RGB")) for name in NAMES
        },
    }
    if FACES.is_dir():
        group = Image.open(FACES / "group_6.jpg").convert("RGB")
        golden["group_6"] = reference.describe(group)
        golden["group_6"].pop("embedding")
        golden["lfw"] = error_rates(reference, FACES / "lfw")
    GOLDEN.write_text(json.dumps(golden) + "\n")
    print(f"wrote {GOLDEN.relative_to(PROJECT)}, {GOLDEN.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
