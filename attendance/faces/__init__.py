"""Enrolled faces: kept, searched, deleted."""
