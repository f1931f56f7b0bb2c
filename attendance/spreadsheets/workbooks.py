"""XLSX workbooks, written row by row: types, a frozen header, widths that fit."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PERCENT, TIME = "0.0%", "yyyy-mm-dd hh:mm"
# What XML 1.0, and so a workbook, cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Column:
    """A column: its heading, width in characters, and number format, if any."""

    heading: str
    width: int = 12
    format: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet; `frozen` columns stay in sight on the left. Rows are read when written."""

    title: str
    columns: list[Column]
    rows: Iterable[Iterable[Any]]
    frozen: int = 0


def write(sheets: Iterable[Sheet], file: IO[bytes]) -> None:
    """Write the sheets as one workbook. Times must be local already; their zone is dropped."""
    book = Workbook(write_only=True)
    try:
        for sheet in sheets:
            _add(book, sheet)
    except BaseException:
        # what was begun lies in files of the library's own, which go when a workbook is saved
        with tempfile.TemporaryFile() as nowhere:
            book.save(nowhere)
        raise
    book.save(file)


def _add(book: Any, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.title)
    page.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}2"
    for number, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.append([_heading(page, column.heading) for column in sheet.columns])
    formats = [column.format for column in sheet.columns]
    for row in sheet.rows:
        page.append([_cell(page, value, form) for value, form in zip(row, formats, strict=True)])


def _heading(page: Any, text: str) -> Any:
    cell = _text(page, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(page: Any, value: Any, form: str | None) -> Any:
    if isinstance(value, str):
        # A plain word is written as it is; whatever else, openpyxl might take for a formula.
        return value if value.isascii() and value.isalnum() else _text(page, value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None, microsecond=0)
    if form is None or value is None:
        return value
    cell = WriteOnlyCell(page, value)
    cell.number_format = form
    return cell


def _text(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, _ILLEGAL.sub("", text))
    cell.data_type = "s"
    return cell
