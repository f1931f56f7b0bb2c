"""Every string of the pages is there in every language."""

import json
import re
from gettext import c2py
from typing import get_args

import pytest
from babel import Locale

from attendance.core.settings import Settings
from attendance.web.languages import catalogue, languages, script_strings
from tools import translate

# {name} in scripts, %(name)s in templates
VALUE = r"\{\w+\}|%\(\w+\)s"


def test_the_catalogues_say_what_the_code_says_and_nothing_is_missing() -> None:
    assert translate.complaints() == []


def test_the_pages_have_words_for_every_mistake_that_a_field_can_have() -> None:
    """Kinds of the service's own; pydantic's are many, and what is missing is shown in English."""
    of_programs = {"either"}  # a page sends one of both
    raised = set()
    for path in translate.PACKAGE.rglob("*.py"):
        raised |= set(
            re.findall(
                r'(?:PydanticCustomError\(|InvalidRequest\.of\(\s*"\w+",)\s*"(\w+)"',
                path.read_text(),
            )
        )
    assert {"zone", "password", "before_from", "missing"} <= raised
    words = (translate.PACKAGE / "static/js/common/problems.js").read_text()
    assert {kind for kind in raised if f"  {kind}: (" not in words} == of_programs


def test_scripts_get_their_own_strings_only() -> None:
    assert set(languages()) == {"en", "ar", "de", "fr"}
    text, version = script_strings("de")
    assert "Halten Sie still" in text
    assert text.startswith("globalThis.attendanceStrings={")
    assert "Zum Inhalt springen" not in text
    assert version != script_strings("en")[1]


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_a_plural_has_one_form_for_each_category_of_the_language(language: str) -> None:
    """Browsers choose by category, gettext by the formula in the file's head: both say the same."""
    head = translate.updated(language)
    index, category = c2py(head.plural_expr), Locale.parse(language).plural_form
    forms: dict[str, set[int]] = {}
    for n in (*range(2001), 100_000, 1_000_000):
        forms.setdefault(category(n), set()).add(index(n))
    assert all(len(indices) == 1 for indices in forms.values()), forms
    assert set().union(*forms.values()) == set(range(head.num_plurals))


def test_arabic_counts_in_six_ways() -> None:
    text, _ = script_strings("ar")
    strings = json.loads(text.removeprefix("globalThis.attendanceStrings=").rstrip(";\n"))
    minutes = strings["{n} minute"]
    assert set(minutes) == {"zero", "one", "two", "few", "many", "other"}
    assert (minutes["two"], minutes["few"]) == ("دقيقتان", "{n} دقائق")


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_a_translation_has_the_places_for_values_of_its_original(language: str) -> None:
    wrong = []
    for message in translate.updated(language):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(VALUE, " ".join(originals)))
        for form in forms:
            # two minutes, no student: some forms of a plural say the number in words
            lacks = set() if len(forms) > 2 else wanted - set(re.findall(VALUE, form))
            lacks -= {"{n}"} if len(forms) > 1 else set()
            if lacks or set(re.findall(VALUE, form)) - wanted:
                wrong.append(f"{originals[0]}: {form}")
    assert wrong == []


def test_whatever_scripts_say_anywhere_reaches_the_catalogue() -> None:
    """Read from the bare text, so that no place where the extraction does not look is missed."""
    found: dict[str, str] = {}
    unnamed = []
    for path in sorted((translate.PACKAGE / "static/js").rglob("*.js")):
        code = re.sub(r"^ *//.*$|^export function n?_.*$", "", path.read_text(), flags=re.MULTILINE)
        for call in re.finditer(r'(?<![\w$.])n?_\(\s*("(?:[^"\\]|\\.)*")?', code):
            if call[1] is None:
                unnamed.append(f"{path.name}: {code[call.start() : call.start() + 60]}")
            else:
                found[json.loads(call[1])] = path.name
    assert unnamed == []  # a key that is put together at run time cannot be translated
    assert len(found) > 300
    for language in set(languages()) - {"en"}:
        text, _ = script_strings(language)
        strings = json.loads(text.removeprefix("globalThis.attendanceStrings=").rstrip(";\n"))
        lacking = [f"{name}: {key}" for key, name in found.items() if not strings.get(key)]
        assert lacking == [], language


def test_whatever_templates_say_anywhere_reaches_the_catalogue() -> None:
    found: dict[str, str] = {}
    unnamed = []
    for path in sorted((translate.PACKAGE / "templates").rglob("*.html")):
        text = path.read_text()
        for call in re.finditer(r"(?<![\w$.])(?:_|gettext)\(\s*(?:(\"[^\"]*\")|'([^']*)')?", text):
            said = json.loads(call[1]) if call[1] else call[2]
            if said is None:
                unnamed.append(f"{path.name}: {text[call.start() : call.start() + 60]}")
            else:
                found[said] = path.name
    assert unnamed == []
    assert len(found) > 200
    for language in set(languages()) - {"en"}:
        known = {message.id for message in translate.updated(language) if message.string}
        assert {key: name for key, name in found.items() if key not in known} == {}, language


def test_mail_may_be_in_every_language_of_the_pages() -> None:
    (known, _none) = get_args(Settings.model_fields["mail_language"].annotation)
    assert set(get_args(known)) == set(languages())


@pytest.mark.parametrize("language", [code for code in languages() if code != "en"])
def test_a_translation_has_as_many_lines_as_what_it_translates(language: str) -> None:
    """An e-mail's, above all; a line's end that is written out would be read as such."""
    for message in catalogue(language):
        texts = [message.string] if isinstance(message.string, str) else message.string
        said = message.id if isinstance(message.id, str) else message.id[0]
        if said:
            assert {(text.count("\n"), "\\n" in text) for text in texts} == {
                (said.count("\n"), False)
            }, said
