"""Bytes of an upload to an upright RGB array, or a named refusal.

The content decides, never the file's name. What a picture will cost is reckoned from its header
(:mod:`facerecog.containers`) before a decoder sees it; only then are pixels allocated, by OpenCV
for plain JPEG, which is faster and can decode a large photograph at 1/2, 1/4 or 1/8, and by Pillow
for the rest.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from . import containers
from .container import UNREADABLE, Container
from .errors import FaceNotFound, ImageTooLarge, ImageUnreadable

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PASSES = 100
"""Passes of a progressive JPEG; encoders make some ten."""
# OpenCV's IMREAD_REDUCED_COLOR_n is a reduction bit together with the bit for BGR; here, RGB.
_RGB = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
_REDUCED = {
    1: _RGB,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | _RGB,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | _RGB,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | _RGB,
}
# Stands for the bits that a cut JPEG lacks: long enough for its last blocks.
_FILLER = b"\x55\xaa" * 512


@dataclass(frozen=True)
class Limits:
    """What a picture may cost, and what it must have to be worth it."""

    max_bytes: int = 10 * 2**20
    """Of the file."""
    max_pixels: int = 50_000_000
    max_decoded_bytes: int = 75_000_000
    """Of what a decoder must hold at once: pixels × samples × bytes of a sample where the format
    cannot be decoded smaller, the coefficients of a JPEG of several passes."""
    min_side: int = 1
    """Of the shorter side, pixels."""
    max_proportion: float = 16
    """How often the shorter side may go into the longer one."""


@dataclass(frozen=True)
class Header:
    """A picture that may be decoded; sizes as stored, not upright."""

    container: Container

    @property
    def width(self) -> int:
        """In pixels, as stored."""
        return self.container.width

    @property
    def height(self) -> int:
        """In pixels, as stored."""
        return self.container.height

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) in pixels after the EXIF orientation is applied."""
        swap = self.container.orientation in (5, 6, 7, 8)
        return (self.height, self.width) if swap else (self.width, self.height)


def read_header(data: bytes, limits: Limits) -> Header:
    """Read format, size and orientation, and refuse what must not be decoded.

    Raises:
        ImageTooLarge: more bytes, pixels, memory or passes than ``limits`` allow.
        HeicUnsupported: a HEIC file.
        ImageUnreadable: not a JPEG, PNG or WebP, animated, or damaged.
        FaceNotFound: no face that can be judged fits into its sides.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(f"The picture is larger than {limits.max_bytes / 2**20:.0f} MB.")
    found = containers.read(data)
    size = f"The picture has {found.width} × {found.height} pixels"
    if found.width * found.height > limits.max_pixels:
        most = limits.max_pixels / 1e6
        raise ImageTooLarge(f"{size}, more than the {most:.0f} megapixels allowed.")
    shorter, longer = sorted((found.width, found.height))
    if shorter < limits.min_side:
        raise FaceNotFound(f"{size}; a face needs {limits.min_side} on each side at least.")
    if longer > limits.max_proportion * shorter:
        raise FaceNotFound(f"{size}; nobody's face can be seen in such a strip.")
    if found.passes > MAX_PASSES:
        raise ImageTooLarge(f"The picture is decoded in {found.passes} passes, too many.")
    if _held(found) > limits.max_decoded_bytes:
        raise ImageTooLarge(
            f"{size}, too many for a {found.format} of this kind; send a smaller or a plain JPEG."
        )
    return Header(found)


def decode(header: Header, reduce: int = 1) -> np.ndarray:
    """Decode to (h, w, 3) uint8 RGB, upright, at 1/``reduce`` of the size (1, 2, 4 or 8).

    Only JPEG is decoded reduced, anything else is made smaller as soon as it is decoded: the
    larger one is, the less must follow.

    Raises:
        ImageUnreadable: the pixels are damaged or cut off.
    """
    found = header.container
    pixels = _pixels(found, found.essential, reduce)
    if found.format == "JPEG" and not found.complete:
        _require_whole(found, pixels, reduce)
    return _upright(pixels, found.orientation)


def reduction(side: float, wanted: float) -> int:
    """Return the largest of 8, 4, 2 and 1 that leaves ``side`` at least ``wanted`` pixels."""
    return next((factor for factor in (8, 4, 2) if side >= factor * wanted), 1)


def _held(found: Container) -> int:
    """Bytes that the decoder holds at the same time, whatever size is asked for."""
    if found.format == "JPEG":
        return found.buffered
    samples = 4 if found.format == "WEBP" else found.channels  # libwebp always holds RGBA
    return found.width * found.height * samples * max(1, found.depth // 8)


def _pixels(found: Container, data: bytes, reduce: int) -> np.ndarray:
    """Decode a file's bytes as they lie, (h, w, 3) uint8 RGB."""
    if found.format == "JPEG" and found.channels != 4:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[reduce])
        if pixels is None:
            raise ImageUnreadable(UNREADABLE)
    else:
        pixels = _decode_with_pillow(data, (found.width, found.height), reduce)
    expected = (-(-found.height // reduce), -(-found.width // reduce), 3)
    if pixels.shape != expected:
        raise ImageUnreadable(UNREADABLE)
    return pixels


def _require_whole(found: Container, pixels: np.ndarray, reduce: int) -> None:
    """Refuse a JPEG without its end mark unless it lacks nothing but that.

    A decoder fills up what is missing. If it makes the same picture of two different endings, it
    needed none of either.
    """
    cut = found.essential.removesuffix(b"\xff\xd9").rstrip(b"\xff")
    if not np.array_equal(_pixels(found, cut + _FILLER + b"\xff\xd9", reduce), pixels):
        raise ImageUnreadable("The picture was cut off before its end; send it again.")


def _decode_with_pillow(data: bytes, size: tuple[int, int], reduce: int) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.size != size:
                raise ImageUnreadable(UNREADABLE)
            if image.format == "JPEG":
                image.draft(None, (size[0] // reduce, size[1] // reduce))
                reduce = 1
            image.load()  # raises when the file is truncated
            return np.asarray(_to_rgb(image, reduce))
    except Exception as error:  # Pillow's readers raise many kinds on damaged files
        raise ImageUnreadable(UNREADABLE) from error


def _to_rgb(image: Image.Image, reduce: int) -> Image.Image:
    """Return an RGB picture at 1/``reduce`` of the size, on white where it was transparent."""
    if image.mode.startswith("I"):  # 16-bit grey: keep the upper eight bits
        grey = np.asarray(image).astype(np.uint32) >> 8
        image = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA").reduce(reduce)
        background = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(background, image).convert("RGB")
    if image.mode in ("L", "RGB"):  # smaller first: a copy of the whole is saved
        image = image.reduce(reduce) if reduce > 1 else image
        return image if image.mode == "RGB" else image.convert("RGB")
    return image.convert("RGB").reduce(reduce)


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply the EXIF orientation, 1 to 8, to an array (h, w, 3)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
