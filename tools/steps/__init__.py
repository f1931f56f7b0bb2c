"""The steps of the set-up, for any Python 3 and without packages: see tools/setup.py."""
