"""What a recognizer needs of an engine, and the default one, OpenVINO."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .config import RecognizerConfig
from .convert import FACE_SIZE, from_bytes
from .errors import ModelsMissing
from .fast import FastDetector
from .mtcnn import ONET_SIZE, RNET_SIZE, Detection, ExactDetector, Network
from .networks import Compiled, Runtime
from .quantise import quantised
from .weights import DEFAULT_WEIGHTS, find_weights

RNET_BATCHES = (8, 16, 24, 32, 64)
ONET_BATCHES = (1, 2, 3, 4, 6, 8, 16)
_KEPT_CANVASES = 32
_SMALL_PIXELS = 30_000  # inputs up to here, as of a selfie, are not worth the threads' meeting
_USUAL_FRAMES = ((640, 480), (480, 640), (1280, 720), (720, 1280))


class Engine(Protocol):
    """Detects and embeds; safe to call from many threads."""

    info: dict[str, Any]
    side_by_side: int
    """How many calls of ``embed`` at once are quicker than one after another."""

    def detect_all(self, image: np.ndarray) -> list[Detection]:
        """Find every face of (h, w, 3) uint8 RGB, the largest first."""

    def detect_prominent(self, image: np.ndarray) -> list[Detection]:
        """Find at least the largest face and all that could compete with it in size."""

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Embed (n, 160, 160, 3) uint8 to (n, 512) float32."""

    def close(self) -> None:
        """Give the memory back."""


def load_engine(
    config: RecognizerConfig, threads: int, crowded: Callable[[], bool] = lambda: False
) -> Engine:
    """Load the engine that the configuration names.

    ``crowded()`` tells whether more than one photograph is being analysed.
    """
    if config.engine == "torch":
        from .torch_engine import TorchEngine

        return TorchEngine(config, threads)
    return OpenVinoEngine(config, threads, crowded)


class OpenVinoEngine:
    """MTCNN and InceptionResnetV1 through OpenVINO."""

    def __init__(self, config: RecognizerConfig, threads: int, crowded: Callable[[], bool]) -> None:
        paths = find_weights(config.models_dir, config.weights)
        runtime = Runtime(paths.cache, threads)
        self._int8 = config.precision == "int8" and config.mode == "fast"
        if config.mode == "exact":
            precision = "f32"
        else:
            precision = runtime.precision("auto" if self._int8 else config.precision)
        if self._int8 and config.weights != DEFAULT_WEIGHTS:
            raise ModelsMissing(f"The precision int8 is prepared for {DEFAULT_WEIGHTS} only.")
        self.info: dict[str, Any] = {
            "precision": "int8" if self._int8 else precision,
            "threads": threads,
            "processor": runtime.processor,
            "sha256": paths.sha256,
        }
        self._runtime, self._paths, self._precision = runtime, paths, precision
        self._crowded, self._starting = crowded, True
        self._detector: ExactDetector | FastDetector
        if config.mode == "exact":
            pnet, rnet, onet = (
                runtime.compile(runtime.read(xml), precision)
                for xml in (paths.pnet, paths.rnet, paths.onet)
            )
            self._detector = ExactDetector(pnet, rnet, onet, config.detect_min_face)
        else:
            self._detector = FastDetector(
                lru_cache(_KEPT_CANVASES)(self._compile_pnet),
                {n: self._compile_mtcnn(paths.rnet, n, RNET_SIZE) for n in RNET_BATCHES},
                {n: self._compile_mtcnn(paths.onet, n, ONET_SIZE) for n in ONET_BATCHES},
                config.detect_min_face,
                config.dominance,
            )
            for width, height in _USUAL_FRAMES:
                self._detector.prepare(width, height)
        # As many threads are left for all that comes before and after an embedding.
        self.side_by_side = max(1, threads // 2)
        # In f32 two together are hardly quicker than one by one, and the network is twice as large.
        self._together = 1 if self.info["precision"] == "f32" else 2
        self._several = self._compile_facenet(self._together, threads, streams=threads)
        self._one = self._several
        if self._together > 1:
            self._one = self._compile_facenet(1, self.side_by_side, streams=self.side_by_side)
        self._alone = self._one if threads == 1 else self._compile_facenet(1, threads)
        runtime.release()
        self._starting = False

    def _compile_facenet(self, count: int, threads: int, streams: int = 1) -> Compiled:
        """Compile the embedding of ``count`` faces.

        One network for any count is 20 % slower: it prepares itself anew whenever that changes.
        """
        model = self._runtime.read(self._paths.facenet)
        if self._int8:
            model = quantised(model)
        model.reshape([count, FACE_SIZE, FACE_SIZE, 3])
        return self._runtime.compile(model, self._precision, threads=threads, streams=streams)

    def _compile_pnet(self, height: int, width: int) -> Network:
        return self._compile_mtcnn(self._paths.pnet, 1, height, width)

    def _compile_mtcnn(self, xml: Path, count: int, height: int, width: int = 0) -> Network:
        shape = [count, height, width or height, 3]
        model = from_bytes(self._runtime.read(xml), shape)
        return self._runtime.compile(
            model,
            # RNet moves the boxes. In bf16 it moves them so that one LFW pair of 225 more is
            # rejected; in f32 it takes 0.2 ms more for a selfie.
            "f32" if xml == self._paths.rnet else self._precision,
            threads=self._runtime.threads if math.prod(shape[:3]) > _SMALL_PIXELS else 1,
            keep=self._starting,
        )

    def detect_all(self, image: np.ndarray) -> list[Detection]:
        """Find every face of (h, w, 3) uint8 RGB, the largest first."""
        return self._detector.detect(image)

    def detect_prominent(self, image: np.ndarray) -> list[Detection]:
        """Find at least the largest face and all that could compete with it in size."""
        if isinstance(self._detector, FastDetector):
            return self._detector.detect_prominent(image)
        return self._detector.detect(image)

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Embed (n, 160, 160, 3) uint8 to (n, 512) float32."""
        if len(crops) == 1:
            return (self._one if self._crowded() else self._alone)(crops)
        count = len(crops) // self._together
        even = crops[: count * self._together]
        parts = self._several.each(even.reshape(count, self._together, *crops.shape[1:]))
        if len(even) < len(crops):
            parts.append(self._one(crops[-1:]))
        return np.concatenate(parts)

    def close(self) -> None:
        """Give the memory back."""
        del self._alone, self._one, self._several, self._detector
