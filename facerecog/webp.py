"""WebP files by their chunks (RFC 9649), without decoding."""

from __future__ import annotations

import struct

from .container import ANIMATED, MAX_SEGMENTS, UNREADABLE, Container, orientation_of, too_many
from .errors import ImageUnreadable

_ANIMATION, _EXIF, _ALPHA = 0x02, 0x08, 0x10  # flags of VP8X, section 2.7.1
_LOSSY, _LOSSLESS = b"VP8 ", b"VP8L"


def read(data: bytes) -> Container:
    """Walk a WebP; of its chunks only those of the pixels are left.

    Raises:
        ImageUnreadable: no picture in it, several, damaged, or made of too many chunks.
        struct.error, IndexError: it ends within a header.
    """
    canvas: tuple[int, int] | None = None
    pixels: tuple[bytes, bytes] | None = None
    alpha = b""
    exif = xmp = b""
    position, pieces = 12, 0
    while position + 8 <= len(data):
        name, length = struct.unpack_from("<4sL", data, position)
        body = data[position + 8 : position + 8 + length]
        position += 8 + length + length % 2
        pieces += 1
        if pieces > MAX_SEGMENTS:
            raise too_many()
        if name == b"VP8X":
            if body[0] & _ANIMATION:
                raise ImageUnreadable(ANIMATED)
            canvas = (_three(body[4:7]) + 1, _three(body[7:10]) + 1)
        elif name in (b"ANIM", b"ANMF"):
            raise ImageUnreadable(ANIMATED)
        elif name == b"ALPH":
            alpha = alpha or body
        elif name in (_LOSSY, _LOSSLESS) and pixels is None:
            pixels = (name, body)
            if len(body) < length:
                raise ImageUnreadable(UNREADABLE)
        elif name == b"EXIF":
            exif = exif or body.removeprefix(b"Exif\x00\x00")
        elif name == b"XMP ":
            xmp = xmp or body
    if pixels is None:
        raise ImageUnreadable(UNREADABLE)
    width, height, transparent = _size(*pixels)
    if canvas is not None and canvas != (width, height):
        raise ImageUnreadable(UNREADABLE)
    transparent = transparent or (bool(alpha) and canvas is not None)
    return Container(
        format="WEBP",
        width=width,
        height=height,
        channels=4 if transparent else 3,
        depth=8,
        orientation=orientation_of(exif, xmp),
        essential=_file(width, height, pixels, alpha if transparent else b"", transparent, b""),
    )


def with_exif(found: Container, exif: bytes) -> bytes:
    """The file with EXIF put into it."""
    alpha, pixels = b"", (b"", b"")
    position = 12
    while position + 8 <= len(found.essential):
        name, length = struct.unpack_from("<4sL", found.essential, position)
        body = found.essential[position + 8 : position + 8 + length]
        if name == b"ALPH":
            alpha = body
        elif name in (_LOSSY, _LOSSLESS):
            pixels = (name, body)
        position += 8 + length + length % 2
    return _file(found.width, found.height, pixels, alpha, found.channels == 4, exif)


def _size(name: bytes, body: bytes) -> tuple[int, int, bool]:
    """Width, height and whether it has transparency, of a VP8 or VP8L chunk."""
    if name == _LOSSLESS:
        if body[:1] != b"\x2f":
            raise ImageUnreadable(UNREADABLE)
        (bits,) = struct.unpack_from("<L", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    if body[3:6] != b"\x9d\x01\x2a":  # the start code of a key frame, RFC 6386, 9.1
        raise ImageUnreadable(UNREADABLE)
    width, height = struct.unpack_from("<HH", body, 6)
    if not width & 0x3FFF or not height & 0x3FFF:
        raise ImageUnreadable(UNREADABLE)
    return width & 0x3FFF, height & 0x3FFF, False


def _file(
    width: int,
    height: int,
    pixels: tuple[bytes, bytes],
    alpha: bytes,
    transparent: bool,
    exif: bytes,
) -> bytes:
    chunks = b""
    if alpha or exif:
        flags = (_ALPHA if transparent else 0) | (_EXIF if exif else 0)
        sides = struct.pack("<L", width - 1)[:3] + struct.pack("<L", height - 1)[:3]
        chunks += _chunk(b"VP8X", struct.pack("<L", flags) + sides)
    if alpha:
        chunks += _chunk(b"ALPH", alpha)
    chunks += _chunk(*pixels)
    if exif:
        chunks += _chunk(b"EXIF", exif)
    return b"RIFF" + struct.pack("<L", 4 + len(chunks)) + b"WEBP" + chunks


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<L", len(body)) + body + b"\x00" * (len(body) % 2)


def _three(number: bytes) -> int:
    return int.from_bytes(number[:3], "little")
