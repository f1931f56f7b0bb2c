"""How often attacks pass the challenge, and how often honest people do not (docs/accuracy.md).

Words as in ISO/IEC 30107-3: APCER, the part of the presentations of one attack instrument that
pass; BPCER, the part of honest presentations that do not. One half of the people fits the model,
the other half is measured. Everything is made out of portraits (benchmarks/heads.py): this tells
what the geometry and the signs are worth, and is no test by a laboratory.

With liveness off, an attack passes where its first picture is taken for the person, who is
enrolled with another photograph where there is one (else the attempt is not counted there). With
watch nothing more is refused, and the teacher sees a sign where `enforce` refuses. Where no face
was found at some step, or one too blurred or small, there is no answer (APNRR, BPNRR): nobody is
marked, it is counted apart, and is none of the tries.

    python -m benchmarks.liveness --mesh PACKAGE.tgz --faces FOLDER [--people 120] [--fit]
"""

from __future__ import annotations

import argparse
import json
import random as chance
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from benchmarks import instruments
from benchmarks.heads import Head, Mesh, head_of
from facerecog import FaceRecogError, FaceResult, Gallery, Recognizer, RecognizerConfig
from facerecog import liveness as rule
from facerecog.levels import levels
from facerecog.liveness import FEATURES, LEFT, RIGHT, STRAIGHT, features, turn, wrong_step

STEPS = (STRAIGHT, LEFT, RIGHT)
ORDERS = 6
"""In how many orders three steps can be asked."""
ASKED_TURN = 0.1
"""By which the page waits for the head to turn (attendance/faces/pose.py)."""
FMR = 1e-4
"""Of a mark, as the setting FACE_FMR has it."""
ANGLES = (17.0, 23.0, 29.0, 36.0)
OWN_FACE = "another's account, own face"
ATTACKS = {
    **instruments.FLAT,
    **instruments.BENT,
    **instruments.CLIPS,
    **instruments.CALLS,
}
Effect = Callable[[np.ndarray], np.ndarray] | None
NEARER = 0.25
"""Where the score's zero lies: so far on the way from the attacks' highest score to the honest
people's lowest, in the half that is fitted. People who turn less than those lie between."""


@dataclass(frozen=True)
class Attempt:
    """One answer to a challenge, in numbers: what the model weighs, and the step that is wrong.

    `same`: whether the first picture is taken for the person; None: there is one photograph only.
    """

    kind: str
    honest: bool
    found: dict[str, float]
    wrong: int | None
    same: bool | None = None
    answered: bool = True
    fingerprints: list[str] = field(default_factory=list)


def attempt(
    recognizer: Recognizer,
    draw: Callable[[str, float], np.ndarray],
    kind: str,
    random: np.random.Generator,
    *,
    honest: bool,
    enrolled: Gallery,
) -> Attempt:
    """Turn until the page would take the frame, or as far as the widest angle."""
    faces: list[FaceResult] = []
    for step in STEPS:
        best: FaceResult | None = None
        furthest = 0.0
        first = int(random.integers(0, 2))
        for angle in ANGLES[first:] if step != STRAIGHT else ANGLES[:2]:
            try:
                face = recognizer.study(instruments.shot(draw(step, angle), random))
            except FaceRecogError:
                continue
            turned = turn(face.landmarks) - (turn(faces[0].landmarks) if faces else 0.0)
            reached = turned if step == LEFT else -turned if step == RIGHT else -abs(turned)
            if best is None or reached > furthest:
                best, furthest = face, reached
            if step == STRAIGHT or reached >= ASKED_TURN:
                break
        if best is None:
            return Attempt(kind, honest, {}, None, answered=False)
        faces.append(best)
    return Attempt(
        kind,
        honest,
        features(faces, STEPS),
        wrong_step(faces, STEPS),
        _is_same(recognizer, enrolled, faces[0]),
        fingerprints=[face.signs.fingerprint for face in faces if face.signs],
    )


def _is_same(recognizer: Recognizer, enrolled: Gallery, face: FaceResult) -> bool | None:
    if not len(enrolled):
        return None
    of = levels(recognizer.config.model, recognizer.info["precision"])
    return enrolled.search(face.embedding)[0].distance <= of.distance(FMR)


def enrolment(recognizer: Recognizer, photographs: Sequence[Path]) -> Gallery:
    """The person with another photograph than the first one, if there is one that will do."""
    enrolled = Gallery()
    for path in photographs[1:]:
        try:
            face = recognizer.enrol(path.read_bytes())
        except FaceRecogError:
            continue
        enrolled.add("self", face.embedding[None])
        break
    return enrolled


def attempts_of(
    recognizer: Recognizer,
    head: Head,
    random: np.random.Generator,
    enrolled: Gallery,
    another: Gallery,
) -> list[Attempt]:
    """One attempt of each kind with one portrait; `another`: somebody else, enrolled."""

    def tried(
        kind: str, draw: Callable[[str, float], np.ndarray], *, honest: bool, of: Gallery = enrolled
    ) -> Attempt:
        return attempt(recognizer, draw, kind, random, honest=honest, enrolled=of)

    def turning(of: Head, step: str, angle: float, effect: Effect = None) -> np.ndarray:
        picture = instruments.turned_head(of, step, random, angle)
        return effect(picture) if effect else picture

    glasses = instruments.with_glasses(head)
    found = [
        tried(kind, lambda step, angle, by=effect: turning(head, step, angle, by), honest=True)  # type: ignore[misc]  # a loop's own variable
        for kind, effect in instruments.HONEST.items()
    ]
    found.append(tried("glasses", partial(turning, glasses), honest=True))
    for kind, instrument in ATTACKS.items():
        found.append(
            tried(
                kind,
                lambda step, angle, by=instrument: by(head, step, random, angle),  # type: ignore[misc]  # as above
                honest=False,
            )
        )
    found.append(tried(OWN_FACE, partial(turning, head), honest=False, of=another))
    return found


def fitted(attempts: Sequence[Attempt]) -> dict[str, object]:
    """Logistic regression: honest people against flat and bent instruments, alike in weight."""
    pictures = {*instruments.FLAT, *instruments.BENT}
    used = [each for each in attempts if each.answered and (each.honest or each.kind in pictures)]
    values = np.array([[each.found[name] for name in FEATURES] for each in used])
    wanted = np.array([each.honest for each in used], float)
    mean, scale = values.mean(0), values.std(0) + 1e-9
    plain = np.column_stack([(values - mean) / scale, np.ones(len(used))])
    weight = np.where(wanted == 1, 0.5 / wanted.sum(), 0.5 / (1 - wanted).sum()) * len(used)
    line: np.ndarray = np.zeros(plain.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-(plain @ line).clip(-30, 30)))
        slope = plain.T @ (weight * (wanted - p)) - 0.5 * np.append(line[:-1], 0)
        curve = (plain * (weight * p * (1 - p))[:, None]).T @ plain + 0.5 * np.eye(len(line))
        line = line + np.linalg.solve(curve, slope)
    scores = plain @ line
    attack, honest = float(scores[wanted == 0].max()), float(scores[wanted == 1].min())
    cut = attack + NEARER * (honest - attack)
    return {
        "mean": mean.round(5).tolist(),
        "scale": scale.round(5).tolist(),
        "weights": line[:-1].round(4).tolist(),
        "bias": round(float(line[-1]) - cut, 4),
    }


def passes(each: Attempt) -> bool:
    """Whether the attempt is marked with `enforce`; the frames come in the order that was asked.

    Heads that turn are alive: of another's account, the face decides.
    """
    alive = each.wrong is None and rule.weighed(each.found) >= 0
    return alive and (each.kind != OWN_FACE or each.same is True)


def table(attempts: Sequence[Attempt]) -> list[str]:
    """One line a kind: with liveness off, with watch, and with enforce."""
    lines = [
        "| presentation | off | watch | enforce | no answer |",
        "| --- | --- | --- | --- | --- |",
    ]
    for kind in dict.fromkeys(each.kind for each in attempts):
        every = [each for each in attempts if each.kind == kind]
        own = [each for each in every if each.answered]
        if kind == OWN_FACE:
            own = [each for each in own if each.same is not None]
        silent = sum(not each.answered for each in every)
        lines.append(f"| {kind} | {' | '.join(_cells(kind, own))} | {silent} of {len(every)} |")
    return lines


def _cells(kind: str, own: Sequence[Attempt]) -> tuple[str, str, str]:
    """Off, watch and enforce."""
    if not own:
        return "-", "-", "-"
    passed, tried = sum(map(passes, own)), len(own)
    sign = f"a sign at {tried - passed} of {tried}"
    if own[0].honest:
        return "0", f"0; {sign}", f"BPCER {_rate(tried - passed, tried)}"
    known = [each.same for each in own if each.same is not None]
    off = _rate(sum(known), len(known)) if known else "not tried"
    if kind == OWN_FACE:
        return off, off, f"APCER {_rate(passed, tried)}"
    on = f"APCER {_rate(passed, tried)}"
    if kind in instruments.CLIPS:
        on += f" in the order asked; {passed / tried / ORDERS:.1%} by luck"
    return off, f"as off; {sign}", on


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part} of {whole})"


def made(options: argparse.Namespace) -> tuple[list[Attempt], list[Attempt]]:
    """The attempts of both halves of the people."""
    random = np.random.default_rng(options.seed)
    mesh = Mesh(options.mesh)
    folders = sorted(path for path in options.faces.iterdir() if path.is_dir())
    chance.Random(options.seed).shuffle(folders)
    halves: tuple[list[Attempt], list[Attempt]] = ([], [])
    began, people = perf_counter(), 0
    before = [Gallery(), Gallery()]
    with Recognizer(RecognizerConfig()) as recognizer:
        for folder in folders:
            if people == options.people:
                break
            photographs = sorted(folder.glob("*.jpg"))
            image = cv2.imread(str(photographs[0]))
            seen = None if image is None else np.ascontiguousarray(image[:, :, ::-1])
            found = [] if seen is None else recognizer.detect_prominent(seen)
            if seen is None or not found or abs(turn(found[0].landmarks)) > ASKED_TURN:
                continue
            head = head_of(mesh, seen, found[0].box)
            enrolled = enrolment(recognizer, photographs)
            half = people % 2
            halves[half].extend(attempts_of(recognizer, head, random, enrolled, before[half]))
            if len(enrolled):
                before[half] = enrolled
            people += 1
            print(f"{people} people, {perf_counter() - began:.0f} s", file=sys.stderr)
            if options.keep:
                numbers = [[asdict(each) for each in part] for part in halves]
                options.keep.write_text(json.dumps(numbers), encoding="utf-8")
    return halves


def main() -> int:
    """Make, fit where asked, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mesh", type=Path, required=True)
    parser.add_argument("--faces", type=Path, required=True, help="a folder of people's folders")
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a file for the numbers, or one that has them")
    parser.add_argument("--fit", action="store_true", help="write facerecog/liveness.json anew")
    options = parser.parse_args()
    if options.keep and options.keep.exists():
        kept = json.loads(options.keep.read_text(encoding="utf-8"))
        first, second = ([Attempt(**each) for each in half] for half in kept)
    else:
        first, second = made(options)
    if options.fit:
        model = fitted(first)
        path = Path(rule.__file__).with_name("liveness.json")
        path.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")
        rule.model.cache_clear()
    for name, weight in zip(FEATURES, rule.model()["weights"], strict=True):
        print(f"{name}: {weight}")
    print("\n".join(table(second)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
