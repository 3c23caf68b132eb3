"""Web domains as screening compares them: `https://WWW.Nordlys.example/en` and `nordlys.example` are one. Pure."""

import re
import unicodedata
from functools import partial

_NFKC = partial(unicodedata.normalize, "NFKC")
_PREFIX = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\d?\.)?")
_SITE = re.compile(r"(?:https?://|\bwww\d?\.|\bwebsites?:?\s+)((?:[\w-]+\.)+[^\W\d_]{2,})", re.IGNORECASE)


def domain_of(address: str) -> str:
    """The domain of a website's address, in its own letters (RFC 3490); "" for an empty one.

    >>> domain_of("https://WWW.Nordlys.example:8443/en?x=1"), domain_of("nordlys.example.")
    ('nordlys.example', 'nordlys.example')
    >>> domain_of("https://xn--bcher-kva.example"), domain_of("b\u00fccher\u3002example")
    ('b\xfccher.example', 'b\xfccher.example')
    """
    host = re.split(r"[/?#]", _PREFIX.sub("", _NFKC(address.strip()).casefold()), maxsplit=1)[0]
    labels = re.split(r"[.\u3002]", host.rpartition("@")[2].partition(":")[0])
    return ".".join(map(_own_letters, labels)).strip(".")


def _own_letters(label: str) -> str:
    """A label as it is shown; one that cannot be decoded stays as it is."""
    try:
        return label.removeprefix("xn--").encode().decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def domains_in(text: str) -> list[str]:
    """The domains of the websites that a list names in its remarks, each once.

    >>> domains_in("Website www.qasr.example; Additional website: https://qasr.example/fa; Website nordlys.example")
    ['qasr.example', 'nordlys.example']
    """
    return list(dict.fromkeys(domain_of(found) for found in _SITE.findall(text)))
