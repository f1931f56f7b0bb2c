"""Programs for people who work on this project; nothing here runs in production."""
