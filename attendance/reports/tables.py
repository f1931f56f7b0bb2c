"""Reports as tables: the same rows for CSV and for sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attendance.core import statuses, zones
from attendance.core.clock import iso
from attendance.courses import percentages
from attendance.courses.percentages import Share
from attendance.reports.figures import Attended, CourseReport, SessionReport, Standing
from attendance.room.comparing import UNMARKED, UNSEEN, Compared
from attendance.sessions import evidence, rules
from attendance.sessions.stays import Stay
from attendance.spreadsheets.workbooks import PERCENT, TIME, Column, Sheet
from database import Row
from database.rows import MarkRow, SessionRow

TOTALS = [
    *(Column(status, 9) for status in statuses.STATUSES),
    Column("percentage", 11, PERCENT),
    Column("absences_left", 13),
]
LOCAL_TIME = "%Y-%m-%d %H:%M"
MEANINGS = {
    percentages.COUNTED: "counted",
    percentages.NOT_COUNTED: "not counted",
    percentages.AS_PRESENT: "counted as present",
}
CAMERA_WORDS = {UNSEEN: "never seen", UNMARKED: "seen, not checked in"}
PERSON = [Column("student_id", 14), Column("name", 26), Column("email", 28)]


def matrix_columns(report: CourseReport, now: datetime) -> list[Column]:
    """Person, totals, and a column for each session with its start and end in the heading."""
    zone = report.course["timezone"]
    return [*PERSON, *TOTALS, *(Column(_heading(row, zone, now), 17) for row in report.sessions)]


def matrix_rows(report: CourseReport, lines: Iterable[Standing]) -> Iterator[list[Any]]:
    """One row per student."""
    numbers = [int(row["id"]) for row in report.sessions]
    for line in lines:
        yield [
            *(line.student[key] for key in ("student_id", "name", "email")),
            *(line.counts[status] for status in statuses.STATUSES),
            _held(line.share),
            line.absences_left,
            *(line.marks.get(number) for number in numbers),
        ]


def course_sheets(
    report: CourseReport, lines: Iterable[Standing], now: datetime
) -> Iterator[Sheet]:
    """The matrix, the sessions, and what the percentages mean."""
    yield Sheet(
        "Attendance", matrix_columns(report, now), _exact(matrix_rows(report, lines)), frozen=2
    )
    zone = report.course["timezone"]
    yield Sheet(
        "Sessions",
        _session_columns(zone),
        _exact(_session_row(report, row, zone, now) for row in report.sessions),
        frozen=2,
    )
    yield Sheet(
        "Definitions", [Column("definition", 30), Column("value", 40)], definition_rows(report)
    )


def definition_rows(report: CourseReport) -> list[list[Any]]:
    """What the course counts, and what the reasons of its marks mean, in words."""
    found = report.definitions
    reasons = [row for row in report.reasons if int(row["id"]) in report.reasons_seen]
    return [
        ["course", f"{report.course['code']} {report.course['name']}"],
        ["time zone", report.course["timezone"]],
        ["late counts as", "present" if found.late_counts else "not present"],
        ["excused counts as", found.excused_counts_as],
        ["at risk below (percent)", found.min_percentage],
        ["absences allowed", "any" if found.max_absences is None else found.max_absences],
        ["absences in a row", found.absences_in_row],
        *([f"reason {row['name']} ({row['status']})", MEANINGS[row["meaning"]]] for row in reasons),
    ]


def csv_table(
    columns: list[Column], rows: Iterable[list[Any]], *, local: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Header and rows for CSV: percentages as they are shown, numbers from 0 to 100; times in
    ISO 8601, or (`local`) as spreadsheets read those that the clocks show."""
    yield tuple(column.heading for column in columns)
    for row in rows:
        yield tuple(_plain(value, local=local) for value in row)


def history_columns(zone: str) -> list[Column]:
    """The columns of `history_rows`."""
    return [
        Column("course", 14),
        Column("course_name", 26),
        Column("session", 9),
        Column("subject", 26),
        Column("section", 12),
        Column(f"start ({zone})", 20, TIME),
        Column(f"end ({zone})", 20, TIME),
        Column("status", 10),
        Column("method", 10),
        Column(f"marked_at ({zone})", 20, TIME),
        Column("remark", 40),
        Column("reason", 24),
    ]


def history_rows(found: list[Attended], zone: str, now: datetime) -> Iterator[list[Any]]:
    """One row per session of a student, course by course."""
    for attended in found:
        course = attended.course or {"code": None, "name": None}
        for row in attended.history:
            yield [
                course["code"],
                course["name"],
                row["session"],
                row["subject"],
                row["section"],
                zones.local(row["started_at"], zone),
                _local(rules.end_of(row, now), zone),
                row["status"],
                row["method"],
                _local(row["marked_at"], zone),
                row["remark"],
                row["reason"],
            ]


def student_sheets(found: list[Attended], zone: str, now: datetime) -> Iterator[Sheet]:
    """A student's courses, and every session."""
    yield Sheet(
        "Courses",
        [Column("course", 14), Column("name", 26), *TOTALS, Column("at risk", 40)],
        _exact(
            [
                attended.course and attended.course["code"],
                attended.course and attended.course["name"],
                *(attended.counts[status] for status in statuses.STATUSES),
                _held(attended.share),
                attended.absences_left,
                ", ".join(attended.risks),
            ]
            for attended in found
        ),
    )
    yield Sheet("History", history_columns(zone), history_rows(found, zone, now), frozen=1)


def session_sheets(
    session: SessionRow,
    listed: list[MarkRow],
    report: SessionReport,
    seen: Compared,
    stayed: Sequence[Stay | None],
    zone: str,
    now: datetime,
) -> Iterator[Sheet]:
    """A session's list, and the session in numbers; where a camera looked, whom it missed; where
    the course wants to be told, when everybody left (`stayed`, one for each row); last, reasons of
    the school, where there are some."""
    remarks = remarks_of(seen)
    asked, reasons = any(stayed), any(row["reason"] for row in listed)
    yield Sheet(
        "Attendance",
        [
            *PERSON,
            Column("status", 10),
            Column("method", 10),
            Column(f"marked_at ({zone})", 20, TIME),
            Column("distance", 10, "0.000"),
            Column("remark", 40),
            Column("evidence", 24),
            Column("camera", 24),
            *(_stay_columns(zone) if asked else ()),
            *([Column("reason", 24)] if reasons else []),
        ],
        (
            [
                *(row[key] for key in ("student_id", "name", "email", "status", "method")),
                _local(row["marked_at"], zone),
                row["distance"],
                row["remark"],
                " ".join(evidence.of(row)),
                remarks.get(row["student_id"]),
                *(_stay_cells(stay, zone) if asked else ()),
                *([row["reason"]] if reasons else []),
            ]
            for row, stay in zip(listed, stayed, strict=True)
        ),
        frozen=2,
    )
    yield Sheet(
        "Session",
        _session_columns(zone),
        _exact(
            [
                [
                    *_session_cells(session, zone, now),
                    *(report.counts[status] for status in statuses.STATUSES),
                    _held(report.share),
                ]
            ]
        ),
    )


def _stay_columns(zone: str) -> list[Column]:
    return [
        Column(f"left_at ({zone})", 20, TIME),
        Column("left_by", 10),
        Column("minutes", 9),
        Column("left_early", 11),
        Column("not_checked_out", 16),
    ]


def _stay_cells(stay: Stay | None, zone: str) -> list[Any]:
    if stay is None:
        return [None] * len(_stay_columns(zone))
    left_at = _local(stay.left_at, zone)
    return [left_at, stay.left_by, stay.minutes, stay.left_early, stay.not_checked_out]


def remarks_of(seen: Compared) -> dict[str, str]:
    """What a list says of the students whom the cameras missed, or saw without a mark."""
    return {student: CAMERA_WORDS[word] for student, word in seen.words.items()}


def _session_columns(zone: str) -> list[Column]:
    return [
        Column("session", 9),
        Column("subject", 26),
        Column("section", 12),
        Column(f"start ({zone})", 20, TIME),
        Column(f"end ({zone})", 20, TIME),
        *TOTALS[:-1],
    ]


def _session_row(report: CourseReport, row: Row, zone: str, now: datetime) -> list[Any]:
    counts = report.session_counts[int(row["id"])]
    is_over = rules.end_of(row, now) is not None
    return [
        *_session_cells(row, zone, now),
        *(counts[status] for status in statuses.STATUSES),
        _held(report.session_share(int(row["id"]))) if is_over else None,
    ]


def _session_cells(row: Mapping[str, Any], zone: str, now: datetime) -> list[Any]:
    return [
        row["id"],
        row["subject"],
        row["section"],
        zones.local(row["started_at"], zone),
        _local(rules.end_of(row, now), zone),
    ]


def _heading(row: Mapping[str, Any], zone: str, now: datetime) -> str:
    start, end = zones.local(row["started_at"], zone), _local(rules.end_of(row, now), zone)
    until = "" if end is None else end.isoformat(timespec="minutes")
    return f"{start.isoformat(timespec='minutes')}/{until} {row['subject']} #{row['id']}"


def _local(at: datetime | None, zone: str) -> datetime | None:
    return None if at is None else zones.local(at, zone)


def _held(share: Share) -> Share | None:
    """The share, or nothing where nothing was held."""
    return share if share.total else None


def _exact(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The rows for a workbook, whose cells hold each share unrounded and show it rounded."""
    for row in rows:
        yield [value.exact if isinstance(value, Share) else value for value in row]


def _plain(value: Any, *, local: bool) -> Any:
    if isinstance(value, Share):
        return value.percentage
    if isinstance(value, datetime):
        if local:
            return f"{value:{LOCAL_TIME}}"
        return value.isoformat(timespec="seconds") if value.tzinfo else iso(value)
    return value
