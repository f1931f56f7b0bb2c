"""The right of access leaves no table out."""

from __future__ import annotations

import re

import sqlalchemy as sa

from attendance.core.services import Services
from database import personal

# Shown with the account itself, or holding nothing about a person but the id.
ELSEWHERE = {"face_templates", "face_changes", "reservation_uses"}


def test_every_table_that_names_a_student_is_exported(parts: Services) -> None:
    inspector = sa.inspect(parts.database.engine)
    naming = {
        table
        for table in inspector.get_table_names()
        if "student" in {column["name"] for column in inspector.get_columns(table)}
    }
    exported = set(re.findall(r"FROM (\w+)", " ".join(personal.TABLES.values())))
    assert naming - ELSEWHERE == exported
