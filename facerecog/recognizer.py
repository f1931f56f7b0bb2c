"""The door of the package: a photograph in, one face with its embedding out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import boxes as bx
from .align import ALIGNED_SIZE, aligned_face
from .config import RecognizerConfig
from .convert import FACE_SIZE
from .crop import LIGHT_TARGET, Quality, crop_face, crop_face_quickly, lightened, measure
from .decode import decode, read_header, reduction
from .engines import Engine, load_engine
from .errors import (
    FaceNotFound,
    FaceTooSmall,
    SeveralFaces,
    TooBlurry,
    TooDark,
)
from .frames import Frame, Wanted, look
from .lanes import Lanes
from .models import PARTS, embedding_size, mean_by_network
from .mtcnn import CELL, Detection
from .processors import available_cores
from .signs import Signs, signs
from .turns import Turns

FRAME_SIDE = 360
"""Shorter side, in pixels, that a photograph keeps at least when it is decoded smaller (fast)."""
LONGEST_SHAPE = 4
"""A picture longer than so many times its height is decoded as if it were no longer."""
SURELY_UPRIGHT = 0.995
"""Probability from which a face stands upright. Of 300 photographs of Labeled Faces in the Wild 295
have it as they are; turned by 90, 180 and 270 degrees none, six and one."""
TURNED_ODDS = 4
"""So many times the odds of the face as it stands must a turned one have. Without it two of 3,388
upright photographs were turned over; of those that were turned it costs one in 3,000."""
CROP_SIDE = 110
"""Side of a box that fills the 160-pixel crop with its margin: no pixel is invented from there."""


@dataclass(frozen=True)
class Face:
    """The one face of a photograph, good enough to judge."""

    box: np.ndarray
    """(4,) float32: x1, y1, x2, y2 in pixels of the upright photograph, within its edges."""
    landmarks: np.ndarray
    """(5, 2) float32: eyes, nose, mouth corners; x, y in pixels of the upright photograph."""
    probability: float
    """That this is a face, by the detector; says nothing about whose it is."""
    quality: Quality
    signs: Signs | None = field(default=None, kw_only=True)
    """Of :meth:`Recognizer.study` and :meth:`Recognizer.enrol` only."""


@dataclass(frozen=True)
class FaceResult(Face):
    """The same with its embedding."""

    embedding: np.ndarray
    """(size,) float32 of unit length; ``embedding_size`` of :attr:`Recognizer.info` says how many
    numbers: 640 with both networks, 512 with FaceNet, 128 with SFace."""


@dataclass(frozen=True)
class _Pictures:
    """What the networks see of one face."""

    crop: np.ndarray
    """(160, 160, 3) uint8: the box with its margin."""
    aligned: np.ndarray | None
    """(112, 112, 3) uint8: turned upright by the landmarks; None where no network wants it."""

    def mirrored(self) -> _Pictures:
        """The same face as in a mirror."""
        aligned = None if self.aligned is None else self.aligned[:, ::-1]
        return _Pictures(self.crop[:, ::-1], aligned)


@dataclass(frozen=True)
class _Photograph:
    data: bytes
    looks: int
    """How often its face is embedded: not at all, as it is, or also mirrored."""
    signs: bool = False
    """Whether it is asked what the frame tells besides."""


class Recognizer:
    """Detector and embedding network, loaded once per process and shared by its threads."""

    def __init__(self, config: RecognizerConfig | None = None) -> None:
        """Load the networks.

        Raises:
            ModelsMissing: run ``python -m facerecog fetch``.
            PlatformUnsupported: the networks or the chosen engine cannot run here.
        """
        self.config = config or RecognizerConfig()
        self._turns = turns = Turns(self.config.max_queue, self.config.retry_after)
        self._engine: Engine = load_engine(
            self.config, self.config.threads or available_cores(), lambda: turns.held > 1
        )
        self._parts = PARTS[self.config.model]
        self._aligns = "sface" in self._parts
        self._looking = threading.Lock()
        at_once = self.config.max_concurrent_decodes or self._engine.side_by_side
        self._lanes: Lanes[_Photograph, Face] = Lanes(
            self._analyse_all, at_once, max(1, self.config.max_batch)
        )

    def __enter__(self) -> Recognizer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the networks' memory back; the recognizer must not be used afterwards."""
        self._engine.close()

    @property
    def info(self) -> dict[str, Any]:
        """What is in use: engine, mode, precision, threads, networks and their SHA-256.

        ``model`` is what templates are called, ``embedding_size`` how many numbers they have.
        """
        return {
            "engine": self.config.engine,
            "mode": self.config.mode,
            "networks": self.config.networks,
            "weights": self.config.weights,
            "model": self.config.model,
            "embedding_size": embedding_size(self.config.model),
            **self._engine.info,
        }

    @property
    def queue_depth(self) -> int:
        """How many analyses run or wait now."""
        return self._turns.held

    def analyse(self, data: bytes) -> FaceResult:
        """Decode a photograph, find its one face, judge it and embed it.

        Raises:
            RecognizerBusy: too many analyses wait already; nothing was done.
            ImageUnreadable, ImageTooLarge, FaceNotFound, SeveralFaces, FaceTooSmall, TooBlurry,
            TooDark: in this order, the first that applies.
        """
        with self._turns.turn():
            found = self._lanes.do(_Photograph(data, looks=1))
        assert isinstance(found, FaceResult)
        return found

    def study(self, data: bytes) -> FaceResult:
        """As :meth:`analyse`, with the :class:`Signs` of the frame.

        Raises:
            FaceRecogError: as :meth:`analyse`.
        """
        with self._turns.turn():
            found = self._lanes.do(_Photograph(data, looks=1, signs=True))
        assert isinstance(found, FaceResult)
        return found

    def find(self, data: bytes) -> Face:
        """Find and judge as :meth:`analyse` does, without the embedding, which takes the longest.

        Raises:
            FaceRecogError: as :meth:`analyse`.
        """
        with self._turns.turn():
            return self._lanes.do(_Photograph(data, looks=0))

    def enrol(self, data: bytes) -> FaceResult:
        """As :meth:`analyse`, for a template: the mean with the face's mirror image.

        A comparison with it costs no more, and one's own photographs come out nearer; it takes the
        networks twice as long (docs/accuracy.md).

        Raises:
            FaceRecogError: as :meth:`analyse`.
        """
        with self._turns.turn():
            found = self._lanes.do(_Photograph(data, looks=2, signs=True))
        assert isinstance(found, FaceResult)
        return found

    def embed_image(self, data: bytes) -> np.ndarray:
        """Return the embedding (size,) of :meth:`analyse`."""
        return self.analyse(data).embedding

    def probe_and_template(self, data: bytes) -> np.ndarray:
        """Return (2, size), the embeddings of :meth:`analyse` and :meth:`enrol`, for evaluations.

        Raises:
            FaceRecogError: as :meth:`analyse`.
        """
        _, pictures = self._judged_face(_Photograph(data, looks=2))
        looks = self._embed_pictures([pictures, pictures.mirrored()])
        return np.stack([looks[0], mean_by_network(looks, self.config.model)])

    @property
    def aligns(self) -> bool:
        """Whether :meth:`embed` wants ``aligned``."""
        return self._aligns

    def look(self, data: bytes, wanted: Wanted) -> Frame:
        """Find all faces of a picture and embed those that are wanted, one picture at a time.

        Frames of cameras go beside the lanes of single photographs, and leave room for them.

        Raises:
            RecognizerBusy: half of the queue is taken.
            ImageUnreadable, ImageTooLarge: see :mod:`facerecog.decode`.
        """
        with self._turns.turn(part=2), self._looking:
            return look(self, data, wanted)

    def decode(self, data: bytes) -> np.ndarray:
        """Decode a photograph to (h, w, 3) uint8 RGB, upright, at full size.

        Raises:
            ImageUnreadable, ImageTooLarge: see :mod:`facerecog.decode`.
        """
        return decode(read_header(data, replace(self.config.limits, min_side=1)))

    def detect(self, image: np.ndarray, min_face: float | None = None) -> list[Detection]:
        """Find all faces of an image (h, w, 3) uint8 RGB, the largest first.

        ``min_face`` is the smallest that matters, pixels: 40 in a group photograph, 20 in a
        classroom seen by one camera; unset: ``detect_min_face``. Half the size is four times the
        search.
        """
        smallest = self.config.detect_min_face if min_face is None else min_face
        if not smallest >= CELL:
            raise ValueError(f"min_face must be {CELL} pixels or more")
        return self._engine.detect_all(_checked(image), smallest)

    def detect_prominent(self, image: np.ndarray) -> list[Detection]:
        """Find the largest face and every face that could compete with it, the largest first.

        What :meth:`analyse` searches by; in the fast mode quicker than :meth:`detect`.
        """
        return self._engine.detect_prominent(_checked(image))

    def embed(
        self, crops: np.ndarray | None = None, aligned: np.ndarray | None = None
    ) -> np.ndarray:
        """Embed n faces to (n, size) float32 of unit length.

        FaceNet wants ``crops`` (n, 160, 160, 3) uint8 RGB, of :meth:`crop`; SFace wants ``aligned``
        (n, 112, 112, 3) uint8 RGB, of :meth:`align`; both together want both.

        Raises:
            ValueError: what one of the networks wants is not there, or is of another shape.
        """
        pictures: dict[str, np.ndarray] = {}
        for part in self._parts:
            name, side = ("aligned", ALIGNED_SIZE) if part == "sface" else ("crops", FACE_SIZE)
            given = aligned if part == "sface" else crops
            if given is None or given.dtype != np.uint8 or given.shape[1:] != (side, side, 3):
                raise ValueError(f"{name} must be (n, {side}, {side}, 3) uint8")
            pictures[part] = given
        if len({len(given) for given in pictures.values()}) > 1:
            raise ValueError("crops and aligned must show the same faces")
        if not len(next(iter(pictures.values()))):
            return np.empty((0, embedding_size(self.config.model)), np.float32)
        embeddings = self._engine.embed(pictures).astype(np.float32, copy=False)
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)

    def embed_faces(self, image: np.ndarray, faces: Sequence[Detection]) -> np.ndarray:
        """Embed faces that were detected in ``image`` (h, w, 3) uint8 RGB to (n, size) float32."""
        return self._embed_pictures([self._pictures(image, face) for face in faces])

    def crop(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Cut a detected face out of ``image`` as (160, 160, 3) uint8, with the set margin."""
        cut = crop_face_quickly if self._fast else crop_face
        return cut(image, box, self.config.margin)

    def align(self, image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Turn a face upright by its landmarks (5, 2), as (112, 112, 3) uint8."""
        return aligned_face(image, landmarks)

    def _pictures(self, image: np.ndarray, face: Detection) -> _Pictures:
        aligned = self.align(image, face.landmarks) if self._aligns else None
        return _Pictures(self.crop(image, face.box), aligned)

    def _embed_pictures(self, faces: Sequence[_Pictures]) -> np.ndarray:
        crops = [face.crop for face in faces]
        aligned = [face.aligned for face in faces if face.aligned is not None]
        return self.embed(
            np.stack(crops) if crops else np.empty((0, FACE_SIZE, FACE_SIZE, 3), np.uint8),
            np.stack(aligned)
            if aligned
            else np.empty((0, ALIGNED_SIZE, ALIGNED_SIZE, 3), np.uint8),
        )

    @property
    def _fast(self) -> bool:
        return self.config.engine == "openvino" and self.config.mode == "fast"

    def _analyse_all(self, photographs: Iterable[_Photograph]) -> list[Face | BaseException]:
        """Return what is found in each photograph: its face, embedded where wanted, or a refusal.

        One photograph is decoded at a time; the faces are embedded together.
        """
        outcomes: list[Face | BaseException] = []
        found: list[tuple[int, int]] = []
        looks: list[_Pictures] = []
        for photograph in photographs:
            try:
                face, pictures = self._judged_face(photograph)
            except Exception as error:
                outcomes.append(error)
                continue
            if photograph.looks:
                found.append((len(outcomes), photograph.looks))
                looks += [pictures, pictures.mirrored()][: photograph.looks]
            outcomes.append(face)
        embeddings = self._embed_pictures(looks)
        for place, count in found:
            own, embeddings = embeddings[:count], embeddings[count:]
            embedding = own[0] if count == 1 else mean_by_network(own, self.config.model)
            outcomes[place] = FaceResult(**vars(outcomes[place]), embedding=embedding)
        return outcomes

    def _judged_face(self, photograph: _Photograph) -> tuple[Face, _Pictures]:
        """Return the dominating face and its pictures as they are embedded, or refuse."""
        found, pictures, size, seen = self._one_face(photograph.data, photograph.signs)
        quality = measure(pictures.crop, size)
        self._judge(quality)
        if self.config.low_light:
            crop, aligned = pictures.crop, pictures.aligned
            pictures = _Pictures(
                lightened(crop, quality.brightness),
                None if aligned is None else lightened(aligned, quality.brightness),
            )
        face = Face(found.box, found.landmarks, found.probability, quality, signs=seen)
        return face, pictures

    def _one_face(
        self, data: bytes, with_signs: bool
    ) -> tuple[Detection, _Pictures, int, Signs | None]:
        """Return the dominating face in full-size pixels, its pictures, its shorter side, and where
        they are asked for its signs."""
        header = read_header(data, self.config.limits)
        shorter, longer = sorted((header.width, header.height))
        side = max(shorter, longer / LONGEST_SHAPE)
        reduce = reduction(side, FRAME_SIDE) if self._fast else 1
        image = decode(header, reduce)
        ratio = max(header.width, header.height) / max(image.shape[:2])
        image, faces, turns = self._upright_faces(image)
        face = self._dominating(faces, image)
        face_side = float(min(face.box[2:] - face.box[:2]))
        if ratio > 1 and face_side < CROP_SIDE:
            image = decode(header, reduction(face_side * ratio, CROP_SIDE))
            finer = max(header.width, header.height) / max(image.shape[:2])
            image = np.ascontiguousarray(np.rot90(image, turns))
            face, ratio = face.scaled(ratio / finer), finer
        pictures = self._pictures(image, face)
        height, width = image.shape[:2]
        inside = bx.clipped(face.box[None], width, height)[0]
        seen = None
        if with_signs:
            x1, y1, x2, y2 = inside.astype(int)
            seen = signs(image[y1:y2, x1:x2], self.align(image, face.landmarks))
        whole = Detection(inside, face.probability, face.landmarks).scaled(ratio)
        return whole, pictures, int(min(whole.box[2:] - whole.box[:2])), seen

    def _upright_faces(self, image: np.ndarray) -> tuple[np.ndarray, list[Detection], int]:
        """Return the faces that count, the picture in which they stand upright, and its turns.

        Turns are quarters, anticlockwise. They are tried only where no face, or none for sure, is
        found: a phone that lay flat tells a wrong orientation, and what forwards pictures drops the
        right one. A face on its side or its head is sometimes found, but never for sure.
        """
        upright = self._prominent(image)
        best = (image, upright, 0)
        if upright and upright[0].probability >= SURELY_UPRIGHT:
            return best
        for turns in (1, 3, 2):
            turned = np.ascontiguousarray(np.rot90(image, turns))
            faces = self._prominent(turned)
            if not faces or (upright and not _surer(faces[0], upright[0])):
                continue
            if not best[1] or faces[0].probability > best[1][0].probability:
                best = (turned, faces, turns)
        return best

    def _prominent(self, image: np.ndarray) -> list[Detection]:
        """Return the faces that count; a dark frame in which none is seen is lifted first."""
        found = self._engine.detect_prominent(image)
        faces = [face for face in found if face.probability >= self.config.min_probability]
        if faces or not self.config.low_light or (mean := float(image.mean())) >= LIGHT_TARGET:
            return faces
        found = self._engine.detect_prominent(lightened(image, mean))
        return [face for face in found if face.probability >= self.config.min_probability]

    def _dominating(self, faces: list[Detection], image: np.ndarray) -> Detection:
        """Return the face that is clearly the largest within the frame."""
        height, width = image.shape[:2]
        if not faces:
            raise FaceNotFound("No face was found in the picture.")
        areas = bx.areas(bx.clipped(np.stack([face.box for face in faces]), width, height))
        order = np.argsort(-areas)
        if len(faces) > 1 and areas[order[0]] < self.config.dominance * areas[order[1]]:
            raise SeveralFaces("There are several faces; only one person may be in the picture.")
        return faces[order[0]]

    def _judge(self, quality: Quality) -> None:
        """Refuse a face that cannot be judged; the sentences tell how to do better."""
        if quality.size < self.config.min_face_size:
            raise FaceTooSmall("The face is too small; hold the camera nearer.")
        if quality.sharpness < self.config.min_sharpness:
            raise TooBlurry("The face is blurred; hold the camera still and clean the lens.")
        if quality.brightness < self.config.min_brightness:
            raise TooDark("The face is too dark; turn towards the light.")


def _surer(turned: Detection, upright: Detection) -> bool:
    """Tell whether a face in the turned picture is so sure that the upright one must be wrong."""
    odds = [p / max(1 - p, 1e-9) for p in (turned.probability, upright.probability)]
    return turned.probability >= SURELY_UPRIGHT and odds[0] >= TURNED_ODDS * odds[1]


def _checked(image: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError("image must be (h, w, 3) uint8 RGB")
    return image


_default: Recognizer | None = None
_default_lock = threading.Lock()


def default_recognizer() -> Recognizer:
    """Return the process-wide recognizer with default settings, loaded at the first call."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Recognizer()
        return _default


def get_embedding_from_bytes(data: bytes) -> np.ndarray:
    """Return the embedding (size,) float32, unit length, of the one face in a photograph.

    Raises:
        FaceRecogError: its subclasses, see :meth:`Recognizer.analyse`.
    """
    return default_recognizer().embed_image(data)
