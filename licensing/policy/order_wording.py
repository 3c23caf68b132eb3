"""What a version of an order, or of a list of authorized parties, says, in words: for pages and for the letter. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from licensing.policy.orders import Persons, undertakings_of

Content = Mapping[str, Any]
PERSONS = {
    Persons.LISTED: "the parties on the list",
    Persons.EMPLOYEES_OF_LISTED: "foreign employees of the parties on the list",
    Persons.OWN_EMPLOYEES: "foreign employees of the company itself",
}
LIVE = {
    "freeze": "Frozen while the order is in force",
    "flag": "Flagged for an officer",
    "none": "Not touched",
}
OWED = {"company": "the company", "authorized_parties": "the authorized parties"}


@dataclass(frozen=True)
class Line:
    """One row of a summary."""

    label: str
    value: str


def order_lines(content: Content, countries: Mapping[str, str]) -> Iterator[Line]:
    """What the order asks, of whom and for what; the reliefs and duties that it brings."""
    if content.get("rescinded"):
        yield Line("Standing", "Rescinded: the order asks for nothing any more")
    else:
        asks = {"required": "A license is required", "prohibited": "Prohibited: no license is issued"}
        yield Line("What is asked", asks.get(content.get("requirement", "required"), ""))
        if content.get("review_policy"):
            yield Line("Review policy", _words(content["review_policy"]))
    yield Line("Company", content.get("company", ""))
    yield Line("Models", _lines(content.get("models", ())) or "None named yet")
    yield Line("Transactions", _lines(map(_words, content.get("transaction_kinds", ()))) or "Every kind")
    yield Line("Ways of delivery", _lines(map(_words, content.get("delivery_modes", ()))) or "Every way")
    yield Line("Destinations", _countries(content.get("destinations", ()), countries) or "Every destination")
    yield Line("Recipients", _countries(content.get("nationalities", ()), countries) or "Every foreign person")
    yield Line("Live licenses", LIVE.get(content.get("live_licenses", "flag"), ""))
    yield Line("Expires", str(content.get("until") or "Not by itself"))
    yield Line("Legal basis", content.get("legal_basis", ""))
    for relief in content.get("reliefs", ()):
        yield Line(f"Relief {relief.get('id', '')}", _relief(relief))
    owed = [_duty(duty.text, duty.owed_by, duty.due) for duty in undertakings_of(content)]
    if owed:
        yield Line("Undertakings", _lines(owed))


def _relief(relief: Content) -> str:
    persons = _lines(PERSONS.get(Persons(each), each) for each in relief.get("persons", ()))
    said = [persons, "for " + ", ".join(relief.get("models") or ["every model of the order"])]
    if relief.get("authorized_parties"):
        said.append(f"list {relief['authorized_parties']}")
    return "\n".join(filter(None, [*said, relief.get("citation", ""), relief.get("note", "")]))


def _duty(text: str, owed_by: str, due: str) -> str:
    return f"{text} (owed by {OWED.get(owed_by, owed_by)}{', by ' + due if due else ''})"


def list_lines(content: Content, countries: Mapping[str, str]) -> Iterator[Line]:
    yield Line("Title", content.get("title", ""))
    yield Line("Source", content.get("source", ""))
    parties = content.get("parties", ())
    yield Line(f"Parties ({len(parties)})", _lines(party_words(party, countries) for party in parties) or "None yet")


def party_words(party: Content, countries: Mapping[str, str]) -> str:
    told = (
        party.get("name", ""),
        countries.get(party.get("country", ""), party.get("country", "")),
        party.get("identifier", ""),
    )
    return ", ".join(filter(None, told))


def _words(code: str) -> str:
    return str(code).replace("_", " ").capitalize()


def _countries(codes: Iterable[str], countries: Mapping[str, str]) -> str:
    return _lines(countries.get(code, code) for code in codes)


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)
