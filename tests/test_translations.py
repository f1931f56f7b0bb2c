"""Every string of the pages is there in every language."""

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
    words = (translate.PACKAGE / "static/js/problems.js").read_text()
    assert {kind for kind in raised if f"  {kind}: (" not in words} == of_programs


def test_scripts_get_their_own_strings_only() -> None:
    assert set(languages()) == {"en", "de"}
    text, version = script_strings("de")
    assert "Halten Sie still" in text
    assert text.startswith("globalThis.attendanceStrings={")
    assert "Zum Inhalt springen" not in text
    assert version != script_strings("en")[1]
