"""JPEG files by their segments (ITU-T T.81, annex B), without decoding."""

from __future__ import annotations

import re
import struct

from .container import MAX_SEGMENTS, UNREADABLE, Container, orientation_of, too_many
from .errors import ImageUnreadable

START, END = b"\xff\xd8", b"\xff\xd9"
_SCAN, _EXIF, _JFIF, _ADOBE, _COMMENT = 0xDA, 0xE1, 0xE0, 0xEE, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
# tables and what else belongs to pixels: DHT, DAC, DQT, DNL, DRI
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})
# Within a scan 0xFF stands for itself before 0x00, and 0xD0 to 0xD7 are restart marks.
# The pattern begins with one fixed byte, for which the search is sixteen times as quick as for a
# run of them: bytes 0xFF that fill up before a mark stay in front of it.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"


def read(data: bytes) -> Container:
    """Walk a JPEG; of what a phone appends (previews, depth maps, films) nothing is left.

    Raises:
        ImageUnreadable: damaged before its first pixel, or made of too many segments.
        struct.error, IndexError: it ends there.
    """
    kept = [START]
    frame: tuple[int, bytes] | None = None
    exif = xmp = b""
    scans, interleaved, complete, pieces = 0, True, False, 0
    position = 2
    while True:
        found = _MARKER.search(data, position)
        if found is None:
            if scans:
                break  # what follows the last scan is no JPEG
            raise ImageUnreadable(UNREADABLE)
        marker = found.group(1)[0]
        pieces += 1
        if pieces > MAX_SEGMENTS:
            raise too_many()
        if marker == END[1]:
            complete = True
            break
        try:
            (length,) = struct.unpack_from(">H", data, found.end())
        except struct.error:
            length = 0
        start, end = found.end() + 2, found.end() + length
        body = data[start:end]
        if length < 2 or len(body) < length - 2:
            if scans:
                break
            raise ImageUnreadable(UNREADABLE)
        position = end
        if marker == _EXIF and body.startswith(b"Exif\x00"):
            exif = exif or body[6:]
        elif marker == _EXIF and body.startswith(_XMP):
            xmp = xmp or body
        elif marker == _JFIF and body.startswith(b"JFIF\x00"):
            kept.append(_segment(marker, body[:12].ljust(12, b"\x00") + b"\x00\x00"))
        elif marker == _ADOBE and body.startswith(b"Adobe"):
            kept.append(_segment(marker, body[:12]))
        elif marker in _TABLES:
            kept.append(_segment(marker, body))
        elif marker in _FRAMES:
            if frame is not None:
                raise ImageUnreadable(UNREADABLE)
            frame = (marker, body)
            kept.append(_segment(marker, body))
        elif marker == _SCAN:
            if frame is None:
                raise ImageUnreadable(UNREADABLE)
            scans += 1
            interleaved = interleaved and body[0] == frame[1][5]
            following = _MARKER.search(data, end)
            position = following.start() if following else len(data)
            kept += [_segment(marker, body), data[end:position].rstrip(b"\xff")]
            if following is None:
                break
        elif not (0xE0 <= marker <= 0xEF or marker == _COMMENT):
            if scans:
                break
            raise ImageUnreadable(UNREADABLE)
    if frame is None or not scans:
        raise ImageUnreadable(UNREADABLE)
    kept.append(END)
    progressive = frame[0] in _PROGRESSIVE or not interleaved
    return _container(
        frame, b"".join(kept), orientation_of(exif, xmp), complete, scans, progressive
    )


def with_exif(found: Container, exif: bytes) -> bytes:
    """The file with EXIF put into it."""
    return START + _segment(_EXIF, b"Exif\x00\x00" + exif) + found.essential[2:]


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _container(
    frame: tuple[int, bytes],
    essential: bytes,
    orientation: int,
    complete: bool,
    scans: int,
    progressive: bool,
) -> Container:
    marker, body = frame
    depth, height, width, channels = struct.unpack_from(">BHHB", body)
    if depth != 8 or marker in (0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF):
        raise ImageUnreadable(f"A JPEG of this kind ({depth} bits, type {marker:X}) is not read.")
    factors = [(each >> 4, each & 15) for each in body[7 : 6 + 3 * channels : 3]]
    if not width or not height or channels not in (1, 3, 4) or len(factors) != channels:
        raise ImageUnreadable(UNREADABLE)
    if not all(1 <= side <= 4 for pair in factors for side in pair):
        raise ImageUnreadable(UNREADABLE)
    across, down = max(x for x, _ in factors), max(y for _, y in factors)
    # All coefficients, two bytes each, wait for the last pass.
    coefficients = sum(width * height * x * y // (across * down) for x, y in factors)
    return Container(
        format="JPEG",
        width=width,
        height=height,
        channels=channels,
        depth=depth,
        orientation=orientation,
        essential=essential,
        complete=complete,
        passes=scans,
        buffered=2 * coefficients if progressive or scans > 1 else 0,
    )
