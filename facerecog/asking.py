"""What a server asks of networks that are in another process, wherever that is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from . import wire
from .frames import Frame, Wanted
from .recognizer import Face, FaceResult

if TYPE_CHECKING:
    from typing_extensions import Self  # Python 3.10 has none


class Asking(ABC):
    """The calls of a :class:`Recognizer` that servers use; its children carry them there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End what it holds; this object must not be used afterwards."""

    @property
    @abstractmethod
    def info(self) -> dict[str, Any]:
        """As :attr:`Recognizer.info`.

        Raises:
            RecognizerBusy: the networks are away for a moment.
        """

    @property
    @abstractmethod
    def queue_depth(self) -> int:
        """How many analyses run or wait now."""

    @abstractmethod
    def _ask(self, what: bytes, data: bytes) -> bytes:
        """The answer to a request (see `facerecog/wire.py`)."""

    def analyse(self, data: bytes) -> FaceResult:
        """Find and embed the one face of a photograph.

        Raises:
            FaceRecogError: as :meth:`Recognizer.analyse`.
        """
        found = wire.face(self._ask(wire.ANALYSE, data))
        assert isinstance(found, FaceResult)
        return found

    def enrol(self, data: bytes) -> FaceResult:
        """Find and embed the one face of a photograph for a template.

        Raises:
            FaceRecogError: as :meth:`Recognizer.enrol`.
        """
        found = wire.face(self._ask(wire.ENROL, data))
        assert isinstance(found, FaceResult)
        return found

    def find(self, data: bytes) -> Face:
        """Find and judge the one face of a photograph.

        Raises:
            FaceRecogError: as :meth:`Recognizer.find`.
        """
        return wire.face(self._ask(wire.FIND, data))

    def study(self, data: bytes) -> FaceResult:
        """Find and embed the one face of a photograph, and say what the frame tells besides.

        Raises:
            FaceRecogError: as :meth:`Recognizer.study`.
        """
        found = wire.face(self._ask(wire.STUDY, data))
        assert isinstance(found, FaceResult)
        return found

    def look(self, data: bytes, wanted: Wanted) -> Frame:
        """Find all faces of a picture, and embed those that are wanted.

        Raises:
            FaceRecogError: as :meth:`Recognizer.look`.
        """
        return wire.frame(self._ask(wire.LOOK, wire.wanted(wanted, data)))
