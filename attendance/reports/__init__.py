"""Reports and lists: of courses, students, sessions and days."""
