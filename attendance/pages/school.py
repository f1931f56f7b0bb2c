"""The school's logo, which anybody may see."""

from __future__ import annotations

from flask import Response

from attendance.core.errors import Problem
from attendance.pages.blueprint import bp
from attendance.web.current import services
from attendance.web.school import LOGO
from database import school


@bp.get("/school/logo.png", doc_ui=False)
def logo() -> Response:
    """The logo; `v` in its address is another for another logo, so it is kept."""
    with services().database.read() as tx:
        data = school.file(tx, LOGO)
    if data is None:
        problem = Problem("There is no logo.")
        problem.status, problem.code = 404, "not_found"
        raise problem
    response = Response(data, content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
