"""Who somebody is, and whether the account counts: as stored, and as said."""

from __future__ import annotations

from typing import Final, Literal

TEACHER, STUDENT, DEVICE = "teacher", "student", "api_key"

# what a teacher's account may
Role = Literal["teacher", "admin"]
ADMIN = "admin"

AccountState = Literal["active", "pending", "suspended"]
ACTIVE: Final = "active"
PENDING: Final = "pending"
SUSPENDED: Final = "suspended"

# Who helps in a course, and what its own teacher and an administrator are in it.
StaffRole = Literal["co_teacher", "assistant", "substitute"]
CourseRole = Literal["owner", "administrator", "co_teacher", "assistant", "substitute"]
OWNER: Final = "owner"
ADMINISTRATOR: Final = "administrator"
# What a teacher is to a student, whatever the course.
TUTOR: Final = "tutor"
