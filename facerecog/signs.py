"""What a frame tells besides whose face it shows: a fingerprint, and signs of print and screen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

ROWS, COLUMNS = 16, 16
BITS = ROWS * COLUMNS
_SIDE = 128
_LOW = 14
"""Frequencies below, in periods of the face, are the face's own."""
_RING = 2


@dataclass(frozen=True)
class Signs:
    """Of one face in one frame."""

    fingerprint: str
    """256 bits as hexadecimal digits: near for the same picture, however it was encoded, scaled or
    cut; far for another picture of the same face. No picture can be made of it."""
    peaks: float
    """How far the strongest narrow peak of the spectrum stands out, in natural logarithms: dots of
    a print and the grid of a screen make some."""
    black: float
    """The darkest tones of the face, 0 to 1: paper and glass have no deep black."""
    saturation: float
    """Mean saturation of the face, 0 to 1."""


def signs(region: np.ndarray, aligned: np.ndarray) -> Signs:
    """Look at a face.

    Args:
        region: (h, w, 3) uint8 RGB, the face's box at the resolution of the frame.
        aligned: (112, 112, 3) uint8 RGB, the face turned upright by its landmarks.
    """
    grey = cv2.cvtColor(region, cv2.COLOR_RGB2GRAY)
    brightest, darkest = region.max(2).astype(np.float32), region.min(2).astype(np.float32)
    black = float(np.percentile(grey.astype(np.float32), 1)) / 255
    saturation = float(((brightest - darkest) / (brightest + 1)).mean())
    return Signs(fingerprint(aligned), _peaks(grey), black, saturation)


def fingerprint(aligned: np.ndarray) -> str:
    """The signs of the differences between neighbours, of the face made small."""
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(
        cv2.GaussianBlur(grey, (0, 0), 2.0), (COLUMNS + 1, ROWS), interpolation=cv2.INTER_AREA
    ).astype(np.int16)
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes().hex()


def apart(one: str, others: list[str]) -> int | None:
    """In how many bits of 256 a fingerprint differs from the nearest of others; None: of none."""
    if not others:
        return None
    own = np.frombuffer(bytes.fromhex(one), np.uint8)
    rest = np.frombuffer(bytes.fromhex("".join(others)), np.uint8).reshape(len(others), -1)
    return int(np.unpackbits(rest ^ own, axis=1).sum(1).min())


def _peaks(grey: np.ndarray) -> float:
    """The strongest point of the spectrum over the median of its ring, as a logarithm."""
    square = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if min(grey.shape[:2]) < _SIDE // 2:
        return 0.0
    window = np.hanning(_SIDE).astype(np.float32)
    spectrum = np.abs(np.fft.rfft2((square - square.mean()) * window[:, None] * window))
    height = np.fft.fftfreq(_SIDE, 1 / _SIDE)[:, None]
    width = np.arange(spectrum.shape[1])[None]
    ring = np.hypot(height, width)
    ring = np.where(ring < _SIDE / 2, ring // _RING, -1).astype(int)
    power = np.log(spectrum + 1e-3)
    best = 0.0
    for number in range(_LOW // _RING, _SIDE // 2 // _RING):
        values = power[ring == number]
        best = max(best, float(values.max() - np.median(values)))
    return best
