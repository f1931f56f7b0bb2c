"""A camera in a room: frames a second, time until a class is named, and errors of tracks.

    python -m benchmarks.camera FACES [--seconds N] [--tracks N]

FACES is a folder with a folder of photographs for each person (two at least). Moving pictures are
made of them: faces that move by themselves are pasted into a room, with noise. Beside the product
runs the published design: detector and network on every face of every frame, compared in a loop;
here with the same weights in OpenVINO's float32, which is quicker than the original
(docs/performance.md). Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from facerecog import FaceRecogError, Gallery, Recognizer, RecognizerConfig, Wanted
from facerecog.levels import levels
from facerecog.tracks import KNOWN, Judge, Tracker, Verdict
from tests import classroom

FPIR = 0.01
SCENES = ((1, (640, 480), 150), (6, (1280, 720), 110), (30, (1920, 1080), 80))
FILM = 24
CAMERA_SECONDS = 0.15


@dataclass(frozen=True)
class People:
    """Who is enrolled, with which photograph of theirs a film is made, and who is a stranger."""

    enrolled: dict[str, Path]
    strangers: list[Path]
    gallery: Gallery
    judge: Judge


def people(recognizer: Recognizer, folder: Path, count: int) -> People:
    """Enrol so many people with one photograph each, and take as many strangers."""
    gallery, enrolled, strangers = Gallery(), {}, []
    for person in sorted(folder.iterdir()):
        pictures = sorted(person.glob("*.jpg"))
        if len(pictures) < 2:
            continue
        try:
            recognizer.find(pictures[1].read_bytes())
            if len(enrolled) < count:
                template = recognizer.enrol(pictures[0].read_bytes()).embedding
                gallery.add(person.name, template[None])
                enrolled[person.name] = pictures[1]
            elif len(strangers) < count:
                strangers.append(pictures[1])
            else:
                break
        except FaceRecogError:
            continue
    return People(enrolled, strangers, gallery, judge_of(recognizer, gallery))


def judge_of(recognizer: Recognizer, gallery: Gallery) -> Judge:
    of = levels(recognizer.config.model, recognizer.info["precision"])
    count = len(gallery)

    def judge(probe: np.ndarray) -> Verdict:
        nearest, *others = gallery.search(probe)
        gap = others[0].distance - nearest.distance if others else None
        allowed = of.search_distance(FPIR, count, count, gap)
        like = nearest.distance <= of.distance(1e-4)
        return Verdict(nearest, nearest.distance <= allowed, like)

    return judge


def seats(pictures: Sequence[Path], size: tuple[int, int], side: int) -> list[classroom.Seat]:
    """Photographs in rows."""
    columns = max(1, min(len(pictures), size[0] // (side * 2)))
    rows = -(-len(pictures) // columns)
    return [
        classroom.Seat(
            str(picture),
            round((place % columns + 0.5) * size[0] / columns),
            round((place // columns + 0.5) * size[1] / rows),
            side,
            sway=0.08,
        )
        for place, picture in enumerate(pictures)
    ]


def film(
    recognizer: Recognizer,
    sat: Sequence[classroom.Seat],
    size: tuple[int, int],
    frames: int = FILM,
) -> list[bytes]:
    """So many frames as JPEG."""
    made = [classroom.picture(recognizer, sat, number, size, 3.0) for number in range(frames)]
    return [cv2.imencode(".jpg", frame)[1].tobytes() for frame in made]


def product(recognizer: Recognizer, frames: list[bytes], judge: Judge, seconds: float) -> float:
    """Frames a second of the product, the first ones included."""
    tracker, began, count = Tracker(), time.perf_counter(), 0
    while (at := time.perf_counter() - began) < seconds:
        found = recognizer.look(frames[count % FILM], tracker.wanted(at, Wanted()))
        tracker.update(found, at, judge, 28)
        count += 1
    return count / seconds


def design(reference: Recognizer, frames: list[bytes], seconds: float) -> float:
    """Frames a second of the published design: everything again for every frame."""
    stored = np.random.default_rng(0).normal(size=(200, 512)).astype(np.float32)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        image = reference.decode(frames[count % FILM])
        for face in reference.detect(image, 24):
            embedding = reference.embed_faces(image, [face])[0]
            min(float(np.linalg.norm(embedding - other)) for other in stored)
        count += 1
    return count / (time.perf_counter() - began)


def until_named(recognizer: Recognizer, frames: list[bytes], judge: Judge, wanted: int) -> str:
    """Seconds from the first frame until so many of a class have their names."""
    tracker, began = Tracker(), time.perf_counter()
    for number in range(20 * FILM):
        at = time.perf_counter() - began
        found = recognizer.look(frames[number % FILM], tracker.wanted(at, Wanted()))
        tracker.update(found, at, judge, 28)
        named = {track.key for track in tracker.tracks if track.state == KNOWN}
        if len(named) >= wanted:
            return f"{at:.1f} s, {number + 1} frames"
    return f"{len(named)} of {wanted} named"


def errors(recognizer: Recognizer, found: People, count: int) -> list[str]:
    """FPIR and FNIR of tracks of 1, 3 and 5 frames."""
    lines = []
    tracks = [(name, path) for name, path in found.enrolled.items()][:count]
    tracks += [(None, path) for path in found.strangers[:count]]
    probes: list[tuple[str | None, list[np.ndarray]]] = []
    for name, path in tracks:
        sat = [classroom.Seat(str(path), 160, 120, 60, sway=0.1)]
        shots = []
        for frame in film(recognizer, sat, (320, 240), 5):
            faces = recognizer.look(frame, Wanted(most_embedded=1)).faces
            shots += [face.embedding for face in faces[:1] if face.embedding is not None]
        probes.append((name, shots))
    for frames in (1, 3, 5):
        missed, mistaken, own, others = 0, 0, 0, 0
        for name, shots in probes:
            if not shots:
                continue
            mean = np.mean(shots[:frames], axis=0)
            verdict = found.judge(mean / np.linalg.norm(mean))
            key = verdict.nearest.key if verdict.is_named and verdict.nearest else None
            if name is None:
                others += 1
                mistaken += key is not None
            else:
                own += 1
                missed += key != name
        lines.append(
            f"| {frames} | {missed} of {own} ({100 * missed / max(own, 1):.1f} %) "
            f"| {mistaken} of {others} ({100 * mistaken / max(others, 1):.1f} %) |"
        )
    return lines


def speeds(recognizer: Recognizer, found: People, seconds: float) -> None:
    """Print frames a second beside the published design, and the time until a class is named."""
    reference = Recognizer(RecognizerConfig(mode="exact", networks="vggface2"))
    print("| faces | frame | product | published design | |\n| ---: | --- | ---: | ---: | ---: |")
    for count, size, side in SCENES:
        sat = seats(list(found.enrolled.values())[:count], size, side)
        frames = film(recognizer, sat, size)
        product(recognizer, frames, found.judge, 2)
        pairs = [
            (
                product(recognizer, frames, found.judge, seconds / 2),
                design(reference, frames, seconds / 2),
            )
            for _ in range(2)
        ]
        ours, theirs = (float(np.median(side_)) for side_ in zip(*pairs, strict=True))
        print(
            f"| {count} | {size[0]}×{size[1]} | {ours:.2f}/s | {theirs:.2f}/s "
            f"| {ours / theirs:.1f}× |",
            flush=True,
        )
    print(f"\na class of 30 named: {until_named(recognizer, frames, found.judge, 30)}\n")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--seconds", type=float, default=8, help="0: only the errors of tracks")
    parser.add_argument("--tracks", type=int, default=200)
    arguments = parser.parse_args()
    recognizer = Recognizer()
    found = people(recognizer, arguments.faces, arguments.tracks)
    print(f"{len(found.enrolled)} enrolled, {len(found.strangers)} strangers\n")
    if arguments.seconds:
        speeds(recognizer, found, arguments.seconds)
    print("| frames | missed (FNIR) | strangers named (FPIR) |\n| ---: | --- | --- |")
    print("\n".join(errors(recognizer, found, arguments.tracks)))


if __name__ == "__main__":
    main()
