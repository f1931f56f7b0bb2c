"""A new machine in a folder, to try what a stranger does first."""
