"""Bytes of an upload to an upright RGB array, or a named refusal.

The header decides, never the file's name. Pillow reads the header (format, size, frames, EXIF
orientation) without decoding a pixel; only then are pixels allocated, by OpenCV for plain JPEG,
which is faster and can decode a large photograph at 1/2, 1/4 or 1/8, and by Pillow for the rest.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from .errors import ImageTooLarge, ImageUnreadable

FORMATS = ("JPEG", "PNG", "WEBP")
_UNREADABLE = "The file is not a readable JPEG, PNG or WebP picture."
# OpenCV's IMREAD_REDUCED_COLOR_n is a reduction bit together with the bit for BGR; here, RGB.
_RGB = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
_REDUCED = {
    1: _RGB,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | _RGB,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | _RGB,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | _RGB,
}
_ORIENTATION = 0x0112  # EXIF tag 274, section 4.6.4 of the EXIF 2.3 standard


@dataclass(frozen=True)
class Header:
    """What is known of a picture before its pixels are decoded; sizes as stored, not upright."""

    format: str
    width: int
    height: int
    mode: str
    orientation: int
    plain_jpeg: bool

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) in pixels after the EXIF orientation is applied."""
        swap = self.orientation in (5, 6, 7, 8)
        return (self.height, self.width) if swap else (self.width, self.height)


def read_header(data: bytes, max_bytes: int, max_pixels: int) -> Header:
    """Read format, size and orientation, and refuse what must not be decoded.

    Raises:
        ImageTooLarge: more than ``max_bytes`` bytes or ``max_pixels`` pixels.
        ImageUnreadable: not a JPEG, PNG or WebP, animated, or damaged.
    """
    if len(data) > max_bytes:
        raise ImageTooLarge(f"The picture is larger than {max_bytes / 2**20:.0f} MB.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ImageTooLarge(
                    f"The picture has {width} × {height} pixels, more than the "
                    f"{max_pixels / 1e6:.0f} megapixels allowed."
                )
            # MPO is a JPEG followed by a phone's depth map or preview.
            if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
                raise ImageUnreadable("The picture is animated; a still photograph is needed.")
            return Header(
                format=str(image.format),
                width=width,
                height=height,
                mode=image.mode,
                orientation=_orientation(image),
                plain_jpeg=image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L"),
            )
    except (ImageTooLarge, ImageUnreadable):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge("The picture has more pixels than allowed.") from error
    except Exception as error:  # Pillow's readers raise many kinds on damaged headers
        raise ImageUnreadable(_UNREADABLE) from error


def decode(data: bytes, header: Header, reduce: int = 1) -> np.ndarray:
    """Decode to (h, w, 3) uint8 RGB, upright, at 1/``reduce`` of the size (1, 2, 4 or 8).

    Only plain JPEG is decoded reduced, anything else is made smaller as soon as it is decoded: the
    larger one is, the less must follow.

    Raises:
        ImageUnreadable: the pixels are damaged or cut off.
    """
    if header.plain_jpeg and _is_complete_jpeg(data):
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[reduce])
        if pixels is None:
            raise ImageUnreadable(_UNREADABLE)
        return _upright(pixels, header.orientation)
    return _upright(_decode_with_pillow(data, reduce), header.orientation)


def reduction(side: float, wanted: float) -> int:
    """Return the largest of 8, 4, 2 and 1 that leaves ``side`` at least ``wanted`` pixels."""
    return next((factor for factor in (8, 4, 2) if side >= factor * wanted), 1)


def _decode_with_pillow(data: bytes, reduce: int) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.load()  # raises when the file is truncated
            return np.asarray(_to_rgb(image, reduce))
    except Exception as error:  # as above
        raise ImageUnreadable(_UNREADABLE) from error


def _to_rgb(image: Image.Image, reduce: int) -> Image.Image:
    """Return an RGB picture at 1/``reduce`` of the size, on white where it was transparent."""
    if image.mode.startswith("I"):  # 16-bit grey: keep the upper eight bits
        grey = np.asarray(image).astype(np.uint32) >> 8
        image = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA").reduce(reduce)
        background = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(background, image).convert("RGB")
    return image.convert("RGB").reduce(reduce)


def _orientation(image: Image.Image) -> int:
    value = image.getexif().get(_ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply the EXIF orientation, 1 to 8, to an array (h, w, 3)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _is_complete_jpeg(data: bytes) -> bool:
    """Tell whether the end-of-image marker is there; OpenCV pads a cut file with grey."""
    return data.rstrip(b"\x00").endswith(b"\xff\xd9")
