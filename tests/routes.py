"""Routes compiled once for all applications of a run.

Werkzeug writes and compiles two functions for each route of each application; that is two thirds of
the time that an application takes to be made, and nearly every test makes one. What comes out hangs
on the route alone: the functions find the rule's converters when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
compiled: dict[Hashable, Callable[..., tuple[str, str]]] = {}


def _compiled_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    defaults = tuple(sorted((rule.defaults or {}).items()))
    key = (rule.rule, tuple(rule._trace), defaults, append_unknown)
    if key not in compiled:
        compiled[key] = _compile(rule, append_unknown)
    return compiled[key]


def compile_once() -> None:
    """From now on, in this process."""
    patched: Any = Rule
    patched._compile_builder = _compiled_once
