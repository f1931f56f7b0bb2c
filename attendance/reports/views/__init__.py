"""Reports over HTTP, one file a resource; what they have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from flask_openapi3 import APIBlueprint

from attendance.spreadsheets import workbooks
from attendance.web import downloads
from attendance.web.apidocs import part_of

CSV: Any = {200: {"content": {"text/csv": {}}}}
XLSX: Any = {200: {"content": {workbooks.XLSX_TYPE: {}}}}


def reports_blueprint(name: str, module: str) -> APIBlueprint:
    """A blueprint for some of the reports, which the API's description shows together."""
    return part_of("report", name, module, description="Reports and exports")


def workbook(sheets: Iterable[workbooks.Sheet]) -> IO[bytes]:
    """The sheets in a file, to be sent."""
    return downloads.written(lambda file: workbooks.write(sheets, file))
