"""The second engine beside the first; only where facenet-pytorch is installed."""

from __future__ import annotations

import pytest

from facerecog import Recognizer, RecognizerConfig
from facerecog.samples import NAMES, photo

pytest.importorskip(
    "facenet_pytorch", reason="facenet-pytorch is not installed (requirements-torch.txt)"
)


def test_both_engines_agree_end_to_end(exact: Recognizer) -> None:
    with Recognizer(
        RecognizerConfig(engine="torch", mode="exact", networks="vggface2")
    ) as torch_engine:
        for name in NAMES:
            data = photo(name).read_bytes()
            assert torch_engine.embed_image(data) @ exact.embed_image(data) >= 0.999
            image = exact.decode(data)
            for min_face in (None, 60, 2000):
                a, b = (one.detect(image, min_face) for one in (torch_engine, exact))
                assert len(a) == len(b)
