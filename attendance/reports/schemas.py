"""Requests and responses of reports and statistics."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from attendance.core.statuses import Method, State, Status
from attendance.courses.schemas import Course, CourseName, Day, PeriodQuery
from attendance.room.schemas import Compared
from attendance.sessions.schemas import SCHOOL_REASON, Session, Share, StayOut
from attendance.web.schemas import GivenNumber, Out, RowId, SearchText, Text64, TextIn

Risk = Literal["below_percentage", "too_many_absences", "absent_in_a_row"]


class Counts(Out):
    """Number of sessions (or students) by status."""

    present: int
    late: int
    absent: int
    excused: int


class Counted(Counts):
    """The counts, and the percentage that they make."""

    total: int = Field(description="What the percentage is of, as the course counts.")
    percentage: float


class HeldSession(Out):
    """A session that is counted."""

    id: int
    subject: str
    section: str | None
    state: State
    started_at: datetime
    ended_at: datetime | None


class ReportSession(Counted, HeldSession):
    """A session of the matrix."""


class StudentName(Out):
    """A student, by name."""

    student_id: str
    name: str
    family_name: str | None = Field(
        description="Which part of the name is the family's, where a list has told it."
    )
    email: str | None


class ReportStudent(Counted, StudentName):
    """A student of the matrix."""

    absences_left: int | None
    last_seen_at: datetime | None
    marks: dict[str, Status] = Field(description="Status by session id, where there is one.")
    mark_reasons: dict[str, int] = Field(
        description="Id of the school's reason by session id, where the status has one."
    )


class CourseReportOut(Out):
    """The matrix of a course."""

    course: Course
    students: list[ReportStudent]
    sessions: list[ReportSession]


class AtRiskQuery(PeriodQuery):
    """Below which percentage, in the sessions from which day to which."""

    limit: float | None = Field(None, ge=0, le=100, description="Unset: as the course says.")
    min_sessions: int = Field(
        0, ge=0, le=1000, description="Only students for whom so many sessions have counted."
    )


class AtRiskStudent(Counted, StudentName):
    """A student at risk, and why."""

    absences_left: int | None
    absent_in_a_row: int
    last_seen_at: datetime | None
    reasons: list[Risk]


class AtRiskOut(Out):
    """The students at risk, lowest percentage first."""

    students: list[AtRiskStudent]


class StudentPath(TextIn):
    """Which student, by the school's number."""

    student_id: GivenNumber


class StudentIdPath(TextIn):
    """Which student, by the student's own `id`."""

    student: RowId


class HistoryLine(Out):
    """Where the student stood in one session."""

    session_id: int
    subject: str
    section: str | None
    started_at: datetime
    ended_at: datetime | None
    status: Status
    method: Method | None
    marked_at: datetime | None
    remark: str | None
    reason_id: int | None = Field(description=SCHOOL_REASON)
    reason: str | None = Field(description="Its name.")


class InCourse(Out):
    """In which course."""

    course: CourseName | None


class AttendedCourse(Counted, InCourse):
    """A student in one course; null: in sessions that belong to none."""

    absences_left: int | None
    last_seen_at: datetime | None
    reasons: list[Risk] = Field(description="Why the student is at risk, if so.")
    timezone: str | None = Field(description="The course's zone; null: no course.")
    history: list[HistoryLine]


class StudentReportOut(Out):
    """A student across all courses, worst first."""

    student: StudentName
    overall: Share
    courses: list[AttendedCourse]


class TutoredStudent(Out):
    """A student whose tutor the caller is."""

    id: int
    student_id: str
    name: str
    overall: Share
    courses_at_risk: int = Field(description="In how many courses the student is at risk.")


class TutoredOut(Out):
    """The students whose tutor the caller is, in the order of their names."""

    students: list[TutoredStudent]


class Arrivals(Out):
    """When students came, by their own marks."""

    first_at: datetime | None
    median_at: datetime | None
    last_at: datetime | None
    by_minute: dict[str, int] = Field(description="Minutes after the start -> how many came.")


class SessionReportOut(Out):
    """One session in numbers."""

    session: Session
    counts: Counts
    rate: Share
    arrivals: Arrivals
    evidence: dict[str, int] = Field(description="Word of `evidence` -> how many marks rest on it.")
    weak: int = Field(description="How many marks rest on little.")
    camera: Compared = Field(description="Who was seen by a camera, beside who checked in.")


# -- records and statistics


class StudentsQuery(TextIn):
    """Which students, and the next page."""

    course_id: RowId | None = None
    q: SearchText | None = Field(None, description="Part of the number, name or e-mail address.")
    cursor: Text64 | None = Field(None, description="`next_cursor` of the page before.")
    limit: int = Field(100, ge=1, le=500)


class ListedStudent(StudentName):
    """A student in the list."""

    templates: int
    has_password: bool
    created_at: datetime


class StudentsOut(Out):
    """A page of students by number."""

    students: list[ListedStudent]
    next_cursor: str | None


class RecordsQuery(PeriodQuery):
    """Which records, and the next page. Days are the course's, or the school's."""

    course_id: RowId | None = None
    session_id: RowId | None = None
    student_id: GivenNumber | None = None
    status: Status | None = None
    cursor: Annotated[str, StringConstraints(max_length=60)] | None = None
    limit: int = Field(100, ge=1, le=1000)


class Record(Out):
    """Where one student stood in one session."""

    session_id: int
    course_id: int | None
    subject: str
    section: str | None
    started_at: datetime
    ended_at: datetime | None
    student_id: str
    name: str
    status: Status
    method: Method | None
    distance: float | None
    marked_at: datetime | None
    remark: str | None
    reason_id: int | None = Field(description=SCHOOL_REASON)
    reason: str | None = Field(description="Its name.")
    evidence: list[str] = Field(description="What the mark rests on.")
    camera: Literal["unseen", "unmarked"] | None = Field(
        description="`unseen`: checked in, and missed by cameras that looked long enough to see "
        "most others; `unmarked`: seen, and not checked in. Neither is a proof."
    )
    stay: StayOut | None = Field(description="Where the course wants its students to check out.")


class RecordsOut(Out):
    """A page of records, newest session first, then by student."""

    records: list[Record]
    next_cursor: str | None


class DailyQuery(PeriodQuery):
    """Which days, newest first, and the next page."""

    course_id: RowId | None = None
    cursor: Day | None = None
    limit: int = Field(31, ge=1, le=366, description="Calendar days per page.")


class Held(Out):
    """How many sessions were held on a day."""

    date: date
    sessions: int


class DayStatistics(Counted, Held):
    """All sessions that started on a day, in their course's zone."""

    methods: dict[Method, int] = Field(description="How many marks were made how, such as camera.")


class DailyOut(Out):
    """The days on which there were sessions, newest first."""

    days: list[DayStatistics]
    next_cursor: date | None


class SearchQuery(TextIn):
    """What is looked for, and how much of each kind is wanted."""

    q: Annotated[SearchText, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        description="Each word is a part of what is found."
    )
    limit: int = Field(6, ge=1, le=20)


class FoundCourse(CourseName):
    """A course that was found."""

    section: str | None


class FoundStudent(Out):
    """A student who was found, and the newest own course that he or she is in (null: none)."""

    id: int
    student_id: str
    name: str
    family_name: str | None
    course: FoundCourse | None


class FoundSession(Out):
    """A session that was found."""

    id: int
    subject: str
    section: str | None
    started_at: datetime
    timezone: str | None = Field(description="The course's zone; null: no course.")


class FoundOut(Out):
    """Some of each kind: courses by code, students by name, sessions from the newest."""

    courses: list[FoundCourse]
    students: list[FoundStudent]
    sessions: list[FoundSession]
