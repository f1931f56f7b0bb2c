"""Measure the security levels of every choice of networks, and write ``facerecog/levels.json``.

    python -m benchmarks.levels [FOLDER]

FOLDER holds one folder a person; without it, ``../shared/faces/lfw-dev``. Both networks embed each
photograph once, alone and mirrored; the other choices are parts of that.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.frames import FACES
from facerecog import FaceRecogError, Recognizer, RecognizerConfig
from facerecog.leveling import table
from facerecog.levels import TABLE
from facerecog.models import CHOICES, as_model

ORIGIN = (
    "Labeled Faces in the Wild, deep-funneled, at most five photographs a person; those in which "
    "no face dominates are left out. Template: mean with the mirror image; probe: one photograph."
)


def embedded(folder: Path, precision: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return templates and probes (n, 640), and the names of their people (n,)."""
    templates, probes, people = [], [], []
    config = RecognizerConfig(networks="both", precision=precision)  # type: ignore[arg-type]
    with Recognizer(config) as recognizer:
        for path in sorted(folder.glob("*/*.jpg")):
            try:
                probe, template = recognizer.probe_and_template(path.read_bytes())
                templates.append(template)
                probes.append(probe)
                people.append(path.parent.name)
            except FaceRecogError as error:
                print(f"{path.name}: {error.code}")
    return np.stack(templates), np.stack(probes), np.array(people)


def main() -> None:
    """Measure every model in every precision of this processor."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FACES / "lfw-dev")
    parser.add_argument("--precisions", nargs="+", default=["int8", "bf16", "f32"])
    options = parser.parse_args()
    models: dict[str, dict[str, object]] = {name: {} for name in CHOICES}
    for precision in options.precisions:
        templates, probes, people = embedded(options.folder, precision)
        for name in CHOICES:
            models[name][precision] = table(
                as_model(templates, "both", name), as_model(probes, "both", name), people
            )
    content = {"made_by": "benchmarks/levels.py", "origin": ORIGIN, "models": models}
    TABLE.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
