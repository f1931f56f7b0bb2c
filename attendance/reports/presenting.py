"""Reports as the outside sees them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from attendance.core import statuses
from attendance.courses.percentages import Share
from attendance.courses.schemas import CourseName
from attendance.reports import schemas
from attendance.reports.daily import Day
from attendance.reports.figures import Attended, Standing
from attendance.room.comparing import Compared
from attendance.sessions import evidence, rules, stays
from attendance.sessions.schemas import StayOut
from database import Row


def _counted(counts: Counter[str], share: Share) -> Row:
    counted = {status: counts[status] for status in statuses.STATUSES}
    return {**counted, "total": share.total, "percentage": share.percentage}


def standing(line: Standing) -> Row:
    """A student of the matrix."""
    name = schemas.StudentName.shown(line.student)
    return schemas.ReportStudent.shown(line, **name, **_counted(line.counts, line.share))


def at_risk(line: Standing) -> Row:
    """A student at risk."""
    name = schemas.StudentName.shown(line.student)
    return schemas.AtRiskStudent.shown(
        line, reasons=line.risks, **name, **_counted(line.counts, line.share)
    )


def counted_session(row: Row, counts: Counter[str], share: Share, now: datetime) -> Row:
    """A session of the matrix."""
    return schemas.ReportSession.shown(
        row,
        state=rules.state_of(row, now),
        ended_at=rules.end_of(row, now),
        **_counted(counts, share),
    )


def attended(found: Attended, now: datetime) -> Row:
    """A student in one course."""
    history = [
        schemas.HistoryLine.shown(row, session_id=row["session"], ended_at=rules.end_of(row, now))
        for row in found.history
    ]
    return schemas.AttendedCourse.shown(
        found,
        course=found.course and CourseName.shown(found.course),
        timezone=found.course and found.course["timezone"],
        reasons=found.risks,
        history=history,
        **_counted(found.counts, found.share),
    )


def listed_student(row: Row) -> Row:
    """A student in the list for programs."""
    return schemas.ListedStudent.shown(row)


def records(
    rows: Sequence[Row], seen: Mapping[int, Compared], now: datetime, early_minutes: int
) -> list[Row]:
    """Where students stood in sessions. `seen`: what their cameras say, by session."""
    words = {session: found.words for session, found in seen.items()}
    stayed = [stays.of(row, row, early_minutes, now) for row in rows]
    return [
        schemas.Record.shown(
            row,
            session_id=row["session"],
            course_id=row["course"],
            ended_at=rules.end_of(row, now),
            evidence=evidence.of(row),
            camera=words.get(row["session"], {}).get(row["student_id"]),
            stay=stay and StayOut.shown(stay),
        )
        for row, stay in zip(rows, stayed, strict=True)
    ]


def day(found: Day) -> Row:
    """A day of the statistics."""
    return schemas.DayStatistics.shown(
        {},
        date=found.date.isoformat(),
        sessions=len(found.sessions),
        methods=dict(sorted(found.methods.items())),
        **_counted(found.counts, found.share),
    )
