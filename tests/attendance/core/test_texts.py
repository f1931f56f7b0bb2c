"""Texts: what is seen is all there is, and every language can be written."""

from __future__ import annotations

import unicodedata

import pytest

from attendance.core import texts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("Zoe\u0308", "Zoë"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("山田\u3000太郎", "山田 太郎"),
        ("Ann\u00a0Lee\n", "Ann Lee"),
        ("O’Neil-Müller, Dr. (TU)", "O’Neil-Müller, Dr. (TU)"),
    ],
)
def test_what_looks_alike_is_the_same(typed: str, kept: str) -> None:
    assert texts.line(typed) == kept
    assert texts.cleaned(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",  # Persian: two letters that do not join
        "ශ\u0dca\u200dරී",  # Sinhala: a ligature
        "അവന\u0d4d\u200d",  # Malayalam as older keyboards write it
        "क\u094d\u200cष",  # Hindi: no ligature
        "ნინო",
        "ᠮᠣᠩᠭᠣᠯ",
        "葛\U000e0100城",  # which shape the first letter of the name has
        "Chemistry 👩\u200d🔬",
        "❤\ufe0f\u200d🔥 1\ufe0f\u20e3",
        "a\U000323b0",  # a letter that came after this Python
        "שָׁלוֹם",
        "Nguyễn Thị Ngọc Ánh",
    ],
)
def test_every_language_can_be_written(text: str) -> None:
    assert texts.line(text) == unicodedata.normalize("NFC", text)
    assert texts.cleaned(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u202ecba", "acba"),  # right-to-left override
        ("a\u2066b\u2069", "ab"),
        ("a\u200fb", "ab"),
        ("a\u200bb", "ab"),
        ("a\u200db", "ab"),
        ("a\u200cb", "ab"),
        ("a\u00adb", "ab"),
        ("a\ufeffb", "ab"),
        ("a\u2060b", "ab"),
        ("a\U000e0041b", "ab"),  # a tag
        ("a\ufe0fb", "ab"),
        ("1\ufe0fb", "1b"),
        ("a\U000e0100", "a"),
        ("a\u3164b", "ab"),
        ("a\u034fb", "ab"),
        ("a\ue000b", "ab"),
        ("a\ufffeb", "ab"),
        ("a\ud800b", "ab"),
        ("a\u2028b", "a b"),
        ("a\u2029b", "a b"),
        ("a\u0085b", "a b"),
        ("a\nb", "a b"),
        ("a\0b", "a b"),
        ("a\x7fb", "a b"),
        ("o" + "\u0323" * 11, "ọ" + "\u0323" * 9),
    ],
)
def test_what_is_not_seen_is_refused_where_it_is_typed_and_removed_where_it_is_found(
    text: str, cleaned: str
) -> None:
    for form in (texts.line, texts.paragraphs):
        if form is texts.paragraphs and "\n" in text:
            continue
        with pytest.raises(texts.Unacceptable) as refused:
            form(text)
        assert refused.value.kind == "control_character"
    assert texts.cleaned(text) == cleaned
    assert texts.line(cleaned) == cleaned


@pytest.mark.parametrize("text", ["\u2800", "\u2800 \u2800", "\u0301"])
def test_what_looks_empty_is_refused(text: str) -> None:
    for form in (texts.line, texts.paragraphs):
        with pytest.raises(texts.Unacceptable) as refused:
            form(text)
        assert refused.value.kind == "blank_text"
    assert texts.cleaned(text) == ""


def test_joiners_that_change_nothing_make_no_second_word() -> None:
    assert texts.line("کار\u200cها") == texts.line("کارها")
    assert texts.line("می\u200cخواهم") != texts.line("میخواهم")


def test_prose_keeps_its_lines_and_no_other_way_to_end_one() -> None:
    assert texts.paragraphs(" a\tb \r\n\r\nZoe\u0308\rc  ") == "a b\n\nZoë\nc"
    assert texts.paragraphs(" \r\n ") == ""
    for end in "\u2028\u2029\u0085\v\f":
        with pytest.raises(texts.Unacceptable):
            texts.paragraphs(f"a{end}b")


def test_marks_by_the_thousand_are_refused_before_they_are_put_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    longest = 0

    def normalize(form: str, text: str) -> str:
        nonlocal longest
        longest = max(longest, len(text))
        return real(form, text)

    real = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", normalize)
    many = "a" + "\u0301\u0323" * 5_000
    for form in (texts.line, texts.paragraphs):
        with pytest.raises(texts.Unacceptable):
            form(many)
    assert len(texts.cleaned(many)) <= 1 + texts.MAX_MARKS
    assert longest <= 1 + texts.MAX_MARKS
