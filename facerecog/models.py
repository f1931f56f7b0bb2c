"""Which networks make an embedding, by name: how long it is, and what of it compares with what.

An embedding of ``both`` is FaceNet's and SFace's side by side, each of unit length and multiplied
by the square root of its weight. The whole has unit length again, and its squared Euclidean
distance is the weighted mean of the two networks' squared distances. Each network's own embedding
is still in it, and can be cut out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

Networks = Literal["both", "vggface2", "sface"]
CHOICES: tuple[Networks, ...] = ("both", "vggface2", "sface")
DEFAULT_NETWORKS: Networks = "both"
DEFAULT_WEIGHTS = "vggface2"

FACENET_SIZE, SFACE_SIZE = 512, 128
SFACE_WEIGHT = 0.8
"""SFace's part of ``both``: chosen on one half of the people and better on the other too
(docs/accuracy.md), and SFace serves those people better whom FaceNet serves worse. Templates that
were made with another weight (once 0.7) are weighed anew when they are read: :func:`weighed`."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "both": ("vggface2", "sface"),
    "vggface2": ("vggface2",),
    "casia-webface": ("casia-webface",),
    "sface": ("sface",),
}
"""The networks of each model, in the order of their numbers."""
_SIZES = {"vggface2": FACENET_SIZE, "casia-webface": FACENET_SIZE, "sface": SFACE_SIZE}
_FACTORS = {
    "vggface2": np.float32((1 - SFACE_WEIGHT) ** 0.5),
    "sface": np.float32(SFACE_WEIGHT**0.5),
}


def model_of(networks: str, weights: str = DEFAULT_WEIGHTS) -> str:
    """Return the name that templates of this choice bear.

    ``weights`` are FaceNet's, and only ``vggface2`` goes together with SFace.
    """
    return weights if networks == "vggface2" else networks


def embedding_size(model: str) -> int:
    """Return how many numbers an embedding of this model has.

    Raises:
        KeyError: there is no such model.
    """
    return sum(_SIZES[part] for part in PARTS[model])


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join FaceNet's (n, 512) and SFace's (n, 128), of unit length, to (n, 640) of unit length.

    One network's embeddings alone stay as they are.
    """
    if len(parts) == 1:
        return parts[0]
    names = PARTS["both"]
    weighted = [part * _FACTORS[name] for name, part in zip(names, parts, strict=True)]
    return np.concatenate(weighted, axis=1)


def mean_by_network(embeddings: np.ndarray, model: str) -> np.ndarray:
    """Return the mean (size,) of embeddings (n, size), each network's part of unit length."""
    means = [as_model(embeddings, model, part).mean(axis=0) for part in PARTS[model]]
    return joined([(mean / np.linalg.norm(mean))[None] for mean in means])[0]


def weighed(embedding: np.ndarray, model: str) -> np.ndarray:
    """Return a kept embedding (size,) with the networks' weights of today.

    Both networks' numbers stand in it whole, so that an old weight is no reason to embed anew.
    """
    if len(PARTS.get(model, ())) < 2 or embedding.shape != (embedding_size(model),):
        return embedding
    return joined([as_model(embedding, model, part)[None] for part in PARTS[model]])[0]


def within(model: str, wanted: str) -> bool:
    """Tell whether an embedding of ``model`` holds one of the model ``wanted``."""
    return set(PARTS.get(wanted, (None,))) <= set(PARTS.get(model, ()))


def as_model(embeddings: np.ndarray, model: str, wanted: str) -> np.ndarray:
    """Cut embeddings of ``wanted`` (…, size) of unit length out of those of ``model``.

    Raises:
        ValueError: they are not in there, so the two cannot be compared.
    """
    if model == wanted:
        return embeddings
    if not within(model, wanted):
        raise ValueError(f"an embedding of {model!r} says nothing about one of {wanted!r}")
    start = 0
    for part in PARTS[model]:
        if part == wanted:
            break
        start += _SIZES[part]
    cut = embeddings[..., start : start + _SIZES[wanted]]
    return cut / np.linalg.norm(cut, axis=-1, keepdims=True)
