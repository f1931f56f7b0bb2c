"""The school's logo: whatever picture was sent is drawn anew, so that only pixels remain."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

FORMATS = ["JPEG", "PNG", "WEBP"]
SIZE = (480, 160)
MOST_PIXELS = 20_000_000


class NotALogo(Exception):
    """The bytes are no still JPEG, PNG or WebP picture, it is damaged, or has too many pixels."""


def drawn(data: bytes) -> bytes:
    """The picture as a small PNG, upright and without anything else that the file has.

    Raises:
        NotALogo
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotALogo
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except NotALogo:
        raise
    except Exception as error:  # Pillow's readers raise many kinds on damaged files
        raise NotALogo from error
    upright.thumbnail(SIZE, Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()
