"""Workbooks that are small and become large are refused before anything is made of them."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from attendance.core.errors import TableUnreadable
from attendance.courses import roster


def _with(name: str, data: bytes) -> bytes:
    """A workbook of which one member is another."""
    book = openpyxl.Workbook()
    book.active.append(["student_id", "name"])
    plain = io.BytesIO()
    book.save(plain)
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, data if member == name else old.read(member))
        if name not in old.namelist():
            new.writestr(name, data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SHEET_START = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
BOMBS = {
    "styles": ("xl/styles.xml", b"<styleSheet><cellXfs>" + b"<xf/>" * 2_500_000),
    "a row of cells": (SHEET, SHEET_START + b"<row>" + b"<c/>" * 1_600_000),
    "rows": (SHEET, SHEET_START + b"<row></row>" * 1_000_000),
    "entities": (SHEET, b'<!DOCTYPE a [<!ENTITY b "b">]>' + SHEET_START),
    "entities across two pieces": (SHEET, b" " * (64 * 1024 - 4) + b"<!DOCTYPE a>"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_before_it_is_parsed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = _with(*BOMBS[kind])
    assert len(data) < 200_000
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    with pytest.raises(TableUnreadable) as refused:
        roster.lines_of(data)
    assert "too large" in refused.value.detail or "document type" in refused.value.detail


def test_a_workbook_of_thousands_of_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(2_001):
            archive.writestr(f"{number}", b"")
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    with pytest.raises(TableUnreadable, match="too large"):
        roster.lines_of(out.getvalue())
