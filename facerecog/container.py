"""What is common to the kinds of files that pictures come in: JPEG, PNG and WebP."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from .errors import ImageUnreadable

MAX_SEGMENTS = 5_000
"""Segments or chunks that are not pixels; a photograph has ten, one with long XMP two hundred."""
MAX_PIXEL_CHUNKS = 50_000
"""A PNG's pixels come in chunks of 8 kB as a rule."""

UNREADABLE = "The file is not a readable JPEG, PNG or WebP picture."
ANIMATED = "The picture is animated; a still photograph is needed."
_ORIENTATION = 0x0112  # EXIF tag 274, section 4.6.4 of the EXIF 2.3 standard
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])")
_XMP_SEARCHED = 256 * 1024


@dataclass(frozen=True)
class Container:
    """What a picture's file says of its pixels; sizes as stored, not upright."""

    format: str
    """``JPEG``, ``PNG`` or ``WEBP``."""
    width: int
    height: int
    channels: int
    """Samples of a pixel; a palette counts as the colours that it becomes."""
    depth: int
    """Bits of a sample."""
    orientation: int
    """1 to 8, of EXIF (or, where it has none, of XMP)."""
    essential: bytes
    """The file without its metadata, previews and whatever followed its end."""
    complete: bool = True
    """Whether the mark that ends it is there."""
    passes: int = 1
    """How often a JPEG's decoder goes over the picture."""
    buffered: int = 0
    """Bytes that a JPEG of several passes holds while it is decoded, at any size of the result."""


def too_many() -> ImageUnreadable:
    """The error for a file in more pieces than any photograph has."""
    return ImageUnreadable("The picture's file is made of too many pieces.")


def orientation_of(exif: bytes, xmp: bytes = b"") -> int:
    """Return the orientation, 1 to 8, that EXIF (a TIFF file) or XMP tells; 1 if none does.

    Only the one entry is read. Damaged EXIF tells nothing.
    """
    found = _orientation_in_exif(exif)
    if found is None:
        told = _XMP_ORIENTATION.search(xmp[:_XMP_SEARCHED])
        found = int(told.group(1)) if told else 1
    return found


def _orientation_in_exif(exif: bytes) -> int | None:
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(order + "L", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for entry in range(min(count, 1000)):
            tag, kind, number, value = struct.unpack_from(
                order + "HHLH", exif, start + 2 + 12 * entry
            )
            if tag == _ORIENTATION:
                # 3 is SHORT, section 4.6.2
                return value if kind == 3 and number == 1 and 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def exif_of(orientation: int) -> bytes:
    """EXIF, as a TIFF file, that tells the orientation only."""
    entry = struct.pack(">HHLHH", _ORIENTATION, 3, 1, orientation, 0)
    return b"MM\x00*" + struct.pack(">LH", 8, 1) + entry + struct.pack(">L", 0)
