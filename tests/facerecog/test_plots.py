"""Drawings of an evaluation: SVG that says what it should where it should."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from facerecog import plots
from facerecog.plots import Axis, Curve, distributions, lines, rate_axis

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: str) -> ElementTree.Element:
    """A drawing as a tree; fails when it is no XML."""
    return ElementTree.fromstring(drawing)  # noqa: S314 - this package has written it


def points(drawing: str) -> list[list[tuple[float, float]]]:
    """The points of each curve of a drawing."""
    return [
        [(float(x), float(y)) for x, y in (p.split(",") for p in line.get("points", "").split())]
        for line in parsed(drawing).iter(f"{SVG}polyline")
    ]


def words(drawing: str) -> list[str]:
    return [text.text or "" for text in parsed(drawing).iter(f"{SVG}text")]


def test_a_point_lies_where_the_axes_say() -> None:
    x = Axis("across", 0, 2, [0, 1, 2])
    y = Axis("up", 0, 10, [0, 10])
    drawing = lines("Title", x, y, [Curve("one", np.array([0, 1, 2]), np.array([0, 5, 10]))])
    (curve,) = points(drawing)
    left, right = plots.LEFT, plots.WIDTH - plots.RIGHT
    top, bottom = plots.TOP, plots.HEIGHT - plots.BOTTOM
    assert curve == [(left, bottom), ((left + right) / 2, (top + bottom) / 2), (right, top)]
    assert {"Title", "across", "up", "one", "0", "1", "10"} <= set(words(drawing))


def test_normal_distributions_make_a_straight_det_curve() -> None:
    axis = rate_axis("FMR", 1e-5, 0.5)
    deviates = np.linspace(-4, -0.5, 8)
    parts = [axis.part(float(axis_rate)) for axis_rate in _normal(deviates)]
    assert np.diff(parts) == pytest.approx(np.full(7, parts[1] - parts[0]))
    assert [axis.label(tick) for tick in axis.ticks[:3]] == ["0.001 %", "0.01 %", "0.1 %"]


def _normal(deviates: np.ndarray) -> np.ndarray:
    from statistics import NormalDist

    return np.array([NormalDist().cdf(float(deviate)) for deviate in deviates])


def test_what_lies_beyond_an_axis_is_drawn_at_its_end() -> None:
    axis = rate_axis("FMR", 1e-4, 0.1)
    assert axis.part(0.0) == 0.0
    assert axis.part(1.0) == 1.0


def test_curves_differ_by_more_than_colour_and_long_ones_are_thinned() -> None:
    x = Axis("x", 0, 1, [0, 1])
    many = np.linspace(0, 1, 10_000)
    drawing = lines("t", x, x, [Curve("a", many, many), Curve("b", many, many)])
    first, second = parsed(drawing).iter(f"{SVG}polyline")
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")
    assert first.get("stroke") != second.get("stroke")
    for curve in points(drawing):
        assert len(curve) <= plots.POINTS + 1
        assert curve[-1][0] == plots.WIDTH - plots.RIGHT  # the last point is kept


def test_histograms_have_an_area_of_one_whatever_they_count() -> None:
    few, many = np.zeros(4001, int), np.zeros(4001, int)
    few[1000:1100] = 1
    many[3000:3100] = 1000
    drawing = distributions("t", 0.0005, {"few": few, "many": many}, {"FMR 0.01": 0.9})
    heights = [min(y for _, y in curve) for curve in points(drawing)]
    assert heights[0] == heights[1]
    assert "FMR 0.01" in words(drawing)


def test_a_name_cannot_break_a_drawing() -> None:
    x = Axis("x", 0, 1, [0, 1])
    drawing = lines("<&>", x, x, [Curve('</svg>"&', np.array([0]), np.array([0]))])
    assert '</svg>"&' in words(drawing)
    assert "<&>" in words(drawing)
