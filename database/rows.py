"""The rows that are read in many places, by their columns: a type checker then knows each name.

A row that one place reads is a `database.core.Row`. What a SELECT yields and what stands here are
compared by a test.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict


class SessionRow(TypedDict):
    """A session."""

    id: int
    teacher: int
    course: int | None
    subject: str
    section: str | None
    room: str | None
    code: str
    locked: int
    late_after_minutes: int | None
    started_at: datetime
    closes_at: datetime | None
    ended_at: datetime | None
    note: str | None
    code_seed: str | None
    code_seconds: int | None
    code_shown_at: datetime | None
    check_in: str | None


class LiveSessionRow(SessionRow):
    """A session that runs, the asking student's own mark there, and the zone of its course."""

    status: str | None
    timezone: str | None


class ListedSessionRow(SessionRow):
    """A session in the administrator's list, with its teacher's name and how many marks it has."""

    teacher_name: str
    marks: int


class CountedSessionRow(SessionRow):
    """A session in its teacher's list, with how many came and how many its course has now."""

    here: int
    enrolled: int | None
    timezone: str | None


class DiscardedSessionRow(SessionRow):
    """A session that was discarded."""

    discarded_at: datetime


class CourseRow(TypedDict):
    """A course, its rules, and how many students it has."""

    id: int
    teacher: int
    code: str
    name: str
    section: str | None
    description: str | None
    timezone: str
    join_code: str
    archived_at: datetime | None
    created_at: datetime
    late_counts: int
    excused_counts_as: str
    min_percentage: float | None
    max_absences: int | None
    absences_in_row: int | None
    check_in: str | None
    students: int


class AttendedCourseRow(CourseRow):
    """A course and since when the asking student is enrolled in it."""

    enrolled_at: datetime


class StudentRow(TypedDict):
    """A student's account; `student_id` is the school's number, `id` the table's own."""

    id: int
    student_id: str
    name: str
    email: str | None
    password_hash: str | None
    course: str | None
    state: str
    token_version: int
    consent_at: datetime | None
    camera_consent_at: datetime | None
    created_at: datetime
    made_by: int | None
    username: str | None
    face_withdrawn_at: datetime | None
    family_name: str | None
    templates: int
    proposed: int


class CourseStudentRow(TypedDict):
    """A student in a course."""

    id: int
    student_id: str
    name: str
    family_name: str | None
    email: str | None
    enrolled_at: datetime
    has_password: int
    templates: int
    face_changed_at: datetime | None


class TeacherRow(TypedDict):
    """A teacher's or administrator's account."""

    id: int
    name: str
    email: str
    password_hash: str
    department: str | None
    role: str
    state: str
    token_version: int
    created_at: datetime


class ListedTeacherRow(TeacherRow):
    """A teacher in the administrator's list, with how many courses and sessions he or she has."""

    courses: int
    sessions: int


class MarkRow(TypedDict):
    """A student in a session's list; who has no mark has no `method` and no `marked_at`."""

    student_id: str
    name: str
    family_name: str | None
    email: str | None
    status: str
    method: str | None
    distance: float | None
    marked_at: datetime | None
    remark: str | None
    evidence: str | None
    reason_id: int | None
    reason: str | None
    left_at: datetime | None
    left_by: str | None
