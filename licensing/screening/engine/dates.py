"""Dates of birth as lists and people write them. Pure."""

import re

MONTHS = dict(
    zip(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], range(1, 13), strict=True)
)


def iso_date(text: str) -> str:
    """A date as ISO, or its year alone, from `12 Oct 1954`, `10/12/1954` (month first), `1954-10-12`, `1954`, `circa 1954`; "" for none."""
    plain = text.strip()
    if found := re.search(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", plain):
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    if found := re.search(r"\b(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})\b", plain):
        month = MONTHS.get(found[2].casefold())
        return f"{found[3]}-{month:02d}-{int(found[1]):02d}" if month else found[3]
    if (found := re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", plain)) and int(found[1]) <= 12:
        return f"{found[3]}-{int(found[1]):02d}-{int(found[2]):02d}"
    found = re.search(r"\b(1[89]\d\d|20\d\d)\b", plain)
    return found[1] if found else ""
