"""What is held before the camera in place of a head, and what a camera makes of everything."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.heads import FOCAL, SIDE, Head, drawn, rotation, source_of

YAW = {"straight": 0.0, "left": 1.0, "right": -1.0}
JPEG_QUALITY = (78, 93)
MARGIN = 40
"""Pixels of the portrait that a picture of it does not show at its edges."""


def shot(picture: np.ndarray, random: np.random.Generator, *, noise: float = 2.5) -> bytes:
    """A JPEG of what a phone's camera sees: other light from one side, noise, a little blur."""
    light = random.uniform(0.8, 1.15)
    slope = np.linspace(-1, 1, SIDE)[None, :, None] * random.uniform(-0.12, 0.12)
    seen = picture.astype(np.float32) * (light + slope)
    seen = cv2.GaussianBlur(seen, (0, 0), float(random.uniform(0.3, 0.7)))
    seen = seen + random.normal(0, noise, seen.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(*JPEG_QUALITY))]
    whole = np.ascontiguousarray(seen.clip(0, 255).astype(np.uint8)[:, :, ::-1])
    return cv2.imencode(".jpg", whole, quality)[1].tobytes()


# -- honest people


def turned_head(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A head that turns by an angle, and moves as heads do."""
    turn = rotation(
        YAW[step] * angle + random.normal(0, 1.5), random.normal(0, 4), random.normal(0, 3)
    )
    return drawn(head, turn, random.normal(0, 5, 2), float(random.uniform(0.92, 1.08)))


def with_glasses(head: Head) -> Head:
    """The same head with dark rims, drawn onto the skin."""
    picture = head.picture.copy()
    for eye in (head.points[[33, 133, 159, 145]], head.points[[263, 362, 386, 374]]):
        middle = eye[:, :2].mean(0)
        width = 1.5 * float(np.ptp(eye[:, 0]))
        axes = (int(width / 1.6), int(width / 2.1))
        cv2.ellipse(picture, tuple(map(int, middle)), axes, 0, 0, 360, (25, 22, 20), 3, cv2.LINE_AA)
    bridge = head.points[[133, 362], :2].astype(int)
    cv2.line(picture, tuple(bridge[0]), tuple(bridge[1]), (25, 22, 20), 3, cv2.LINE_AA)
    return Head(picture, head.points, head.triangles, head.box)


def darkened(picture: np.ndarray) -> np.ndarray:
    """A room with little light."""
    return (picture * 0.45).astype(np.uint8)


def blurred(picture: np.ndarray) -> np.ndarray:
    """A lens that was not cleaned."""
    return cv2.GaussianBlur(picture, (0, 0), 1.6)


def small(picture: np.ndarray) -> np.ndarray:
    """Somebody who holds the phone far away."""
    side = int(0.68 * SIDE)
    spot = (SIDE - side) // 2
    whole = cv2.blur(picture, (41, 41))
    whole[spot : spot + side, spot : spot + side] = cv2.resize(
        picture, (side, side), interpolation=cv2.INTER_AREA
    )
    return whole


# -- surfaces


def printed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Ink on paper: dots of a screen, raised black, less colour."""
    period = float(random.uniform(2.6, 4.2))
    angle = float(random.uniform(0, np.pi / 2))
    y, x = np.mgrid[:SIDE, :SIDE]
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    dots = np.cos(2 * np.pi * u / period) * np.cos(2 * np.pi * v / period)
    seen = picture.astype(np.float32) + float(random.uniform(6, 22)) * dots[..., None]
    grey = seen.mean(2, keepdims=True)
    seen = grey + (seen - grey) * random.uniform(0.6, 0.9)
    return np.asarray(28 + seen.clip(0, 255) * 0.82).clip(0, 255).astype(np.uint8)


def on_screen(picture: np.ndarray, random: np.random.Generator, pitch: float) -> np.ndarray:
    """Pixels of a screen that beat with those of the camera, glare, and light that fills black."""
    y, x = np.mgrid[:SIDE, :SIDE]
    angle = random.normal(0, 0.1)
    u = x * np.cos(angle) + y * np.sin(angle)
    beat = np.cos(2 * np.pi * u / pitch) * float(random.uniform(3, 12))
    colours = np.stack([np.roll(beat, shift, 1) for shift in (0, 1, 2)], -1)
    seen = picture.astype(np.float32) * random.uniform(0.9, 1.1) + colours + random.uniform(4, 22)
    spot = random.uniform(0.1, 0.9, 2) * SIDE
    glare = np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / (2 * (0.12 * SIDE) ** 2))
    return (
        np.asarray(seen + float(random.uniform(0, 70)) * glare[..., None])
        .clip(0, 255)
        .astype(np.uint8)
    )


def held(
    surface: np.ndarray,
    turn: np.ndarray,
    random: np.random.Generator,
    *,
    cut: np.ndarray | None = None,
    bent: float = 0.0,
    rim: int = 0,
) -> np.ndarray:
    """A surface in the room, turned and seen by a camera.

    Args:
        surface: (SIDE, SIDE, 3) uint8, what is on it.
        turn: (3, 3).
        random: of small movements.
        cut: (SIDE, SIDE) bool, what is left of it; None: a rectangle.
        bent: of a sheet round an upright cylinder, the part of a half turn that it takes.
        rim: pixels of a dark frame.
    """
    picture = surface.copy()
    low, high = MARGIN, SIDE - MARGIN
    if rim:
        cv2.rectangle(picture, (low, low), (high, high), (12, 12, 14), 2 * rim)
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    if cut is None:
        alpha[low:high, low:high] = 255
    else:
        alpha[cut] = 255
    grid = np.linspace(low if cut is None else 0, high if cut is None else SIDE - 1, 25)
    xs, ys = np.meshgrid(grid, grid)
    middle = SIDE / 2
    if bent:
        span = float(grid[-1] - grid[0])
        radius = span / (np.pi * bent)
        angle = (xs - middle) / radius
        world = np.stack([middle + radius * np.sin(angle), ys, radius * (1 - np.cos(angle))], -1)
    else:
        world = np.stack([xs, ys, np.zeros_like(xs)], -1)
    moved = (world - [middle, middle, 0]) @ turn.T
    scale = FOCAL / (FOCAL + moved[..., 2:])
    shift = random.normal(0, 5, 2)
    target = middle + moved[..., :2] * scale + shift
    return _composed(picture, alpha, xs, ys, target, _room(surface, random))


def _composed(
    picture: np.ndarray,
    alpha: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    target: np.ndarray,
    room: np.ndarray,
) -> np.ndarray:
    homes = np.stack([xs, ys], -1)
    first = [grid[:-1, :-1] for grid in (target, homes)]
    right = [grid[:-1, 1:] for grid in (target, homes)]
    below = [grid[1:, :-1] for grid in (target, homes)]
    across = [grid[1:, 1:] for grid in (target, homes)]
    spots, sources = (
        np.concatenate(
            [
                np.stack([first[of], right[of], across[of]], -2).reshape(-1, 3, 2),
                np.stack([first[of], across[of], below[of]], -2).reshape(-1, 3, 2),
            ]
        )
        for of in (0, 1)
    )
    where = source_of(spots, sources)
    shown = cv2.remap(picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR)
    there = cv2.remap(alpha, where[..., 0], where[..., 1], cv2.INTER_LINEAR)
    there[where[..., 0] < 0] = 0
    soft = cv2.GaussianBlur(there, (0, 0), 0.7)[..., None].astype(np.float32) / 255
    return np.asarray(shown * soft + room * (1 - soft)).astype(np.uint8)


def _room(surface: np.ndarray, random: np.random.Generator) -> np.ndarray:
    colour = random.uniform(50, 200, 3)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    shade = 1 + random.normal(0, 0.2) * (x - 0.5) + random.normal(0, 0.2) * (y - 0.5)
    return np.asarray((shade[..., None] * colour).clip(0, 255))


# -- instruments: what a surface shows, and how it is held at a step

Instrument = Callable[[Head, str, np.random.Generator, float], np.ndarray]


def _tilted(step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    return rotation(
        YAW[step] * angle + random.normal(0, 2), random.normal(0, 3), random.normal(0, 3)
    )


def _diagonal(step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    sign = YAW[step]
    return rotation(sign * angle * 0.8, sign * random.choice([-1, 1]) * angle * 0.6, 0)


def print_flat(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A print on card."""
    return held(printed(head.picture, random), _tilted(step, random, angle), random)


def photo_flat(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A glossy photograph without dots."""
    return held(head.picture, _tilted(step, random, angle), random)


def print_diagonal(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A print that is tilted about a diagonal."""
    return held(printed(head.picture, random), _diagonal(step, random, angle), random)


def print_bent(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A print round an upright cylinder, as a head is round."""
    bent = float(random.uniform(0.25, 0.5))
    return held(printed(head.picture, random), _tilted(step, random, angle), random, bent=bent)


def cut_out(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A print of which only the face is left."""
    oval = np.zeros((SIDE, SIDE), np.uint8)
    hull = cv2.convexHull(head.points[:468, :2].astype(np.int32))
    cv2.fillConvexPoly(oval, hull, 1)
    whole = cv2.dilate(oval, np.ones((9, 9), np.uint8)) > 0
    return held(printed(head.picture, random), _tilted(step, random, angle), random, cut=whole)


def phone(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A portrait on a phone's screen."""
    shown = on_screen(head.picture, random, float(random.uniform(2.3, 3.4)))
    return held(shown, _tilted(step, random, angle), random, rim=10)


def tablet(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A portrait on a tablet's screen."""
    shown = on_screen(head.picture, random, float(random.uniform(3.2, 6.0)))
    return held(shown, _tilted(step, random, angle), random, rim=4)


def still(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """One file for every step."""
    return head.picture


def clip_on_phone(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """A clip of the right person turning, on a phone that is held still."""
    shown = turned_head(head, step, random, angle)
    shown = on_screen(shown, random, float(random.uniform(2.3, 3.4)))
    return held(shown, rotation(random.normal(0, 3), random.normal(0, 3)), random, rim=10)


def clip_injected(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """Frames of a clip of the right person turning, sent without a camera."""
    return turned_head(head, step, random, angle)


def coded(picture: np.ndarray, side: int, quality: int) -> np.ndarray:
    """What a video line leaves of a frame: fewer pixels, blocks, little colour."""
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    code = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    seen = cv2.imdecode(code, cv2.IMREAD_COLOR)[:, :, ::-1]
    return cv2.resize(seen, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def virtual_camera(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """The same clip as a program feeds it to the browser in place of a camera."""
    return coded(turned_head(head, step, random, angle), SIDE, int(random.integers(55, 80)))


def call_on_phone(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """The right person, at home, who is told the steps and shown by a phone in a video call."""
    line = coded(turned_head(head, step, random, angle), SIDE // 2, int(random.integers(35, 60)))
    shown = on_screen(line, random, float(random.uniform(2.3, 3.4)))
    return held(shown, rotation(random.normal(0, 3), random.normal(0, 3)), random, rim=10)


def call_injected(head: Head, step: str, random: np.random.Generator, angle: float) -> np.ndarray:
    """The same call, fed to the browser in place of a camera."""
    return coded(turned_head(head, step, random, angle), SIDE // 2, int(random.integers(35, 60)))


FLAT: dict[str, Instrument] = {
    "print, flat": print_flat,
    "photograph, flat": photo_flat,
    "print, tilted about a diagonal": print_diagonal,
    "cut-out": cut_out,
    "phone": phone,
    "tablet": tablet,
    "one file for every step": still,
}
BENT: dict[str, Instrument] = {"print, bent": print_bent}
CLIPS: dict[str, Instrument] = {
    "clip on a phone": clip_on_phone,
    "clip injected": clip_injected,
    "clip through a virtual camera": virtual_camera,
}
"""These show what they show: whether it is what is asked is luck."""
CALLS: dict[str, Instrument] = {
    "video call on a phone": call_on_phone,
    "video call, injected": call_injected,
}
"""Here somebody hears what is asked, and does it."""
HONEST: dict[str, Callable[[np.ndarray], np.ndarray] | None] = {
    "straight": None,
    "dark": darkened,
    "blurred": blurred,
    "small": small,
}
