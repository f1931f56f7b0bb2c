"""Who is so like somebody else that a threshold does not tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .matching import Key

BLOCK = 1024


@dataclass(frozen=True)
class Alike:
    """Two people and the least Euclidean distance between their templates."""

    one: Key
    other: Key
    distance: float


def alike(templates: Mapping[Any, np.ndarray], limit: float) -> list[Alike]:
    """Return every two people who are at most ``limit`` apart, the nearest first.

    Args:
        templates: (n, size) float32 of unit length, of each person; of one model.
        limit: the largest Euclidean distance, as a threshold has it.
    """
    if len(templates) < 2:
        return []
    keys = list(templates)
    matrix = np.concatenate(list(templates.values()))
    owner = np.repeat(np.arange(len(keys)), [len(rows) for rows in templates.values()])
    found: dict[tuple[int, int], float] = {}
    for start in range(0, len(matrix), BLOCK):
        block = slice(start, start + BLOCK)
        squared = np.maximum(2 - 2 * matrix[block] @ matrix[start:].T, 0)
        near = (squared <= limit**2) & (owner[block, None] < owner[None, start:])
        for row, column in zip(*np.nonzero(near), strict=True):
            pair = int(owner[start + row]), int(owner[start + column])
            distance = float(np.sqrt(squared[row, column]))
            found[pair] = min(distance, found.get(pair, distance))
    ordered = sorted(found.items(), key=lambda item: (item[1], item[0]))
    return [Alike(keys[one], keys[other], distance) for (one, other), distance in ordered]
