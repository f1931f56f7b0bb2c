"""Files that are small and become large, or slow, are refused and hold up nobody else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from attendance.core.errors import TableUnreadable, Unavailable
from attendance.courses import roster_lines
from attendance.spreadsheets import apart, reading


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
    monkeypatch.setattr(apart, "sheets", None)
    with pytest.raises(TableUnreadable) as refused:
        roster_lines.lines_of(data)
    assert "too large" in refused.value.detail or "document type" in refused.value.detail


def test_a_workbook_of_thousands_of_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(2_001):
            archive.writestr(f"{number}", b"")
    monkeypatch.setattr(apart, "sheets", None)
    with pytest.raises(TableUnreadable, match="too large"):
        roster_lines.lines_of(out.getvalue())


def workbook(*rows: list[str]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADER = ["student_id", "name", "email"]


def test_what_passes_the_counting_is_read_by_a_process_that_may_not_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MAX_TAGS", 10**9)
    data = _with(SHEET, SHEET_START + b"<row>" + b'<c t="n"><v>1</v></c>' * 4_000_000)
    with pytest.raises(TableUnreadable, match="too large"):
        roster_lines.lines_of(data)


def test_a_workbook_in_a_workbook_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = workbook(HEADER)
    with pytest.raises(TableUnreadable):
        roster_lines.lines_of(_with(SHEET, inner * 100))


def test_a_reader_that_is_ended_by_its_limits_is_a_file_too_large(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "reader.py"
    monkeypatch.setattr(apart, "WORKBOOKS", program)
    monkeypatch.setattr(apart, "CSV", program)
    for text in ("import os; os.abort()", "import sys; sys.exit(3)"):
        program.write_text(text)
        with pytest.raises(TableUnreadable, match="too large"):
            roster_lines.lines_of(workbook(HEADER))
        with pytest.raises(TableUnreadable, match="too large"):
            roster_lines.lines_of(large_csv())
    monkeypatch.setattr(apart, "SECONDS", 0.5)
    program.write_text("import time; time.sleep(60)")
    with pytest.raises(TableUnreadable, match="too large"):
        roster_lines.lines_of(workbook(HEADER))


def large_csv(separator: str = ",", rows: int = 5_000) -> bytes:
    lines = [HEADER, *([f"S{n}", f"Änne {n}", f"s{n}@school.example"] for n in range(rows))]
    return "\n".join(map(separator.join, lines)).encode("cp1252")


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_large_csv_file_is_cut_by_a_process_of_its_own_and_read_as_a_small_one(
    separator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = large_csv(separator) + separator.join(['\nS1"', '"x', ""]).encode()
    assert len(data) > reading.SMALL_CSV_BYTES
    apart_from_here = roster_lines.read(data)
    monkeypatch.setattr(reading, "SMALL_CSV_BYTES", len(data))
    monkeypatch.setattr(apart, "readings", None)
    here = roster_lines.read(data)
    assert apart_from_here == here
    assert here.table.delimiter == separator
    assert here.lines[0].name == "Änne 0"
    assert len(here.table.broken) == 1


def test_a_file_of_stray_quotation_marks_is_no_list() -> None:
    with pytest.raises(TableUnreadable, match="quotation mark"):
        roster_lines.lines_of(b"student_id,name\n" + b'"S1,Ann\n' * 400_000)


def test_one_workbook_is_read_at_a_time_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE_SECONDS", 0.1)
    data = workbook(HEADER, ["S1", "Ann", ""])
    with apart._reading, pytest.raises(Unavailable):
        roster_lines.lines_of(data)
    for _ in range(apart.MOST_WAITING):
        apart._waiting.acquire()
    try:
        with pytest.raises(Unavailable):
            roster_lines.lines_of(data)
    finally:
        for _ in range(apart.MOST_WAITING):
            apart._waiting.release()
    assert len(roster_lines.lines_of(data)) == 1


@pytest.mark.parametrize("more", ["," * 2_000_000, "\n" * 2_000_000, '"' + ",\n" * 1_000_000])
def test_a_csv_file_of_too_many_cells_is_refused_before_it_is_cut(
    more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "separated", None)
    with pytest.raises(TableUnreadable, match="too large"):
        reading.read(f"student_id,name\n{more}".encode(), fits=lambda _rows: True)


def test_the_reader_loads_nothing_of_the_application() -> None:
    text = apart.WORKBOOKS.read_text("utf-8")
    assert "attendance" not in "".join(
        line for line in text.splitlines() if line.strip().startswith(("import", "from"))
    )
