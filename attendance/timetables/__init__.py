"""Timetables of other programs (iCalendar), whose lessons become planned ones."""
