"""Measure the ranges that INT8 needs, and write ``facerecog/int8_ranges.json``.

    python -m benchmarks.calibrate

The largest input of each convolution over crops of the public photographs, also mirrored, dimmed,
brightened and blurred. Only those maxima are kept: one number a layer.
"""

from __future__ import annotations

import json

import cv2
import numpy as np
import openvino as ov

from facerecog import Recognizer, RecognizerConfig, default_models_dir
from facerecog.quantise import RANGES, convolutions
from facerecog.samples import NAMES, photo
from facerecog.weights import DEFAULT_WEIGHTS, FACENET, find_weights

BATCH = 8
PERCENTILE = 99.999  # of a layer's inputs; a single outlier would coarsen every other value


def crops() -> np.ndarray:
    """Return crops (n, 160, 160, 3) uint8 of the largest faces, with variations."""
    paths = [photo(name) for name in NAMES]
    found = []
    with Recognizer(RecognizerConfig(mode="exact")) as recognizer:
        for path in paths:
            image = recognizer.decode(path.read_bytes())
            found.append(recognizer.crop(image, recognizer.detect(image)[0].box))
    plain = np.stack(found)
    dim = (plain * 0.5).astype(np.uint8)
    bright = np.minimum(plain * 1.5, 255).astype(np.uint8)
    soft = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.5) for crop in plain])
    return np.ascontiguousarray(np.concatenate([plain, plain[:, :, ::-1], dim, bright, soft]))


def main() -> None:
    """Run the network with every convolution's input as an output, and keep the maxima."""
    core = ov.Core()
    model = core.read_model(find_weights(default_models_dir()).facenet)
    inputs = [node.input_value(0) for node in convolutions(model)]
    unique = list(
        {(port.get_node().get_name(), port.get_index()): port for port in inputs}.values()
    )
    place = {(port.get_node().get_name(), port.get_index()): i for i, port in enumerate(unique)}
    watched = ov.Model(
        [ov.opset13.result(port) for port in unique], model.get_parameters(), "watched"
    )
    request = core.compile_model(watched, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = request.create_infer_request()
    pictures = crops()
    largest = np.zeros(len(unique))
    for start in range(0, len(pictures), BATCH):
        request.infer([pictures[start : start + BATCH]])
        for i in range(len(unique)):
            values = request.get_output_tensor(i).data
            largest[i] = max(largest[i], np.percentile(values, PERCENTILE))
    ranges = [
        round(float(largest[place[port.get_node().get_name(), port.get_index()]]), 4)
        for port in inputs
    ]
    content = {
        "made_by": "benchmarks/calibrate.py",
        "weights": DEFAULT_WEIGHTS,
        "sha256": FACENET[DEFAULT_WEIGHTS].members[0].sha256,
        "pictures": len(pictures),
        "largest_inputs": ranges,
    }
    RANGES.write_text(json.dumps(content, indent=1) + "\n")
    print(f"{len(ranges)} ranges over {len(pictures)} pictures in {RANGES.name}")


if __name__ == "__main__":
    main()
