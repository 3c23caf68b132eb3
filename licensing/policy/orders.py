"""Control orders and relief from them: a requirement by name, for one company's models, from one minute to another. Pure.

An order ("is informed" letter, 15 CFR part 744) names models, kinds of transaction and modes of delivery. It reaches every recipient until
a relief in it frees those whom the relief names. Its versions are publications: a relief or a rescission is a later version.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from licensing.countries.rules import folded
from licensing.policy.rulesets import (
    AuthorizedParties,
    EnforcementStatus,
    LegalStatus,
    Requirement,
    VersionRef,
    instant,
)

FACTS: Mapping[str, str] = {
    "exporter": "str",
    "transaction_kind": "str",
    "delivery_modes": "list[str]",
    "destinations": "list[str]",
    "items": "list[item]",
    "parties": "list[party]",
}
RECIPIENTS = frozenset({"purchaser", "intermediate_consignee", "ultimate_consignee", "end_user", "foreign_person"})


class Persons(StrEnum):
    """Whom a relief frees."""

    LISTED = "listed"  # who stands on the list of authorized parties
    EMPLOYEES_OF_LISTED = "employees_of_listed"  # their foreign-national employees
    OWN_EMPLOYEES = "own_employees"  # the foreign-national employees of the company that was served


class LiveLicenses(StrEnum):
    """What an order does to licenses that it reaches."""

    FREEZE = "freeze"
    FLAG = "flag"
    NONE = "none"


@dataclass(frozen=True)
class Relief:
    """That some recipients need no license for some of an order's models, against undertakings."""

    id: str
    models: frozenset[str]
    persons: frozenset[str]
    list_key: str
    undertakings: tuple[str, ...]
    citation: str
    note: str = ""


@dataclass(frozen=True)
class Order:
    """One version of a control order, as in force. Names of models and companies are folded.

    No kinds, modes, destinations or nationalities (country codes of recipients) means all.
    """

    ref: VersionRef
    title: str
    legal_basis: str
    company: str
    models: frozenset[str]
    kinds: frozenset[str]
    modes: frozenset[str]
    destinations: frozenset[str]
    nationalities: frozenset[str]
    requirement: Requirement
    review_policy: str
    live_licenses: LiveLicenses
    until_at: datetime | None
    rescinded: bool
    reliefs: tuple[Relief, ...]
    lists: Mapping[str, AuthorizedParties]

    def runs(self, at: datetime) -> bool:
        return not self.rescinded and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True)
class Reached:
    """What an order says of some facts: the relief that frees them, if any; facts that are missing to tell."""

    order: Order
    relief: Relief | None = None
    missing: tuple[str, ...] = ()

    @property
    def requires(self) -> bool:
        return self.relief is None and not self.missing


def parties_of(content: Mapping[str, Any], key: str, version: int) -> AuthorizedParties:
    return AuthorizedParties(key, version, _folded(party["name"] for party in content["parties"]))


def lists_asked(content: Mapping[str, Any]) -> list[str]:
    """The lists of authorized parties that an order's reliefs name."""
    asked = {relief.get("authorized_parties") for relief in content.get("reliefs", ())}
    return sorted(filter(None, asked))


def from_content(content: Mapping[str, Any], ref: VersionRef, lists: Mapping[str, AuthorizedParties]) -> Order:
    """An order from the content of a publication (`problems` names what would raise here: KeyError, ValueError)."""
    owed = tuple(undertakings_of(content))

    def duties(relief: str) -> tuple[str, ...]:
        return tuple(duty.text for duty in owed if duty.relief == relief)

    reliefs = tuple(
        Relief(
            id=row["id"], models=_folded(row.get("models") or content["models"]), persons=frozenset(row["persons"]),
            list_key=row.get("authorized_parties", ""), undertakings=duties(row["id"]), citation=row["citation"],
            note=row.get("note", ""),
        )
        for row in content.get("reliefs", ())
    )  # fmt: skip
    return Order(
        ref=ref, title=content["title"], legal_basis=content["legal_basis"], company=folded(content["company"]),
        models=_folded(content["models"]), kinds=frozenset(content.get("transaction_kinds", ())),
        modes=frozenset(content.get("delivery_modes", ())), destinations=frozenset(content.get("destinations", ())),
        nationalities=frozenset(content.get("nationalities", ())),
        requirement=Requirement(content.get("requirement", Requirement.REQUIRED)), review_policy=content.get("review_policy", ""),
        live_licenses=LiveLicenses(content.get("live_licenses", LiveLicenses.FLAG)), until_at=instant(content.get("until")),
        rescinded=bool(content.get("rescinded")), reliefs=reliefs,
        lists={relief.list_key: lists[relief.list_key] for relief in reliefs if relief.list_key},
    )  # fmt: skip


@dataclass(frozen=True)
class Undertaking:
    """A duty: of a relief (then `text` is a key of the library of texts, and a condition of the answer) or of the whole version."""

    relief: str
    text: str
    owed_by: str
    due: str


def undertakings_of(content: Mapping[str, Any]) -> Iterator[Undertaking]:
    """The duties that a version brings; one that is written as its text alone is owed by the company, without a day."""
    bringing = [("", content), *((relief.get("id", ""), relief) for relief in content.get("reliefs", ()))]
    for relief, part in bringing:
        for row in part.get("undertakings", ()):
            said = {"text": row} if isinstance(row, str) else row
            yield Undertaking(relief, said["text"], said.get("owed_by", "company"), str(said.get("due") or ""))


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(folded(name) for name in names)


def reached(orders: Sequence[Order], facts: Mapping[str, Any], at: datetime) -> Iterator[Reached]:
    """Each order that reaches the facts at the instant, or may once a missing fact is known; none before a model is named."""
    for order in orders:
        names = _models(order, facts) if order.runs(at) else frozenset()
        if not names:
            continue
        missing = tuple(_undecided(order, facts))
        if None in missing:
            continue
        yield _relieved(order, names, facts) if not missing else Reached(order, missing=tuple(filter(None, missing)))


def _models(order: Order, facts: Mapping[str, Any]) -> frozenset[str]:
    """The order's models among the items, and among what the items were made from (15 CFR 734.9(l): a derivative stays controlled)."""
    found: set[str] = set()
    for item in facts.get("items") or ():
        developer = folded(str(item.get("developer") or ""))
        if developer in ("", order.company):
            found |= order.models & _folded([str(item.get("name") or item.get("model") or "")])
        found |= order.models & _folded(item.get("made_from") or ())
    return frozenset(found)


def _undecided(order: Order, facts: Mapping[str, Any]) -> Iterator[str | None]:
    """Facts that are missing to tell whether the order reaches; None when one that is known says that it does not."""
    kind, modes, destinations = (facts.get(name) for name in ("transaction_kind", "delivery_modes", "destinations"))
    nationalities = {code for party in _recipients(facts) for code in _nationalities(party)}
    for name, wanted, given in (
        ("transaction_kind", order.kinds, {kind} if kind else None),
        ("delivery_modes", order.modes, set(modes) if modes else None),
        ("destinations", order.destinations, set(destinations) if destinations else None),
        ("parties", order.nationalities, nationalities or None),
    ):
        if wanted and given is None:
            yield name
        elif wanted and given is not None and not wanted & given:
            yield None


def _recipients(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [party for party in facts.get("parties") or () if party.get("role") in RECIPIENTS]


def _nationalities(party: Mapping[str, Any]) -> Iterable[str]:
    """Every citizenship of a person; the country of a company."""
    return party.get("citizenships") or [code for code in (party.get("country"),) if code]


def _relieved(order: Order, names: frozenset[str], facts: Mapping[str, Any]) -> Reached:
    """A relief frees when it names every model and covers every recipient."""
    recipients = _recipients(facts)
    for relief in order.reliefs:
        if not names <= relief.models:
            continue
        if not recipients:
            return Reached(order, missing=("parties",))
        if all(_covers(order, relief, party) for party in recipients):
            return Reached(order, relief)
    return Reached(order)


def _covers(order: Order, relief: Relief, party: Mapping[str, Any]) -> bool:
    listed = order.lists[relief.list_key].names if relief.list_key else frozenset()
    name, employer = (folded(str(party.get(part) or "")) for part in ("name", "employer"))
    if party.get("role") == "foreign_person":
        return (Persons.EMPLOYEES_OF_LISTED in relief.persons and employer in listed) or (
            Persons.OWN_EMPLOYEES in relief.persons and employer == order.company
        )
    return Persons.LISTED in relief.persons and name in listed


STATUS = {"legal_status": LegalStatus.IN_FORCE.value, "enforcement_status": EnforcementStatus.ENFORCED.value}
