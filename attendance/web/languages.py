"""The languages of the pages: English in the code, the others in `translations/*.po`.

The catalogues are read as they are, when they are first needed: there is nothing to compile and
nothing that can be out of date. Scripts get their strings from a script that runs before them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, request, url_for
from flask_babel import Babel, force_locale, get_domain, get_locale

from attendance.web.current import services

FOLDER = Path(__file__).resolve().parent.parent / "translations"
DEFAULT = "en"
COOKIE = "language"
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def languages() -> dict[str, str]:
    """Code and own name of each language, English first."""
    found = sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))
    return {code: (Locale.parse(code).display_name or code).title() for code in [DEFAULT, *found]}


def direction(language: str) -> str:
    """`ltr` or `rtl`."""
    return Locale.parse(language).text_direction


def chosen() -> str:
    """The language of this request: the one switched to, else the browser's best, else English."""
    cookie = request.cookies.get(COOKIE)
    if cookie in languages():
        return cookie
    return request.accept_languages.best_match(list(languages()), DEFAULT) or DEFAULT


@contextmanager
def of_mail() -> Iterator[None]:
    """What is translated in here is for an e-mail to somebody else: in the school's language."""
    with force_locale(services().settings.mail_language or chosen()):
        yield


@cache
def catalogue(language: str) -> Catalog:
    """The strings of a language, as its translators wrote them."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if language == DEFAULT or not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


# Numbers that between them have every plural category of every language.
_COUNTED = (*range(201), 1_000_000)


@cache
def plural_forms(language: str) -> dict[str, int]:
    """Which form of a catalogue's plurals stands for which category of CLDR.

    Browsers choose by category (Intl.PluralRules), gettext by the formula in the catalogue's head;
    the tests see that both agree.
    """
    category = Locale.parse(language).plural_form
    index = c2py(catalogue(language).plural_expr)
    return {category(n): index(n) for n in _COUNTED}


@lru_cache
def script_strings(language: str) -> tuple[str, str]:
    """A script with what scripts say, by the English, and its hash.

    A plural is an object: the text of each category of CLDR.
    """
    forms = plural_forms(language)
    strings: dict[str, Any] = {}
    for message in catalogue(language):
        if message.id and any(name.endswith(".js") for name, _ in message.locations):
            key = message.id if isinstance(message.id, str) else message.id[0]
            value = message.string or ""
            strings[key] = (
                value
                if isinstance(value, str)
                else {category: value[index] for category, index in forms.items()}
            )
    said = json.dumps(strings, ensure_ascii=False, separators=(",", ":"))
    text = f"globalThis.attendanceStrings={said};\n"
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Bind Flask-Babel, serve the strings of the scripts, and give templates what they need."""
    Babel(app, default_locale=DEFAULT, locale_selector=chosen)
    with app.app_context():
        for language in languages():
            get_domain().cache[language, "messages"] = _translations(language)

    @app.route("/strings/<language>.js")
    def strings(language: str) -> Response:
        """What scripts say in a language."""
        text, _ = script_strings(language if language in languages() else DEFAULT)
        response = Response(text, content_type="text/javascript; charset=utf-8")
        response.headers["Cache-Control"] = FOR_EVER if "v" in request.args else "no-cache"
        return response

    @app.context_processor
    def for_templates() -> dict[str, Any]:
        code = str(get_locale())
        return {
            "root": request.script_root,
            "lang": code,
            "dir": direction(code),
            "languages": languages(),
            # English is what the scripts say by themselves
            "strings_url": None
            if code == DEFAULT
            else url_for("strings", language=code, v=script_strings(code)[1]),
        }


def translated(language: str, text: str) -> str:
    """A text outside a request, such as a message's; English where it has no other."""
    return str(_translations(language).gettext(text)) if language in languages() else text


@cache
def _translations(language: str) -> Translations:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)
