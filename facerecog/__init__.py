"""Face recognition for photographs: image bytes in, faces and embeddings out.

MTCNN finds the face, FaceNet (InceptionResnetV1), SFace or both turn it into numbers of unit
length, and two photographs of one person are near each other in Euclidean distance.

    from facerecog import Recognizer
    recognizer = Recognizer()
    result = recognizer.analyse(open("photo.jpg", "rb").read())
"""

from .asking import Asking
from .config import RecognizerConfig
from .crop import Quality
from .errors import (
    FaceNotFound,
    FaceRecogError,
    FaceTooSmall,
    HeicUnsupported,
    ImageTooLarge,
    ImageUnreadable,
    ModelsMissing,
    PlatformUnsupported,
    RecognizerBusy,
    SeveralFaces,
    TooBlurry,
    TooDark,
)
from .frames import Frame, Seen, Settled, Wanted
from .joint import apart, combined
from .look_alikes import Alike, alike
from .matching import (
    DEFAULT_COSINE_THRESHOLD,
    DEFAULT_THRESHOLD,
    IDENTIFICATION_MARGIN,
    Gallery,
    Match,
    distances,
    template_distance,
)
from .mtcnn import Detection
from .process import RecognizerProcess
from .recognizer import Face, FaceResult, Recognizer, get_embedding_from_bytes
from .remote import RecognizerRefused, RemoteRecognizer
from .weights import default_models_dir, ensure_weights

__all__ = [
    "DEFAULT_COSINE_THRESHOLD",
    "DEFAULT_THRESHOLD",
    "IDENTIFICATION_MARGIN",
    "Alike",
    "Asking",
    "Detection",
    "Face",
    "FaceNotFound",
    "FaceRecogError",
    "FaceResult",
    "FaceTooSmall",
    "Frame",
    "Gallery",
    "HeicUnsupported",
    "ImageTooLarge",
    "ImageUnreadable",
    "Match",
    "ModelsMissing",
    "PlatformUnsupported",
    "Quality",
    "Recognizer",
    "RecognizerBusy",
    "RecognizerConfig",
    "RecognizerProcess",
    "RecognizerRefused",
    "RemoteRecognizer",
    "Seen",
    "Settled",
    "SeveralFaces",
    "TooBlurry",
    "TooDark",
    "Wanted",
    "alike",
    "apart",
    "combined",
    "default_models_dir",
    "distances",
    "ensure_weights",
    "get_embedding_from_bytes",
    "template_distance",
]
