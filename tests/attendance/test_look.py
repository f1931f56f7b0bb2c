"""The names of the look: colours can be read in both themes, and no style sheet has its own."""

from __future__ import annotations

import re

import pytest

from attendance.core.settings import PROJECT

STATIC = PROJECT / "attendance" / "static"
TEXT = 4.5  # WCAG 2.1, 1.4.3: text and its ground
SHAPE = 3.0  # 1.4.11: what a control is known by

# What is written or drawn on what, and how well it must stand out.
PAIRS = [
    *(("ink", ground, 7.0) for ground in ("ground", "surface", "sunken")),
    *(("ink-soft", ground, TEXT) for ground in ("ground", "surface", "sunken")),
    *(("accent", ground, TEXT) for ground in ("ground", "surface", "accent-soft")),
    *(("accent-strong", ground, TEXT) for ground in ("ground", "surface")),
    *((kind, ground, TEXT) for kind in ("good", "warn", "bad") for ground in ("ground", "surface")),
    *((kind, f"{kind}-soft", TEXT) for kind in ("good", "warn", "bad")),
    *(("ink", f"{kind}-soft", TEXT) for kind in ("good", "warn", "bad", "info", "accent")),
    *(("on-accent", fill, TEXT) for fill in ("accent-fill", "accent-fill-strong")),
    *(("on-accent", fill, TEXT) for fill in ("danger", "danger-strong")),
    ("on-inverse", "inverse", TEXT),
    ("code-ink", "code-ground", 7.0),
    ("code-soft", "code-ground", TEXT),
    *(("edge", ground, SHAPE) for ground in ("ground", "surface")),
    *(("chart-late", ground, SHAPE) for ground in ("ground", "surface")),
]
LENGTHS = re.compile(r"(?:padding|margin|gap)[a-z-]*:([^;}]*)")


def themes() -> dict[str, dict[str, str]]:
    """Theme → name → colour, as tokens.css has them."""
    text = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    dark = dark.split("/* What Pico calls them.")[0]
    found = {"light": light, "dark": dark}
    named = {
        theme: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part))
        for theme, part in found.items()
    }
    return {"light": named["light"], "dark": {**named["light"], **named["dark"]}}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, 0 to 1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_stand_out_from_what_they_lie_on(theme: str) -> None:
    colours = themes()[theme]
    weak = {
        f"{one} on {other}": round(contrast(colours[one], colours[other]), 2)
        for one, other, least in PAIRS
        if contrast(colours[one], colours[other]) < least
    }
    assert weak == {}


def test_every_colour_has_a_name() -> None:
    unnamed = {
        path.name: found
        for path in STATIC.glob("*.css")
        if path.name != "tokens.css"
        and (found := re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])", path.read_text("utf-8")))
    }
    assert unnamed == {}


def test_what_style_sheets_name_exists() -> None:
    sheets = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.css")}
    declared = {name for text in sheets.values() for name in re.findall(r"(--[a-z0-9-]+):", text)}
    used = {name for text in sheets.values() for name in re.findall(r"var\((--[a-z0-9-]+)", text)}
    assert {name for name in used - declared if not name.startswith("--pico-")} <= {"--letters"}


def test_space_goes_in_steps_of_four_pixels() -> None:
    odd = [
        f"{path.name}: {value.strip()}"
        for path in STATIC.glob("*.css")
        if path.name != "tokens.css"
        for value in LENGTHS.findall(path.read_text(encoding="utf-8"))
        for length in re.findall(r"(?<![\w.(-])([0-9.]+)rem", value)
        if float(length) % 0.25
    ]
    assert odd == []


def test_what_lies_higher_has_a_shadow_and_no_halo() -> None:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    lifts = re.findall(r"--lift-\d: ([^;]+);", tokens)
    assert len(lifts) == 6
    assert max(int(length) for lift in lifts for length in re.findall(r"(\d+)px", lift)) <= 24
    assert "--pico-card-box-shadow: var(--lift-1);" in tokens
    own = {
        path.name: drawn
        for path in STATIC.glob("*.css")
        if (drawn := re.findall(r"box-shadow: (?!none|inset|var\(--lift)[^;]+", path.read_text()))
    }
    assert own == {}
