"""A demonstration school with real marks."""
