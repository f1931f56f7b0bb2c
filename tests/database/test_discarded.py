"""Nothing that reads sessions forgets that some were discarded."""

from __future__ import annotations

import ast
import re

import pytest

from attendance.core.settings import PROJECT

READS = re.compile(r"\b(?:FROM|JOIN)\s+sessions\b")
KNOWS = re.compile(r"HELD|discarded_at|= _of\(")
# Functions that mean every session, and why.
MEANT = {
    "sessions.any_overdue": "a discarded session has ended",
    "sessions.end_overdue": "a discarded session has ended",
    "sessions._is_live": "a discarded session has ended",
    "notice_checks.note": "a course is judged anew also when one of its sessions is discarded",
    "personal.TABLES": "a person's data is all that is stored of him or her",
}


def readers() -> list[tuple[str, str]]:
    """Each function or constant of `database` whose SQL reads sessions, with its source."""
    found = []
    for path in sorted((PROJECT / "database").glob("*.py")):
        source = path.read_text("utf-8")
        for node in ast.parse(source).body:
            text = ast.get_source_segment(source, node) or ""
            if READS.search(text):
                name = node.name if isinstance(node, ast.FunctionDef) else text.split(" ", 1)[0]
                found.append((f"{path.stem}.{name}", text))
    return found


def test_there_are_readers() -> None:
    assert len(readers()) > 15


@pytest.mark.parametrize(
    ("name", "source"), [pytest.param(*each, id=each[0]) for each in readers()]
)
def test_what_reads_sessions_knows_of_discarded_ones(name: str, source: str) -> None:
    assert bool(KNOWS.search(source)) != (name in MEANT), MEANT.get(name, "HELD is missing")
