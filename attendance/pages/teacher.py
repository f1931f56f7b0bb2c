"""What a teacher sees: today, sessions and their screens, courses, reports, appeals."""

from __future__ import annotations

from flask import render_template, request, url_for

from attendance.core.roles import TEACHER
from attendance.pages.blueprint import bp, page_for, viewer
from attendance.spreadsheets import decoding
from attendance.web import links
from attendance.web.current import services
from attendance.web.schemas import RowId, TextIn
from database import tutors


class SessionPagePath(TextIn):
    """Which session."""

    session_id: RowId


class CoursePagePath(TextIn):
    """Which course."""

    course_id: RowId


@bp.get("/teach", doc_ui=False)
@page_for(TEACHER)
def teacher_home() -> str:
    """Today's sessions, and starting one."""
    account = viewer()
    with services().database.read() as tx:
        is_tutor = account is not None and tutors.has_students(tx, account.id)
    return render_template("teacher/home.html", is_tutor=is_tutor)


@bp.get("/teach/week", doc_ui=False)
@page_for(TEACHER)
def teacher_week() -> str:
    """The teacher's lessons of a week: planned, running and held."""
    return render_template("teacher/week.html")


@bp.get("/teach/tutor", doc_ui=False)
@page_for(TEACHER)
def teacher_tutor() -> str:
    """The students whose tutor the teacher is, in all of their courses."""
    return render_template("teacher/tutor.html")


@bp.get("/teach/sessions", doc_ui=False)
@page_for(TEACHER)
def teacher_sessions() -> str:
    """The teacher's sessions, newest first."""
    return render_template("teacher/sessions.html")


@bp.get("/teach/sessions/<int:session_id>", doc_ui=False)
@page_for(TEACHER)
def teacher_session(path: SessionPagePath) -> str:
    """The list of one session, which fills by itself."""
    return render_template(
        "teacher/session.html", session_id=path.session_id, out_of_reach=links.out_of_reach()
    )


@bp.get("/teach/sessions/<int:session_id>/screen", doc_ui=False)
@page_for(TEACHER)
def teacher_screen(path: SessionPagePath) -> str:
    """For the projector: the QR code, the code, and no names."""
    address = links.base_url().partition("://")[2] + url_for("pages.joining")
    return render_template(
        "teacher/screen.html",
        session_id=path.session_id,
        address=address,
        out_of_reach=links.out_of_reach(),
    )


@bp.get("/teach/sessions/<int:session_id>/photograph", doc_ui=False)
@page_for(TEACHER)
def teacher_session_photograph(path: SessionPagePath) -> str:
    """Photographs of the class: who is on them, to be put right and marked at once."""
    return render_template("teacher/photograph.html", session_id=path.session_id)


@bp.get("/teach/courses", doc_ui=False)
@page_for(TEACHER)
def teacher_courses() -> str:
    """The teacher's courses, and creating one."""
    return render_template("teacher/courses.html")


@bp.get("/teach/timetables", doc_ui=False)
@page_for(TEACHER)
def teacher_timetables() -> str:
    """Timetables of other programs, by which lessons are planned."""
    return render_template("teacher/timetables.html")


@bp.get("/teach/courses/<int:course_id>", doc_ui=False)
@page_for(TEACHER)
def teacher_course(path: CoursePagePath) -> str:
    """A course at a glance: what is next, how many, how it stands."""
    least = services().settings.risk_after_sessions
    return render_template("teacher/course.html", course_id=path.course_id, least=least)


@bp.get("/teach/courses/<int:course_id>/invitations", doc_ui=False)
@page_for(TEACHER)
def teacher_invitations(path: CoursePagePath) -> str:
    """Invitations of a course to be sent, or printed as slips of paper with a QR code each."""
    return render_template(
        "teacher/invitations.html",
        course_id=path.course_id,
        sends_mail=services().mailer.configured,
        out_of_reach=links.out_of_reach(),
    )


@bp.get("/teach/courses/<int:course_id>/students", doc_ui=False)
@page_for(TEACHER)
def teacher_course_students(path: CoursePagePath) -> str:
    """A course's students, and the import of a list."""
    return render_template(
        "teacher/course_students.html", course_id=path.course_id, encodings=decoding.ENCODINGS
    )


@bp.get("/teach/courses/<int:course_id>/sheet", doc_ui=False)
@page_for(TEACHER)
def teacher_course_sheet(path: CoursePagePath) -> str:
    """A course's list on paper, with a date and room to sign."""
    return render_template("teacher/course_sheet.html", course_id=path.course_id)


@bp.get("/teach/courses/<int:course_id>/sessions", doc_ui=False)
@page_for(TEACHER)
def teacher_course_sessions(path: CoursePagePath) -> str:
    """A course's sessions."""
    return render_template("teacher/course_sessions.html", course_id=path.course_id)


@bp.get("/teach/courses/<int:course_id>/plan", doc_ui=False)
@page_for(TEACHER)
def teacher_course_plan(path: CoursePagePath) -> str:
    """A course's weekly plan, and who is excused on which days."""
    return render_template("teacher/course_plan.html", course_id=path.course_id)


@bp.get("/teach/courses/<int:course_id>/settings", doc_ui=False)
@page_for(TEACHER)
def teacher_course_settings(path: CoursePagePath) -> str:
    """A course's names and rules; archiving and deleting it."""
    return render_template(
        "teacher/course_settings.html", course_id=path.course_id, address=request.remote_addr
    )


@bp.get("/teach/courses/<int:course_id>/report", doc_ui=False)
@page_for(TEACHER)
def teacher_report(path: CoursePagePath) -> str:
    """A course's attendance as charts and tables, and who is at risk."""
    least = services().settings.risk_after_sessions
    return render_template("teacher/report.html", course_id=path.course_id, least=least)


@bp.get("/teach/absences", doc_ui=False)
@page_for(TEACHER)
def teacher_absences() -> str:
    """Requests to be excused: decided here."""
    return render_template("teacher/absences.html")


@bp.get("/teach/appeals", doc_ui=False)
@page_for(TEACHER)
def teacher_appeals() -> str:
    """Students who say that they were there and were refused."""
    return render_template("teacher/appeals.html")
