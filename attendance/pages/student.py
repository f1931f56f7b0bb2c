"""What a student sees: home, face, attendance. Marking is in `join`."""

from __future__ import annotations

from flask import render_template, request, url_for

from attendance.core.roles import STUDENT
from attendance.pages.blueprint import bp, local_path, page_for
from attendance.web.current import services


@bp.get("/my", doc_ui=False)
@page_for(STUDENT)
def student_home() -> str:
    """What to do now, and how one stands."""
    return render_template("student/home.html")


@bp.get("/my/face", doc_ui=False)
@page_for(STUDENT)
def student_face() -> str:
    """Consent, and enrolment by camera or files."""
    return render_template(
        "student/face.html",
        keep_photos=services().settings.keep_photos,
        next=local_path(request.args.get("next")) or url_for("pages.student_home"),
    )


@bp.get("/my/absences", doc_ui=False)
@page_for(STUDENT)
def student_absences() -> str:
    """Ask to be excused, and what was decided."""
    return render_template("student/absences.html")


@bp.get("/my/attendance", doc_ui=False)
@page_for(STUDENT)
def student_history() -> str:
    """The student's marks and percentages."""
    return render_template("student/history.html")
