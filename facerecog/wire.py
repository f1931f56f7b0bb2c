"""What a server and its process of the networks tell each other: JSON and numbers, no objects.

The order, on the process's standard input, is one line of JSON. A request is one byte that says
what is asked, followed by the picture; before a frame stands a line of JSON that says what of it
is wanted. An answer is a line of JSON, followed by the embedding where there is one (float32 as
bytes); of a frame by all embeddings, and then by all small pictures.
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
from .frames import Frame, Seen, Settled, Wanted
from .recognizer import Face, FaceResult
from .signs import Signs

ANALYSE, ENROL, FIND, INFO, LOOK, STUDY = b"a", b"e", b"f", b"i", b"l", b"s"


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
        "signs": found.signs and asdict(found.signs),
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
        signs=Signs(**said["signs"]) if said["signs"] else None,
    )
    if not embedding:
        return found
    return FaceResult(**vars(found), embedding=np.frombuffer(embedding, np.float32).copy())


def wanted(what: Wanted, data: bytes) -> bytes:
    """What is wanted of a frame, and the frame."""
    return json.dumps(asdict(what)).encode() + b"\n" + data


def read_wanted(request: bytes) -> tuple[Wanted, bytes]:
    """Read what `wanted` wrote."""
    line, _, data = request.partition(b"\n")
    said = json.loads(line)
    settled = [Settled(tuple(each["box"]), each["quality"]) for each in said.pop("settled")]
    return Wanted(**said, settled=settled), data


def frame_answer(frame: Frame) -> bytes:
    """All faces of a frame, written down."""
    line = {
        "width": frame.width,
        "height": frame.height,
        "faces": [
            {
                "box": face.box.tolist(),
                "landmarks": face.landmarks.tolist(),
                "side": face.side,
                "probability": face.probability,
                "quality": None if face.quality is None else asdict(face.quality),
                "embedded": 0 if face.embedding is None else face.embedding.nbytes,
                "crop": len(face.crop),
            }
            for face in frame.faces
        ],
    }
    embedded = [face.embedding.tobytes() for face in frame.faces if face.embedding is not None]
    crops = [face.crop for face in frame.faces]
    return b"".join([json.dumps(line).encode(), b"\n", *embedded, *crops])


def frame(answer: bytes) -> Frame:
    """The faces of an answer.

    Raises:
        FaceRecogError, RuntimeError: as :func:`face`.
    """
    line, _, rest = answer.partition(b"\n")
    said = json.loads(line)
    raise_failure(said)
    embedded = 0
    crops = sum(face["embedded"] for face in said["faces"])
    faces = []
    for face in said["faces"]:
        embedding = None
        if face["embedded"]:
            numbers = rest[embedded : embedded + face["embedded"]]
            embedding = np.frombuffer(numbers, np.float32).copy()
        embedded += face["embedded"]
        faces.append(
            Seen(
                box=np.array(face["box"], np.float32),
                landmarks=np.array(face["landmarks"], np.float32),
                side=float(face["side"]),
                probability=float(face["probability"]),
                quality=None if face["quality"] is None else Quality(**face["quality"]),
                embedding=embedding,
                crop=rest[crops : crops + face["crop"]],
            )
        )
        crops += face["crop"]
    return Frame(int(said["width"]), int(said["height"]), faces)


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
