"""A camera in a room: frames a second, time until a class is named, and errors of tracks.

    python -m benchmarks.camera FACES [--seconds N] [--strangers N]

FACES is a folder with a folder of photographs for each person. Moving pictures are
made of them: faces that move by themselves are pasted into a room, with noise. Beside the product
run, in turn, the published design, detector and network on every face of every frame, compared in a
loop, here with the same weights in OpenVINO's float32, which is quicker than the original
(docs/performance.md); and facenet-pytorch, all faces of a frame in one batch, in an environment of
its own. Where others keep the machine busy, `--clock processor --threads 1` counts the processor's
seconds. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from attendance.faces.thresholds import FOLLOWED_SHARE
from benchmarks.facenet_camera import FacenetCamera
from benchmarks.run import processor, torch_python
from benchmarks.worker import CLOCKS
from facerecog import FaceRecogError, Gallery, Recognizer, RecognizerConfig, Wanted
from facerecog.levels import levels
from facerecog.tracks import AGREE, KNOWN, Judge, Tracker, Verdict
from tests import classroom

FPIR = 0.01
TRACK_FPIR = FPIR * FOLLOWED_SHARE
SCENES = ((1, (640, 480), 150), (6, (1280, 720), 110), (30, (1920, 1080), 80))
FILM = 24


@dataclass(frozen=True)
class People:
    """Who is enrolled, with which photographs of theirs films are made, and who is a stranger."""

    enrolled: dict[str, list[Path]]
    strangers: list[list[Path]]
    gallery: Gallery
    judge: Judge


def people(
    recognizer: Recognizer, folder: Path, count: int, strangers: int, templates: int
) -> People:
    """Enrol people with so many photographs each, and leave others strangers.

    Whoever has more photographs than templates is enrolled first; films are made of the rest.
    """
    gallery = Gallery()
    enrolled: dict[str, list[Path]] = {}
    others: list[list[Path]] = []
    everybody = [sorted(person.glob("*.jpg")) for person in sorted(folder.iterdir())]
    for photographs in sorted(everybody, key=lambda found: len(found) <= templates):
        found = [path for path in photographs if _is_found(recognizer, path)]
        if len(enrolled) < count and len(found) > templates:
            looks = [recognizer.enrol(path.read_bytes()).embedding for path in found[:templates]]
            name = found[0].parent.name
            gallery.add(name, np.stack(looks))
            enrolled[name] = found[templates:]
        elif len(others) < strangers and found:
            others.append(found)
        if len(enrolled) == count and len(others) == strangers:
            break
    return People(enrolled, others, gallery, judge_of(recognizer, gallery, templates))


def _is_found(recognizer: Recognizer, path: Path) -> bool:
    try:
        recognizer.find(path.read_bytes())
    except FaceRecogError:
        return False
    return True


def judge_of(recognizer: Recognizer, gallery: Gallery, templates: int) -> Judge:
    """What the product's camera decides by (`attendance/room/gallery.py`)."""
    of = levels(recognizer.config.model, recognizer.info["precision"])
    count = len(gallery)

    def judge(probe: np.ndarray) -> Verdict:
        nearest, *others = gallery.search(probe)
        gap = others[0].distance - nearest.distance if others else None
        allowed = of.search_distance(TRACK_FPIR, count * templates, count, gap)
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


def product(
    recognizer: Recognizer, frames: list[bytes], judge: Judge, seconds: float, clock: str = "wall"
) -> float:
    """Frames a second of the product, the first ones included."""
    now = CLOCKS[clock]
    tracker, began, count = Tracker(), now(), 0
    while (at := now() - began) < seconds:
        found = recognizer.look(frames[count % FILM], tracker.wanted(at, Wanted()))
        tracker.update(found, at, judge, 28)
        count += 1
    return count / (now() - began)


def design(reference: Recognizer, frames: list[bytes], seconds: float, clock: str) -> float:
    """Frames a second of the published design: everything again for every frame."""
    now = CLOCKS[clock]
    stored = np.random.default_rng(0).normal(size=(200, 512)).astype(np.float32)
    began, count = now(), 0
    while now() - began < seconds:
        image = reference.decode(frames[count % FILM])
        for face in reference.detect(image, 24):
            embedding = reference.embed_faces(image, [face])[0]
            min(float(np.linalg.norm(embedding - other)) for other in stored)
        count += 1
    return count / (now() - began)


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


def errors(recognizer: Recognizer, found: People) -> list[str]:
    """FPIR and FNIR of tracks of 1, 3 and 5 frames, of other photographs where there are some."""
    tracks: list[tuple[str | None, list[Path]]] = [*found.enrolled.items()]
    tracks += [(None, photographs) for photographs in found.strangers]
    probes = [(name, shots(recognizer, photographs, 5)) for name, photographs in tracks]
    lines = []
    for frames in (1, 3, 5):
        missed, mistaken, own, others = 0, 0, 0, 0
        for name, seen in probes:
            if not seen:
                continue
            key = named(found, seen[:frames])
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


def shots(recognizer: Recognizer, photographs: Sequence[Path], count: int) -> list[np.ndarray]:
    """Embeddings of a face of 60 pixels in so many frames, the photographs in turn."""
    made = []
    for number in range(count):
        path = photographs[number % len(photographs)]
        seat = classroom.Seat(str(path), 160, 120, 60, sway=0.1)
        frame = classroom.picture(recognizer, [seat], number, (320, 240), 3.0)
        data = cv2.imencode(".jpg", frame)[1].tobytes()
        faces = recognizer.look(data, Wanted(most_embedded=1)).faces
        made += [face.embedding for face in faces[:1] if face.embedding is not None]
    return made


def named(found: People, seen: Sequence[np.ndarray]) -> str | int | None:
    """Whose name a track of these frames gets."""
    mean = np.mean(seen, axis=0)
    verdict = found.judge(mean / np.linalg.norm(mean))
    if verdict.nearest is None or not verdict.is_named:
        return None
    key = verdict.nearest.key
    agree = sum(found.gallery.search(look)[0].key == key for look in seen)
    return key if agree >= AGREE * len(seen) else None


def speeds(recognizer: Recognizer, found: People, seconds: float, threads: int, clock: str) -> None:
    """Print frames a second beside both references, and the time until a class is named."""
    reference = Recognizer(RecognizerConfig(mode="exact", networks="vggface2", threads=threads))
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    print(f"{processor()}; threads: {threads}; clock: {clock}; load {load}\n")
    print("| faces | frame | product | published design | | facenet-pytorch | |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        facenet = FacenetCamera(torch_python(), Path(folder), threads, clock)
        for count, size, side in SCENES:
            sat = seats([found.enrolled[name][0] for name in found.enrolled][:count], size, side)
            frames = film(recognizer, sat, size)
            facenet.put(str(count), frames)
            product(recognizer, frames, found.judge, 2, clock)
            turns = [
                (
                    product(recognizer, frames, found.judge, seconds / 2, clock),
                    design(reference, frames, seconds / 2, clock),
                    facenet.rate(str(count), seconds / 2),
                )
                for _ in range(2)
            ]
            ours, theirs, torch = (float(np.median(rates)) for rates in zip(*turns, strict=True))
            print(
                f"| {count} | {size[0]}×{size[1]} | {ours:.1f}/s | {theirs:.2f}/s "
                f"| {ours / theirs:.1f}× | {torch:.2f}/s | {ours / torch:.1f}× |",
                flush=True,
            )
        facenet.close()
    print(f"\na class of 30 named: {until_named(recognizer, frames, found.judge, 30)}\n")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--seconds", type=float, default=8, help="0: only the errors of tracks")
    parser.add_argument("--enrolled", type=int, default=60)
    parser.add_argument("--strangers", type=int, default=200)
    parser.add_argument("--templates", type=int, default=1, help="of each who is enrolled")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    asked = parser.parse_args()
    recognizer = Recognizer(RecognizerConfig(threads=asked.threads))
    found = people(recognizer, asked.faces, asked.enrolled, asked.strangers, asked.templates)
    print(f"{len(found.enrolled)} enrolled, {len(found.strangers)} strangers\n")
    if asked.seconds:
        speeds(recognizer, found, asked.seconds, asked.threads, asked.clock)
    print("| frames | missed (FNIR) | strangers named (FPIR) |\n| ---: | --- | --- |")
    print("\n".join(errors(recognizer, found)))


if __name__ == "__main__":
    main()
