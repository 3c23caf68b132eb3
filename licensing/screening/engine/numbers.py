"""Identifiers as they are compared: without the name of their scheme, separators and leading zeros, look-alike letters as Latin. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from licensing.screening.engine.names import latin_looking

SHORTEST = 4  # fewer characters are no number: "n/a", "none"
LEAST_AFTER_ZEROS = 6  # a shorter number is many companies' own: its zeros say which
_SCHEME = "IMO|LEI|DUNS|D-U-N-S|MMSI|SWIFT|BIC|ISIN|USCC|INN|KPP|OGRN|OGRNIP|OKPO|ИНН|КПП|ОГРН|ОГРНИП|ОКПО|PASSPORT|REGISTRATION|NUMBER"
_WITH_SEPARATOR = (
    "UEN|CIN|CRN|EIN|TIN|TAX|VAT|NATIONAL|COMPANY|BUSINESS|COMMERCIAL|REG|IDENTIFICATION|IDENTITY|ID|CARD|NO|NR"
)
_SCHEMES = re.compile(rf"^(?:(?:(?:{_SCHEME})(?![^\W\d_])|(?:{_WITH_SEPARATOR})(?=[\W_]))[\W_]*)+(?=\w)")


def plain_identifier(identifier: str) -> str:
    """An identifier as it is compared; "" for what is none.

    >>> plain_identifier("IMO 9187629"), plain_identifier("Reg. No. 007701-234"), plain_identifier("n/a")
    ('9187629', '7701234', '')
    """
    text = "".join(map(_digit, unicodedata.normalize("NFKC", identifier))).upper()
    number = "".join(letter for letter in latin_looking(_SCHEMES.sub("", text)) if letter.isalnum())
    short = number.lstrip("0")
    number = short if len(short) >= LEAST_AFTER_ZEROS else number
    return number if len(number) >= SHORTEST else ""


def numbers(identifiers: Iterable[str]) -> set[str]:
    """Those that are identifiers, each once, as they are compared."""
    return {number for given in identifiers if (number := plain_identifier(given))}


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
