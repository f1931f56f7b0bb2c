"""Where two sets of facts differ."""

from __future__ import annotations


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One line for each fact that is gone (`-`), new (`+`) or changed (`~`), in order of place."""
    lines = []
    for where in sorted(before.keys() | after.keys()):
        old, new = before.get(where), after.get(where)
        if old == new:
            continue
        if new is None:
            lines.append(f"- {where}: {old}")
        elif old is None:
            lines.append(f"+ {where}: {new}")
        else:
            lines.append(f"~ {where}: {old} → {new}")
    return lines
