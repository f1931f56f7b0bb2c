"""What an evaluation found, as Markdown for people, JSON for programs and SVG for the eye."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from . import plots
from .evaluate import Measured, thresholds_of
from .rates import FMRS, Estimate, Rates
from .searches import FPIRS
from .trials import BIN

Systems = Mapping[str, Measured]
"""What was measured on the same photographs, by the name of the networks."""

Cells = Sequence[str]

ABOUT = """\
Intervals hold with a confidence of 95 %; they draw people anew, not comparisons. FMR: part of other
people's comparisons that match. FNMR: part of one's own that do not. FPIR: part of strangers'
searches that are answered with a name. FNIR: part of enrolled people's searches that are not
answered with their own. The words are those of ISO/IEC 19795-1."""


def write(folder: Path, systems: Systems, about: Mapping[str, str]) -> list[Path]:
    """Write the report (Markdown), the results (JSON) and the drawings into a folder.

    Args:
        folder: made where it is missing.
        systems: one or more.
        about: what the report says first: where the photographs come from, and so on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = drawings(systems)
    files = {
        "report.md": markdown(systems, about, list(drawn)),
        "results.json": json.dumps(as_json(systems, about), indent=1) + "\n",
        **drawn,
    }
    paths = []
    for name, text in files.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def as_json(systems: Systems, about: Mapping[str, str]) -> dict[str, Any]:
    """Return every figure; what could not be measured is null."""
    return {
        "about": dict(about),
        "fmr": list(FMRS),
        "fpir": list(FPIRS),
        "histogram_bin": BIN,
        "systems": {
            name: {field.name: _plain(getattr(measured, field.name)) for field in fields(measured)}
            for name, measured in systems.items()
        },
    }


def drawings(systems: Systems) -> dict[str, str]:
    """Return the drawings by their file names."""
    curves = [plots.Curve(name, *measured.det) for name, measured in systems.items()]
    low = max(1e-7, min(float(curve.x.min(initial=0.1)) for curve in curves))
    drawn = {
        "det.svg": plots.lines(
            "Detection error trade-off: one template, every pair",
            plots.rate_axis("FMR", low, 0.1),
            plots.rate_axis("FNMR", 0.001, 0.6),
            curves,
        )
    }
    for name, measured in systems.items():
        drawn[f"scores-{_slug(name)}.svg"] = plots.distributions(
            f"Distances of one person's and of two people's photographs ({name})",
            BIN,
            {"one person": measured.genuine_histogram, "two people": measured.impostor_histogram},
            thresholds_of(measured),
        )
    return drawn


def markdown(systems: Systems, about: Mapping[str, str], drawn: Sequence[str]) -> str:
    """Return the report."""
    parts = ["# Evaluation", *(f"{key}: {value}  " for key, value in about.items()), "", ABOUT]
    tables = {
        "Failure to acquire": _acquisition(systems),
        "Verification: one template, every probe with every other photograph's": _verification(
            systems
        ),
        "Templates and frames: FNMR at FMR": _templates(systems),
        "Identification: FNIR at FPIR": _searches(systems),
        "Groups, one template: at the thresholds of all people": _groups(systems),
        "Groups, one template: FNMR where each group has its own FMR": _own_groups(systems),
    }
    for title, rows in tables.items():
        if len(rows) > 1:
            parts += ["", f"## {title}", "", *_table(rows)]
    parts += ["", "## Drawings", ""]
    parts += [f"![{name.removesuffix('.svg')}]({name})" for name in drawn]
    return "\n".join(parts) + "\n"


def percent(value: float) -> str:
    """Return a rate for a table, with as many digits as it needs: 12.3 %, 1.23 %, 0.0012 %."""
    if math.isnan(value):
        return "–"
    if not value:
        return "0 %"
    digits = min(6, max(1, 1 - math.floor(math.log10(100 * value))))
    return f"{100 * value:.{digits}f} %"


def estimate(found: Estimate) -> str:
    """Return a rate with its interval."""
    if math.isnan(found.value):
        return "–"
    return f"{percent(found.value)} ({percent(found.low)} to {percent(found.high)})"


def _acquisition(systems: Systems) -> list[Cells]:
    rows: list[Cells] = [["", "photographs", "people", "failure to acquire", "refused"]]
    for name, measured in systems.items():
        reasons = ", ".join(f"{code} {count}" for code, count in measured.refused.items())
        rows.append(
            [
                name,
                str(measured.photographs),
                str(measured.people),
                estimate(measured.failure_to_acquire),
                reasons or "none",
            ]
        )
    return rows


def _verification(systems: Systems) -> list[Cells]:
    rows: list[Cells] = [["", "FMR", "threshold", "false matches", "FNMR", "false non-matches"]]
    for name, measured in systems.items():
        for fmr, rates in zip(FMRS, measured.verification, strict=True):
            rows.append([name, plots.percent(fmr), *_rates(rates)])
        rates = measured.in_force
        rows.append([f"{name}, in force", estimate(rates.fmr), *_rates(rates)])
    return rows


def _rates(rates: Rates) -> Cells:
    threshold = f"{rates.threshold.value:.3f}"
    if rates.threshold.low < rates.threshold.high:
        threshold += f" ({rates.threshold.low:.3f} to {rates.threshold.high:.3f})"
    return [
        threshold,
        f"{rates.false_matches} of {rates.impostors}",
        estimate(rates.fnmr),
        f"{rates.false_non_matches} of {rates.genuine}",
    ]


def _templates(systems: Systems) -> list[Cells]:
    rows: list[Cells] = [
        ["", "templates", "frames", "people", *(plots.percent(fmr) for fmr in FMRS)]
    ]
    for name, measured in systems.items():
        for row in measured.templates:
            cells = [str(row.templates), str(row.frames), str(row.people)]
            rows.append([name, *cells, *(estimate(rates.fnmr) for rates in row.rates)])
    return rows


def _searches(systems: Systems) -> list[Cells]:
    head = ["", "gallery", "strangers", "templates", "frames", "decision"]
    rows: list[Cells] = [[*head, *(plots.percent(fpir) for fpir in FPIRS), "thresholds"]]
    for name, measured in systems.items():
        for row in measured.searches:
            cells = [row.gallery, row.strangers, row.templates, row.frames, row.decision]
            thresholds = ", ".join(f"{rates.threshold.value:.3f}" for rates in row.rates)
            rates = (estimate(rates.fnir) for rates in row.rates)
            rows.append([name, *map(str, cells), *rates, thresholds])
    return rows


def _groups(systems: Systems) -> list[Cells]:
    head = ["", "group", "people", "photographs"]
    rows: list[Cells] = [[*head, *(f"FMR and FNMR at {plots.percent(fmr)}" for fmr in FMRS)]]
    for name, measured in systems.items():
        for row in measured.groups:
            rates = (f"{percent(r.fmr.value)}; {estimate(r.fnmr)}" for r in row.common)
            group = f"{row.by}: {row.group}"
            rows.append([name, group, str(row.people), str(row.photographs), *rates])
    return rows


def _own_groups(systems: Systems) -> list[Cells]:
    rows: list[Cells] = [["", "group", *(plots.percent(fmr) for fmr in FMRS)]]
    for name, measured in systems.items():
        for row in measured.groups:
            rates = (estimate(rates.fnmr) for rates in row.own)
            rows.append([name, f"{row.by}: {row.group}", *rates])
    return rows


def _table(rows: Sequence[Cells]) -> list[str]:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return [head, "|" + " --- |" * len(rows[0]), *body]


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower())


def _plain(value: Any) -> Any:
    """Return a value in the types of JSON, numbers that are none as null."""
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    if isinstance(value, float | np.floating):
        return None if math.isnan(value) else float(value)
    return int(value) if isinstance(value, np.integer) else value
