"""Bring the languages of the pages up to date with what the code says.

    python -m tools.translate            read the code, add new strings, drop old ones
    python -m tools.translate --check    only tell what is out of date or not translated

A new language: `python -m tools.translate fr`, then fill in the file that it makes.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir, extract_javascript
from babel.messages.jslexer import tokenize
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "attendance"
FOLDER = PACKAGE / "translations"
# `_` and `n_` in scripts, Flask-Babel's names in Python and in templates.
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "n_": (1, 2)}


def extract_script(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """What a script says, also inside template strings, as in `${_("Report")}: ${name}`.

    Babel's own option for those ends an expression at its first brace, and so loses every call
    that has values.
    """
    yield from extract_javascript(file, keywords, comment_tags, options)
    file.seek(0)
    for token in tokenize(file.read().decode(), jsx=False):
        if token.type == "template_string":
            for expression in token.value.split("${")[1:]:
                yield from extract_javascript(
                    io.BytesIO(expression.encode()), keywords, comment_tags, options, token.lineno
                )


METHODS: list[tuple[str, Any]] = [
    ("static/vendor/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("static/js/**.js", extract_script),
]


def said() -> Catalog:
    """Every string of templates, scripts and Python, each with the files that say it."""
    template = Catalog(project="attendance", charset="utf-8", fuzzy=False)
    for name, _line, message, comments, context in extract_from_dir(
        PACKAGE, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        # without line numbers: they would change with every edit
        place = (Path(name).as_posix(), 0)
        template.add(message, None, [place], auto_comments=comments, context=context)
    return template


def po_file(language: str) -> Path:
    """Where the strings of a language are."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def languages() -> list[str]:
    """The codes of the languages that there are files for."""
    return sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))


def updated(language: str) -> Catalog:
    """The catalogue of a language with exactly the strings that the code says now."""
    path = po_file(language)
    catalogue = Catalog(locale=language, charset="utf-8", fuzzy=False)
    if path.is_file():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    catalogue.update(said(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    return catalogue


def text(catalogue: Catalog) -> bytes:
    """A catalogue as it is written to its file."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, sort_output=True, omit_header=False)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    # no dates and versions: they would make two branches differ in every file
    dropped = (
        *('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Project-Id', '"Report-'),
        *('"Last-Translator', '"Language-Team', "# "),
    )
    return "".join(line for line in lines if not line.startswith(dropped)).encode()


def complaints() -> list[str]:
    """What is out of date or missing, one line each."""
    found = []
    for language in languages():
        catalogue = updated(language)
        if po_file(language).read_bytes() != text(catalogue):
            found.append(f"{language}: not up to date, run `python -m tools.translate`")
        for message in catalogue:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and (not all(strings) or message.fuzzy):
                found.append(f"{language}: not translated: {message.id}")
    return found


def main() -> None:
    """Update the files, or check them."""
    if sys.argv[1:] == ["--check"]:
        sys.exit("\n".join(complaints()) or 0)
    for language in sorted({*languages(), *sys.argv[1:]}):
        po_file(language).parent.mkdir(parents=True, exist_ok=True)
        po_file(language).write_bytes(text(updated(language)))
    print("\n".join(complaints()) or "Every string is translated.")


if __name__ == "__main__":
    main()
