"""The downloaded networks turned into OpenVINO IR, once.

FaceNet (Schroff et al. 2015, https://arxiv.org/abs/1503.03832) is David Sandberg's
InceptionResnetV1; SFace (Zhong et al. 2021, https://arxiv.org/abs/2205.12010) is a MobileFaceNet
from OpenCV's zoo; MTCNN (Zhang et al. 2016, https://arxiv.org/abs/1604.02878) comes as three ONNX
files that work on images whose height and width are swapped. MTCNN is small, so its layers are
written out here again around the downloaded weights: unswapped, with the pixel normalisation
folded into the first convolution, and with bytes as input.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .align import ALIGNED_SIZE
from .models import FACENET_SIZE

if TYPE_CHECKING:
    import openvino as ov

MTCNN = ("pnet", "rnet", "onet")
FACE_SIZE = 160  # pixels, the side of InceptionResnetV1's input
_FACENET_MEAN, _FACENET_SCALE = 127.5, 128.0  # (x - 127.5) / 128, fixed_image_standardization
_MTCNN_MEAN, _MTCNN_FACTOR = 127.5, 0.0078125  # (x - 127.5) * 0.0078125 in detect_face.py
_BATCH_SHAPE_NODE = "InceptionResnetV1/Bottleneck/BatchNorm/Reshape_1"


def facenet(frozen_graph: Path) -> ov.Model:
    """Read the frozen graph as a model of (n, 160, 160, 3) uint8 RGB to (n, 512) unit length."""
    import openvino as ov
    from openvino import opset13 as ops
    from openvino.preprocess import PrePostProcessor

    model = ov.Core().read_model(frozen_graph)
    for node in model.get_ordered_ops():
        if node.get_friendly_name() == _BATCH_SHAPE_NODE:
            shape = ops.constant(np.array([-1, FACENET_SIZE], np.int64))
            node.input(1).replace_source_output(shape.output(0))
    model.reshape({model.input(0): [-1, FACE_SIZE, FACE_SIZE, 3]})
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NHWC"))
    steps.input().preprocess().convert_element_type(ov.Type.f32)
    steps.input().preprocess().mean(_FACENET_MEAN).scale(_FACENET_SCALE)
    model = steps.build()
    model.set_friendly_name("facenet")
    return model


def sface(onnx_file: Path) -> ov.Model:
    """Read SFace, folded, as a model of (n, 112, 112, 3) uint8 RGB to (n, 128) unit length.

    The graph takes 0 to 255 and scales by itself. Its own output is not of unit length.
    """
    import openvino as ov
    from openvino import opset13 as ops
    from openvino.preprocess import PrePostProcessor

    source = ov.Core().read_model(onnx_file)
    source.reshape([-1, 3, ALIGNED_SIZE, ALIGNED_SIZE])
    numbers = source.output(0).get_node().input_value(0)
    unit = ops.normalize_l2(numbers, np.array([1], np.int64), 1e-12, "add")
    unit.output(0).get_tensor().set_names({"embeddings"})
    model = ov.Model([unit], source.get_parameters(), "sface")
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32)
    model = steps.build()
    model.set_friendly_name("sface")
    return model


def mtcnn(network: str, onnx_file: Path) -> ov.Model:
    """Rebuild ``pnet``, ``rnet`` or ``onet`` around the weights of its ONNX file.

    Input: (n, h, w, 3) float32 RGB, 0 to 255. Output: (n, c) or, of pnet, (n, c, h', w'), where
    channel 0 is the logit of "a face", 1 to 4 the box regression and, of onet, 5 to 14 the
    landmarks, five x then five y, relative to the box.
    """
    import openvino as ov

    source = ov.Core().read_model(onnx_file)  # kept until the end: its nodes live as long
    layers = _Layers(
        {
            node.get_friendly_name().removesuffix("/WithoutBiases"): node
            for node in source.get_ordered_ops()
            if node.get_type_name() in ("Convolution", "MatMul")
        }
    )
    return {"pnet": _pnet, "rnet": _rnet, "onet": _onet}[network](layers)


def from_bytes(model: ov.Model, shape: list[int]) -> ov.Model:
    """Fix a network's shape (n, h, w, 3) and let it take uint8 pixels."""
    import openvino as ov
    from openvino.preprocess import PrePostProcessor

    model.reshape(shape)
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8)
    return steps.build()


class _Layers:
    """Lays OpenVINO operations one after another, each with weights named as in the ONNX file."""

    def __init__(self, nodes: dict[str, ov.Node]) -> None:
        self._nodes = nodes
        self.kernels = {name: _constant(node) for name, node in nodes.items()}
        self.biases = {name: _constant(_reader(node, "Add")) for name, node in nodes.items()}

    def image(self, side: int) -> tuple[ov.Node, ov.Node]:
        """Return the input (n, side, side, 3) and the same as (n, 3, side, side); -1 is any."""
        import openvino as ov
        from openvino import opset13 as ops

        parameter = ops.parameter([-1, side, side, 3], ov.Type.f32, name="image")
        # All 256 differences are exact in bf16; folded into a bf16 kernel they would be lost.
        centred = ops.subtract(parameter, np.float32(_MTCNN_MEAN))
        return parameter, ops.transpose(centred, np.array([0, 3, 1, 2]))

    def convolution(self, x: ov.Node, name: str, first: bool = False) -> ov.Node:
        """A valid convolution with bias and PReLU; ``first`` scales the pixels, by 2⁻⁷."""
        kernel = self.kernels[name].swapaxes(2, 3) * np.float32(_MTCNN_FACTOR if first else 1)
        return self._prelu(_convolve(x, kernel, self.biases[name]), name)

    def dense(self, x: ov.Node, name: str) -> ov.Node:
        """Flatten (n, c, h, w) as (w, h, c), then a dense layer with PReLU."""
        from openvino import opset13 as ops

        x = ops.transpose(x, np.array([0, 3, 2, 1]))
        x = ops.reshape(x, np.array([0, -1]), special_zero=True)
        x = ops.matmul(x, self.kernels[name], False, False)
        return self._prelu(ops.add(x, self.biases[name][None]), name)

    def heads(self, x: ov.Node, score: str, *others: str) -> tuple[np.ndarray, np.ndarray]:
        """Return one kernel and bias for all outputs, the two classes as one logit."""
        axis = 0 if self.kernels[score].ndim == 4 else 1
        classes = [self.kernels[score].take([i], axis) for i in (0, 1)]
        kernel = np.concatenate([classes[1] - classes[0], *map(self.kernels.get, others)], axis)
        logit = np.diff(self.biases[score])
        return kernel, np.concatenate([logit, *map(self.biases.get, others)])

    def _prelu(self, x: ov.Node, name: str) -> ov.Node:
        from openvino import opset13 as ops

        slope = _constant(_reader(_reader(self._nodes[name], "Add"), "PRelu"))
        return ops.prelu(x, slope.reshape(-1))


def _reader(node: ov.Node, kind: str) -> ov.Node:
    """Return the operation of this kind that takes the node's output."""
    readers = [port.get_node() for port in node.output(0).get_target_inputs()]
    return next(reader for reader in readers if reader.get_type_name() == kind)


def _constant(node: ov.Node) -> np.ndarray:
    """Return the constant behind a node's second input, looking through shape arithmetic."""
    source = node.input_value(1).get_node()
    while source.get_type_name() != "Constant":
        source = source.input_value(0).get_node()
    return np.array(source.data, dtype=np.float32)


def _convolve(x: ov.Node, kernel: np.ndarray, bias: np.ndarray) -> ov.Node:
    from openvino import opset13 as ops

    x = ops.convolution(x, kernel.astype(np.float32), [1, 1], [0, 0], [0, 0], [1, 1])
    return ops.add(x, bias.astype(np.float32).reshape(1, -1, 1, 1))


def _pool(x: ov.Node, size: int) -> ov.Node:
    """Maximum over size × size at stride 2, a last incomplete window included (ceil mode)."""
    from openvino import opset1 as ops  # later max_pool operations have a second output

    return ops.max_pool(x, [2, 2], [0, 0], [0, 0], [size, size], "ceil")


def _model(name: str, parameter: ov.Node, output: ov.Node) -> ov.Model:
    import openvino as ov

    output.output(0).get_tensor().set_names({"faces"})
    return ov.Model([output], [parameter], name)


def _pnet(layers: _Layers) -> ov.Model:
    parameter, x = layers.image(-1)
    x = _pool(layers.convolution(x, "conv2d", first=True), 2)
    x = layers.convolution(layers.convolution(x, "conv2d_1"), "conv2d_2")
    return _model("pnet", parameter, _convolve(x, *layers.heads(x, "conv2d_3", "conv2d_4")))


def _rnet(layers: _Layers) -> ov.Model:
    parameter, x = layers.image(24)
    x = _pool(layers.convolution(x, "conv2d_5", first=True), 3)
    x = _pool(layers.convolution(x, "conv2d_6"), 3)
    x = layers.dense(layers.convolution(x, "conv2d_7"), "dense")
    return _model("rnet", parameter, _linear(x, *layers.heads(x, "dense_1", "dense_2")))


def _onet(layers: _Layers) -> ov.Model:
    parameter, x = layers.image(48)
    x = _pool(layers.convolution(x, "conv2d_8", first=True), 3)
    x = _pool(layers.convolution(x, "conv2d_9"), 3)
    x = _pool(layers.convolution(x, "conv2d_10"), 2)
    x = layers.dense(layers.convolution(x, "conv2d_11"), "dense_3")
    return _model("onet", parameter, _linear(x, *layers.heads(x, "dense_4", "dense_5", "dense_6")))


def _linear(x: ov.Node, kernel: np.ndarray, bias: np.ndarray) -> ov.Node:
    from openvino import opset13 as ops

    return ops.add(ops.matmul(x, kernel, False, False), bias[None])
