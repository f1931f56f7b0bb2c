"""How long a search takes in a gallery of so many templates: exactly, in eight bits, by FAISS.

    python -m benchmarks.search [--sizes 1000 10000 100000 1000000] [--probes N] [--distance D]
        [--ways "short list, then exact" ...]

Templates are made: each is a person's own direction of 640 numbers and of unit length, and a probe
is one of them with so much noise that it lies where photographs of one person do (a distance of
0.8). Recall is the part of probes whose own template is found. Prints a table in Markdown: p50 and
p99 of one search at a time, recall, memory of the index, time to build it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import faiss
import numpy as np

from facerecog.shortlist import Shortlist

NUMBERS = 640
DISTANCE = 0.8
THREADS = 2
Search = Callable[[np.ndarray], int]


def templates(count: int, random: np.random.Generator) -> np.ndarray:
    """So many directions (count, 640) float32 of unit length."""
    made = np.empty((count, NUMBERS), np.float32)
    for start in range(0, count, 50_000):
        part = random.standard_normal((min(50_000, count - start), NUMBERS), np.float32)
        made[start : start + len(part)] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return made


def probes(
    of: np.ndarray, count: int, random: np.random.Generator, distance: float = DISTANCE
) -> tuple[np.ndarray, list[int]]:
    """Probes at a distance of some of the templates, and of which."""
    chosen = random.choice(len(of), count, replace=len(of) < count)
    noise = random.standard_normal((count, NUMBERS)).astype(np.float32)
    own = of[chosen]
    noise -= (noise * own).sum(1, keepdims=True) * own
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    cosine = 1 - distance**2 / 2
    made = (cosine * own + (1 - cosine**2) ** 0.5 * noise).astype(np.float32)
    return made, [int(row) for row in chosen]


def numpy_exact(matrix: np.ndarray) -> tuple[Search, int]:
    return lambda probe: int((matrix @ probe).argmax()), matrix.nbytes


def of_faiss(index: faiss.Index, matrix: np.ndarray, size: int) -> tuple[Search, int]:
    if not index.is_trained:
        rows = np.random.default_rng(2).choice(len(matrix), min(len(matrix), 60_000), replace=False)
        index.train(matrix[np.sort(rows)])
    index.add(matrix)
    return lambda probe: int(index.search(probe[None], 1)[1][0, 0]), size


def flat(matrix: np.ndarray) -> tuple[Search, int]:
    return of_faiss(faiss.IndexFlatIP(NUMBERS), matrix, matrix.nbytes)


def eight_bits(matrix: np.ndarray) -> tuple[Search, int]:
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexScalarQuantizer(NUMBERS, kind, faiss.METRIC_INNER_PRODUCT)
    return of_faiss(index, matrix, len(matrix) * NUMBERS)


def cells(matrix: np.ndarray) -> tuple[Search, int]:
    """Inverted lists of about √n cells, in eight bits, of which a thirtieth is looked at."""
    count = max(16, round(len(matrix) ** 0.5))
    coarse = faiss.IndexFlatIP(NUMBERS)
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexIVFScalarQuantizer(coarse, NUMBERS, count, kind, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = max(8, count // 30)
    return of_faiss(index, matrix, len(matrix) * NUMBERS)


def graph(matrix: np.ndarray) -> tuple[Search, int]:
    """A navigable graph (HNSW, Malkov and Yashunin 2016) with 32 neighbours."""
    index = faiss.IndexHNSWFlat(NUMBERS, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 80, 128
    return of_faiss(index, matrix, matrix.nbytes + len(matrix) * 32 * 2 * 4)


def short_list(matrix: np.ndarray) -> tuple[Search, int]:
    """What the product does: :class:`facerecog.shortlist.Shortlist`, and its rows exactly."""
    made = Shortlist(matrix)

    def search(probe: np.ndarray) -> int:
        rows = made.rows(probe)
        return int(rows[(matrix[rows] @ probe).argmax()])

    return search, matrix.nbytes + len(matrix) * NUMBERS // 16


WAYS = {
    "short list, then exact": (short_list, 10**9),
    "NumPy, f32": (numpy_exact, 10**9),
    "FAISS flat, f32": (flat, 10**9),
    "FAISS flat, 8 bits": (eight_bits, 10**9),
    "FAISS cells, 8 bits": (cells, 100_000),
    "FAISS graph, f32": (graph, 100_000),
}


def measured(name: str, matrix: np.ndarray, asked: np.ndarray, right: list[int]) -> str:
    """One line of the table."""
    began = time.perf_counter()
    search, size = WAYS[name][0](matrix)
    built = time.perf_counter() - began
    seconds, hits = [], 0
    for probe, owner in zip(asked, right, strict=True):
        began = time.perf_counter()
        found = search(probe)
        seconds.append(time.perf_counter() - began)
        hits += found == owner
    p50, p99 = np.percentile(np.array(seconds) * 1000, [50, 99])
    return (
        f"| {len(matrix):,} | {name} | {p50:.2f} | {p99:.2f} | {hits / len(right):.3f} "
        f"| {size / 1e6:,.0f} MB | {built:.1f} s |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--distance", type=float, default=DISTANCE, help="of probes from their own")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(THREADS)
    print("| templates | search | p50 ms | p99 ms | recall | memory | built in |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for size in arguments.sizes:
        random = np.random.default_rng(1)
        matrix = templates(size, random)
        asked, right = probes(matrix, arguments.probes, random, arguments.distance)
        for name in arguments.ways:
            if size <= WAYS[name][1]:
                print(measured(name, matrix, asked, right), flush=True)


if __name__ == "__main__":
    main()
