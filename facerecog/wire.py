"""What a server and its process of the networks tell each other: JSON and numbers, no objects.

The order, on the process's standard input, is one line of JSON. A request is one byte that says
what is asked, followed by the picture. An answer is a line of JSON, followed by the embedding where
there is one (float32 as bytes).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from .config import RecognizerConfig
from .crop import Quality
from .errors import FaceRecogError, RecognizerBusy
from .recognizer import Face, FaceResult

ANALYSE, ENROL, FIND = b"a", b"e", b"f"


def order(config: RecognizerConfig, address: str) -> bytes:
    """How to recognize, and the address to listen at, as a line of JSON."""
    fields = {**asdict(config), "models_dir": str(config.models_dir)}
    return json.dumps({"config": fields, "address": address}).encode() + b"\n"


def ordered(line: bytes) -> tuple[RecognizerConfig, str]:
    """Read what `order` wrote."""
    said = json.loads(line)
    fields = said["config"]
    return RecognizerConfig(**{**fields, "models_dir": Path(fields["models_dir"])}), said["address"]


def answer(found: Face) -> bytes:
    """A face, written down: a line of JSON, and the embedding's bytes where there is one."""
    line = {
        "box": found.box.tolist(),
        "landmarks": found.landmarks.tolist(),
        "probability": found.probability,
        "quality": asdict(found.quality),
    }
    embedding = found.embedding.tobytes() if isinstance(found, FaceResult) else b""
    return json.dumps(line).encode() + b"\n" + embedding


def failure(error: Exception) -> bytes:
    """An error, written down as a line of JSON."""
    line = {"error": str(error), "retry_after": getattr(error, "retry_after", None)}
    if isinstance(error, FaceRecogError):
        line["code"] = error.code
    return json.dumps(line).encode() + b"\n"


def face(answer: bytes) -> Face:
    """The face of an answer.

    Raises:
        FaceRecogError: the one that was written down in its place.
        RuntimeError: another error was.
    """
    line, _, embedding = answer.partition(b"\n")
    said = json.loads(line)
    raise_failure(said)
    found = Face(
        np.array(said["box"], np.float32),
        np.array(said["landmarks"], np.float32),
        float(said["probability"]),
        Quality(**said["quality"]),
    )
    if not embedding:
        return found
    return FaceResult(**vars(found), embedding=np.frombuffer(embedding, np.float32).copy())


def raise_failure(said: dict[str, Any]) -> None:
    """Raise the error that these words of an answer tell of, if they do.

    Raises:
        FaceRecogError, RuntimeError: as :func:`face`.
    """
    if "error" not in said:
        return
    kinds = {kind.code: kind for kind in FaceRecogError.__subclasses__()}
    kind = kinds.get(said.get("code", ""))
    if kind is None:
        raise RuntimeError(said["error"])
    if kind is RecognizerBusy:
        raise RecognizerBusy(said["error"], int(said["retry_after"]))
    raise kind(said["error"])
