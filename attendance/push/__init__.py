"""People are told by the push service of their browser, where they want it, with no page open."""
