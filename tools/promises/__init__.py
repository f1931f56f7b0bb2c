"""What the server promises to others, compared between two revisions."""
