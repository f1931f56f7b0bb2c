"""Pictures and files as they arrive in a multipart form."""

from __future__ import annotations

from typing import Any

from flask import g, request
from werkzeug.datastructures import FileStorage

from attendance.core.errors import ImageTooLarge, InvalidRequest, Problem, RequestTooLarge
from attendance.core.limits import MAX_IMAGE_BYTES, MAX_IMAGES

# Room for the other fields of the form and its boundaries.
FORM_OVERHEAD_BYTES = 64 * 1024


def allow_images(count: int) -> None:
    """Let this request's body be as large as `count` pictures; larger ones are cut off unread."""
    request.max_content_length = count * MAX_IMAGE_BYTES + FORM_OVERHEAD_BYTES
    g.pictures = count > 0


def allow_file() -> None:
    """Let this request's body hold one file that is no picture, as large as a picture may be."""
    allow_images(1)
    g.pictures = False


def too_large() -> Problem:
    """Why reading this request's body was given up."""
    length = request.content_length
    if length is not None and length <= (request.max_content_length or 0):
        return RequestTooLarge(
            f"The form has more than {request.max_form_parts} parts, or one that is no file and "
            f"larger than {(request.max_form_memory_size or 0) // 1000} kB."
        )
    # whether it is for pictures that the body may be large
    return ImageTooLarge() if g.get("pictures") else RequestTooLarge()


def picture(upload: Any) -> bytes:
    """The bytes of an uploaded picture.

    Raises:
        InvalidRequest: no file came as `image`.
        ImageTooLarge: more than 10 MB.
    """
    return _read(upload, "image", ImageTooLarge)


def file(upload: Any) -> bytes:
    """The bytes of an uploaded file.

    Raises:
        InvalidRequest: no file came as `file`.
        RequestTooLarge: more than 10 MB.
    """
    return _read(upload, "file", RequestTooLarge)


def _read(upload: Any, field: str, too_large: type[Problem]) -> bytes:
    if not isinstance(upload, FileStorage):
        raise InvalidRequest(f"{field}: a file is missing.")
    data = upload.stream.read(MAX_IMAGE_BYTES + 1)
    if len(data) > MAX_IMAGE_BYTES:
        raise too_large
    return data


def pictures(uploads: list[Any]) -> list[bytes]:
    """One to five pictures.

    Raises:
        InvalidRequest, ImageTooLarge: with `image` telling which (from 1).
    """
    if not 1 <= len(uploads) <= MAX_IMAGES:
        raise InvalidRequest(f"image: send one to {MAX_IMAGES} pictures.")
    read = []
    for number, upload in enumerate(uploads, start=1):
        try:
            read.append(picture(upload))
        except Problem as problem:
            problem.extra["image"] = number
            raise
    return read
