"""What a recognizer needs of an engine, and the default one, OpenVINO."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .config import RecognizerConfig
from .convert import from_bytes
from .embedder import Embedder
from .errors import PlatformUnsupported
from .fast import FastDetector
from .models import joined
from .mtcnn import ONET_SIZE, RNET_SIZE, Detection, ExactDetector, Network
from .networks import Runtime
from .processors import has_int8
from .quantise import prepared, quantised
from .weights import find_weights

if TYPE_CHECKING:
    import openvino as ov

RNET_BATCHES = (8, 16, 24, 32)
ONET_BATCHES = (2, 4, 6, 8, 16)
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

    def embed(self, pictures: Mapping[str, np.ndarray]) -> np.ndarray:
        """Embed n faces to (n, ``embedding_size``) float32.

        ``pictures``: of each network that embeds, by its name, what it sees of them, uint8:
        (n, 160, 160, 3) of FaceNet, (n, 112, 112, 3) of SFace.
        """

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

        if config.networks != "vggface2":
            raise PlatformUnsupported(
                f"The engine torch has FaceNet only, not the networks {config.networks}: set "
                "FACE_NETWORKS to vggface2, or the engine to openvino."
            )
        return TorchEngine(config, threads)
    return OpenVinoEngine(config, threads, crowded)


def _in_int8(wanted: str, networks: Iterable[str]) -> bool:
    """Whether the embedding is computed in eight bits: where asked for, or where it is quicker."""
    return wanted == "int8" or (
        wanted == "auto" and has_int8() and set(networks) <= set(prepared())
    )


class OpenVinoEngine:
    """MTCNN and the networks that embed, through OpenVINO."""

    def __init__(self, config: RecognizerConfig, threads: int, crowded: Callable[[], bool]) -> None:
        paths = find_weights(config.models_dir, config.weights, config.networks)
        runtime = Runtime(paths.cache, threads)
        int8 = config.mode == "fast" and _in_int8(config.precision, paths.embedders)
        if config.mode == "exact":
            precision = "f32"
        else:
            precision = runtime.precision("auto" if int8 else config.precision)
        self.info: dict[str, Any] = {
            "precision": "int8" if int8 else precision,
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
        self._embedders = {
            name: Embedder(
                runtime,
                partial(self._read_embedder, name, int8),
                str(self.info["precision"]),
                threads_alone=self._threads_alone,
                crowded=crowded,
            )
            for name in paths.embedders
        }
        runtime.release()
        self._starting = False

    def _read_embedder(self, name: str, int8: bool) -> ov.Model:
        model = self._runtime.read(self._paths.embedders[name])
        return quantised(model, name) if int8 else model

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

    def embed(self, pictures: Mapping[str, np.ndarray]) -> np.ndarray:
        """Embed n faces to (n, ``embedding_size``) float32."""
        return joined([embed(pictures[name]) for name, embed in self._embedders.items()])

    def close(self) -> None:
        """Give the memory back."""
        del self._embedders, self._detector
