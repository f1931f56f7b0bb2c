"""The reference's numbers, an exact recognizer, and pictures made out of public photographs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facerecog import PlatformUnsupported, Recognizer, RecognizerConfig
from facerecog.samples import photo

HERE = Path(__file__).resolve().parent
FACES = HERE.parent.parent.parent / "shared" / "faces"
needs_faces = pytest.mark.skipif(
    not FACES.is_dir(), reason="the folder ../shared/faces (LFW, a group photograph) is not here"
)


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """What facenet-pytorch found; benchmarks/make_golden.py wrote it."""
    numbers: dict[str, Any] = json.loads((HERE / "golden.json").read_text())
    return numbers


@pytest.fixture(scope="session")
def exact() -> Iterator[Recognizer]:
    """A recognizer in the exact mode, with FaceNet as facenet-pytorch has it."""
    with Recognizer(RecognizerConfig(mode="exact", networks="vggface2")) as recognizer:
        yield recognizer


@pytest.fixture(scope="session")
def facenet() -> Iterator[Recognizer]:
    """A recognizer in the fast mode with FaceNet alone, not in eight bits."""
    try:
        one = Recognizer(RecognizerConfig(networks="vggface2", precision="bf16"))
    except PlatformUnsupported:
        one = Recognizer(RecognizerConfig(networks="vggface2", precision="f32"))
    with one:
        yield one


def opened(name: str) -> Image.Image:
    """A public photograph as a Pillow picture."""
    with Image.open(photo(name)) as image:
        return image.convert("RGB")


def encoded(image: Image.Image | np.ndarray, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture as the bytes of a file."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def side_by_side(*images: Image.Image, height: int = 600) -> Image.Image:
    """Pictures scaled to one height and put next to each other."""
    scaled = [
        image.resize((round(image.width * height / image.height), height)) for image in images
    ]
    whole = Image.new("RGB", (sum(image.width for image in scaled), height))
    left = 0
    for image in scaled:
        whole.paste(image, (left, 0))
        left += image.width
    return whole
