"""The files that pictures come in, read without decoding a pixel and without a library.

What a decoder does with a header is decided by whoever made the file: text that inflates to
gigabytes, EXIF entries that all point at the same megabytes, thousands of passes over the same
pixels, a million empty segments. So a file is first walked here, in steps that are counted, and
decoders see only what pixels need: the file without its metadata. That is also how a photograph
is kept: place, device, preview and owner are in none of what is left.
"""

from __future__ import annotations

import struct

from . import jpeg, png, webp
from .container import UNREADABLE, Container, exif_of
from .errors import HeicUnsupported, ImageUnreadable

_HEIC = (
    "HEIC pictures are not read. Save it as JPEG "
    "(iPhone: Settings, Camera, Formats, Most Compatible)."
)
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
# What people send by mistake, by how it begins.
_OTHERS = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"%PDF": "PDF",
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cJXL ": "JPEG XL",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
}


def read(data: bytes) -> Container:
    """Walk a picture's file.

    Raises:
        HeicUnsupported: it is a HEIC or HEIF file.
        ImageUnreadable: not a JPEG, PNG or WebP, animated, damaged, or made of too many pieces.
    """
    try:
        if data.startswith(b"\xff\xd8"):
            return jpeg.read(data)
        if data.startswith(png.SIGNATURE):
            return png.read(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return webp.read(data)
    except (struct.error, IndexError) as error:  # the file ends within a header
        raise ImageUnreadable(UNREADABLE) from error
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS and data[16:20] != b"avif":
        raise HeicUnsupported(_HEIC)
    for beginning, name in _OTHERS.items():
        if data.startswith(beginning):
            raise ImageUnreadable(f"This is a {name} file; send a JPEG, PNG or WebP picture.")
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis", b"mif1"):
        raise ImageUnreadable("This is an AVIF file; send a JPEG, PNG or WebP picture.")
    raise ImageUnreadable(UNREADABLE)


def without_metadata(data: bytes) -> bytes:
    """Return a picture's file with the same pixels and nothing else but which way is up.

    Of a JPEG without its end mark (``read(data).complete``) what follows its pixels cannot be told
    from them: there something else may be left.

    Raises:
        HeicUnsupported, ImageUnreadable: as :func:`read`.
    """
    found = read(data)
    if found.orientation == 1:
        return found.essential
    add = {"JPEG": jpeg.with_exif, "PNG": png.with_exif, "WEBP": webp.with_exif}[found.format]
    return add(found, exif_of(found.orientation))
