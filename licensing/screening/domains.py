"""Web domains as screening compares them: `https://WWW.Nordlys.example/en` and `nordlys.example` are one. Pure."""

import re

_PREFIX = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\d?\.)?")
_SITE = re.compile(r"(?:https?://|\bwww\d?\.|\bwebsites?:?\s+)((?:[\w-]+\.)+[^\W\d_]{2,})", re.IGNORECASE)


def domain_of(address: str) -> str:
    """The domain of a website's address; "" for an empty one.

    >>> domain_of("https://WWW.Nordlys.example:8443/en?x=1"), domain_of("nordlys.example.")
    ('nordlys.example', 'nordlys.example')
    """
    host = re.split(r"[/?#]", _PREFIX.sub("", address.strip().casefold()), maxsplit=1)[0]
    return host.rpartition("@")[2].partition(":")[0].strip(".")


def domains_in(text: str) -> list[str]:
    """The domains of the websites that a list names in its remarks, each once.

    >>> domains_in("Website www.qasr.example; Additional website: https://qasr.example/fa; Website nordlys.example")
    ['qasr.example', 'nordlys.example']
    """
    return list(dict.fromkeys(domain_of(found) for found in _SITE.findall(text)))
