"""Every string of the pages is there in every language."""

import json
import re

from attendance.web.languages import languages, script_strings
from tools import translate


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
    assert set(languages()) == {"en", "de"}
    text, version = script_strings("de")
    assert "Halten Sie still" in text
    assert text.startswith("globalThis.attendanceStrings={")
    assert "Zum Inhalt springen" not in text
    assert version != script_strings("en")[1]


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
    text, _ = script_strings("de")
    strings = json.loads(text.removeprefix("globalThis.attendanceStrings=").rstrip(";\n"))
    assert {key: name for key, name in found.items() if not strings.get(key)} == {}
