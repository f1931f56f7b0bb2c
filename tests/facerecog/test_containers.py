"""Files made to cost a decoder time or memory, and what of a file is left without its metadata."""

from __future__ import annotations

import io
import itertools
import random
import struct
import subprocess
import sys
import tempfile
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from facerecog import (
    FaceNotFound,
    FaceRecogError,
    HeicUnsupported,
    ImageTooLarge,
    ImageUnreadable,
    Recognizer,
    containers,
)
from facerecog.container import exif_of, orientation_of
from facerecog.decode import MAX_PASSES, Limits, decode, read_header
from facerecog.samples import photo

from .conftest import encoded, opened

LIMITS = Limits(min_side=50)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int,
    height: int,
    *,
    depth: int = 8,
    colour: int = 0,
    interlaced: int = 0,
    more: bytes = b"",
) -> bytes:
    """A black PNG of any kind; its pixels are never held here. ``more``: chunks before them."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows: Iterator[int] = iter([(width * samples * depth + 7) // 8] * height)
    if interlaced:
        rows = itertools.chain.from_iterable(
            [(-(-(width - x) // across) * samples * depth + 7) // 8] * (-(-(height - y) // down))
            for x, y, across, down in (
                (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
                (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
            )
            if width > x and height > y
        )  # fmt: skip
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(1 + row)) for row in rows) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(3)) if colour == 3 else b""
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + palette + more + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def webp_of_size(width: int, height: int, *, lossless: bool) -> bytes:
    """The header of a WebP that says it is so large."""
    if lossless:
        body = b"\x2f" + struct.pack("<L", (width - 1) | (height - 1) << 14) + bytes(20)
        kind = b"VP8L"
    else:
        body = b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(20)
        kind = b"VP8 "
    pixels = kind + struct.pack("<L", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<L", 4 + len(pixels)) + b"WEBP" + pixels


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(data: bytes, *segments: bytes) -> bytes:
    """A JPEG with segments put in behind its start."""
    return data[:2] + b"".join(segments) + data[2:]


def with_many_scans(data: bytes, times: int) -> bytes:
    """A progressive JPEG whose last pass is there so many times more."""
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * times + b"\xff\xd9"


def exif_of_many_entries(count: int, size: int) -> bytes:
    """EXIF whose entries all point at the same ``size`` bytes."""
    entries = b"".join(struct.pack(">HHLL", 0x9000 + n, 7, size, 0) for n in range(count))
    return b"MM\x00*" + struct.pack(">LH", 8, count) + entries + bytes(size)


BOMBS = {
    "a line": (lambda: png(1, 4_900_000), FaceNotFound),
    "a strip": (lambda: png(60, 20_000), FaceNotFound),
    "too narrow for a face": (lambda: png(49, 400), FaceNotFound),
    "16 bits and transparency": (lambda: png(6900, 6900, depth=16, colour=6), ImageTooLarge),
    "16 bits": (lambda: png(4000, 4000, depth=16, colour=2), ImageTooLarge),
    "palette": (lambda: png(6000, 6000, colour=3), ImageTooLarge),
    "colour, interlaced": (lambda: png(5200, 5200, colour=2, interlaced=1), ImageTooLarge),
    "a canvas of WebP": (lambda: webp_of_size(16_383, 16_383, lossless=True), ImageTooLarge),
    "a frame of WebP": (lambda: webp_of_size(6_000, 6_000, lossless=False), ImageTooLarge),
    "a million chunks": (
        lambda: png(100, 100, more=chunk(b"prVt", b"") * 800_000),
        ImageUnreadable,
    ),
    "a million segments": (
        lambda: with_segments(photo("obama").read_bytes(), segment(0xFE, b"") * 2_400_000),
        ImageUnreadable,
    ),
    "a million chunks of WebP": (
        lambda: b"RIFF\0\0\0\0WEBP" + (b"none" + bytes(4)) * 1_200_000,
        ImageUnreadable,
    ),
    "thousands of passes": (
        lambda: with_many_scans(encoded(Image.new("L", (99, 99)), progressive=True), 9_000),
        ImageUnreadable,
    ),
    "many passes": (
        lambda: with_many_scans(encoded(Image.new("RGB", (400, 400)), progressive=True), 200),
        ImageTooLarge,
    ),
    "passes over very many pixels": (
        lambda: encoded(Image.new("RGB", (5000, 5000)), progressive=True, subsampling=0),
        ImageTooLarge,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_cost_too_much_is_refused_before_a_pixel_is_decoded(name: str) -> None:
    make, error = BOMBS[name]
    data = make()
    assert len(data) <= 10 * 2**20
    tracemalloc.start()
    try:
        with pytest.raises(error):
            read_header(data, LIMITS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(data) + 2**20


def test_what_a_photograph_may_weigh_at_most_still_passes() -> None:
    read_header(png(6000, 4000, colour=2), LIMITS)
    read_header(png(4000, 3000, depth=16, colour=2), LIMITS)
    read_header(encoded(Image.new("RGB", (6000, 4000)), progressive=True), LIMITS)
    read_header(encoded(Image.new("RGB", (8000, 6000))), LIMITS)
    read_header(encoded(Image.new("RGB", (4000, 3000)), "WEBP", quality=1, method=0), LIMITS)


METADATA = {
    "png text": lambda: png(64, 64, more=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))),
    "png texts": lambda: png(
        64, 64, more=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**20))) * 900
    ),
    "png profile": lambda: png(
        64, 64, more=chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26), 9))
    ),
    "png exif": lambda: png(64, 64, more=chunk(b"eXIf", exif_of_many_entries(20_000, 2**22))),
    "jpeg exif": lambda: with_segments(
        encoded(Image.new("RGB", (64, 64))),
        segment(0xE1, b"Exif\0\0" + exif_of_many_entries(4_000, 16_000)),
        *[segment(0xE1, b"Exif\0\0" + bytes(60_000))] * 100,
    ),
    "jpeg profile": lambda: with_segments(
        encoded(Image.new("RGB", (64, 64))),
        *[segment(0xE2, b"ICC_PROFILE\0\x01\xff" + bytes(60_000))] * 150,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", METADATA)
def test_metadata_made_to_swell_reaches_no_decoder(name: str) -> None:
    data = METADATA[name]()
    assert len(data) <= 10 * 2**20
    header = read_header(data, LIMITS)
    assert len(header.container.essential) < 5_000
    assert decode(header).shape == (64, 64, 3)


def test_pictures_at_the_limit_stay_within_bounded_memory() -> None:
    """One after the other in a process of its own, whose peak is read from the system."""
    program = """
import resource, sys
from facerecog.decode import Limits, decode, read_header
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    data = open(path, "rb").read()
    decode(read_header(data, Limits(min_side=50)), 8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    files = [
        png(5000, 4900, colour=2),
        png(4300, 4300, colour=6, interlaced=1),
        png(3000, 3000, depth=16, colour=6),
        encoded(Image.new("RGB", (6000, 4000)), progressive=True),
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, data in enumerate(files):
            path = Path(folder) / str(number)
            path.write_bytes(data)
            paths.append(str(path))
        ran = subprocess.run(
            [sys.executable, "-c", program, *paths],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    assert int(ran.stdout) < 350 * 1024  # kilobytes


def test_the_passes_that_are_allowed_are_bounded_work() -> None:
    """The largest progressive picture of the most passes is still decoded."""
    plain = encoded(Image.new("L", (700, 700), 90), progressive=True)
    passes = containers.read(plain).passes
    data = with_many_scans(plain, MAX_PASSES - passes)
    header = read_header(data, LIMITS)
    assert header.container.passes == MAX_PASSES
    assert abs(int(decode(header, 8).mean()) - 90) < 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"GIF89a" + bytes(100), "GIF"),
        (b"BM" + bytes(100), "BMP"),
        (b"II*\0" + bytes(100), "TIFF"),
        (b"%PDF-1.7" + bytes(100), "PDF"),
        (b"\0\0\0\x20ftypavif" + bytes(100), "AVIF"),
        (b"\xff\x0a" + bytes(100), "JPEG XL"),
    ],
    ids=["gif", "bmp", "tiff", "pdf", "avif", "jxl"],
)
def test_a_format_that_is_not_read_is_named(data: bytes, said: str) -> None:
    with pytest.raises(ImageUnreadable, match=said):
        containers.read(data)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1"])
def test_heic_has_a_code_of_its_own_and_a_way_on(recognizer: Recognizer, brand: bytes) -> None:
    with pytest.raises(HeicUnsupported, match="JPEG") as caught:
        recognizer.analyse(b"\0\0\0\x18ftyp" + brand + bytes(200))
    assert caught.value.code == "heic_unsupported"


def test_a_film_in_gif_or_webp_is_no_photograph() -> None:
    frames = [Image.new("RGB", (64, 64), shade) for shade in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        with pytest.raises(ImageUnreadable):
            containers.read(data)


def test_twelve_bits_and_lossless_jpeg_are_refused_by_name() -> None:
    data = bytearray(encoded(Image.new("RGB", (64, 64))))
    frame = data.index(b"\xff\xc0")
    for place, value in ((frame + 4, 12), (frame + 1, 0xC3)):
        changed = bytearray(data)
        changed[place] = value
        with pytest.raises(ImageUnreadable):
            containers.read(bytes(changed))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_what_is_kept_of_a_photograph_has_its_pixels_and_no_place(
    kind: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker of the telephone"
    exif.get_ifd(0x8825)[1] = "N"
    options: dict[str, object] = {"exif": exif, "icc_profile": b"Profile of the owner" * 20}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "Owner of the telephone")
        text.add_itxt("Comment", "Owner of the telephone", zip=False)
        options["pnginfo"] = text
    else:
        options["quality"] = 90
    if kind == "WEBP":
        options["xmp"] = b"<x>Owner of the telephone</x>"
    if kind == "JPEG":
        options["comment"] = b"Owner of the telephone"
    data = encoded(opened("grace_hopper"), kind, **options) + b"Owner of the telephone"
    plain = containers.without_metadata(data)
    assert b"telephone" in data
    for trace in (b"telephone", b"owner", b"Profile"):
        assert trace not in plain
    with Image.open(io.BytesIO(plain)) as image:
        image.load()
        assert dict(image.getexif()) == ({0x0112: orientation} if orientation > 1 else {})
        assert not image.getexif().get_ifd(0x8825)
        assert "icc_profile" not in image.info
    before, after = (decode(read_header(each, LIMITS)) for each in (data, plain))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L"])
@pytest.mark.parametrize("lossless", [True, False])
def test_transparency_and_palettes_survive(mode: str, lossless: bool) -> None:
    picture = opened("grace_hopper").resize((128, 150)).convert(mode)
    if "A" in mode:
        picture.putalpha(Image.linear_gradient("L").resize((128, 150)))
    kind = "PNG" if mode in ("LA", "P", "L") else "WEBP"
    data = encoded(picture, kind, **({"lossless": lossless} if kind == "WEBP" else {}))
    before, after = (
        decode(read_header(each, LIMITS)) for each in (data, containers.without_metadata(data))
    )
    with Image.open(io.BytesIO(data)) as image:
        seen = image.convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        expected = np.asarray(Image.alpha_composite(white, seen).convert("RGB"))
    assert np.array_equal(before, after)
    assert np.array_equal(before, expected)


def test_the_orientation_of_damaged_exif_is_none() -> None:
    good = exif_of(6)
    assert orientation_of(good) == 6
    for length in range(len(good) - 6):
        assert orientation_of(good[:length]) == 1
    assert orientation_of(b"II*\0" + b"\xff" * 100) == 1
    assert orientation_of(b"", b'<a tiff:Orientation="8"/>') == 8
    assert orientation_of(good, b'<a tiff:Orientation="8"/>') == 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_with_damage_anywhere_is_read_or_refused(kind: str) -> None:
    """Never anything but a picture or one of the errors; within memory that its size bounds."""
    draw = random.Random(20)
    data = encoded(opened("grace_hopper").resize((96, 112)), kind)
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(draw.choice((1, 3, 20))):
            damaged[draw.randrange(min(len(damaged), draw.choice((60, 700, 10**6))))] = (
                draw.randrange(256)
            )
        if draw.random() < 0.3:
            del damaged[draw.randrange(len(damaged)) :]
        try:
            decode(read_header(bytes(damaged), Limits()))
        except FaceRecogError:
            continue


# -- JPEG without its end mark


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_that_lacks_only_its_end_mark_is_read(
    recognizer: Recognizer, mode: str, progressive: bool
) -> None:
    whole = encoded(opened("grace_hopper").convert(mode), progressive=progressive, quality=90)
    expected = recognizer.decode(whole)
    for cut in (whole[:-2], whole[:-1], whole[:-2] + bytes(300), whole[:-2] + b"SEFT" * 50):
        assert np.array_equal(recognizer.decode(cut), expected)
        assert recognizer.analyse(cut).probability > 0.9
    plain = containers.without_metadata(whole[:-2])
    assert np.array_equal(recognizer.decode(plain), expected)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lost", [3, 8, 40, 1000, 20_000])
def test_a_jpeg_that_lacks_pixels_is_refused(
    recognizer: Recognizer, lost: int, progressive: bool
) -> None:
    whole = encoded(opened("grace_hopper"), progressive=progressive, quality=90)
    with pytest.raises(ImageUnreadable, match="cut off"):
        recognizer.decode(whole[: -2 - lost])
