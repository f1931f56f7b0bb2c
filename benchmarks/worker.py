"""One side of the comparison, in a process of its own: told what to do by lines on its input.

    python -m benchmarks.worker {reference|fast|vggface2|sface|f32|exact} THREADS PICTURES CLOCK

It answers each line {"task": …} by a line {"seconds": […], "items": k}: as many measured runs of
the task as `TURN_SECONDS` take, each of k items, after as many unmeasured ones as
`WARM_SECONDS` take. The first line it writes, unasked, is its readiness.
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()

import json  # noqa: E402  # the clock above starts before the first import
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, Protocol  # noqa: E402

# A processor that was idle, above all a virtual one, takes a while to reach its speed.
WARM_SECONDS = 0.5
TURN_SECONDS = 0.4
SUSTAINED = 48  # frames in one measured run of "sustained"
GROUP_FACE = 40  # smallest face, pixels, of the task "group 40"


class Side(Protocol):
    """What both sides can do."""

    def describe(self) -> dict[str, Any]: ...
    def decode(self, data: bytes) -> Any: ...
    def detect(self, picture: Any) -> Any: ...
    def embed(self, count: int) -> Any: ...
    def frame(self, data: bytes) -> Any: ...
    def everybody(self, data: bytes, min_face: int) -> int: ...
    def sustained(self, data: bytes, count: int) -> None: ...


class Product:
    """This project's package."""

    def __init__(self, kind: str, threads: int) -> None:
        import numpy as np

        from facerecog import Recognizer, RecognizerConfig
        from facerecog.memory import keep_memory_together

        keep_memory_together()  # as the server's process of the networks does
        mode: Any = "exact" if kind == "exact" else "fast"
        precision: Any = "f32" if kind == "f32" else "auto"
        networks: Any = kind if kind in ("vggface2", "sface") else "both"
        self._main = Recognizer(
            RecognizerConfig(networks=networks, mode=mode, precision=precision, threads=threads)
        )
        rng = np.random.default_rng(0)
        self._crops = rng.integers(0, 256, (32, 160, 160, 3), np.uint8)
        self._aligned = rng.integers(0, 256, (32, 112, 112, 3), np.uint8)
        self._pool = ThreadPoolExecutor(4 * threads)

    def describe(self) -> dict[str, Any]:
        import openvino

        return {**self._main.info, "library": f"OpenVINO {openvino.__version__}"}

    def decode(self, data: bytes) -> Any:
        return self._main.decode(data)

    def detect(self, picture: Any) -> Any:
        return self._main.detect_prominent(picture)

    def embed(self, count: int) -> Any:
        return self._main.embed(self._crops[:count], self._aligned[:count])

    def frame(self, data: bytes) -> Any:
        return self._main.embed_image(data)

    def everybody(self, data: bytes, min_face: int) -> int:
        image = self._main.decode(data)
        return len(self._main.embed_faces(image, self._main.detect(image, min_face)))

    def sustained(self, data: bytes, count: int) -> None:
        list(self._pool.map(self._main.analyse, [data] * count))


class Facenet:
    """facenet-pytorch as its documentation uses it."""

    def __init__(self, threads: int) -> None:
        import facenet_pytorch
        import torch

        from benchmarks.make_golden import Reference

        torch.set_num_threads(threads)
        self._torch, self._threads = torch, threads
        self._mtcnn = facenet_pytorch.MTCNN
        self._reference = Reference()
        self._detectors: dict[int, Any] = {}
        self._crops = torch.randn(32, 3, 160, 160)

    def describe(self) -> dict[str, Any]:
        return {
            "engine": "facenet-pytorch 2.6.0",
            "library": f"torch {self._torch.__version__}",
            "precision": "f32",
            "threads": self._threads,
        }

    def decode(self, data: bytes) -> Any:
        import io

        from PIL import Image

        return Image.open(io.BytesIO(data)).convert("RGB")

    def detect(self, picture: Any) -> Any:
        return self._reference.mtcnn.detect(picture, landmarks=True)

    def embed(self, count: int) -> Any:
        with self._torch.no_grad():
            return self._reference.resnet(self._crops[:count])

    def frame(self, data: bytes) -> Any:
        return self._reference.embed(self.decode(data))

    def everybody(self, data: bytes, min_face: int) -> int:
        if min_face not in self._detectors:
            self._detectors[min_face] = self._mtcnn(
                margin=20, keep_all=True, min_face_size=min_face
            )
        with self._torch.no_grad():
            return len(self._reference.resnet(self._detectors[min_face](self.decode(data))))

    def sustained(self, data: bytes, count: int) -> None:
        for _ in range(count):
            self.frame(data)


def tasks(side: Side, pictures: dict[str, bytes]) -> dict[str, tuple[Callable[[], Any], int]]:
    """Return each task by its name, with the number of items that one run handles."""
    decoded = {name: side.decode(data) for name, data in pictures.items() if name != "12mp"}
    found: dict[str, tuple[Callable[[], Any], int]] = {
        "embed 1": (lambda: side.embed(1), 1),
        "embed 8": (lambda: side.embed(8), 8),
        "embed 32": (lambda: side.embed(32), 32),
        "group 20": (lambda: side.everybody(pictures["group"], 20), 1),
        f"group {GROUP_FACE}": (lambda: side.everybody(pictures["group"], GROUP_FACE), 1),
        "sustained 640": (lambda: side.sustained(pictures["640"], SUSTAINED), SUSTAINED),
    }
    for name in ("640", "1280", "12mp"):
        data = pictures[name]
        found[f"decode {name}"] = (lambda data=data: side.decode(data), 1)
        found[f"frame {name}"] = (lambda data=data: side.frame(data), 1)
    for name in ("640", "1280"):
        found[f"detect {name}"] = (lambda picture=decoded[name]: side.detect(picture), 1)
    return found


def resident() -> int:
    """Return this process's resident memory in bytes (Linux), or its peak elsewhere."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
"""What seconds are: those that pass, or those that the process computes in all its threads."""


def main() -> None:
    """Load, tell so, and measure what is asked for until the input ends."""
    kind, threads, now = sys.argv[1], int(sys.argv[2]), CLOCKS[sys.argv[4]]
    side: Side = Facenet(threads) if kind == "reference" else Product(kind, threads)
    ready = time.perf_counter() - STARTED
    pictures = {path.stem: path.read_bytes() for path in Path(sys.argv[3]).glob("*.jpg")}
    side.frame(pictures["640"])
    first = time.perf_counter() - STARTED
    for name in ("640", "1280"):
        for _ in range(5):
            side.frame(pictures[name])
    side.embed(8)  # so that all that a server needs is in memory
    print(
        json.dumps(
            {"ready": ready, "first": first, "resident": resident(), "about": side.describe()}
        ),
        flush=True,
    )
    every = None
    for line in sys.stdin:
        order = json.loads(line)
        every = every or tasks(side, pictures)
        task, items = every[order["task"]]
        warm = now() + WARM_SECONDS
        while now() < warm:
            task()
        seconds: list[float] = []
        while sum(seconds) < TURN_SECONDS:
            start = now()
            task()
            seconds.append(now() - start)
        print(json.dumps({"seconds": seconds, "items": items}), flush=True)


if __name__ == "__main__":
    main()
