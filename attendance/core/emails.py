"""E-mail addresses in one form, however they are typed: `Zoë@xn--bcher-kva.example`, decomposed or
in capitals, is `zoë@bücher.example`."""

from __future__ import annotations

import unicodedata

import email_validator
import idna

# RFC 1035; longer ones are nobody's, and take long to convert.
MAX_DOMAIN = 253
# RFC 6762; `.internal` is no special name to the library, and passes anyway.
CLOSED = "local"


def normal(address: str) -> str:
    """The one form in which an address is kept: in small letters, composed, the domain as people
    read it (U-labels, RFC 5890). What is no address comes back as far as that goes."""
    local, at, domain = _composed(address.strip()).rpartition("@")
    return f"{local}{at}{_readable(domain) if at else domain}"


def allow_closed_networks(allowed: bool) -> None:
    """Let addresses end in `.local`, or refuse them as everybody's mail servers do.

    The list of such endings is the library's own, one for the whole process.
    """
    endings = email_validator.SPECIAL_USE_DOMAIN_NAMES
    if allowed and CLOSED in endings:
        endings.remove(CLOSED)
    elif not allowed and CLOSED not in endings:
        endings.append(CLOSED)


def for_mail(address: str) -> str:
    """The form that every mail server takes: the domain in ASCII (A-labels)."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain if domain.isascii() else idna.encode(domain).decode()}"
    except idna.IDNAError:
        return address


def forms(address: str) -> list[str]:
    """Under what an account may be kept that signs in with this: as it is typed, and in the one
    form. Accounts of before that would share this form have kept their own."""
    typed = "".join(filter(str.isprintable, address)).strip().lower()
    return list(dict.fromkeys((typed, normal(typed))))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def _readable(domain: str) -> str:
    if len(domain) > MAX_DOMAIN or (domain.isascii() and "xn--" not in domain):
        return domain
    try:
        return idna.decode(idna.encode(idna.uts46_remap(domain, std3_rules=False)))
    except (idna.IDNAError, UnicodeError):
        return domain
