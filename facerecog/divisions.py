"""How the people and photographs of an evaluation are divided."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Half = Literal["fit", "report"]


def numbered(names: Sequence[str]) -> np.ndarray:
    """Return the number of each name, (n,) int, in the order of the alphabet."""
    return np.unique(np.array(names, str), return_inverse=True)[1].reshape(-1)


def half_of(name: str) -> Half:
    """Return which half of the people somebody belongs to, by a hash of the name.

    What is chosen on one half is reported on the other; the photographs of one person never
    stand in both, and who comes to a folder later moves nobody.
    """
    return "report" if hashlib.sha256(name.encode()).digest()[0] & 1 else "fit"


@dataclass(frozen=True)
class Division:
    """Which photographs are templates, and which make probes."""

    enrolled: np.ndarray
    """(e,) int: people with templates and at least one probe."""
    templates: np.ndarray
    """(e, templates) int: rows of their templates."""
    probes: np.ndarray
    """(p, frames) int: rows of the photographs of each probe, of everybody."""
    probe_of: np.ndarray
    """(p,) int: whose probe."""


def divided(
    people: np.ndarray, *, templates: int, frames: int = 1, at_least: int = 0, seed: int = 0
) -> Division:
    """Divide everybody's photographs into templates and probes, in an order drawn by ``seed``.

    Whoever has too few for both, or fewer than ``at_least``, makes probes only.
    """
    at_least = max(at_least, templates + frames)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(people))
    rows = shuffled[np.argsort(people[shuffled], kind="stable")]
    enrolled, chosen, probes, owners = [], [], [], []
    for own in np.split(rows, np.flatnonzero(np.diff(people[rows])) + 1):
        if not len(own):
            continue
        person, rest = people[own[0]], own
        if len(own) >= at_least:
            enrolled.append(person)
            chosen.append(own[:templates])
            rest = own[templates:]
        whole = len(rest) // frames
        probes.append(rest[: whole * frames].reshape(whole, frames))
        owners += [person] * whole
    return Division(
        np.array(enrolled, int),
        np.array(chosen, int).reshape(-1, templates),
        np.concatenate(probes) if probes else np.empty((0, frames), int),
        np.array(owners, int),
    )


def means(embeddings: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the mean of the embeddings of each of (p, frames) rows, as (p, d) of unit length."""
    mean = embeddings[rows].mean(axis=1)
    return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
