"""Public portraits that turn: as heads with depth, or as the flat pictures that they are."""

from __future__ import annotations

import cv2
import numpy as np

from facerecog import Recognizer
from facerecog.samples import photo

SIDE = 480
DEGREES = 24.0
YAW = {"straight": 0.0, "left": 1.0, "right": -1.0, "near": 0.0, "far": 0.0}
SCALE = {"near": 1.35, "far": 0.85}


class Portrait:
    """A public photograph with a plain model of a head's depth: an egg with a nose."""

    def __init__(self, recognizer: Recognizer, name: str) -> None:
        image = cv2.imread(str(photo(name)))
        assert image is not None
        found = recognizer.detect(np.ascontiguousarray(image[:, :, ::-1]))[0]
        box = found.box
        middle = (box[:2] + box[2:]) / 2
        scale = SIDE * 0.42 / float(max(box[2:] - box[:2]))
        move = np.array(
            [[scale, 0, SIDE / 2 - scale * middle[0]], [0, scale, SIDE / 2 - scale * middle[1]]]
        )
        self.picture = cv2.warpAffine(image, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        points = found.landmarks @ move[:, :2].T + move[:, 2]
        self.eyes = float(np.linalg.norm(points[1] - points[0]))
        y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
        across = ((x - SIDE / 2) / (1.6 * self.eyes)) ** 2 + (
            (y - SIDE / 2) / (2.2 * self.eyes)
        ) ** 2
        egg = 1.3 * self.eyes * np.sqrt(np.maximum(0, 1 - across))
        nose = np.exp(
            -((x - points[2, 0]) ** 2) / (2 * (0.22 * self.eyes) ** 2)
            - ((y - points[2, 1] + 0.15 * self.eyes) ** 2) / (2 * (0.4 * self.eyes) ** 2)
        )
        self.depth = cv2.GaussianBlur(
            (egg + 0.45 * self.eyes * nose).astype(np.float32), (0, 0), 0.05 * self.eyes
        )

    def turned(self, step: str, *, seed: int = 0) -> bytes:
        """A JPEG of the head as a step asks for it."""
        angle = np.radians(YAW[step] * DEGREES)
        y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
        source = x.copy()
        back = 0.6 * self.eyes
        for _ in range(12):
            depth = cv2.remap(self.depth, source, y, cv2.INTER_LINEAR) - back
            moved = (source - SIDE / 2) * np.cos(angle) + depth * np.sin(angle) + SIDE / 2
            source = source + 0.7 * (x - moved).astype(np.float32)
        shown = cv2.remap(
            self.picture, source, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return self._shot(shown, step, seed)

    def tilted(self, step: str, *, seed: int = 0, degrees: float = 35.0) -> bytes:
        """A JPEG of the portrait as a card that is tilted as a step asks for it."""
        angle = np.radians(YAW[step] * degrees)
        corners = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float32)
        flat = corners - SIDE / 2
        scale = 2 * SIDE / (2 * SIDE + flat[:, :1] * np.sin(angle))
        target = np.column_stack([flat[:, 0] * np.cos(angle), flat[:, 1]]) * scale + SIDE / 2
        carried = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
        shown = cv2.warpPerspective(
            self.picture, carried, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE
        )
        return self._shot(shown, step, seed)

    def frame(self, step: str) -> np.ndarray:
        """The turned head as pixels, (SIDE, SIDE, 3) BGR."""
        found = cv2.imdecode(np.frombuffer(self.turned(step), np.uint8), cv2.IMREAD_COLOR)
        assert found is not None
        return found

    def _shot(self, shown: np.ndarray, step: str, seed: int) -> bytes:
        random = np.random.default_rng(seed)
        scale = SCALE.get(step, 1.0) * (1 + 0.04 * random.normal())
        shift = random.normal(0, 8, 2)
        move = np.array(
            [
                [scale, 0, (1 - scale) * SIDE / 2 + shift[0]],
                [0, scale, (1 - scale) * SIDE / 2 + shift[1]],
            ]
        )
        seen = cv2.warpAffine(shown, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        noisy = seen + random.normal(0, 2.5, seen.shape)
        return cv2.imencode(".jpg", noisy.clip(0, 255).astype(np.uint8))[1].tobytes()
