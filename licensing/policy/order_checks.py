"""Whether the content of a control order, or of a list of authorized parties, may be published: every problem, named. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from licensing.audit.refusals import Problem
from licensing.countries.rules import folded
from licensing.policy.orders import LiveLicenses, Persons
from licensing.policy.rulesets import Requirement, ReviewPolicy, instant

Content = Mapping[str, Any]
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")
BY_LIST = frozenset({Persons.LISTED.value, Persons.EMPLOYEES_OF_LISTED.value})
OWED = ("company", "authorized_parties")
LONGEST = 40  # an answer names order and relief together


@dataclass(frozen=True)
class Known:
    """What the words of an order have to be among."""

    kinds: Collection[str]
    modes: Collection[str]
    countries: Collection[str]
    lists: Collection[str]
    is_text: Callable[[str], bool]


def order_problems(key: str, content: Content, known: Known) -> Iterator[Problem]:
    """Everything that is wrong with an order."""
    yield from _texts(content, {"title": "the order", "legal_basis": "its legal basis", "company": "the company"})
    models = _list(content, "models")
    if not models:
        yield Problem("models", "", "Name at least one model, as its developer calls it.")
    yield from _among(content, "transaction_kinds", known.kinds)
    yield from _among(content, "delivery_modes", known.modes)
    yield from _among(content, "destinations", known.countries)
    yield from _among(content, "nationalities", known.countries)
    yield from _one_of(content, "requirement", (Requirement.REQUIRED, Requirement.PROHIBITED))
    yield from _one_of(content, "review_policy", ("", *ReviewPolicy))
    yield from _one_of(content, "live_licenses", LiveLicenses)
    yield from _instant("until", content.get("until"))
    yield from _undertakings("", content)
    reliefs = _list(content, "reliefs")
    ids = [str(relief.get("id", "")) for relief in reliefs]
    for relief in reliefs:
        yield from _relief(key, relief, models, ids, known)


def _relief(key: str, relief: Content, models: list[Any], ids: list[str], known: Known) -> Iterator[Problem]:
    name = str(relief.get("id", ""))
    place = f"reliefs.{name or '?'}"
    if not _WORD.fullmatch(name) or ids.count(name) > 1:
        yield Problem(f"{place}.id", name, "Give the relief a short name of its own: small letters, digits, hyphens.")
    elif len(f"{key}/{name}") > LONGEST:
        yield Problem(f"{place}.id", name, f"{key}/{name} has over {LONGEST} characters: shorten the relief's name.")
    yield from _texts(relief, {"citation": "what the relief rests on"}, f"{place}.")
    named = {folded(str(model)) for model in models}
    for model in _list(relief, "models"):
        if folded(str(model)) not in named:
            yield Problem(f"{place}.models", str(model), "The order does not name this model: a relief cannot free it.")
    persons = _list(relief, "persons")
    if not persons:
        yield Problem(f"{place}.persons", "", "Say whom the relief frees.")
    yield from _among(relief, "persons", [each.value for each in Persons], f"{place}.")
    asked = relief.get("authorized_parties", "")
    if BY_LIST & set(map(str, persons)) and asked not in known.lists:
        yield Problem(
            f"{place}.authorized_parties", str(asked), f"Choose a published list of authorized parties: {_said(known.lists)}."
        )  # fmt: skip
    yield from _undertakings(f"{place}.", relief)
    for row in _list(relief, "undertakings"):
        text = row if isinstance(row, str) else str(row.get("text", ""))
        if text and not known.is_text(text):
            yield Problem(f"{place}.undertakings", text, "No text with this key is in force in the library.")


def _undertakings(place: str, part: Content) -> Iterator[Problem]:
    for row in _list(part, "undertakings"):
        said = {"text": row} if isinstance(row, str) else row
        if not str(said.get("text", "")).strip():
            yield Problem(f"{place}undertakings", "", "Say what is undertaken.")
        if said.get("owed_by", OWED[0]) not in OWED:
            yield Problem(f"{place}undertakings.owed_by", str(said["owed_by"]), f"Choose one of {', '.join(OWED)}.")
        if said.get("due"):
            try:
                date.fromisoformat(str(said["due"]))
            except ValueError:
                yield Problem(f"{place}undertakings.due", str(said["due"]), "Write the day as 2026-12-25.")


def list_problems(content: Content, countries: Collection[str]) -> Iterator[Problem]:
    """Everything that is wrong with a list of authorized parties."""
    yield from _texts(content, {"title": "the list", "source": "its source"})
    parties = _list(content, "parties")
    if not parties:
        yield Problem("parties", "", "Name at least one party.")
    seen: set[str] = set()
    for position, party in enumerate(parties, start=1):
        name, country = str(party.get("name", "")), str(party.get("country", ""))
        if not name.strip():
            yield Problem(f"parties[{position}].name", name, "Name the party.")
        if country not in countries:
            yield Problem(f"parties[{position}].country", country, f"{name}: there is no country with this code.")
        if folded(name) in seen:
            yield Problem(f"parties[{position}].name", name, f"{name} is on the list twice: remove one.")
        seen.add(folded(name))


def _texts(part: Content, wanted: Mapping[str, str], place: str = "") -> Iterator[Problem]:
    for name, words in wanted.items():
        if not isinstance(part.get(name), str) or not part[name].strip():
            yield Problem(f"{place}{name}", str(part.get(name) or ""), f"Name {words}.")


def _list(part: Content, name: str) -> list[Any]:
    value = part.get(name) or []
    return value if isinstance(value, list) else [value]


def _among(part: Content, name: str, words: Collection[str], place: str = "") -> Iterator[Problem]:
    for value in _list(part, name):
        if value not in words:
            yield Problem(f"{place}{name}", str(value), f"{value} is not among them; there are: {_said(words)}.")


def _one_of(part: Content, name: str, words: Iterable[str]) -> Iterator[Problem]:
    said = [str(word) for word in words]
    if name in part and part[name] not in said:
        yield Problem(name, str(part[name]), f"Choose one of {', '.join(filter(None, said))}.")


def _instant(name: str, value: Any) -> Iterator[Problem]:
    try:
        instant(value)
    except (TypeError, ValueError):
        yield Problem(name, str(value), "Write the instant as 2026-06-12T21:21Z.")


def _said(words: Collection[str]) -> str:
    return ", ".join(sorted(words)[:12]) + (", …" if len(words) > 12 else "") if words else "none yet"
