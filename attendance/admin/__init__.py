"""What only an administrator may do, under /admin: one file per resource."""

from attendance.admin import (
    accuracy,
    api_keys,
    assessment,
    audit,
    guardians,
    notices,
    reasons,
    records,
    rooms,
    school,
    school_days,
    settings,
    students,
    system,
    teachers,
    webhooks,
)
from attendance.admin.blueprint import bp

__all__ = [
    "accuracy",
    "api_keys",
    "assessment",
    "audit",
    "bp",
    "guardians",
    "notices",
    "reasons",
    "records",
    "rooms",
    "school",
    "school_days",
    "settings",
    "students",
    "system",
    "teachers",
    "webhooks",
]
