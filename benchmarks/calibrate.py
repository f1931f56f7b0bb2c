"""Measure the ranges that INT8 needs, and write ``facerecog/int8_ranges.json``.

    python -m benchmarks.calibrate

The least and the largest input of each convolution over faces of the public photographs, also
mirrored, dimmed, brightened and blurred. Only those are kept: two numbers a layer.
"""

from __future__ import annotations

import json

import cv2
import numpy as np
import openvino as ov

from facerecog import Recognizer, RecognizerConfig, default_models_dir
from facerecog.quantise import RANGES, convolutions
from facerecog.samples import NAMES, photo
from facerecog.sources import source_of
from facerecog.weights import find_weights

BATCH = 8
# of a layer's inputs; a single outlier would coarsen every other value
PERCENTILES = (0.001, 99.999)


def faces() -> dict[str, np.ndarray]:
    """Return what each network sees of the largest faces, with variations."""
    crops, aligned = [], []
    with Recognizer(RecognizerConfig(mode="exact", networks="both")) as recognizer:
        for name in NAMES:
            image = recognizer.decode(photo(name).read_bytes())
            face = recognizer.detect(image)[0]
            crops.append(recognizer.crop(image, face.box))
            aligned.append(recognizer.align(image, face.landmarks))
    return {"vggface2": _varied(np.stack(crops)), "sface": _varied(np.stack(aligned))}


def _varied(plain: np.ndarray) -> np.ndarray:
    dim = (plain * 0.5).astype(np.uint8)
    bright = np.minimum(plain * 1.5, 255).astype(np.uint8)
    soft = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.5) for crop in plain])
    return np.ascontiguousarray(np.concatenate([plain, plain[:, :, ::-1], dim, bright, soft]))


def measured(model: ov.Model, pictures: np.ndarray) -> list[tuple[float, float]]:
    """Run a network with every convolution's input as an output, and keep the extremes."""
    inputs = [node.input_value(0) for node in convolutions(model)]
    places = [(port.get_node().get_name(), port.get_index()) for port in inputs]
    unique = list(dict(zip(places, inputs, strict=True)).items())
    watched = ov.Model(
        [ov.opset13.result(port) for _, port in unique], model.get_parameters(), "watched"
    )
    compiled = ov.Core().compile_model(watched, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    extremes = {place: (0.0, 0.0) for place, _ in unique}
    for start in range(0, len(pictures), BATCH):
        request.infer([pictures[start : start + BATCH]])
        for i, (place, _) in enumerate(unique):
            low, high = np.percentile(request.get_output_tensor(i).data, PERCENTILES)
            known = extremes[place]
            extremes[place] = (min(known[0], float(low)), max(known[1], float(high)))
    return [(round(low, 4), round(high, 4)) for low, high in map(extremes.__getitem__, places)]


def main() -> None:
    """Measure both networks and write the ranges down."""
    embedders = find_weights(default_models_dir(), networks="both").embedders
    networks = {}
    for name, pictures in faces().items():
        ranges = measured(ov.Core().read_model(embedders[name]), pictures)
        networks[name] = {
            "sha256": source_of(name).members[0].sha256,
            "pictures": len(pictures),
            "inputs": ranges,
        }
        print(f"{name}: {len(ranges)} ranges over {len(pictures)} pictures")
    content = {"made_by": "benchmarks/calibrate.py", "networks": networks}
    RANGES.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
