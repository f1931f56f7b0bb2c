"""What can go wrong between the bytes of a photograph and an embedding, by name.

Every error carries a stable ``code`` for programs; ``str(error)`` is one sentence for the person
who took the photograph. Nothing here knows of HTTP.
"""

from __future__ import annotations


class FaceRecogError(Exception):
    """Base of every error that this package raises on purpose."""

    code = "face_recognition_failed"


class ImageUnreadable(FaceRecogError):
    """The bytes are no still JPEG, PNG or WebP picture, or the picture is damaged."""

    code = "image_unreadable"


class HeicUnsupported(FaceRecogError):
    """The picture is a HEIC file, which is not read (docs/security.md says why)."""

    code = "heic_unsupported"


class ImageTooLarge(FaceRecogError):
    """The picture has more bytes, more pixels or more passes than the configuration allows."""

    code = "image_too_large"


class FaceNotFound(FaceRecogError):
    """The detector found no face."""

    code = "face_not_found"


class SeveralFaces(FaceRecogError):
    """No face is clearly larger than the others."""

    code = "several_faces"


class FaceTooSmall(FaceRecogError):
    """The face has too few pixels to be judged."""

    code = "face_too_small"


class TooBlurry(FaceRecogError):
    """The face is out of focus or moved during the exposure."""

    code = "too_blurry"


class TooDark(FaceRecogError):
    """The face is too dark to be judged."""

    code = "too_dark"


class RecognizerBusy(FaceRecogError):
    """The waiting queue is full; the caller should try again after ``retry_after`` seconds."""

    code = "recognizer_busy"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelsMissing(FaceRecogError):
    """The network weights are not in the models folder, or are not what they should be."""

    code = "models_missing"


class PlatformUnsupported(FaceRecogError):
    """The networks cannot run on this processor, system or Python."""

    code = "platform_unsupported"
