"""Addresses: one form, however they are typed."""

from __future__ import annotations

import unicodedata

import pytest
from email_validator import validate_email

from attendance.core import emails

TYPED = [
    "zoë@bücher.example",
    "Zoe\u0308@bu\u0308cher.example",
    "ZOË@BÜCHER.EXAMPLE",
    "zoë@xn--bcher-kva.example",
    "Zoe\u0308@XN--BCHER-KVA.example",
    " zoë@bücher\u3002example ",
    "zoë@ｂücher.example",
]


@pytest.mark.parametrize("typed", TYPED)
def test_however_it_is_typed_an_address_has_one_form(typed: str) -> None:
    assert emails.normal(typed) == "zoë@bücher.example"
    assert emails.for_mail(emails.normal(typed)) == "zoë@xn--bcher-kva.example"
    checked = validate_email(typed.strip(), check_deliverability=False).normalized
    assert emails.normal(checked) == emails.normal(typed)


@pytest.mark.parametrize(
    "text",
    [
        "ann@school.example",
        "straße@straße.example",
        "σας@σας.example",
        "i\u0307@school.example",
        "ann@xn--a.example",  # no encoding of anything
        "ann@" + "a" * 300 + "é",
        "ann@..é",
        "no address",
        "@",
        "",
    ],
)
def test_the_form_of_the_form_is_the_form(text: str) -> None:
    normal = emails.normal(text)
    assert emails.normal(normal) == normal
    assert normal == unicodedata.normalize("NFC", normal)


def test_an_account_is_looked_up_as_it_is_typed_and_in_the_one_form() -> None:
    assert emails.forms("Ann@School.example") == ["ann@school.example"]
    assert emails.forms("a@XN--BCHER-KVA.example") == [
        "a@xn--bcher-kva.example",
        "a@bücher.example",
    ]
    assert emails.forms("a\0@b.example") == ["a@b.example"]
