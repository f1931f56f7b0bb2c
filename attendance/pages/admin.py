"""What an administrator sees: people, courses, settings, audit log, API keys, the system."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext

from attendance.core.roles import ADMIN
from attendance.pages.blueprint import bp, page_for
from attendance.web.schemas import RowId, TextIn


class StudentPagePath(TextIn):
    """Which student, by `id` (not by `student_id`)."""

    student: RowId


@bp.get("/manage", doc_ui=False)
@page_for(ADMIN)
def admin_teachers() -> str:
    """Teachers: approve, suspend, reset, make administrators, delete."""
    return render_template("admin/teachers.html")


@bp.get("/manage/students", doc_ui=False)
@page_for(ADMIN)
def admin_students() -> str:
    """Students: reset, export, delete."""
    return render_template("admin/students.html")


@bp.get("/manage/students/<int:student>", doc_ui=False)
@page_for(ADMIN)
def admin_student(path: StudentPagePath) -> str:
    """One student: correct, take the face out, merge."""
    return render_template("admin/student.html", student=path.student)


@bp.get("/manage/courses", doc_ui=False)
@page_for(ADMIN)
def admin_courses() -> str:
    """All courses of the installation."""
    return render_template("admin/courses.html")


@bp.get("/manage/school-days", doc_ui=False)
@page_for(ADMIN)
def admin_school_days() -> str:
    """Terms and holidays of the school."""
    return render_template("admin/school_days.html")


@bp.get("/manage/rooms", doc_ui=False)
@page_for(ADMIN)
def admin_rooms() -> str:
    """Rooms with rules of their own."""
    return render_template("admin/rooms.html")


@bp.get("/manage/reasons", doc_ui=False)
@page_for(ADMIN)
def admin_reasons() -> str:
    """The school's reasons beyond the four statuses."""
    return render_template("admin/reasons.html")


@bp.get("/manage/settings", doc_ui=False)
@page_for(ADMIN)
def admin_settings() -> str:
    """The installation's settings."""
    return render_template("admin/settings.html")


@bp.get("/manage/audit", doc_ui=False)
@page_for(ADMIN)
def admin_audit() -> str:
    """Who changed what, when and why."""
    return render_template("admin/audit.html")


@bp.get("/manage/keys", doc_ui=False)
@page_for(ADMIN)
def admin_keys() -> str:
    """API keys of devices."""
    scopes = [
        ("register", gettext("enrol faces")),
        ("verify", gettext("identify faces")),
        ("students:read", gettext("read the list of students")),
        ("attendance:read", gettext("read attendance")),
        ("mark", gettext("mark students at a door")),
        ("camera", gettext("send a camera’s frames")),
    ]
    return render_template("admin/keys.html", scopes=scopes)


@bp.get("/manage/webhooks", doc_ui=False)
@page_for(ADMIN)
def admin_webhooks() -> str:
    """Who is told of marks and ended sessions."""
    events = {
        "attendance_marked": gettext("marks, and every change of one"),
        "session_stopped": gettext("sessions that have ended"),
        "session_discarded": gettext("sessions that were discarded"),
        "session_restored": gettext("sessions that were brought back"),
        "student_deleted": gettext("students who were deleted"),
        "student_notice": gettext("what the rules about absences find"),
    }
    return render_template("admin/webhooks.html", events=events)


@bp.get("/manage/notices", doc_ui=False)
@page_for(ADMIN)
def admin_notices() -> str:
    """Rules about absences, and who was told."""
    return render_template("admin/notices.html")


@bp.get("/manage/accuracy", doc_ui=False)
@page_for(ADMIN)
def admin_accuracy() -> str:
    """Error rates on the school's own data, and students who look alike."""
    return render_template("admin/accuracy.html")


@bp.get("/manage/assessment", doc_ui=False)
@page_for(ADMIN)
def admin_assessment() -> str:
    """A data-protection impact assessment of this installation, to print."""
    return render_template("admin/assessment.html")


@bp.get("/manage/system", doc_ui=False)
@page_for(ADMIN)
def admin_system() -> str:
    """Health, and the storage in use."""
    return render_template("admin/system.html")


@bp.get("/manage/parts", doc_ui=False)
@page_for(ADMIN)
def admin_parts() -> str:
    """The parts that pages are made of, for whoever changes one."""
    return render_template("admin/parts.html")
