"""The second engine: facenet-pytorch itself, with the same verified weights.

It needs ``requirements-torch.txt`` and is slower; it exists as the judge of the first engine and
for schools that run PyTorch anyway. MTCNN's weights are those that facenet-pytorch carries;
InceptionResnetV1's, which it would download from elsewhere, come from the frozen graph.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .config import RecognizerConfig
from .convert import FACE_SIZE
from .errors import ModelsMissing, PlatformUnsupported
from .frozen_graph import read_constants
from .mtcnn import Detection
from .weights import find_source

if TYPE_CHECKING:
    import torch

_ROOT = "InceptionResnetV1/"
_BLOCKS = {
    "Repeat/block35_": "repeat_1.",
    "Repeat_1/block17_": "repeat_2.",
    "Repeat_2/block8_": "repeat_3.",
}
_BN_EPSILON = 0.001  # facenet-pytorch's; the graph's batch norms are folded into its weights


class TorchEngine:
    """MTCNN and InceptionResnetV1 of facenet-pytorch on the CPU."""

    def __init__(self, config: RecognizerConfig, threads: int) -> None:
        """Load both networks.

        Raises:
            PlatformUnsupported: facenet-pytorch is not installed.
            ModelsMissing: the frozen graph is not there.
        """
        try:
            import facenet_pytorch
            import torch
        except ImportError as error:
            raise PlatformUnsupported(
                "The engine torch needs facenet-pytorch: install requirements-torch.txt in an "
                "environment of its own, or set the engine to openvino."
            ) from error
        graph = find_source(config.models_dir, config.weights)
        torch.set_num_threads(threads)
        self._torch = torch
        self._mtcnn = facenet_pytorch.MTCNN(keep_all=True)
        self._min_face = config.detect_min_face
        self._resnet = facenet_pytorch.InceptionResnetV1(pretrained=None).eval()
        self._resnet.load_state_dict(state_dict(graph), strict=False)
        self.side_by_side = 1
        self.info: dict[str, Any] = {
            "precision": "f32",
            "threads": threads,
            "version": f"torch {torch.__version__}",
        }

    def detect_all(self, image: np.ndarray, min_face: float) -> list[Detection]:
        """Find faces of (h, w, 3) uint8 RGB from ``min_face`` pixels on, the largest first."""
        from PIL import Image

        if min(image.shape[:2]) < min_face:  # facenet-pytorch fails where its pyramid is empty
            return []
        mtcnn = copy.copy(self._mtcnn)  # the networks are shared, the setting is this call's
        mtcnn.min_face_size = min_face
        boxes, probabilities, points = mtcnn.detect(Image.fromarray(image), landmarks=True)
        if boxes is None:
            return []
        return [
            Detection(
                np.array(box, np.float32), float(probability), np.array(landmarks, np.float32)
            )
            for box, probability, landmarks in zip(boxes, probabilities, points, strict=True)
        ]

    def detect_prominent(self, image: np.ndarray) -> list[Detection]:
        """Find every face that ``detect_min_face`` asks for, the largest first."""
        return self.detect_all(image, self._min_face)

    def embed(self, pictures: Mapping[str, np.ndarray]) -> np.ndarray:
        """Embed (n, 160, 160, 3) uint8, FaceNet's only pictures, to (n, 512) float32."""
        (crops,) = pictures.values()
        if crops.shape[1:] != (FACE_SIZE, FACE_SIZE, 3):
            raise ValueError(f"crops must be (n, {FACE_SIZE}, {FACE_SIZE}, 3)")
        torch = self._torch
        pixels = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2))).float()
        with torch.no_grad():
            return self._resnet((pixels - 127.5) / 128.0).numpy()

    def close(self) -> None:
        """Give the memory back."""
        del self._mtcnn, self._resnet


def state_dict(frozen_graph: Path) -> dict[str, torch.Tensor]:
    """Return the graph's weights under facenet-pytorch's names.

    Raises:
        ModelsMissing: the graph does not hold InceptionResnetV1.
    """
    import torch

    constants = read_constants(frozen_graph)
    state: dict[str, np.ndarray] = {}
    try:
        for tf_name, name in _convolutions(constants).items():
            weights = constants[f"{tf_name}/weights"].transpose(3, 2, 0, 1)
            if f"{tf_name}/biases" in constants:  # the last one of a residual block
                state |= {
                    f"{name}.weight": weights,
                    f"{name}.bias": constants[f"{tf_name}/biases"],
                }
                continue
            offset = constants[f"{tf_name}/Conv2D_bn_offset"]
            state[f"{name}.conv.weight"] = weights
            state |= _batch_norm(f"{name}.bn", offset, np.zeros_like(offset), 1 - _BN_EPSILON)
        bottleneck = f"{_ROOT}Bottleneck/"
        state["last_linear.weight"] = constants[f"{bottleneck}weights"].T
        state |= _batch_norm(
            "last_bn",
            constants[f"{bottleneck}BatchNorm/beta"],
            constants[f"{bottleneck}BatchNorm/moving_mean"],
            constants[f"{bottleneck}BatchNorm/moving_variance"],
        )
    except KeyError as error:
        raise ModelsMissing(f"{frozen_graph} does not hold InceptionResnetV1: {error}.") from error
    return {name: torch.from_numpy(np.array(value)) for name, value in state.items()}


def _batch_norm(
    name: str, bias: np.ndarray, mean: np.ndarray, variance: np.ndarray | float
) -> dict[str, np.ndarray]:
    return {
        f"{name}.weight": np.ones_like(bias),
        f"{name}.bias": bias,
        f"{name}.running_mean": mean,
        f"{name}.running_var": np.ones_like(bias) * np.float32(variance),
    }


def _convolutions(constants: dict[str, np.ndarray]) -> dict[str, str]:
    """Map each convolution's TensorFlow name to its module's name in facenet-pytorch.

    Inside a branch TensorFlow names convolutions by kernel, PyTorch numbers them.
    """
    branches = defaultdict(list)
    for constant in constants:
        name, _, last = constant.rpartition("/")
        if last == "weights" and "Bottleneck" not in name:
            scope, _, layer = name.rpartition("/")
            branches[scope].append(layer)
    names = {}
    for scope, layers in branches.items():
        for number, layer in enumerate(sorted(layers)):
            names[f"{scope}/{layer}"] = _module(scope, layer, number, len(layers))
    return names


def _module(scope: str, layer: str, number: int, siblings: int) -> str:
    path = f"{scope}/".removeprefix(_ROOT)
    for tensorflow, pytorch in _BLOCKS.items():
        if path.startswith(tensorflow):
            block, _, rest = path.removeprefix(tensorflow).partition("/")
            path = f"{pytorch}{int(block) - 1}/{rest}"
    path = path.lower().replace("branch_", "branch").strip("/").replace("/", ".")
    if "branch" in path:
        return path if siblings == 1 else f"{path}.{number}"
    return f"{path}.conv2d" if path else "_".join(layer.lower().split("_")[:2])
