"""What a version of an order, or of a list of authorized parties, says, in words: for pages and for the letter. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from licensing.policy.orders import Persons, undertakings_of
from licensing.policy.rulesets import instant

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
ASKED = {"required": "A license is required", "prohibited": "Prohibited: no license is issued"}
SCOPE = (
    ("Transactions", "transaction_kinds", "Every kind"),
    ("Ways of delivery", "delivery_modes", "Every way"),
    ("Destinations", "destinations", "Every destination"),
    ("Recipients", "nationalities", "Every foreign person"),
)
OWED = {"company": "the company", "authorized_parties": "the authorized parties"}


@dataclass(frozen=True)
class Line:
    """One row of a summary."""

    label: str
    value: str


def order_lines(content: Content, called: Mapping[str, str]) -> Iterator[Line]:
    """What the order asks, of whom and for what; the reliefs and duties that it brings.

    `called` says what codes are called: of countries, kinds of transaction, ways of delivery, texts of the library.
    """
    if content.get("rescinded"):
        yield Line("Standing", "Rescinded: the order asks for nothing any more")
    else:
        yield Line("What is asked", ASKED.get(content.get("requirement", "required"), ""))
        if content.get("review_policy"):
            yield Line("Review policy", _words(content["review_policy"]))
    yield Line("Company", content.get("company", ""))
    yield Line("Models", _lines(content.get("models", ())) or "None named yet")
    for label, name, all_of_them in SCOPE:
        yield Line(label, _lines(called.get(code, code) for code in content.get(name, ())) or all_of_them)
    yield Line("Live licenses", LIVE.get(content.get("live_licenses", "flag"), ""))
    yield Line("Expires", _until(content.get("until")))
    yield Line("Legal basis", content.get("legal_basis", ""))
    for relief in content.get("reliefs", ()):
        yield Line(f"Relief {relief.get('id', '')}", _relief(relief))
    owed = [_duty(called.get(duty.text, duty.text), duty.owed_by, duty.due) for duty in undertakings_of(content)]
    if owed:
        yield Line("Undertakings", _lines(owed))


def _until(value: Any) -> str:
    at = instant(value)
    return f"{at:%Y-%m-%d, %H:%M} UTC" if at else "Not by itself"


def _relief(relief: Content) -> str:
    freed = [PERSONS.get(Persons(each), each) for each in relief.get("persons", ())]
    said = [f"No license for {', '.join(freed)}", f"Models: {', '.join(relief.get('models') or ['all of the order'])}"]
    if relief.get("authorized_parties"):
        said.append(f"List: {relief['authorized_parties']}")
    return _lines(filter(None, [*said, relief.get("citation", ""), relief.get("note", "")]))


def _duty(text: str, owed_by: str, due: str) -> str:
    return f"{text} (owed by {OWED.get(owed_by, owed_by)}{', by ' + due if due else ''})"


def list_lines(content: Content, countries: Mapping[str, str]) -> Iterator[Line]:
    yield Line("Title", content.get("title", ""))
    yield Line("Source", content.get("source", ""))
    parties = content.get("parties", ())
    yield Line(f"Parties ({len(parties)})", _lines(_party(party, countries) for party in parties) or "None yet")


def _party(party: Content, countries: Mapping[str, str]) -> str:
    code = party.get("country", "")
    return ", ".join(filter(None, (party.get("name", ""), countries.get(code, code), party.get("identifier", ""))))


def _words(code: str) -> str:
    return str(code).replace("_", " ").capitalize()


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)
