"""Reports: a course's matrix, students at risk, one student's history, one session's arrivals.

A course is read in batches of students, so a report of any size holds one batch in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from statistics import median_low

from attendance.core import statuses, zones
from attendance.courses import percentages
from attendance.courses.percentages import Definitions, Share
from attendance.sessions import evidence, rules
from database import Row, Transaction, courses, marks, reports, staff
from database import reasons as stored_reasons
from database.rows import CourseRow, SessionRow

# Students read at once; with 100 sessions, 5,000 marks.
BATCH = 50


@dataclass(frozen=True)
class Period:
    """The time in which sessions started; None: without limit on that side."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def as_filter(self) -> dict[str, datetime | None]:
        """As the database's functions take it."""
        return {"begins_at": self.begins_at, "ends_at": self.ends_at}


def period_of(first_day: date | None, last_day: date | None, zone: str) -> Period:
    """From the first day to the last, both included, as moments in the zone."""
    return Period(
        None if first_day is None else zones.days(first_day, first_day, zone)[0],
        None if last_day is None else zones.days(last_day, last_day, zone)[1],
    )


@dataclass(frozen=True)
class Tally:
    """A student's status in each session of a course, in order of time, what it counts as
    (`percentages.counted_as`), and what follows."""

    definitions: Definitions
    in_order: list[str]
    counted: list[str]

    @cached_property
    def counts(self) -> Counter[str]:
        """Number of sessions by status."""
        return Counter(self.in_order)

    @cached_property
    def _counted(self) -> Counter[str]:
        return Counter(self.counted)

    @property
    def share(self) -> Share:
        """Attended of held, as the course counts it."""
        return percentages.share(self._counted, self.definitions)

    @property
    def absences_left(self) -> int | None:
        """How many more sessions may be missed."""
        return percentages.absences_left(self._counted, self.definitions)

    @property
    def absent_in_a_row(self) -> int:
        """How many of the latest sessions were missed in a row."""
        return percentages.absent_in_a_row(self.counted, self.definitions)

    @property
    def risks(self) -> list[str]:
        """Why the student is at risk."""
        return percentages.risks(self._counted, self.counted, self.definitions)


@dataclass(frozen=True)
class Standing(Tally):
    """A student's line in the matrix. `marks`: status by session, where there is one;
    `mark_reasons`: the id of its reason, where it has one."""

    student: Row
    marks: dict[int, str]
    mark_reasons: dict[int, int]
    last_seen_at: datetime | None


@dataclass
class CourseReport:
    """The matrix of a course; `session_counts` is complete after the students were read."""

    course: CourseRow
    definitions: Definitions
    sessions: list[Row]
    session_counts: dict[int, Counter[str]] = field(default_factory=dict)
    # the same by what the statuses count as
    session_counted: dict[int, Counter[str]] = field(default_factory=dict)
    # the school's, and the ids of those that marks here have
    reasons: list[Row] = field(default_factory=list)
    reasons_seen: set[int] = field(default_factory=set)

    def session_share(self, session: int) -> Share:
        """Attended of expected in one session."""
        return percentages.share(self.session_counted.get(session, {}), self.definitions)


def of_course(tx: Transaction, course: CourseRow, period: Period) -> CourseReport:
    """The report of a course, whose students `standings_of` reads."""
    found = reports.sessions_of(tx, int(course["id"]), **period.as_filter())
    return CourseReport(
        course, percentages.definitions_of(course), found, reasons=stored_reasons.every(tx)
    )


def standings_of(
    tx: Transaction, report: CourseReport, period: Period, now: datetime
) -> Iterator[Standing]:
    """Each student's line in the order of their names; counts the sessions on the way."""
    course, after = int(report.course["id"]), ("", "")
    report.session_counts = {int(row["id"]): Counter() for row in report.sessions}
    report.session_counted = {session: Counter() for session in report.session_counts}
    # what still runs is in the matrix, and counts when it is over
    running = {int(row["id"]) for row in report.sessions if rules.end_of(row, now) is None}
    while batch := reports.students_after(tx, course, after, BATCH):
        after = (batch[-1]["sort_key"], batch[-1]["student_id"])
        numbers = [int(student["id"]) for student in batch]
        marked: dict[int, dict[int, tuple[str, str]]] = {number: {} for number in numbers}
        given: dict[int, dict[int, int]] = {number: {} for number in numbers}
        for student, session, status, meaning, reason in reports.statuses(
            tx, course, numbers, now, **period.as_filter()
        ):
            counts = report.session_counts.get(session)
            if counts is not None:  # one that started while this is read is not in the matrix
                counted = percentages.counted_as(status, meaning)
                counts[status] += 1
                report.session_counted[session][counted] += 1
                marked[student][session] = status, counted
                if reason is not None:
                    given[student][session] = int(reason)
                    report.reasons_seen.add(int(reason))
        seen = reports.last_seen(tx, course, numbers)
        for student_row in batch:
            number = int(student_row["id"])
            over = [both for session, both in marked[number].items() if session not in running]
            yield Standing(
                student=student_row,
                marks={session: status for session, (status, _) in marked[number].items()},
                mark_reasons=given[number],
                definitions=report.definitions,
                in_order=[status for status, _ in over],
                counted=[counted for _, counted in over],
                last_seen_at=seen.get(number),
            )


def at_risk(
    tx: Transaction,
    course: CourseRow,
    limit: float | None,
    period: Period,
    now: datetime,
    least: int = 0,
) -> list[Standing]:
    """The students at risk, lowest percentage first.

    Args:
        limit: replaces the course's percentage.
        least: for how many sessions at least a student must have been judged.
    """
    counted = course if limit is None else {**course, "min_percentage": limit}
    report = of_course(tx, counted, period)
    found = [
        line
        for line in standings_of(tx, report, period, now)
        if line.risks and line.share.total >= least
    ]
    return sorted(found, key=lambda line: (line.share.percentage, line.student["student_id"]))


@dataclass(frozen=True)
class Attended(Tally):
    """A student's history in one course (None: sessions without one)."""

    course: CourseRow | None
    history: list[Row]

    @property
    def last_seen_at(self) -> datetime | None:
        """When the student last came."""
        times = [
            row["marked_at"]
            for row in self.history
            if row["status"] in (statuses.PRESENT, statuses.LATE) and row["marked_at"]
        ]
        return max(times, default=None)


def of_student(tx: Transaction, student: int, teacher: int | None, now: datetime) -> list[Attended]:
    """A student's courses (those that one teacher has a part in, if given), worst first, those not
    yet held last."""
    rows = reports.history(tx, student, teacher, now)
    helps = {} if teacher is None else staff.roles_of(tx, teacher, now)
    by_course: dict[int | None, list[Row]] = {}
    for course in courses.attended_by(tx, student):
        if teacher is None or course["teacher"] == teacher or int(course["id"]) in helps:
            by_course[int(course["id"])] = []
    for row in rows:
        by_course.setdefault(row["course"], []).append(row)
    found = [_attended(tx, number, history, now) for number, history in by_course.items()]
    return sorted(found, key=_worst_first)


def _attended(tx: Transaction, number: int | None, history: list[Row], now: datetime) -> Attended:
    course = None if number is None else courses.by_id(tx, number)
    over = [row for row in history if number is None or rules.end_of(row, now) is not None]
    return Attended(
        percentages.definitions_of(course) if course else Definitions(),
        [row["status"] for row in over],
        [percentages.counted_as(row["status"], row["meaning"]) for row in over],
        course,
        history,
    )


def _worst_first(attended: Attended) -> tuple[bool, float, str]:
    code = "" if attended.course is None else str(attended.course["code"])
    return attended.share.total == 0, attended.share.percentage, code


@dataclass(frozen=True)
class SessionReport:
    """One session: who came, and when."""

    counts: dict[str, int]
    share: Share
    arrivals: list[datetime]
    # minutes after the start -> how many came then
    by_minute: dict[int, int]
    # word -> how many marks rest on it
    evidence: dict[str, int]
    weak: int

    @property
    def median_at(self) -> datetime | None:
        """When half of those who came were there."""
        return median_low(self.arrivals) if self.arrivals else None


def of_session(
    tx: Transaction, session: SessionRow, course: CourseRow | None, now: datetime
) -> SessionReport:
    """The report of one session. Times of arrival are those of marks that nobody made by hand."""
    counts = dict.fromkeys(statuses.STATUSES, 0)
    counted: Counter[str] = Counter()
    for row in marks.counts_by_meaning(tx, int(session["id"]), now):
        counts[row["status"]] += int(row["n"])
        counted[percentages.counted_as(row["status"], row["meaning"])] += int(row["n"])
    definitions = percentages.definitions_of(course) if course else Definitions()
    listed = marks.of_session(tx, int(session["id"]), now)
    arrivals = sorted(
        row["marked_at"]
        for row in listed
        if row["marked_at"] is not None and row["method"] not in (None, statuses.MANUAL)
    )
    minutes = Counter(int((at - session["started_at"]).total_seconds() // 60) for at in arrivals)
    return SessionReport(
        counts,
        percentages.share(counted, definitions),
        arrivals,
        dict(sorted(minutes.items())),
        dict(sorted(Counter(word for row in listed for word in evidence.of(row)).items())),
        sum(evidence.is_weak(row) for row in listed),
    )
