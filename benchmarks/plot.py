"""The results as a picture, drawn with Pillow so that nothing else is needed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, ROW, LEFT, RIGHT, TOP = 1100, 64, 330, 150, 70
COLOURS = {"reference": "#9aa5b1", "fast": "#2563eb", "f32": "#60a5fa"}
NAMES = {"reference": "facenet-pytorch", "fast": "fast", "f32": "fast, f32"}


def draw(results: dict[str, Any], rows: Iterable[tuple[Any, ...]], path: Path) -> None:
    """Write latency (log scale) of each task, and frames per second, as bars to a PNG."""
    # Pillow's own font has no ×.
    bars = [(task, title.replace("×", "x")) for task, title, *_ in rows]
    picture = Image.new("RGB", (WIDTH, TOP + ROW * len(bars) + 30), "white")
    pen = ImageDraw.Draw(picture)
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    precision = results["about"]["fast"]["precision"]
    pen.text((20, 14), f"Shorter is quicker (log scale) · {results['processor']}", "black", small)
    x = 20
    shown = {kind: colour for kind, colour in COLOURS.items() if kind in results["about"]}
    for kind, colour in shown.items():
        pen.rectangle((x, 40, x + 14, 54), colour)
        name = f"{NAMES[kind]} ({precision})" if kind == "fast" else NAMES[kind]
        pen.text((x + 20, 38), name, "black", small)
        x += 190
    every = [value for row in results["seconds"].values() for value in row.values()]
    low, high = math.log(min(every) / 1.5), math.log(max(every))
    for number, (task, title) in enumerate(bars):
        top = TOP + number * ROW
        pen.text((20, top + 16), title, "black", font)
        for place, (kind, colour) in enumerate(shown.items()):
            seconds = results["seconds"][task][kind]
            length = (math.log(seconds) - low) / (high - low) * (WIDTH - LEFT - RIGHT)
            y = top + place * 18
            pen.rectangle((LEFT, y, LEFT + length, y + 14), colour)
            rate = task.startswith("sustained")
            label = f"{1 / seconds:.0f} frames/s" if rate else f"{seconds * 1000:.1f} ms"
            pen.text((LEFT + length + 6, y - 1), label, "black", small)
    picture.quantize(32).save(path, optimize=True)
