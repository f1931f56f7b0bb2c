"""Measure the package beside facenet-pytorch, in turn, and write down the table.

    python benchmarks/run.py [--rounds N] [--threads N] [--clock processor]

Each side is a process that waits while another is measured: reference, product, reference,
product, … so that a change in the machine's mood touches both. Medians are compared. Where others
keep the machine busy, the processor's seconds (``--clock processor --threads 1``) still compare:
one thread does not spin, and waiting for its turn is not counted. Writes
``benchmarks/results.json`` (the last run on each kind of processor) and ``benchmarks/results.png``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.frames import frames  # noqa: E402  # run as a program, from anywhere
from benchmarks.plot import draw  # noqa: E402
from facerecog import default_models_dir, ensure_weights  # noqa: E402

TORCH = PROJECT / ".venv-torch"
RESULTS = PROJECT / "benchmarks" / "results.json"
# name of the task, what it is, least ratio that is aimed at
ROWS = (
    ("decode 640", "decode 640×480", None),
    ("decode 1280", "decode 1280×720", None),
    ("decode 12mp", "decode 12 megapixels", None),
    ("detect 640", "detect, 640×480", None),
    ("detect 1280", "detect, 1280×720", None),
    ("embed 1", "embed one face", 5),
    ("embed 8", "embed a batch of 8", 3),
    ("embed 32", "embed 32 crops", None),
    ("frame 640", "frame to embedding, 640×480", 8),
    ("frame 1280", "frame to embedding, 1280×720", 13),
    ("frame 12mp", "phone photo, 12 megapixels", 40),
    ("group 40", "group, 6 faces of 40 px or more", 6),
    ("group 20", "group, 6 faces, searched from 20 px", 6),
    ("sustained 640", "sustained 640×480, all cores", 12),
)
KINDS = ("fast", "vggface2", "sface", "f32", "exact")


class Worker:
    """A side of the comparison in its own process."""

    def __init__(
        self, kind: str, python: Path, threads: int, pictures: Path, clock: str = "wall"
    ) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.worker", kind, str(threads), str(pictures), clock],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.kind = kind
        self.start: dict[str, Any] = self._read()

    def measure(self, task: str) -> list[float]:
        """Return the seconds per item of each run of one turn."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"task": task}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        return [seconds / answer["items"] for seconds in answer["seconds"]]

    def close(self) -> None:
        """End the process by ending its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the worker {self.kind} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def torch_python() -> Path:
    """Return the reference's Python, made once from requirements-torch.txt."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = TORCH / folder / ("python.exe" if os.name == "nt" else "python")
    if not python.exists():
        print(f"Making {TORCH.name} from requirements-torch.txt (about 5 GB) …", flush=True)
        venv.create(TORCH, with_pip=True)
        requirements = PROJECT / "requirements-torch.txt"
        command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
        subprocess.run(command, check=True)
    return python


def processor() -> str:
    """Return the processor's name and the instruction sets that matter here."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor()
    fields = dict(line.split(":", 1) for line in cpuinfo.read_text().splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
    flags = [flag for flag in wanted if flag in fields.get("flags", "").split()]
    return f"{fields.get('model name', platform.machine())} ({', '.join(flags)})"


def quiet(limit: float = 3.0) -> bool:
    """Wait until other programs leave the processor alone, at most ``limit`` seconds (Linux).

    Returns whether they did.
    """
    stat = Path("/proc/stat")
    deadline = time.monotonic() + limit
    while stat.exists() and time.monotonic() < deadline:
        before = [int(field) for field in stat.read_text().splitlines()[0].split()[1:9]]
        time.sleep(0.1)
        after = [int(field) for field in stat.read_text().splitlines()[0].split()[1:9]]
        spent = [b - a for a, b in zip(before, after, strict=True)]
        if sum(spent) - spent[3] - spent[4] <= 0.1 * sum(spent):  # all but idle and iowait
            return True
    return not stat.exists()


def measure(workers: list[Worker], rounds: int, clock: str) -> dict[str, dict[str, float]]:
    """Return the seconds of each task by worker: the median of the medians of its turns."""
    medians: dict[str, dict[str, float]] = {}
    for task, title, _ in ROWS:
        seconds: dict[str, list[float]] = {worker.kind: [] for worker in workers}
        for _ in range(rounds):
            for worker in workers:
                if clock == "wall":
                    quiet()
                seconds[worker.kind].append(statistics.median(worker.measure(task)))
        medians[task] = {kind: statistics.median(values) for kind, values in seconds.items()}
        print(f"  {title}", flush=True)
    return medians


def starts(
    sides: list[tuple[str, Path]], threads: int, pictures: Path
) -> dict[str, dict[str, float]]:
    """Return readiness and memory of fresh processes, the second start of each."""
    found = {}
    for kind, executable in sides:
        for _ in range(2):
            worker = Worker(kind, executable, threads, pictures)
            worker.close()
            found[kind] = {key: worker.start[key] for key in ("ready", "first", "resident")}
    return found


def table(results: dict[str, Any]) -> str:
    """Return the results as a Markdown table."""
    kinds = [kind for kind in results["about"] if kind != "reference"]
    titles = [f"{_title(kind, results['about'][kind])} | ratio" for kind in kinds]
    lines = [f"| work | facenet-pytorch | goal | {' | '.join(titles)} |"]
    lines.append("|" + " --- |" * (3 + 2 * len(kinds)))
    for task, title, goal in ROWS:
        row = results["seconds"][task]
        base = row["reference"]
        cells = [title, _shown(task, base), f"{goal}×" if goal else ""]
        for kind in kinds:
            cells += [_shown(task, row[kind]), f"{base / row[kind]:.1f}×"]
        lines.append(f"| {' | '.join(cells)} |")
    start = results["starts"]
    megabytes = {kind: start[kind]["resident"] / 1e6 for kind in start}
    memory = ["resident memory", f"{megabytes['reference']:.0f} MB", "≤ 0.7"]
    ready = ["start to ready, second start", f"{start['reference']['ready']:.1f} s", "≤ 3 s"]
    for kind in kinds:
        there = kind in start
        memory.append(f"{megabytes[kind]:.0f} MB" if there else "")
        memory.append(f"{megabytes[kind] / megabytes['reference']:.2f}" if there else "")
        ready += [f"{start[kind]['ready']:.1f} s" if there else "", ""]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |" for cells in (memory, ready))])


def _title(kind: str, about: dict[str, Any]) -> str:
    """What a column holds: the mode, the networks and their precision."""
    networks = about.get("networks", "vggface2")
    mode = "exact" if kind == "exact" else "fast"
    return f"{mode}, {networks}, {about['precision']}"


def write_into_docs(text: str, name: str = "table") -> None:
    """Put what was measured between the marks in docs/performance.md."""
    path = PROJECT / "docs" / "performance.md"
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{path.name} has no place for the {name}: {begin} … {end}")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def kept(path: Path, results: dict[str, Any]) -> list[dict[str, Any]]:
    """Put a run into a file of runs, in place of an older one on such a processor; newest first."""
    runs = json.loads(path.read_text())["runs"] if path.exists() else []
    others = [run for run in runs if run["processor"] != results["processor"]]
    runs = [results, *others]
    path.write_text(json.dumps({"runs": runs}, indent=1) + "\n")
    return runs


def circumstances(results: dict[str, Any]) -> str:
    """Say where and when a run took place, and how quiet the machine was."""
    busy = "" if results["quiet"] else " **Other programs kept the machine busy.**"
    clock = ""
    if results.get("clock") == "processor":
        clock = " Seconds are the processor's, so that waiting is not counted."
    return f"{results['processor']}, {results['measured_at'][:10]}.{busy}{clock}"


def _shown(task: str, seconds: float) -> str:
    return f"{1 / seconds:.0f}/s" if task.startswith("sustained") else f"{seconds * 1000:.1f} ms"


def main() -> None:
    """Measure everything and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side (5)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="columns")
    options = parser.parse_args()
    ensure_weights(default_models_dir())
    reference, python = torch_python(), Path(sys.executable)
    left_alone = quiet()
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder)
        for name, data in frames().items():
            (pictures / f"{name}.jpg").write_bytes(data)
        sides = [("reference", reference), *((kind, python) for kind in options.kinds)]
        begun = starts([side for side in sides if side[0] != "exact"], options.threads, pictures)
        workers = [
            Worker(kind, where, options.threads, pictures, options.clock) for kind, where in sides
        ]
        seconds = measure(workers, options.rounds, options.clock)
        about = {worker.kind: worker.start["about"] for worker in workers}
        for worker in workers:
            worker.close()
    results = {
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": processor(),
        "quiet": left_alone,
        "threads": options.threads,
        "clock": options.clock,
        "python": platform.python_version(),
        "about": about,
        "seconds": seconds,
        "starts": begun,
    }
    draw(results, ROWS, RESULTS.with_suffix(".png"))
    texts = [
        f"{circumstances(run)} Threads: {run['threads']}; fast computes in "
        f"{run['about']['fast']['precision']}.\n\n{table(run)}"
        for run in kept(RESULTS, results)
    ]
    write_into_docs("\n\n".join(texts))
    print(f"\n{texts[0]}")


if __name__ == "__main__":
    main()
