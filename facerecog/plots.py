"""Curves of an evaluation as SVG, text of a few kilobytes that a page or a README can show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from xml.sax.saxutils import escape

import numpy as np

WIDTH, HEIGHT = 720, 460
LEFT, RIGHT, TOP, BOTTOM = 78, 20, 44, 56
COLOURS = ("#1d4ed8", "#b45309", "#047857", "#7c3aed", "#be123c", "#334155")
DASHES = ("", "8 4", "2 4", "12 4 2 4", "5 3", "1 3")
"""Curves differ by more than their colour, for whoever does not tell colours apart."""
POINTS = 400
"""Points of a curve at most; more cannot be seen."""

Scale = Callable[[float], float]


@dataclass(frozen=True)
class Axis:
    """One axis: what it is called, where it begins and ends, and how numbers lie on it."""

    title: str
    low: float
    high: float
    ticks: Sequence[float]
    scale: Scale = float
    label: Callable[[float], str] = str

    def part(self, value: float) -> float:
        """Return where a value lies between the ends, 0 to 1; what is beyond lies at the end."""
        inside = min(max(value, self.low), self.high)
        low, high = self.scale(self.low), self.scale(self.high)
        return (self.scale(inside) - low) / (high - low)


@dataclass(frozen=True)
class Curve:
    """A named line through points."""

    name: str
    x: np.ndarray
    """(n,)"""
    y: np.ndarray
    """(n,)"""


def percent(rate: float) -> str:
    """Return a rate for an axis: 10 %, 0.01 %."""
    return f"{100 * rate:.6f}".rstrip("0").rstrip(".") + " %"


def rate_axis(title: str, low: float, high: float) -> Axis:
    """Return an axis of rates on the scale of normal deviates, as DET curves have (Martin et al.,

    "The DET curve in assessment of detection task performance", Eurospeech 1997): normally
    distributed scores make straight lines.
    """
    ticks = [10.0**power for power in range(-7, 0)] + [0.02, 0.05, 0.2, 0.5]
    within = sorted(tick for tick in ticks if low <= tick <= high)
    return Axis(title, low, high, within, NormalDist().inv_cdf, percent)


def lines(title: str, x: Axis, y: Axis, curves: Sequence[Curve]) -> str:
    """Draw curves over two axes, with a legend."""
    parts = [*_frame(title, x, y)]
    for number, curve in enumerate(curves):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        points = " ".join(
            f"{_across(x, a):.1f},{_down(y, b):.1f}" for a, b in _thinned(curve.x, curve.y)
        )
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline fill="none" {style} points="{points}"/>')
        top = TOP + 18 + 20 * number
        edge = WIDTH - RIGHT - 12
        parts.append(f'<line x1="{edge - 36}" x2="{edge}" y1="{top - 4}" y2="{top - 4}" {style}/>')
        parts.append(_text(edge - 44, top, curve.name, anchor="end"))
    return _svg(title, parts)


def distributions(
    title: str, bin_width: float, histograms: dict[str, np.ndarray], marks: dict[str, float]
) -> str:
    """Draw how often each distance occurs, each histogram with an area of one.

    Args:
        title: over the drawing.
        bin_width: of every bin, from 0.
        histograms: (n,) counts each.
        marks: vertical lines: thresholds by what they are called.
    """
    together = max(1, round(0.01 / bin_width))
    curves = []
    for name, counts in histograms.items():
        whole = counts[: len(counts) // together * together].reshape(-1, together).sum(1)
        density = whole / max(1, whole.sum()) / (bin_width * together)
        middle = (np.arange(len(whole)) + 0.5) * bin_width * together
        curves.append(Curve(name, middle, density))
    top = max(1.0, *(float(curve.y.max(initial=0)) for curve in curves)) * 1.05
    x = Axis("distance", 0, 2, [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2], float, "{:g}".format)
    y = Axis("density", 0, top, _round_steps(top), float, "{:g}".format)
    drawing = lines(title, x, y, curves)
    extra = []
    for number, (name, threshold) in enumerate(marks.items()):
        at = _across(x, threshold)
        extra.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
            'stroke="#475569" stroke-dasharray="3 3"/>'
        )
        extra.append(_text(at - 4, TOP + 14 + 16 * number, name, anchor="end", size=11))
    return drawing.replace("</svg>", "".join(f"{part}\n" for part in extra) + "</svg>")


def _frame(title: str, x: Axis, y: Axis) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 26, title, size=16),
    ]
    for tick in x.ticks:
        at = _across(x, tick)
        parts.append(_rule(at, at, TOP, bottom))
        parts.append(_text(at, bottom + 18, x.label(tick), anchor="middle"))
    for tick in y.ticks:
        at = _down(y, tick)
        parts.append(_rule(LEFT, right, at, at))
        parts.append(_text(LEFT - 8, at + 4, y.label(tick), anchor="end"))
    parts.append(
        f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" '
        'fill="none" stroke="#334155"/>'
    )
    parts.append(_text((LEFT + right) / 2, HEIGHT - 14, x.title, anchor="middle"))
    middle = (TOP + bottom) / 2
    parts.append(
        f'<g transform="translate(18 {middle:.0f}) rotate(-90)">'
        + _text(0, 0, y.title, anchor="middle")
        + "</g>"
    )
    return parts


def _svg(title: str, parts: Sequence[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" font-family="sans-serif">',
            f"<title>{escape(title)}</title>",
            *parts,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="#0f172a">{escape(text)}</text>'
    )


def _rule(x1: float, x2: float, y1: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" '
        'stroke="#cbd5e1" stroke-width="1"/>'
    )


def _across(axis: Axis, value: float) -> float:
    return LEFT + axis.part(value) * (WIDTH - LEFT - RIGHT)


def _down(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.part(value) * (HEIGHT - TOP - BOTTOM)


def _thinned(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    step = max(1, -(-len(x) // POINTS))
    kept = [*range(0, len(x), step)]
    if kept and kept[-1] != len(x) - 1:
        kept.append(len(x) - 1)
    return [(float(x[place]), float(y[place])) for place in kept]


def _round_steps(top: float) -> list[float]:
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if top / s <= 8)
    return [float(value) for value in np.arange(0, top, step)]
