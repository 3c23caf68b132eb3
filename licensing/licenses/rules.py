"""License numbers and validity, as pure functions."""

from datetime import datetime

from dateutil.relativedelta import relativedelta

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FORMAT = "AIX-{jurisdiction}-{kind}-{year}-{serial:07d}-{revision}"


def check_character(text: str) -> str:
    """The check character of letters and digits after ISO 7064, MOD 37,36.

    Finds every single wrong character and nearly every swap of two neighbors.
    """
    product = 36
    for character in text:
        total = (product + ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(1 - product) % 36]


def license_number(*, jurisdiction: str, kind: str, year: int, serial: int, revision: str = "A") -> str:
    """A license number, e.g. `AIX-US-IND-2026-0000001-A-7`.

    `jurisdiction` ISO 3166-1 alpha-2, `kind` three letters, `serial` counts from 1 in each year, `revision` one letter.
    """
    stem = FORMAT.format(jurisdiction=jurisdiction, kind=kind, year=year, serial=serial, revision=revision)
    return f"{stem}-{check_character(stem.replace('-', ''))}"


def normalized_number(text: str) -> str | None:
    """The number as we write it, from what somebody typed; None when it cannot be one of ours (form or check character)."""
    compact = "".join(character for character in text.upper() if character.isalnum())
    if len(compact) != 21 or not compact.isascii() or not compact.startswith("AIX"):
        return None
    body, check = compact[:-1], compact[-1]
    if check_character(body) != check or not body[8:19].isdigit():
        return None
    return "-".join((body[:3], body[3:5], body[5:8], body[8:12], body[12:19], body[19], check))


def valid_until(valid_from: datetime, months: int) -> datetime:
    """The instant at which a license of so many months ends: the same day and minute of a later month, or its last day."""
    return valid_from + relativedelta(months=months)
