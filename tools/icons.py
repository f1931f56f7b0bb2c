"""The icons of the installed app, drawn again: `python -m tools.icons`.

The same tick as attendance/static/icon.svg, as the sizes in PNG that phones ask for.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "attendance" / "static" / "icons"
BLUE, WHITE = "#0172ad", "#ffffff"
BOX = 24  # the side of the drawing in icon.svg
CORNER = 6
TICK = [(6.5, 12.5), (10.3, 16.3), (17.5, 8.2)]
STROKE = 2.4
OVERSAMPLING = 4
# Of a maskable icon only the middle is sure to be seen, a circle of 80 % of its side.
SAFE = 0.72
COLOURS = 32


def drawn(side: int, *, full: bool) -> bytes:
    """A square PNG of so many pixels; `full`: to the edges, where systems cut their own shape."""
    large = side * OVERSAMPLING
    picture = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    if full:
        draw.rectangle((0, 0, large, large), fill=BLUE)
    else:
        draw.rounded_rectangle((0, 0, large - 1, large - 1), radius=large * CORNER / BOX, fill=BLUE)
    scale = large / BOX * (SAFE if full else 1)
    shift = (large - BOX * scale) / 2
    points = [(x * scale + shift, y * scale + shift) for x, y in TICK]
    width = STROKE * scale
    draw.line(points, fill=WHITE, width=round(width), joint="curve")
    for x, y in points:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=WHITE)
    out = io.BytesIO()
    small = picture.resize((side, side), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


ICONS = {
    "icon-192.png": {"side": 192, "full": False},
    "icon-512.png": {"side": 512, "full": False},
    "icon-full-512.png": {"side": 512, "full": True},
    "icon-apple-180.png": {"side": 180, "full": True},
}


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, how in ICONS.items():
        (FOLDER / name).write_bytes(drawn(how["side"], full=bool(how["full"])))


if __name__ == "__main__":
    main()
