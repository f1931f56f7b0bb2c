"""Who hears of what happens in a course."""

from __future__ import annotations

from attendance.web.events import emit
from database.rows import CourseRow


def course_changed(row: CourseRow) -> None:
    """Tell the teacher that students came into the course, or left it."""
    emit("course_changed", {"course_id": row["id"]}, [f"teacher:{row['teacher']}"])
