"""The frames that are measured, made out of public photographs and the same on every machine."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from facerecog.samples import photo

FACES = Path(__file__).resolve().parent.parent.parent / "shared" / "faces"
SIZES = {"640": (640, 480), "1280": (1280, 720), "12mp": (4032, 3024)}
GROUP_SIZE = (1200, 630)


def selfie(name: str, size: tuple[int, int]) -> bytes:
    """Return a JPEG with the portrait in the middle, its face about half the frame's height."""
    width, height = size
    with Image.open(photo(name)) as image:
        portrait = image.convert("RGB")
    scale = height / (portrait.width * 1.3)
    background = portrait.resize(size, Image.Resampling.BILINEAR)
    portrait = portrait.resize(
        (round(portrait.width * scale), round(portrait.height * scale)), Image.Resampling.LANCZOS
    )
    background.paste(
        portrait.crop((0, 0, portrait.width, height)), ((width - portrait.width) // 2, 0)
    )
    return _as_a_camera_would(background)


def group() -> bytes:
    """Return the group photograph with six faces, or the like made of six portraits."""
    path = FACES / "group_6.jpg"
    if path.is_file():
        return path.read_bytes()
    whole = Image.new("RGB", GROUP_SIZE, (120, 130, 140))
    names = ("obama", "biden", "grace_hopper", "astronaut", "obama2", "obama3")
    for place, name in enumerate(names):
        with Image.open(photo(name)) as image:
            portrait = image.convert("RGB")
        portrait = portrait.resize((190, portrait.height * 190 // portrait.width))
        whole.paste(portrait.crop((0, 0, 190, 290)), (5 + place % 6 * 200, 40 + place % 2 * 290))
    return _as_a_camera_would(whole)


def frames() -> dict[str, bytes]:
    """Return every measured picture by its name."""
    made = {name: selfie("obama2", size) for name, size in SIZES.items()}
    return {**made, "group": group()}


def _as_a_camera_would(image: Image.Image) -> bytes:
    """Add a sensor's noise, which is what makes a photograph's file large, and compress."""
    pixels = np.asarray(image).astype(np.float32)
    noise = np.random.default_rng(7).normal(0, 2.0, pixels.shape).astype(np.float32)
    noisy = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
