"""Every setting of the recognizer, with its default and one line of meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .decode import Limits
from .models import DEFAULT_NETWORKS, DEFAULT_WEIGHTS, Networks, model_of
from .weights import default_models_dir

Engine = Literal["openvino", "torch"]
Mode = Literal["fast", "exact"]
Precision = Literal["auto", "f32", "bf16", "int8"]


@dataclass(frozen=True)
class RecognizerConfig:
    """Settings of a :class:`facerecog.Recognizer`; pixels are those of the upright photograph."""

    models_dir: Path = field(default_factory=default_models_dir)
    """Folder that ``python -m facerecog fetch`` filled."""
    engine: Engine = "openvino"
    """``openvino``, or ``torch`` where facenet-pytorch is installed (requirements-torch.txt)."""
    mode: Mode = "fast"
    """``fast``: coarse first; ``exact``: facenet-pytorch's full pyramid in float32."""
    precision: Precision = "auto"
    """Of the fast mode: ``auto`` computes the embedding in ``int8`` where the processor has
    instructions for that (VNNI, AMX), and the rest in ``bf16`` where it computes in it, else all in
    ``f32``."""
    networks: Networks = DEFAULT_NETWORKS
    """``both``: FaceNet's and SFace's embeddings in one; ``vggface2``: FaceNet alone, ``sface``:
    SFace alone, for which no file of FaceNet is needed. Templates of one cannot be compared with
    another's, but ``both`` holds the other two."""
    weights: str = DEFAULT_WEIGHTS
    """Of FaceNet: ``vggface2``, or, without SFace, ``casia-webface``."""
    threads: int = 0
    """Threads of the networks together; 0 takes every core that the process may use."""

    max_image_bytes: int = 10 * 2**20
    """Larger uploads are refused unread (10 MB)."""
    max_image_pixels: int = 50_000_000
    """Larger pictures are refused before a pixel is decoded (a 48-megapixel phone still passes)."""
    max_decoded_bytes: int = 75_000_000
    """The same for what must be decoded whole (PNG, WebP, a JPEG of several passes): pixels ×
    samples × bytes of a sample. 75 MB are 25 megapixels in colour, 12 with 16 bits a sample."""
    max_proportion: float = 16
    """A picture that is longer than so many times its shorter side is refused undecoded."""
    max_concurrent_decodes: int = 0
    """Pictures in memory at the same time; 0 is one for each thread."""

    detect_min_face: int = 20
    """Smallest face the detector looks for, pixels (facenet-pytorch's default)."""
    min_probability: float = 0.9
    """Detections below this probability do not count as faces."""
    dominance: float = 2.0
    """One face must have this many times the area of the second largest, or there are several."""
    margin: int = 20
    """Pixels of the 160-pixel crop around the box, as facenet-pytorch's ``margin``."""

    min_face_size: int = 50
    """Shorter side of the face's box below which it is too small, pixels."""
    min_sharpness: float = 60.0
    """Least variance of the Laplacian of the face at 80 pixels and equal contrast."""
    min_brightness: float = 20.0
    """Least mean luminance of the face, 0 to 255."""
    low_light: bool = True
    """Lift dark faces to a fixed mean luminance before they are embedded."""

    max_queue: int = 64
    """Analyses that may wait or run; one more is answered RecognizerBusy."""
    max_batch: int = 4
    """Photographs of concurrent requests that are taken together at most."""
    retry_after: int = 1
    """Seconds that RecognizerBusy asks the caller to wait."""

    @property
    def model(self) -> str:
        """The name that templates of this choice bear (see :mod:`facerecog.models`)."""
        return model_of(self.networks, self.weights)

    @property
    def limits(self) -> Limits:
        """What a picture that is searched for a face may cost."""
        return Limits(
            max_bytes=self.max_image_bytes,
            max_pixels=self.max_image_pixels,
            max_decoded_bytes=self.max_decoded_bytes,
            min_side=self.min_face_size,
            max_proportion=self.max_proportion,
        )
