"""The formula of docs/reports.md, with plain values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.courses import percentages
from attendance.courses.percentages import Definitions, Share, absences_left, risks, share

COUNTS = {"present": 6, "late": 2, "absent": 3, "excused": 4}


@pytest.mark.parametrize(
    ("definitions", "expected", "percentage"),
    [
        ({}, (8, 11), 72.7),
        ({"late_counts": False}, (6, 11), 54.5),
        ({"excused_counts_as": "present"}, (12, 15), 80.0),
        ({"excused_counts_as": "absent"}, (8, 15), 53.3),
        ({"late_counts": False, "excused_counts_as": "absent"}, (6, 15), 40.0),
    ],
)
def test_a_course_says_what_counts(
    definitions: dict[str, Any], expected: tuple[int, int], percentage: float
) -> None:
    found = share(COUNTS, Definitions(**definitions))
    assert (found.present, found.total) == expected
    assert found.percentage == percentage


def test_nothing_held_is_nothing() -> None:
    assert share({}, Definitions()).shown() == {"present": 0, "total": 0, "percentage": 0.0}
    assert share({"excused": 3}, Definitions()) == Share(0, 0)
    assert absences_left({}, Definitions()) is None
    assert risks({}, [], Definitions()) == []


@pytest.mark.parametrize(
    ("counts", "definitions", "left"),
    [
        ({"present": 3}, {}, 1),  # 3 of 4 is 75 %
        ({"present": 3, "absent": 1}, {}, 0),
        ({"present": 3, "absent": 2}, {}, 0),
        ({"present": 3}, {"min_percentage": 60}, 2),  # 3 of 5 is 60 %, whatever a float says
        ({"present": 3}, {"min_percentage": 0}, None),
        ({"present": 30, "absent": 2}, {"max_absences": 4}, 2),
        ({"present": 3, "absent": 1}, {"max_absences": 4}, 0),
        ({"present": 3, "absent": 2}, {"max_absences": 4, "min_percentage": 0}, 2),
        ({}, {"max_absences": 4}, 4),
        ({"excused": 3}, {"max_absences": 4, "excused_counts_as": "absent"}, 0),
    ],
)
def test_how_many_absences_are_left(
    counts: dict[str, int], definitions: dict[str, Any], left: int | None
) -> None:
    assert absences_left(counts, Definitions(**definitions)) == left


@given(
    present=st.integers(0, 400),
    absent=st.integers(0, 400),
    limit=st.sampled_from([0.1, 33.3, 50.0, 60.0, 66.7, 75.0, 80.0, 99.9, 100.0]),
)
def test_one_more_absence_than_are_left_crosses_the_limit(
    present: int, absent: int, limit: float
) -> None:
    definitions = Definitions(min_percentage=limit, absences_in_row=10_000)
    counts = {"present": present, "absent": absent}
    left = absences_left(counts, definitions)
    if left is None:
        assert present + absent == 0
        return
    at_limit = risks({**counts, "absent": absent + left}, [], definitions)
    assert at_limit == ([] if not risks(counts, [], definitions) else at_limit)
    assert risks({**counts, "absent": absent + left + 1}, [], definitions) == ["below_percentage"]


@pytest.mark.parametrize(
    ("statuses", "excused_counts_as", "run"),
    [
        ("", "nothing", 0),
        ("aap", "nothing", 0),
        ("paa", "nothing", 2),
        ("pal", "nothing", 0),
        ("paea", "nothing", 2),
        ("paea", "absent", 3),
        ("paea", "present", 1),
        ("aaa", "nothing", 3),
    ],
)
def test_absences_in_a_row_count_from_the_latest(
    statuses: str, excused_counts_as: str, run: int
) -> None:
    words = {"p": "present", "l": "late", "a": "absent", "e": "excused"}
    found = percentages.absent_in_a_row(
        [words[letter] for letter in statuses], Definitions(excused_counts_as=excused_counts_as)
    )
    assert found == run


def test_every_reason_of_a_risk_is_named() -> None:
    definitions = Definitions(max_absences=2)
    statuses = ["present", "absent", "absent", "absent"]
    assert risks({"present": 1, "absent": 3}, statuses, definitions) == [
        "below_percentage",
        "too_many_absences",
        "absent_in_a_row",
    ]


def test_a_summary_adds_courses_with_different_definitions() -> None:
    usual = dict.fromkeys(
        (
            "meaning",
            "late_counts",
            "excused_counts_as",
            "min_percentage",
            "max_absences",
            "absences_in_row",
        )
    )
    strict = {**usual, "late_counts": 0, "excused_counts_as": "absent"}
    rows = [
        {"subject": "B", "status": "present", "n": 2, **usual},
        {"subject": "B", "status": "late", "n": 1, **usual},
        {"subject": "B", "status": "late", "n": 1, **strict},
        {"subject": "A", "status": "excused", "n": 5, **usual},
    ]
    assert percentages.summary(rows) == {
        "overall": {"present": 3, "total": 4, "percentage": 75.0},
        "subjects": [
            {"subject": "A", "present": 0, "total": 0, "percentage": 0.0},
            {"subject": "B", "present": 3, "total": 4, "percentage": 75.0},
        ],
    }
    assert percentages.summary([])["overall"] == {"present": 0, "total": 0, "percentage": 0.0}


@pytest.mark.parametrize(
    ("present", "total", "shown"),
    [(2, 3, 66.7), (9, 16, 56.3), (1, 8, 12.5), (1, 16, 6.3), (3, 16, 18.8), (199, 200, 99.5)],
)
def test_half_of_a_tenth_is_rounded_up(present: int, total: int, shown: float) -> None:
    assert Share(present, total).percentage == shown
    assert Share(present, total).exact == present / total


def test_what_is_shown_decides() -> None:
    limit = Definitions(min_percentage=66.7, absences_in_row=9)
    assert risks({"present": 2, "absent": 1}, [], limit) == []  # shown as 66.7
    assert risks({"present": 2, "absent": 1}, [], Definitions(min_percentage=66.75)) != []
    assert absences_left({"present": 2}, limit) == 1
