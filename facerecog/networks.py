"""The four networks on OpenVINO's CPU plugin: one compiled copy per process, for all threads."""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ModelsMissing, PlatformUnsupported
from .memory import give_back

try:
    import fcntl
except ImportError:  # Windows, where the server is one process
    fcntl = None  # type: ignore[assignment]  # the other half of the sentence above

if TYPE_CHECKING:
    import openvino as ov

PRECISIONS = ("f32", "bf16")
_NOTHING = np.empty(0, np.float32)
_KEPT = ".blob"  # how OpenVINO names what it keeps in its cache


class Runtime:
    """OpenVINO with its CPU plugin, and the properties that every network is compiled with."""

    def __init__(self, cache: Path, threads: int) -> None:
        """Load the plugin; ``threads`` is what all networks together may use.

        Raises:
            PlatformUnsupported: there is no OpenVINO here, or it does not know this processor.
        """
        try:
            import openvino as ov

            self._core = ov.Core()
            self.capabilities = self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
            self.processor = str(self._core.get_property("CPU", "FULL_DEVICE_NAME")).strip()
        except (ImportError, OSError, RuntimeError) as error:
            raise PlatformUnsupported(
                f"The face recognition networks cannot run on this {platform.machine()} "
                f"{platform.system()} computer: OpenVINO says {str(error).splitlines()[-1]}"
            ) from error
        self._properties: dict[str, Any] = {
            # Web threads and other processes share the cores: pinned threads would pile up.
            "ENABLE_CPU_PINNING": False,
        }
        self.threads = threads
        self._cache = _writable(cache)

    def precision(self, wanted: str) -> str:
        """Return ``f32`` or ``bf16`` for ``auto``, ``f32`` or ``bf16``.

        Raises:
            PlatformUnsupported: bf16 was asked for and this processor does not compute in it.
        """
        if wanted == "auto":
            return "bf16" if "BF16" in self.capabilities else "f32"
        if wanted == "bf16" and "BF16" not in self.capabilities:
            raise PlatformUnsupported(
                f"This processor ({self.processor}) does not compute in bf16: set the precision "
                "to auto or f32."
            )
        return wanted

    def release(self) -> None:
        """Give back memory that only compiling took."""
        if self._cache is not None:
            _release_pages_of(self._cache)
        give_back()

    def read(self, xml: Path) -> ov.Model:
        """Read a network.

        Raises:
            ModelsMissing: the file cannot be read.
        """
        try:
            return self._core.read_model(xml)
        except RuntimeError as error:
            raise ModelsMissing(f"The network {xml} cannot be read: fetch it again.") from error

    def compile(
        self,
        model: ov.Model,
        precision: str,
        *,
        threads: int | None = None,
        streams: int = 1,
        copies: int = 1,
        keep: bool = True,
    ) -> Compiled:
        """Compile a network for this processor.

        ``threads`` (all, unless told) are shared by ``streams`` calls at once. One thread and one
        stream compute in the caller's own thread; several such calls at once need ``copies``.

        With ``keep`` the result is kept on disk for the next start; shapes that depend on what
        people upload must not be, or the folder would grow without end.

        Raises:
            PlatformUnsupported: the plugin cannot.
        """
        cache = self._cache if keep else None
        properties = {
            **self._properties,
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads or self.threads,
            "NUM_STREAMS": streams,
            "CACHE_DIR": str(cache or ""),
        }
        try:
            with _turn(cache):
                made = [self._core.compile_model(model, "CPU", properties) for _ in range(copies)]
            return Compiled(made, streams)
        except RuntimeError as error:
            raise PlatformUnsupported(
                f"The face recognition networks cannot run on this processor "
                f"({self.processor}): {str(error).splitlines()[-1]}"
            ) from error


@contextmanager
def _turn(folder: Path | None) -> Iterator[None]:
    """Let one process at a time write into the folder: OpenVINO's cache knows no other processes,
    and of several workers that start for the first time at once all but one would fail."""
    if folder is None or fcntl is None:
        yield
        return
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _writable(folder: Path) -> Path | None:
    """Return the folder, made when needed, or None where this process may not write."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@dataclass(frozen=True)
class _Lane:
    """One call's place: a request, and its input where the shape is fixed (else None)."""

    request: ov.InferRequest
    input: np.ndarray | None

    def take(self, batch: np.ndarray) -> None:
        if self.input is None:
            import openvino as ov

            tensor = ov.Tensor(np.ascontiguousarray(batch), shared_memory=True)
            self.request.set_input_tensor(tensor)
        else:
            np.copyto(self.input, batch)

    def answer(self) -> np.ndarray:
        answer: np.ndarray = self.request.get_output_tensor(0).data
        return answer.copy()


class Compiled:
    """A compiled network that threads share: as many calls run at once as it has streams."""

    def __init__(self, copies: Sequence[ov.CompiledModel], streams: int) -> None:
        """Take equal networks, each for ``streams`` calls at once."""
        # All requests are made here. To make one while another computes would wait for it with
        # Python's lock held, and the other may want that lock.
        self._idle: queue.SimpleQueue[_Lane] = queue.SimpleQueue()
        self.streams = streams * len(copies)
        fixed = not copies[0].input(0).get_partial_shape().is_dynamic
        for compiled in copies:
            for _ in range(streams):
                request = compiled.create_infer_request()
                self._idle.put(_Lane(request, request.get_input_tensor(0).data if fixed else None))

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Run the network on a batch and return a copy of its first output."""
        lane = self._idle.get()
        try:
            lane.take(batch)
            lane.request.infer()
            return lane.answer()
        finally:
            self._idle.put(lane)

    def each(self, batches: Sequence[np.ndarray] | np.ndarray) -> list[np.ndarray]:
        """Run several batches, as many at once as streams are idle now.

        Each stream takes the next batch when it has done one: a core that sleeps, or that others
        use, does less of them.
        """
        if len(batches) <= 1:
            return [self(batch) for batch in batches]
        answers: list[np.ndarray] = [_NOTHING] * len(batches)
        numbers = iter(range(len(batches)))

        def work(lane: _Lane) -> None:
            for number in numbers:
                lane.take(batches[number])
                lane.request.infer()
                answers[number] = lane.answer()

        lanes = [self._idle.get()]
        try:
            while len(lanes) < min(self.streams, len(batches)):
                lanes.append(self._idle.get_nowait())
        except queue.Empty:
            pass  # the others are at work for somebody else
        try:
            with ThreadPoolExecutor(len(lanes)) as pool:
                list(pool.map(work, lanes))
        finally:
            for lane in lanes:
                self._idle.put(lane)
        return answers


def _release_pages_of(folder: Path) -> None:
    """Let go of the pages of the kept networks, which the plugin maps and, once it has packed the
    weights in its own way, does not read again (Linux; were it to, they would come back)."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    inside = f"{folder.resolve()}{os.sep}"
    libc = ctypes.CDLL(None)
    for line in maps.read_text().splitlines():
        if line.endswith(_KEPT) and inside in line:
            first, last = (int(end, 16) for end in line.split(maxsplit=1)[0].split("-"))
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), mmap.MADV_DONTNEED)
