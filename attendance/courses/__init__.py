"""Courses and the students in them."""
