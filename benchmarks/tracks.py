"""What level a camera's tracks want: ``python -m benchmarks.tracks FACES``.

FACES is a folder with a folder of photographs for each person. Of each the first one or two are
enrolled, and a film is made of the last: frames of a face of 60 pixels that moves, with noise.
People are divided into two halves by a hash of their names. In each half, galleries of a class are
drawn again and again, everybody else of the half is a stranger, and every level is told with what
is missed and who is named: what is chosen on one half is read off the other. Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.camera import FPIR, shots
from facerecog import FaceRecogError, Gallery, Recognizer, RecognizerConfig
from facerecog.divisions import half_of
from facerecog.levels import STRICT_FMR, Levels, levels
from facerecog.matching import IDENTIFICATION_MARGIN
from facerecog.tracks import AGREE

SHARES = (1.0, 0.3, 0.1, 0.05, 0.03, 0.01)
FRAMES = (1, 3)
DRAWS = 12


@dataclass(frozen=True)
class Person:
    """Who may be enrolled, or is a stranger."""

    name: str
    templates: np.ndarray
    """(n, size): of photographs that the film is not made of; none: always a stranger."""
    seen: np.ndarray
    """(frames, size): of the film."""


def people(recognizer: Recognizer, folder: Path, most: int) -> list[Person]:
    """Of so many people with several photographs, and as many with one, what networks say."""
    everybody = [sorted(person.glob("*.jpg")) for person in sorted(folder.iterdir())]
    several = [paths for paths in everybody if len(paths) > 1]
    single = [paths for paths in everybody if len(paths) == 1]
    rng = np.random.default_rng(3)
    chosen = [
        kind[place] for kind in (several, single) for place in rng.permutation(len(kind))[:most]
    ]
    found = []
    for paths in chosen:
        looks = []
        for path in paths[:3]:
            try:
                looks.append((path, recognizer.enrol(path.read_bytes()).embedding))
            except FaceRecogError:
                continue
        seen = shots(recognizer, [looks[-1][0]], max(FRAMES)) if looks else []
        if len(seen) == max(FRAMES):
            templates = np.array([look for _, look in looks[:-1]])
            found.append(Person(paths[0].parent.name, templates, np.stack(seen)))
    return found


def name_of(gallery: Gallery, of: Levels, templates: int, seen: np.ndarray, fpir: float) -> object:
    """Whose name a track of these frames gets, as in `attendance/room/gallery.py`; or None."""
    mean = seen.mean(axis=0)
    nearest, second = gallery.search(mean / np.linalg.norm(mean))
    gap = second.distance - nearest.distance
    if second.distance <= of.distance(STRICT_FMR) and gap < IDENTIFICATION_MARGIN:
        return None
    if nearest.distance > of.search_distance(fpir, templates, len(gallery), gap):
        return None
    agree = sum(gallery.search(look)[0].key == nearest.key for look in seen)
    return nearest.key if agree >= AGREE * len(seen) else None


def line(half: Sequence[Person], of: Levels, templates: int, size: int, share: float) -> str:
    """One level: FNIR and FPIR at each number of frames, over galleries drawn alike for all."""
    able = [person for person in half if len(person.templates) >= templates]
    cells = [f"{share:g}"]
    for frames in FRAMES:
        rng = np.random.default_rng(5)
        missed, wrong, named, others = 0, 0, 0, 0
        whom: set[str] = set()
        for _ in range(DRAWS):
            enrolled = {
                able[place].name: able[place] for place in rng.permutation(len(able))[:size]
            }
            gallery = Gallery()
            for person in enrolled.values():
                gallery.add(person.name, person.templates[:templates])
            for person in half:
                found = name_of(gallery, of, size * templates, person.seen[:frames], FPIR * share)
                if person.name in enrolled:
                    missed += found is None
                    wrong += found not in (None, person.name)
                else:
                    others += 1
                    named += found is not None
                    whom |= {person.name} if found is not None else set()
        mistaken = f", {wrong} mistaken" if wrong else ""
        cells.append(f"{100 * missed / (DRAWS * size):.1f} %{mistaken}")
        cells.append(f"{100 * named / others:.2f} % ({len(whom)} people)")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print a table for each half and number of templates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("--people", type=int, default=330, help="with several, and with one")
    parser.add_argument("--size", type=int, default=30, help="of the class")
    asked = parser.parse_args()
    recognizer = Recognizer(RecognizerConfig(threads=1))
    found = people(recognizer, asked.faces, asked.people)
    of = levels(recognizer.config.model, recognizer.info["precision"])
    titles = " | ".join(f"FNIR, {frames} | FPIR, {frames}" for frames in FRAMES)
    for templates in (1, 2):
        for part in ("fit", "report"):
            half = [person for person in found if half_of(person.name) == part]
            able = sum(len(person.templates) >= templates for person in half)
            print(f"\n{part}: {len(half)} people, {able} of them with {templates} to enrol\n")
            print(f"| share | {titles} |\n|{' ---: |' * (1 + 2 * len(FRAMES))}")
            for share in SHARES:
                print(line(half, of, templates, asked.size, share), flush=True)


if __name__ == "__main__":
    main()
