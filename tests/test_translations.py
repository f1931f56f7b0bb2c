"""Every string of the pages is there in every language."""

from attendance.languages import languages, script_strings
from tools import translate


def test_the_catalogues_say_what_the_code_says_and_nothing_is_missing() -> None:
    assert translate.complaints() == []


def test_scripts_get_their_own_strings_only() -> None:
    assert set(languages()) == {"en", "de"}
    text, version = script_strings("de")
    assert "Halten Sie still" in text
    assert text.startswith("globalThis.attendanceStrings={")
    assert "Zum Inhalt springen" not in text
    assert version != script_strings("en")[1]
