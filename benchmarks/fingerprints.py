"""How far fingerprints of one picture differ, and those of two pictures of one person.

    python -m benchmarks.fingerprints --faces FOLDER [--people 200]

FOLDER has a folder for each person. The same picture is encoded anew, made smaller, cut at its
edges, made lighter and turned a little; two pictures are any two of one person.
"""

from __future__ import annotations

import argparse
import random as chance
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from facerecog import FaceRecogError, Recognizer, RecognizerConfig
from facerecog.signs import apart

LIMITS = (10, 14, 20, 26, 32, 40)


def variants(image: np.ndarray) -> dict[str, np.ndarray]:
    """The same picture as somebody would send it a second time."""
    height, width = image.shape[:2]
    small = cv2.resize(image, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), 4, 1.0)
    return {
        "encoded anew": image,
        "smaller": small,
        "cut": image[height // 20 :, width // 20 :],
        "lighter": cv2.convertScaleAbs(image, alpha=1.15, beta=12),
        "turned by 4 degrees": cv2.warpAffine(
            image, turned, (width, height), borderMode=cv2.BORDER_REPLICATE
        ),
    }


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--people", type=int, default=200)
    options = parser.parse_args()
    folders = [path for path in sorted(options.faces.iterdir()) if len(list(path.glob("*"))) > 1]
    chance.Random(7).shuffle(folders)
    same: dict[str, list[int]] = {}
    other: list[int] = []
    with Recognizer(RecognizerConfig()) as recognizer:

        def fingerprint(image: np.ndarray, quality: int) -> str | None:
            data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            try:
                signs = recognizer.study(data).signs
            except FaceRecogError:
                return None
            return None if signs is None else signs.fingerprint

        for folder in folders[: options.people]:
            images = [cv2.imread(str(path)) for path in sorted(folder.glob("*.jpg"))[:4]]
            prints = [fingerprint(each, 92) for each in images if each is not None]
            known = [each for each in prints if each is not None]
            other += [apart(one, [two]) or 0 for one, two in combinations(known, 2)]
            if not prints or prints[0] is None or images[0] is None:
                continue
            for name, changed in variants(images[0]).items():
                again = fingerprint(changed, 75)
                if again is not None:
                    same.setdefault(name, []).append(apart(again, [prints[0]]) or 0)
    print("| pictures | pairs | " + " | ".join(f"≤ {limit} bits" for limit in LIMITS) + " |")
    print("| --- " * (len(LIMITS) + 2) + "|")
    for name, bits in [*same.items(), ("two of one person", other)]:
        shares = [f"{np.mean(np.array(bits) <= limit):.1%}" for limit in LIMITS]
        print(f"| {name} | {len(bits)} | " + " | ".join(shares) + " |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
