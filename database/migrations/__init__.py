"""Alembic scripts, one per revision."""
