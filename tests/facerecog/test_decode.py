"""Bytes to pixels: what is read, and what is refused before it costs memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from facerecog import ImageTooLarge, ImageUnreadable, Recognizer, RecognizerConfig
from facerecog.decode import Limits, decode, read_header, reduction
from facerecog.samples import photo

from .conftest import encoded, opened

LIMITS = Limits()


def pixels(data: bytes, reduce: int = 1) -> np.ndarray:
    return decode(read_header(data, LIMITS), reduce)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of black pixels, compressed a thousandfold, without holding its pixels here."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    row = zlib.compressobj(9)
    body = b"".join(row.compress(bytes(1 + width)) for _ in range(height)) + row.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start, end = chunk(b"IHDR", header), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + start + chunk(b"IDAT", body) + end


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_jpeg_png_and_webp_are_read_by_content(recognizer: Recognizer, kind: str) -> None:
    data = encoded(opened("grace_hopper"), kind, quality=95)
    assert recognizer.decode(data).shape == (600, 512, 3)
    assert recognizer.analyse(data).probability > 0.9


def test_opencv_and_pillow_decode_jpeg_to_the_same_pixels() -> None:
    data = photo("obama2").read_bytes()
    assert np.array_equal(pixels(data), np.asarray(opened("obama2")))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied_exactly_once(orientation: int, kind: str) -> None:
    upright = opened("grace_hopper")
    # What must be done to the stored picture undoes what the camera did to the upright one.
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose values
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    data = encoded(stored, kind, exif=exif, quality=95)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    found = pixels(data)
    assert found.shape == (600, 512, 3)
    assert np.array_equal(found, expected)
    assert np.abs(found.astype(int) - np.asarray(upright)).mean() < 3


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_a_large_jpeg_can_be_decoded_smaller(factor: int) -> None:
    small = pixels(photo("obama3").read_bytes(), factor)
    whole = opened("obama3")
    expected = np.asarray(whole.resize((small.shape[1], small.shape[0]), Image.Resampling.BOX))
    assert small.shape[0] == -(-whole.height // factor)
    assert np.abs(small.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_anything_else_is_made_smaller_when_it_is_decoded(kind: str, mode: str) -> None:
    data = encoded(opened("obama").crop((0, 0, 400, 300)).convert(mode), kind)
    header = read_header(data, LIMITS)
    whole = decode(header)
    small = decode(header, 4)
    assert (whole.shape, small.shape) == ((300, 400, 3), (75, 100, 3))
    expected = cv2.resize(whole, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 2


def test_the_reduction_leaves_enough_pixels() -> None:
    assert [reduction(side, 360) for side in (300, 719, 720, 1440, 3024)] == [1, 1, 2, 4, 8]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"This is a text, not a picture.\n" * 50,
        b"%PDF-1.7 " + bytes(1000),
        b"GIF89a" + bytes(100),
    ],
    ids=["empty", "two bytes", "text", "pdf", "gif"],
)
def test_what_is_no_picture_is_unreadable(recognizer: Recognizer, data: bytes) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        recognizer.analyse(data)
    assert caught.value.code == "image_unreadable"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.99])
def test_a_truncated_picture_is_unreadable(recognizer: Recognizer, kind: str, part: float) -> None:
    data = encoded(opened("grace_hopper"), kind, quality=90)
    with pytest.raises(ImageUnreadable):
        recognizer.analyse(data[: int(len(data) * part)])


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_an_animated_picture_is_refused(recognizer: Recognizer, kind: str) -> None:
    frames = [opened("grace_hopper"), opened("astronaut").resize((512, 600))]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageUnreadable, match="animated"):
        recognizer.analyse(data)


def test_an_mpo_of_a_phone_is_read_as_the_jpeg_it_begins_with(recognizer: Recognizer) -> None:
    whole = opened("obama2")
    data = encoded(whole, "MPO", save_all=True, append_images=[whole.resize((313, 600))])
    assert recognizer.analyse(data).probability > 0.9


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGBA", "LA", "P", "I;16"])
def test_unusual_pixels_are_turned_into_rgb(recognizer: Recognizer, mode: str) -> None:
    plain = opened("grace_hopper")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(plain.convert("L")).astype(np.uint16) * 257)
    else:
        image = plain.convert(mode)
    data = encoded(image, "JPEG" if mode in ("CMYK", "L") else "PNG")
    found = recognizer.decode(data)
    assert found.shape == (600, 512, 3)
    assert found.dtype == np.uint8
    assert np.abs(found.mean() - np.asarray(plain).mean()) < 6
    assert recognizer.analyse(data).probability > 0.9


def test_transparency_is_seen_on_white() -> None:
    glass = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    assert pixels(encoded(glass, "PNG")).min() == 255


def test_more_than_ten_megabytes_are_refused(recognizer: Recognizer) -> None:
    with pytest.raises(ImageTooLarge) as caught:
        recognizer.analyse(photo("obama").read_bytes() + bytes(10 * 2**20))
    assert caught.value.code == "image_too_large"
    assert "10 MB" in str(caught.value)


@pytest.mark.parametrize("side", [8_000, 12_000, 20_000])
def test_a_decompression_bomb_is_refused_without_allocating_it(
    recognizer: Recognizer, side: int
) -> None:
    data = png_of_size(side, side)
    assert len(data) < 2**20
    tracemalloc.start()
    try:
        with pytest.raises(ImageTooLarge):
            recognizer.analyse(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20


def test_the_limits_are_settings() -> None:
    config = RecognizerConfig(max_image_bytes=1000, max_image_pixels=1000)
    data = photo("obama").read_bytes()
    with pytest.raises(ImageTooLarge):
        read_header(data, replace(LIMITS, max_bytes=config.limits.max_bytes))
    with pytest.raises(ImageTooLarge):
        read_header(data, replace(LIMITS, max_pixels=config.limits.max_pixels))
