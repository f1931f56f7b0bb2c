"""Pages of long lists, by their number."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from attendance.web.schemas import Out, TextIn


class PageQuery(TextIn):
    """Which page."""

    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(20, ge=1, le=200)


class Page(Out):
    """Which page of how many rows."""

    page: int
    per_page: int
    total: int


def paged(query: PageQuery) -> dict[str, int]:
    """`limit` and `offset` of a page."""
    return {"limit": query.per_page, "offset": (query.page - 1) * query.per_page}


def page_of(name: str, rows: list[dict[str, Any]], query: PageQuery, total: int) -> dict[str, Any]:
    """A page as the answer shows it."""
    return {name: rows, "page": query.page, "per_page": query.per_page, "total": total}
