"""The embedding network in eight-bit integers, from ranges that were measured once.

Post-training quantisation (Jacob et al. 2018, https://arxiv.org/abs/1712.05877): the weights of
each convolution by output channel, its input by one range for all channels. OpenVINO then computes
in INT8 where the processor can. The last dense layer and the normalisation stay in floating point:
quantised, they double the false accepts.

``int8_ranges.json`` holds, for each convolution of the ``vggface2`` weights, the largest input that
``benchmarks/calibrate.py`` saw; they are numbers about the network, not about anybody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import openvino as ov

RANGES = Path(__file__).with_name("int8_ranges.json")
_LEVELS = 256
_WEIGHT_LEVELS = 255  # symmetric: -127 to 127


def convolutions(model: ov.Model) -> list[ov.Node]:
    """Return the model's convolutions in a fixed order: that of their execution."""
    return [node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution"]


def quantised(model: ov.Model) -> ov.Model:
    """Put quantisation around every convolution but the first; the model itself is changed.

    Raises:
        ValueError: the ranges were measured on another network.
    """
    from openvino import opset13 as ops

    ranges: list[float] = json.loads(RANGES.read_text())["largest_inputs"]
    nodes = convolutions(model)
    if len(nodes) != len(ranges):
        raise ValueError(f"{len(ranges)} ranges do not fit {len(nodes)} convolutions")
    for node, largest in list(zip(nodes, ranges, strict=True))[1:]:
        low, high = np.float32(0), np.float32(largest)  # behind a ReLU nothing is negative
        data = ops.fake_quantize(node.input_value(0), low, high, low, high, _LEVELS)
        node.input(0).replace_source_output(data.output(0))
        weights = _weights(node)
        bound = np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), 1e-8)
        bound = bound.astype(np.float32)
        kernel = ops.fake_quantize(
            ops.constant(weights), -bound, bound, -bound, bound, _WEIGHT_LEVELS
        )
        node.input(1).replace_source_output(kernel.output(0))
    model.validate_nodes_and_infer_types()
    return model


def _weights(node: ov.Node) -> np.ndarray:
    """Return a convolution's kernel; the IR keeps it in fp16 behind a conversion."""
    source = node.input_value(1).get_node()
    while source.get_type_name() != "Constant":
        source = source.input_value(0).get_node()
    return np.array(source.data, dtype=np.float32)
