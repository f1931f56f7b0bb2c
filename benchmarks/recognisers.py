"""What it costs to share the networks, and what several of them bring.

    python -m benchmarks.recognisers            prints tables for docs/performance.md

Every process is real: networks that answer at an address (`python -m facerecog serve`), servers
(`python app.py`, one worker each) that name it, and this one, which asks. Photographs are
analysed for SECONDS each way, by so many threads that the networks never wait. Where others keep
the machine busy, more processes get more of it: then only what they do with a second of the
processors' time compares.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from facerecog import (
    RecognizerBusy,
    RecognizerConfig,
    RecognizerProcess,
    RemoteRecognizer,
    addresses,
)
from facerecog.asking import Asking
from facerecog.processors import available_cores
from facerecog.samples import photo

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 6.0
THREADS = 16
TURNS = 3
PROCESSES = (1, 2, 4)
SERVERS = 3
START_SECONDS = 60


@contextlib.contextmanager
def served(folder: Path, name: str, threads: int) -> Iterator[tuple[str, int]]:
    """Networks at an address: it, and the process."""
    address = f"unix:{folder / name}"
    command = [sys.executable, "-m", "facerecog", "serve", address, "--threads", str(threads)]
    command += ["--queue", "256"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield address, process.pid
        finally:
            process.terminate()


@contextlib.contextmanager
def server(folder: Path, port: int, address: str) -> Iterator[int]:
    """A server that asks there: the process that answers requests."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "INSTANCE_DIR": str(folder),
        "UPLOADS_DIR": str(folder / "uploads"),
        "PORT": str(port),
        "FACE_PROCESS": address,
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + START_SECONDS
        while not _ready(port):
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < end, "the server is not ready"
            time.sleep(0.2)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield int(children[0])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10):
            return True
    except OSError:
        return False


def memory(pid: int) -> tuple[float, float]:
    """Resident megabytes of a process, and its part of them when what is shared is shared out."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines[1:]}
    return found["Rss"], found["Pss"]


def processor_seconds(pids: list[int]) -> float:
    """What these processes have had of the processors."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def pressed(asked: list[Asking], pids: list[int], data: bytes) -> tuple[float, float]:
    """Photographs a second of all together, and of each second of the processors they had."""
    before = processor_seconds(pids)
    end = time.monotonic() + SECONDS
    done = [0] * THREADS

    def press(number: int) -> None:
        while time.monotonic() < end:
            with contextlib.suppress(RecognizerBusy):
                asked[number % len(asked)].analyse(data)
                done[number] += 1

    threads = [threading.Thread(target=press, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS, sum(done) / (processor_seconds(pids) - before)


def memory_table(folder: Path) -> list[str]:
    """What each process of a host takes where the networks are shared."""
    rows = ["| process | resident | its part (PSS) |", "| --- | --- | --- |"]
    with contextlib.ExitStack() as stack:
        address, networks = stack.enter_context(served(folder, "shared", 0))
        pids = [
            (f"server {number + 1}", stack.enter_context(server(folder, 5900 + number, address)))
            for number in range(SERVERS)
        ]
        with RemoteRecognizer(RecognizerConfig(), addresses.read(address)) as asked:
            asked.analyse(photo("obama").read_bytes())
        for name, pid in [("the networks", networks), *pids]:
            resident, part = memory(pid)
            rows.append(f"| {name} | {resident:.0f} MB | {part:.0f} MB |")
    return rows


def speed_table(folder: Path, data: bytes) -> list[str]:
    """Photographs a second: a process of the server's own, and so many that are shared."""
    cores = available_cores()
    ways: dict[str, list[tuple[float, float]]] = {}
    for _ in range(TURNS):
        with RecognizerProcess(RecognizerConfig(max_queue=256)) as own:
            own.analyse(data)
            ways.setdefault("one, the server's own (pipe)", []).append(
                pressed([own], [own.pid], data)
            )
        for count in PROCESSES:
            share = max(1, cores // count)
            with contextlib.ExitStack() as stack:
                asked: list[Asking] = []
                pids = []
                for number in range(count):
                    address, pid = stack.enter_context(served(folder, f"{count}-{number}", share))
                    client = RemoteRecognizer(
                        RecognizerConfig(max_queue=256), addresses.read(address)
                    )
                    asked.append(stack.enter_context(client))
                    pids.append(pid)
                    client.analyse(data)
                name = f"{count} at an address, {share} thread{'s' * (share > 1)} each"
                ways.setdefault(name, []).append(pressed(asked, pids, data))
    rows = [
        "| recognisers | photographs a second | a second of their processors' time |",
        "| --- | --- | --- |",
    ]
    for name, found in ways.items():
        both = []
        for each in zip(*found, strict=True):
            turns = ", ".join(f"{one:.0f}" for one in each)
            both.append(f"{sorted(each)[len(each) // 2]:.0f} ({turns})")
        rows.append(f"| {name} | {' | '.join(both)} |")
    return rows


def main() -> None:
    """Print both tables."""
    data = photo("obama").read_bytes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(json.dumps({"cores": available_cores(), "threads that ask": THREADS}))
        print("\n".join(memory_table(folder)), "\n")
        print("\n".join(speed_table(folder, data)))


if __name__ == "__main__":
    main()
