"""Commands of the installation: `flask COMMAND`, one file per family.

Each ends with 0 when it did what it says, with 1 and one sentence when it could not, with 2 when
it was called wrongly, and with 3 when a part was refused (its report says which).
"""
