"""What a recognizer needs of an engine, and the default one, OpenVINO."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial
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

RNET_BATCHES = (8, 16, 24, 32)
ONET_BATCHES = (2, 4, 6, 8, 16)
_TOGETHER = 4  # faces in one call: twice as many are hardly quicker per face
_KEPT_CANVASES = 32
_SMALL_PIXELS = 30_000  # inputs up to here, as of a selfie, are not worth the threads' meeting
_USUAL_FRAMES = ((640, 480), (480, 640), (1280, 720), (720, 1280))


class Engine(Protocol):
    """Detects and embeds; safe to call from many threads."""

    info: dict[str, Any]
    side_by_side: int
    """How many photographs at once are quicker than one after another."""

    def detect_all(self, image: np.ndarray, min_face: float) -> list[Detection]:
        """Find faces of (h, w, 3) uint8 RGB from ``min_face`` pixels on, the largest first."""

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
        self.side_by_side = threads if config.mode == "fast" else max(1, threads // 2)
        self._threads, self._min_face = threads, config.detect_min_face
        # A lone photograph has all threads. With AMX, which comes with FP16, it has one: that is
        # done before the others have woken.
        amx = precision == "bf16" and "FP16" in runtime.capabilities
        self._threads_alone = 1 if amx else threads
        self._detector: ExactDetector | FastDetector
        if config.mode == "exact":
            pnet, rnet, onet = (
                runtime.compile(runtime.read(xml), precision)
                for xml in (paths.pnet, paths.rnet, paths.onet)
            )
            self._detector = ExactDetector(pnet, rnet, onet)
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
        # In f32 some faces together are hardly quicker than one by one, and the network is larger.
        self._together = 1 if self.info["precision"] == "f32" else _TOGETHER
        self._facenet = lru_cache(_TOGETHER)(partial(self._compile_facenet, lanes=True))
        for size in {1, self._together}:  # the others only for whoever embeds a group
            self._facenet(size)
        self._alone = self._facenet(1) if threads == 1 else self._compile_facenet(1)
        runtime.release()
        self._starting = False

    def _compile_facenet(self, count: int, lanes: bool = False) -> Compiled:
        """Compile the embedding of ``count`` faces, for one lone call or for one in each lane.

        One network for any count is 20 % slower: it prepares itself anew whenever that changes.
        """
        model = self._runtime.read(self._paths.facenet)
        if self._int8:
            model = quantised(model)
        model.reshape([count, FACE_SIZE, FACE_SIZE, 3])
        threads, streams = (self._threads, self._threads) if lanes else (self._threads_alone, 1)
        return self._runtime.compile(model, self._precision, threads=threads, streams=streams)

    def _compile_pnet(self, height: int, width: int) -> Network:
        return self._compile_mtcnn(self._paths.pnet, 1, height, width)

    def _compile_mtcnn(self, xml: Path, count: int, height: int, width: int = 0) -> Network:
        shape = [count, height, width or height, 3]
        model = from_bytes(self._runtime.read(xml), shape)
        # RNet moves the boxes. In bf16 it moves them so that one LFW pair of 225 more is
        # rejected; in f32 it takes 0.2 ms more for a selfie.
        precision = "f32" if xml == self._paths.rnet else self._precision
        build = partial(self._runtime.compile, model, precision, keep=self._starting)
        if math.prod(shape[:3]) > _SMALL_PIXELS:
            return build()
        # A search computes in the caller's thread; one copy is enough for two lanes.
        small = build(threads=1, copies=max(1, self._threads // 2))
        if self._threads_alone == 1 or not self._starting:  # who brings a new shape waits for it
            return small
        alone = build()
        return lambda batch: (small if self._crowded() else alone)(batch)

    def detect_all(self, image: np.ndarray, min_face: float) -> list[Detection]:
        """Find faces of (h, w, 3) uint8 RGB from ``min_face`` pixels on, the largest first."""
        return self._detector.detect(image, min_face)

    def detect_prominent(self, image: np.ndarray) -> list[Detection]:
        """Find at least the largest face and all that could compete with it in size."""
        if isinstance(self._detector, FastDetector):
            return self._detector.detect_prominent(image)
        return self._detector.detect(image, self._min_face)

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Embed (n, 160, 160, 3) uint8 to (n, 512) float32."""
        lanes = 1 if self._crowded() else self._threads
        full = len(crops) // (self._together * lanes) * self._together * lanes
        parts = self._in_calls_of(self._together, crops[:full])
        rest = crops[full:]
        if len(rest) == 1 and lanes > 1:
            parts.append(self._alone(rest))
        elif len(rest):  # one round, in which all lanes do as much
            parts += self._in_calls_of(-(-len(rest) // lanes) if lanes > 1 else 1, rest)
        return np.concatenate(parts)[: len(crops)]

    def _in_calls_of(self, size: int, crops: np.ndarray) -> list[np.ndarray]:
        """Embed ``size`` faces in each call, as many calls at once as there are lanes."""
        missing = np.zeros_like(crops, shape=(-len(crops) % size, *crops.shape[1:]))
        calls = np.concatenate([crops, missing]).reshape(-1, size, *crops.shape[1:])
        return self._facenet(size).each(calls)

    def close(self) -> None:
        """Give the memory back."""
        del self._alone, self._facenet, self._detector
