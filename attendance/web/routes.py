"""How paths are read: as they are written."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter, PathConverter, ValidationError

# What calls have after a student's number, which may have slashes itself.
AFTER_A_NUMBER = ("invitation", "left", "report", "report.csv", "report.xlsx")
MOST_DIGITS = 40


class StudentNumber(PathConverter):
    """A student's number, slashes included, but not what a call has after it:
    ``…/students/7/invitation`` never means a student "7/invitation"."""

    def to_python(self, value: str) -> str:
        """The number. Raises `ValidationError`, with which a path fits no call."""
        if "/" in value and value.rpartition("/")[2] in AFTER_A_NUMBER:
            raise ValidationError
        return value


class RowNumber(IntegerConverter):
    """The id of a row, written in the one way that there is: in ASCII digits, without zeros before
    it. Everything else is the id of nothing; that a number is larger than any id is said by
    `RowId`."""

    regex = f"0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}}"


def init_app(app: Flask) -> None:
    """Merge no slashes, so that ``/students//7`` is not led to student 7, and know the types of
    what stands in paths. Called before any route is added."""
    app.url_map.merge_slashes = False
    app.url_map.converters.update(number=StudentNumber, int=RowNumber)

    @app.before_request
    def as_written() -> None:
        # werkzeug leaves out those at the beginning, whatever it is told; a number may have one
        if "//" in str(request.environ.get("PATH_INFO", "")):
            raise NotFound
