"""Weekly patterns of a course, and calendar feeds."""
