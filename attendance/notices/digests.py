"""What a teacher is told each week of each course, and who is told at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from attendance.core import statuses, zones
from attendance.core.errors import DigestLinkInvalid
from attendance.core.roles import OWNER
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.courses.access import RIGHTS, Right
from attendance.courses.percentages import Share
from attendance.crypto.tokens import NotGenuine
from attendance.reports import figures
from attendance.reports.figures import Period, Standing
from attendance.sessions import rules
from database import (
    Transaction,
    UniqueViolation,
    absences,
    appeals,
    courses,
    digests,
    join_requests,
    notice_checks,
    staff,
)
from database.rows import CourseRow

# However the weekday and the hour are changed meanwhile, nobody is written to sooner again.
APART = timedelta(days=6)
# What is older is told no more, as after a long time without a mail server.
MOST = timedelta(days=15)
NOTHING = Share(0, 0)


@dataclass(frozen=True)
class Week:
    """From the digest before to this one, both by the school's clock: seven days, unless it was
    moved to another weekday."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class CourseWeek:
    """What there is to tell of a course. `at_risk` is judged over all of its sessions."""

    course: CourseRow
    held: int
    share: Share
    at_risk: Sequence[Standing]
    requests: int
    unexplained: int

    @property
    def is_worth_telling(self) -> bool:
        """Whether anything happened, or waits."""
        return bool(self.held or self.requests)


def due_at(settings: Settings, now: datetime) -> datetime:
    """When the latest digest was due."""
    zone = settings.timezone
    today = zones.day_of(now, zone)
    day = today - timedelta(
        days=(today.weekday() - zones.WEEKDAYS.index(settings.digest_weekday)) % 7
    )
    moment = _at(settings, day)
    return moment if moment <= now else _at(settings, day - timedelta(days=7))


def _at(settings: Settings, day: date) -> datetime:
    return zones.moment(day, time(settings.digest_hour), settings.timezone)


def want(parts: Services, teacher: int, *, language: str | None) -> None:
    """Write to a teacher each week. The first time is when the next one is due."""
    now = parts.clock.now()
    told_until = due_at(parts.settings, now)
    try:
        with parts.database.write() as tx:
            digests.want(tx, teacher, language=language, told_until=told_until, now=now)
    except UniqueViolation:
        pass  # the other request wants the same


def token_of(parts: Services, teacher: int) -> str:
    """What stands in the link that switches a teacher's digest off; it counts for ever."""
    return parts.digest_links.sign([teacher])


def stop_by_link(parts: Services, token: str) -> None:
    """Switch a digest off by the link of a message. Raises `DigestLinkInvalid`."""
    try:
        (teacher,) = parts.digest_links.read(token)
    except NotGenuine:
        raise DigestLinkInvalid from None
    with parts.database.write() as tx:
        digests.stop(tx, int(teacher))


def courses_of(
    tx: Transaction, teacher: int, week: Week, now: datetime, least: int
) -> list[CourseWeek]:
    """What there is to tell a teacher of the courses that he or she has a part in.

    Args:
        least: for how many sessions a student must have been judged to be at risk.
    """
    helps = staff.roles_of(tx, teacher, now)
    found = []
    for course in courses.of_teacher(tx, teacher, now):
        if course["archived_at"] is not None:
            continue
        rights = RIGHTS[OWNER if course["teacher"] == teacher else helps[int(course["id"])]]
        one = _course(tx, course, week, now, least, rights)
        if one.is_worth_telling:
            found.append(one)
    return found


def _course(
    tx: Transaction, course: CourseRow, week: Week, now: datetime, least: int, rights: set[Right]
) -> CourseWeek:
    period = Period(week.begins_at, week.ends_at)
    report = figures.of_course(tx, course, period)
    began = {
        int(row["id"]): zones.day_of(row["started_at"], course["timezone"]).isoformat()
        for row in report.sessions
        if rules.end_of(row, now) is not None
    }
    explained: dict[int, list[tuple[str, str]]] = {}
    for student, first, last in notice_checks.explanations(tx, int(course["id"])):
        explained.setdefault(student, []).append((first, last))
    share, unexplained = NOTHING, 0
    for line in figures.standings_of(tx, report, period, now) if began else ():
        share += line.share
        unexplained += sum(
            status == statuses.ABSENT
            and session in began
            and not _is_explained(began[session], explained.get(int(line.student["id"]), ()))
            for session, status in line.marks.items()
        )
    return CourseWeek(
        course=course,
        held=len(began),
        share=share,
        at_risk=figures.at_risk(tx, course, None, Period(), now, least),
        requests=_requests(tx, int(course["id"]), now, rights),
        unexplained=unexplained,
    )


def _is_explained(day: str, explained: Sequence[tuple[str, str]]) -> bool:
    return any(first <= day <= last for first, last in explained)


def _requests(tx: Transaction, course: int, now: datetime, rights: set[Right]) -> int:
    """How many appeals, requests to be excused and requests to be let in wait for a decision."""
    waiting = 0
    if Right.CORRECT in rights:
        waiting += absences.count_open(tx, [course])
        waiting += appeals.count_open(tx, course)
    if Right.ORGANISE in rights:
        waiting += len(join_requests.waiting(tx, course=course, as_of=now))
    return waiting
