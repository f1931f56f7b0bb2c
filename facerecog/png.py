"""PNG files by their chunks (W3C PNG, third edition), without decoding."""

from __future__ import annotations

import struct
import zlib

from .container import (
    ANIMATED,
    MAX_PIXEL_CHUNKS,
    MAX_SEGMENTS,
    UNREADABLE,
    Container,
    orientation_of,
    too_many,
)
from .errors import ImageUnreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(SIGNATURE) + 25  # IHDR: length, name, 13 bytes, checksum
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}  # by colour type, 11.2.1; a palette becomes RGB
_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_XMP = b"XML:com.adobe.xmp\x00"


def read(data: bytes) -> Container:
    """Walk a PNG; its texts, profiles and times are left out.

    Raises:
        ImageUnreadable: no header, animated, or made of too many chunks.
        struct.error, IndexError: it ends within the header.
    """
    width, height, depth, colour = struct.unpack_from(">LLBB", data, 16)
    if data[12:16] != b"IHDR" or colour not in _CHANNELS or not width or not height:
        raise ImageUnreadable(UNREADABLE)
    channels = _CHANNELS[colour]
    kept = [SIGNATURE]
    exif = xmp = b""
    position, pieces, complete = len(SIGNATURE), 0, False
    counted = {b"IDAT": 0}
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">L4s", data, position)
        end = position + 12 + length
        if name in counted:
            counted[name] += 1
        else:
            pieces += 1
        if pieces > MAX_SEGMENTS or counted[b"IDAT"] > MAX_PIXEL_CHUNKS:
            raise too_many()
        if name == b"acTL":
            (frames,) = struct.unpack_from(">L", data, position + 8)
            if frames > 1:
                raise ImageUnreadable(ANIMATED)
        elif name == b"eXIf":
            exif = exif or data[position + 8 : end - 4]
        elif name == b"iTXt" and data.startswith(_XMP, position + 8):
            xmp = xmp or data[position + 8 : end - 4]
        elif name == b"tRNS" and colour in (0, 2, 3):
            channels = {0: 2, 2: 4, 3: 4}[colour]
        if name in _PIXELS:
            kept.append(data[position:end])
        position = end
        if name == b"IEND":
            complete = True
            break
    return Container(
        format="PNG",
        width=width,
        height=height,
        channels=channels,
        depth=depth,
        orientation=orientation_of(exif, xmp),
        essential=b"".join(kept),
        complete=complete,
    )


def with_exif(found: Container, exif: bytes) -> bytes:
    """The file with EXIF put into it."""
    body = b"eXIf" + exif
    chunk = struct.pack(">L", len(exif)) + body + struct.pack(">L", zlib.crc32(body))
    return found.essential[:_HEADER_END] + chunk + found.essential[_HEADER_END:]
