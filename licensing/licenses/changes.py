"""Which changes of a license need nothing, which a request, and which a new application: plain Python (15 CFR 750.7(c), 750.10)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

NOTHING_NEEDED: dict[str, str] = {
    "price_decrease": "A lower price",
    "tolerance_increase": "More within the shipping tolerance",
    "freight_or_exchange": "A higher value through freight or exchange rates alone",
    "price_statement": "A price that follows from a price statement on the license",
    "intermediate_consignee": "Another intermediate consignee in the country of destination",
    "carrier": "Another carrier, within country group B",
    "address": "A new address of a party in the same country",
    "renumbered_entry": "A new number of the same control entry",
    "between_end_users": "A transfer between end users that the license names",
    "minimum_technology": "The minimum technology for installing and running what is licensed",
    "tariff_codes": "Further tariff codes for Russia or Belarus",
}
FILED: dict[str, str] = {
    "validity": "More time",
    "licensee_name": "The name of the licensee",
    "licensee_name_and_owner": "The name of the licensee, together with its owner",
    "licensee": "The licensee: somebody else takes the license over",
    "item": "A model, a version, or what may be done with it",
    "party": "An end user, consignee or other party",
    "destination": "The country of destination, or a hosting site",
    "end_use": "The end use",
    "quantity": "More quantity, value, seats or computing",
    "condition": "A condition",
}
CHANGES = NOTHING_NEEDED | FILED


class Route(StrEnum):
    NOTHING = "nothing"
    EXTENSION = "extension"
    NAME_CHANGE = "name_change"
    TRANSFER = "transfer"
    REPLACEMENT = "replacement"


ALONE = {"validity": Route.EXTENSION, "licensee_name": Route.NAME_CHANGE, "licensee": Route.TRANSFER}


@dataclass(frozen=True)
class Answer:
    """What a set of changes needs, why, and under which paragraph."""

    route: Route
    sentence: str
    citation: str


def route(changes: Collection[str]) -> Answer:
    """What the changes need together; those that need nothing never stand in the way. Raises ValueError for none or an unknown one."""
    unknown = sorted(set(changes) - CHANGES.keys())
    if unknown or not changes:
        raise ValueError(f"Choose among the changes that there are: {', '.join(CHANGES)}.")
    filed = set(changes) & FILED.keys()
    if not filed:
        return Answer(Route.NOTHING, "Nothing has to be filed. Keep a record of the change.", "15 CFR 750.7(c)(1)")
    if len(filed) == 1 and (alone := ALONE.get(next(iter(filed)))):
        return ANSWERS[alone]
    if "validity" in filed:
        return Answer(
            Route.REPLACEMENT, "An extension changes the date and nothing else: file a new application for everything together.",
            "15 CFR 750.7(g)",
        )  # fmt: skip
    return ANSWERS[Route.REPLACEMENT]


ANSWERS = {
    Route.EXTENSION: Answer(Route.EXTENSION, "Ask for an extension, with the reasons.", "15 CFR 750.7(g)(1)"),
    Route.NAME_CHANGE: Answer(
        Route.NAME_CHANGE, "Ask for the change of name; it changes nothing besides.", "15 CFR 750.7(c)(2)"
    ),
    Route.TRANSFER: Answer(
        Route.TRANSFER, "Ask for a transfer. It needs approval before it happens, and a license is transferred once.", "15 CFR 750.10"
    ),
    Route.REPLACEMENT: Answer(
        Route.REPLACEMENT, "This needs a replacement license: file a new application that names this one.", "15 CFR 750.7(c)(1)"
    ),
}  # fmt: skip

# What each request has to say, by key: the letter of the licensee, and of the transferee.
LETTERS: dict[str, dict[str, str]] = {
    "extension": {"requestor": "Who asks, and in which position", "justification": "Why more time is needed"},
    "name_change": {
        "old_name": "The name until now",
        "effective_on": "The day from which the new name holds",
        "document": "The legal document that changes the name",
        "ownership": "That nothing changes in who owns the company",
        "applications": "Other licenses and applications that the change concerns",
        "contact": "Whom to ask about the change",
    },
    "transfer": {
        "reasons": "The reasons for the transfer",
        "facts": "The facts that make it necessary",
        "transferee": "Name and address of the transferee",
        "document": "The legal document under which the transferee acquires the business",
        "licenses": "Other licenses to be transferred, or that there are none",
        "applications": "Applications that are pending, or that there are none",
        "consideration": "Whether anything is paid for the transfer, and what",
    },
}
ACCEPTANCE: dict[str, str] = {
    "responsibilities": "That the transferee takes over every power and responsibility under the license",
    "jurisdiction": "That the transferee is subject to the jurisdiction of the issuing state",
    "consideration": "Whether anything is paid for the transfer, and what",
}


def missing(letter: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The parts of a letter that were left out or say nothing: key and what it has to say."""
    for key, what in wanted.items():
        if len(str(letter.get(key, "")).strip()) < 2:
            yield key, what
