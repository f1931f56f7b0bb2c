"""Who is served, and when: the server's worker, places, shares, and how often anyone may try."""
