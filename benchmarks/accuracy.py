"""Error rates on labelled photographs: modes, thresholds, templates, low light.

    python -m benchmarks.accuracy [FOLDER]

FOLDER holds one folder a person, as Labeled Faces in the Wild does; without it,
``../shared/faces/lfw``. Prints the tables of docs/accuracy.md. A school can run it on photographs
of its own, with consent, before it moves a threshold.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.frames import FACES
from facerecog import Recognizer, RecognizerConfig
from facerecog.crop import LIGHT_TARGET, lightened, measure
from facerecog.pairs import pairs

THRESHOLDS = (0.7, 0.8, 0.9, 1.0, 1.1)
LIGHT = (1.0, 0.05, 0.025, 0.02, 0.015)  # part of the light that is left
SEEDS = 4
ELECTRONS, READ_NOISE = 2000.0, 3.0  # of a pixel at white; of its read-out
GAMMA = 2.2  # between a picture's values and light

Table = list[Sequence[object]]


class Photographs:
    """A folder of people, decoded."""

    def __init__(self, folder: Path, recognizer: Recognizer) -> None:
        self.paths = sorted(folder.glob("*/*.jpg"))
        self.people = [path.parent.name for path in self.paths]
        self.images = [recognizer.decode(path.read_bytes()) for path in self.paths]


def largest(recognizer: Recognizer, image: np.ndarray) -> np.ndarray | None:
    """Return the crop of the largest face, as the reference chooses, or None."""
    found = recognizer.detect_prominent(image)
    return recognizer.crop(image, found[0].box) if found else None


def embeddings(recognizer: Recognizer, images: list[np.ndarray]) -> np.ndarray:
    """Embed the largest face of each image."""
    crops = [largest(recognizer, image) for image in images]
    return recognizer.embed(np.stack([crop for crop in crops if crop is not None]))


def modes(photographs: Photographs, recognizers: dict[str, Recognizer]) -> Table:
    """Error rates of all pairs, by mode."""
    rows: Table = [["", *(f"FRR / FAR at {t}" for t in THRESHOLDS), "FRR at FAR 0 (threshold)"]]
    for name, recognizer in recognizers.items():
        found = pairs(embeddings(recognizer, photographs.images), photographs.people)
        rates = [found.at(threshold) for threshold in THRESHOLDS]
        cells = [f"{r.false_reject_rate:.2%} / {r.false_accept_rate:.2%}" for r in rates]
        best = found.without_false_accepts()
        rows.append([name, *cells, f"{best.false_reject_rate:.2%} ({best.threshold:.3f})"])
    return rows


def templates(photographs: Photographs, recognizer: Recognizer) -> Table:
    """Error rates of a probe against a person, by number of templates and definition."""
    every = embeddings(recognizer, photographs.images)
    people = np.array(photographs.people)
    definitions: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "least": lambda d: d.min(axis=1),
        "mean": lambda d: d.mean(axis=1),
    }
    rows: Table = [["templates", "definition", "FRR / FAR at 0.9", "FRR / FAR at 1.0", "EER"]]
    rng = np.random.default_rng(0)
    for count in (1, 2, 3, 5):
        same: dict[str, list[np.ndarray]] = {name: [] for name in (*definitions, "to the mean")}
        different: dict[str, list[np.ndarray]] = {name: [] for name in same}
        for person, _ in itertools.product(sorted(set(photographs.people)), range(20)):
            own = rng.permutation(np.flatnonzero(people == person))
            rows_in, probes = own[:count], np.setdiff1d(np.arange(len(people)), own[:count])
            gallery = every[rows_in]
            centre = gallery.mean(axis=0) / np.linalg.norm(gallery.mean(axis=0))
            d = _distances(every[probes], gallery)
            scores = {name: define(d) for name, define in definitions.items()}
            scores["to the mean"] = _distances(every[probes], centre[None])[:, 0]
            mine = people[probes] == person
            for name, score in scores.items():
                same[name].append(score[mine])
                different[name].append(score[~mine])
        for name in same:
            s, f = np.concatenate(same[name]), np.concatenate(different[name])
            cells = [f"{np.mean(s > t):.2%} / {np.mean(f <= t):.2%}" for t in (0.9, 1.0)]
            rows.append([count, name, *cells, f"{_equal_error(s, f):.2%}"])
            if count == 1:
                break  # with one template the definitions are one
    return rows


def low_light(photographs: Photographs, recognizer: Recognizer) -> Table:
    """Error rates of darkened probes against bright templates, by preprocessing."""
    import cv2

    def equalised(crop: np.ndarray, _: float) -> np.ndarray:
        lab = cv2.cvtColor(crop, cv2.COLOR_RGB2LAB)
        lab[..., 0] = cv2.createCLAHE(2.0, (8, 8)).apply(lab[..., 0])
        return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)

    def gamma(crop: np.ndarray, brightness: float) -> np.ndarray:
        power = np.log(110 / 255) / np.log(max(brightness, 1) / 255)
        return (255 * (crop / 255.0) ** power).round().astype(np.uint8)

    steps: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
        "nothing": lambda crop, _: crop,
        f"gain to {LIGHT_TARGET:.0f} (chosen)": lightened,
        "CLAHE": equalised,
        "gamma": gamma,
    }
    people = np.array(photographs.people)
    bright = embeddings(recognizer, photographs.images)
    rows: Table = [["face's luminance", "faces found", *(f"{s}: FRR / FAR at 0.9" for s in steps)]]
    for light in LIGHT:
        counts = {step: np.zeros(4) for step in steps}
        luminance, found = [], 0
        for seed in range(SEEDS):
            rng = np.random.default_rng(seed)
            for number, image in enumerate(photographs.images):
                crop = largest(recognizer, _darkened(image, light, rng))
                if crop is None:
                    continue
                found += 1
                brightness = measure(crop, 100).brightness
                luminance.append(brightness)
                same = people == people[number]
                same[number] = False
                other = people != people[number]
                for step, apply in steps.items():
                    probe = recognizer.embed(apply(crop, brightness)[None])
                    d = _distances(probe, bright)[0]
                    far, frr = (d[other] <= 0.9).sum(), (d[same] > 0.9).sum()
                    counts[step] += (frr, same.sum(), far, other.sum())
        cells = [f"{c[0] / c[1]:.2%} / {c[2] / c[3]:.3%}" for c in counts.values()]
        part = found / (SEEDS * len(people))
        rows.append([f"{np.median(luminance):.0f}", f"{part:.1%}", *cells])
    return rows


def _darkened(image: np.ndarray, light: float, rng: np.random.Generator) -> np.ndarray:
    """Return the picture as a camera would have taken it in a part of the light."""
    linear = (image / 255.0) ** GAMMA * light
    electrons = rng.poisson(linear * ELECTRONS) + rng.normal(0, READ_NOISE, image.shape)
    value = np.clip(electrons / ELECTRONS, 0, 1) ** (1 / GAMMA)
    return (value * 255).round().astype(np.uint8)


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(2 - 2 * a @ b.T, 0))


def _equal_error(same: np.ndarray, different: np.ndarray) -> float:
    steps = np.linspace(0.5, 1.5, 1001)
    rejects = np.array([np.mean(same > t) for t in steps])
    accepts = np.array([np.mean(different <= t) for t in steps])
    best = int(np.argmin(np.abs(rejects - accepts)))
    return float((rejects[best] + accepts[best]) / 2)


def show(title: str, rows: Table) -> None:
    """Print a table as Markdown."""
    print(f"\n{title}\n")
    for number, row in enumerate(rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
        if number == 0:
            print("|" + " --- |" * len(row))


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FACES / "lfw")
    options = parser.parse_args()
    settings: dict[str, dict[str, Any]] = {
        "exact": {"mode": "exact"},
        "fast": {},
        "fast, f32": {"precision": "f32"},
        "fast, INT8": {"precision": "int8"},
    }
    recognizers = {
        name: Recognizer(RecognizerConfig(networks="vggface2", **given))
        for name, given in settings.items()
    }
    fast = recognizers["fast"]
    photographs = Photographs(options.folder, fast)
    if not photographs.paths:
        raise SystemExit(f"no photographs in {options.folder}: one folder a person is needed")
    print(f"{len(photographs.paths)} photographs of {len(set(photographs.people))} people")
    show("All pairs, by mode", modes(photographs, recognizers))
    show("A probe against a person's templates (fast)", templates(photographs, fast))
    show("Darkened probes (fast)", low_light(photographs, fast))


if __name__ == "__main__":
    main()
