"""Reads from pictures what a phone's camera would read."""

from __future__ import annotations

import time

import cv2
import numpy as np
import zxingcpp
from playwright.sync_api import Locator, Page

PATIENCE_SECONDS = 30


def text_of_qr(picture: bytes) -> str | None:
    """The text of the one QR code on a picture; None where there is none."""
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else None


def read_qr(shown: Locator | Page) -> str:
    """The text of the QR code on a screenshot, as soon as there is one."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        text = text_of_qr(shown.screenshot())
        if text:
            return text
    raise AssertionError("no QR code was seen")
