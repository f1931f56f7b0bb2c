"""QR codes as rows of modules, which pages draw themselves, as sharp as the paper allows."""

from __future__ import annotations

import qrcode


def rows(text: str) -> list[str]:
    """The text as a QR code: a row of `1` (dark) and `0` for each row of modules, without the
    quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]
