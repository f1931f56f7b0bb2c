"""The embedding networks in eight-bit integers, from ranges that were measured once.

Post-training quantisation (Jacob et al. 2018, https://arxiv.org/abs/1712.05877): the weights of
each convolution by output channel, its input by one range for all channels. OpenVINO then computes
in INT8 where the processor can. The last dense layer and the normalisation stay in floating point:
quantised, they double the false accepts. So do SFace's convolutions by channel (depthwise), which
are no quicker in INT8, and its first layers: on 400 faces the least cosine with float32 is 0.991,
and 0.968 with all of them quantised.

``int8_ranges.json`` holds, for each convolution of a network, the least and the largest input that
``benchmarks/calibrate.py`` saw; they are numbers about the network, not about anybody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import ModelsMissing

if TYPE_CHECKING:
    import openvino as ov

RANGES = Path(__file__).with_name("int8_ranges.json")
_DEPTHWISE = "GroupConvolution"
_FLOATING = {"vggface2": 1, "sface": 3}  # convolutions at the beginning that stay as they are
_LEVELS = 256
_WEIGHT_LEVELS = 255  # symmetric: -127 to 127


def convolutions(model: ov.Model) -> list[ov.Node]:
    """Return the model's convolutions in a fixed order: that of their execution."""
    kinds = ("Convolution", _DEPTHWISE)
    return [node for node in model.get_ordered_ops() if node.get_type_name() in kinds]


def prepared() -> dict[str, list[tuple[float, float]]]:
    """Return the least and the largest input of each convolution, by the network's name."""
    networks = json.loads(RANGES.read_text())["networks"]
    return {name: [(low, high) for low, high in each["inputs"]] for name, each in networks.items()}


def quantised(model: ov.Model, network: str) -> ov.Model:
    """Put quantisation around the convolutions that gain by it; the model itself is changed.

    Raises:
        ModelsMissing: nobody has measured the ranges of this network.
    """
    from openvino import opset13 as ops

    ranges, nodes = prepared().get(network, []), convolutions(model)
    if len(nodes) != len(ranges):
        raise ModelsMissing(f"The precision int8 is not prepared for the network {network}.")
    for node, (least, largest) in list(zip(nodes, ranges, strict=True))[_FLOATING[network] :]:
        if node.get_type_name() == _DEPTHWISE:
            continue
        low, high = np.float32(0), np.float32(largest)  # behind a ReLU nothing is negative
        if least < 0:  # elsewhere eight bits with a sign are quicker than a zero point
            high = np.float32(max(-least, largest))
            low = -high * np.float32(128 / 127)
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
