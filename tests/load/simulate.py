"""How many cores a university needs, by arithmetic that is fed with measured times.

    python -m tests.load.simulate [--students 40000] [--seconds 300] [--cores 2 4 8 16]

Nothing is started: it is a queue on paper, for what no machine here is large enough to try. What it
assumes is printed with the answer, and so is the same queue beside what was measured, so that
everybody sees how far to trust it.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results-http.json"
MEASURED_CORES = 2
CORES_EACH = 2
QUEUE = 48
RESEND_SECONDS = 4.0
SEED = 19


@dataclass(frozen=True)
class Times:
    """What a mark takes of a core, in seconds, and how much that varies."""

    processor: str
    mean: float
    spread: float
    """Of the logarithm."""
    rounds: list[dict[str, Any]] = field(repr=False)

    def draw(self, chance: random.Random) -> float:
        """One mark's time on one core."""
        return chance.lognormvariate(math.log(self.mean) - self.spread**2 / 2, self.spread)


def measured(run: dict[str, Any]) -> Times:
    """Read a run of `make bench-http`.

    A core's time is what the cores do when they are full; how it varies is what one client alone
    saw, which waited for nobody.
    """
    alone = min(run["rounds"], key=lambda each: each["clients"])
    full = max(each["marks_per_second"] for each in run["rounds"])
    spread = math.log(alone["p95_ms"] / alone["p50_ms"]) / 1.645
    return Times(run["processor"], MEASURED_CORES / full, spread, run["rounds"])


@dataclass
class Server:
    """Cores that share a queue of bounded length, first come, first served."""

    cores: int
    free: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    busy: float = 0

    def __post_init__(self) -> None:
        self.free = [0.0] * self.cores

    def inside(self, now: float) -> int:
        """How many wait or are served."""
        while self.ends and self.ends[0] <= now:
            heapq.heappop(self.ends)
        return len(self.ends)

    def serve(self, now: float, seconds: float) -> float:
        """When a mark that comes now is done."""
        end = max(now, heapq.heappop(self.free)) + seconds
        heapq.heappush(self.free, end)
        heapq.heappush(self.ends, end)
        self.busy += seconds
        return end


@dataclass
class Outcome:
    """What the students saw."""

    seconds: list[float]
    refused: int
    last: float
    load: float

    def percentile(self, part: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def simulate(arrivals: list[float], cores: int, times: Times, chance: random.Random) -> Outcome:
    """Everybody marks once, at a server by chance, and sends again when it is full."""
    servers = [Server(min(CORES_EACH, cores)) for _ in range(max(1, cores // CORES_EACH))]
    line = [(moment, number, moment) for number, moment in enumerate(arrivals)]
    heapq.heapify(line)
    seconds: list[float] = []
    refused, last = 0, 0.0
    while line:
        now, number, began = heapq.heappop(line)
        server = chance.choice(servers)
        if server.inside(now) >= QUEUE:
            refused += 1
            again = now + RESEND_SECONDS * chance.uniform(1, 1.2)
            heapq.heappush(line, (again, number, began))
            continue
        end = server.serve(now, times.draw(chance))
        seconds.append(end - began)
        last = max(last, end)
    busy = sum(server.busy for server in servers)
    return Outcome(seconds, refused, last, busy / (cores * max(last, 1e-9)))


def closed(clients: int, marks: int, times: Times, chance: random.Random) -> Outcome:
    """So many clients that each send the next mark when the last is answered: as measured."""
    server = Server(MEASURED_CORES)
    line = [0.0] * clients
    seconds: list[float] = []
    last = 0.0
    for _ in range(marks):
        now = heapq.heappop(line)
        end = server.serve(now, times.draw(chance))
        heapq.heappush(line, end)
        seconds.append(end - now)
        last = max(last, end)
    return Outcome(seconds, 0, last, server.busy / (MEASURED_CORES * last))


def evenly(seconds: float) -> Callable[[random.Random], float]:
    """Everybody at any moment."""
    return lambda chance: chance.uniform(0, seconds)


def at_the_hour(seconds: float) -> Callable[[random.Random], float]:
    """Most when the lesson begins: from nothing to the peak in a quarter of the time, then down."""
    return lambda chance: chance.triangular(0, seconds, seconds / 4)


def arriving(
    students: int, shape: Callable[[random.Random], float], chance: random.Random
) -> list[float]:
    """When each of them sends a mark, in seconds from the first."""
    return sorted(shape(chance) for _ in range(students))


def assumptions(students: int, at_once: float, seconds: float, times: Times) -> list[str]:
    """What the answer rests on, a line each."""
    return [
        f"{students:,} students, of whom {at_once:.0%} have a lesson at the same hour and all mark",
        f"they mark within {seconds:.0f} s: most after a quarter of it (a triangle), or evenly",
        f"a mark takes {1000 * times.mean:.1f} ms of a core ({times.processor}), lognormal, "
        f"spread {times.spread:.2f}; the measuring clients' own work is in it",
        f"recognisers of {CORES_EACH} cores, chosen by chance; {QUEUE} marks wait or run in each, "
        f"one more is answered 503 and sent again after {RESEND_SECONDS:.0f} to "
        f"{1.2 * RESEND_SECONDS:.1f} s, as the page does",
        "database, Redis, the network and the proxy are no bottleneck, and take no longer as they "
        "grow: not measured at this size",
        "a core more is a core more: measured on 2 cores only",
    ]


def compared(times: Times) -> list[str]:
    """The same queue beside what was measured, as a table."""
    rows = [
        "| clients | measured p50 | here | measured p95 | here | measured marks/s | here |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in times.rounds:
        found = closed(each["clients"], each["marks"], times, random.Random(SEED))
        middle, most = 1000 * found.percentile(0.5), 1000 * found.percentile(0.95)
        rows.append(
            f"| {each['clients']} | {each['p50_ms']:.0f} ms | {middle:.0f} ms "
            f"| {each['p95_ms']:.0f} ms | {most:.0f} ms "
            f"| {each['marks_per_second']:.0f} | {len(found.seconds) / found.last:.0f} |"
        )
    return rows


def answer(arrivals: list[float], cores: list[int], times: Times) -> list[str]:
    """What so many cores come to, as a table."""
    rows = [
        "| cores | p50 | p95 | p99 | longest | answered 503 and sent again | cores busy |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for count in cores:
        found = simulate(arrivals, count, times, random.Random(SEED))
        shown = [_shown(found.percentile(part)) for part in (0.5, 0.95, 0.99, 1)]
        rows.append(
            f"| {count} | {' | '.join(shown)} | {found.refused:,} | {found.load:.0%} |",
        )
    return rows


def _shown(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def main() -> None:
    """Print assumptions, the comparison and the answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=40_000)
    parser.add_argument("--at-once", type=float, default=0.5, help="part of them in one hour")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 4, 6, 8, 12, 16])
    parser.add_argument("--run", type=int, default=0, help="which of the measured runs")
    chosen = parser.parse_args()
    times = measured(json.loads(RESULTS.read_text("utf-8"))["runs"][chosen.run])
    print("Assumed:")
    for line in assumptions(chosen.students, chosen.at_once, chosen.seconds, times):
        print(f"- {line}")
    print("\nThe model beside the measurement:\n", *compared(times), sep="\n")
    present = int(chosen.students * chosen.at_once)
    for name, shape in (("A peak", at_the_hour), ("Evenly", evenly)):
        arrivals = arriving(present, shape(chosen.seconds), random.Random(SEED))
        peak = max(statistics.mean(_in_window(arrivals, at)) for at in arrivals[:: present // 50])
        print(f"\n{name}: {present / chosen.seconds:.0f} marks/s on average, {peak:.0f} at most\n")
        print(*answer(arrivals, chosen.cores, times), sep="\n")


def _in_window(arrivals: list[float], start: float, seconds: float = 5) -> list[float]:
    """How many a second come in these seconds."""
    return [sum(start <= moment < start + seconds for moment in arrivals) / seconds]


if __name__ == "__main__":
    main()
