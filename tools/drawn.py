"""A drawn room with drawn people, for pictures of pages on which else photographs would be seen."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 of a face, as parts of the picture's width and height."""

WALL, FLOOR = (206, 212, 218), (170, 160, 150)
SKINS = ((241, 205, 175), (224, 172, 130), (198, 134, 92), (156, 102, 70), (122, 80, 58))
HAIRS = ((40, 30, 28), (86, 56, 36), (150, 100, 52), (60, 60, 66), (120, 44, 30))
SHIRTS = ((70, 110, 160), (170, 80, 80), (90, 140, 100), (120, 100, 150), (190, 150, 80))
FINER = 2
"""Drawn so many times larger, and made smaller: edges are smooth."""


def room(size: tuple[int, int], faces: Sequence[Box]) -> bytes:
    """A PNG of this size with somebody at each of these boxes; who sits lower sits in front."""
    width, height = (side * FINER for side in size)
    picture = Image.new("RGB", (width, height), WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 3 // 4, width, height), fill=FLOOR)
    for place, face in enumerate(sorted(faces, key=lambda box: box[3])):
        x1, y1, x2, y2 = face
        _person(draw, (x1 * width, y1 * height, x2 * width, y2 * height), place)
    out = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def _person(draw: ImageDraw.ImageDraw, box: Box, place: int) -> None:
    x1, y1, x2, y2 = box
    wide, high, middle = x2 - x1, y2 - y1, (x1 + x2) / 2
    skin, hair = SKINS[place * 2 % 5], HAIRS[place * 3 % 5]
    long = place % 3 == 0
    lower = y2 + (0.25 if long else -0.45) * high
    draw.ellipse((x1 - 0.12 * wide, y1 - 0.2 * high, x2 + 0.12 * wide, lower), fill=hair)
    draw.rounded_rectangle(
        (middle - 0.95 * wide, y2 + 0.18 * high, middle + 0.95 * wide, y2 + 1.2 * high),
        radius=0.4 * wide,
        fill=SHIRTS[place % 5],
    )
    neck = 0.2 * wide
    draw.rectangle((middle - neck, y2 - 0.1 * high, middle + neck, y2 + 0.25 * high), fill=skin)
    draw.ellipse(
        (x1 + 0.02 * wide, y1 - 0.05 * high, x2 - 0.02 * wide, y2 + 0.04 * high), fill=skin
    )
    draw.chord(
        (x1 - 0.02 * wide, y1 - 0.14 * high, x2 + 0.02 * wide, y1 + 0.5 * high), 180, 360, fill=hair
    )
    dot = 0.055 * wide
    for side in (-0.2, 0.2):
        x, y = middle + side * wide, y1 + 0.47 * high
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=(40, 36, 36))
    line = max(1, round(0.04 * wide))
    mouth = (middle - 0.18 * wide, y1 + 0.55 * high, middle + 0.18 * wide, y1 + 0.82 * high)
    draw.arc(mouth, 25, 155, fill=(120, 50, 50), width=line)
