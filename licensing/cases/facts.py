"""The one registry of facts about an application, shared by policy and workflow.

Definitions and policies declare the facts that they use; what they may use stands here, with its type.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from licensing.cases.models.application import DeliveryMode, PartyRole, Sector, TransactionKind
from licensing.cases.rules import Filed
from licensing.catalog.entries import ITEM_KINDS
from licensing.catalog.models import CountingMethod, Derivation, Weights
from licensing.parties.models import KeyCustody, PartyKind


@dataclass(frozen=True)
class Fact:
    """One fact: its type as policies declare it, what it means, and the words that it may be (none: any)."""

    type: str
    meaning: str
    words: tuple[str, ...] = ()


RECORDS: Mapping[str, Mapping[str, Fact]] = {
    "item": {
        "kind": Fact("str", "What it is; a model where nothing is said", ITEM_KINDS),
        "model": Fact("str", "The model and its version, as people write them"),
        "name": Fact("str", "The model's name alone: what a control order names"),
        "developer": Fact("str", "The company that developed the model"),
        "made_from": Fact("list[str]", "Names of the models that it was made from: derivatives stay controlled"),
        "weights": Fact("str", "How the parameters are kept", tuple(Weights.values)),
        "operations": Fact("float", "Training operations, of the version and of all it was made from"),
        "methods": Fact("list[str]", "By which methods all of them were counted", tuple(CountingMethod.values)),
        "tolerance_percent": Fact("float", "How far the count may be off, in percent"),
        "share_added": Fact(
            "float", "Of a derivative: its own training operations over those of what it was made from"
        ),
        "made_from_entries": Fact("list[str]", "Control-list entries under which what it was made from is classified"),
        "modalities": Fact("list[str]", "What it takes and gives, such as text or image"),
        "control_entry": Fact(
            "str", "The control-list entry of the recorded classification; empty where there is none"
        ),
        "derivation": Fact("str", "How it came from its parent", ("", *Derivation.values)),
        "security_level": Fact("float", "How well the weights are protected, 1 to 5"),
        "total_processing_performance": Fact(
            "float",
            "Of a circuit: 2 times MacTOPS times bit length, the largest over bit lengths, of all processing units",
        ),
        "die_area": Fact(
            "float",
            "Of a circuit: applicable die area in square millimeters; performance density is performance over it",
        ),
        "contains": Fact("list[str]", "Of a computer: control-list entries of the circuits in it"),
    },
    "owner": {
        "name": Fact("str", "The owner's name"),
        "owns": Fact("str", "Name of the owner in which it holds its share; empty where that is the party itself"),
        "country": Fact("str", "Where the owner has its headquarters: a country code"),
        "percent": Fact("float", "The share that it holds; left out where that is not known"),
    },
    "party": {
        "role": Fact("str", "What the party does in the transaction", tuple(PartyRole.values)),
        "kind": Fact("str", "Company, person or government body", tuple(PartyKind.values)),
        "name": Fact("str", "The party's name"),
        "employer": Fact("str", "Of a foreign person: the company that employs them"),
        "country": Fact("str", "Where the party is: a country code"),
        "headquarters": Fact(
            "str",
            "Where it has its headquarters; of a foreign person, where their employer has them; empty where there are none",
        ),
        "ultimate_parent": Fact("str", "Where its ultimate parent has its headquarters; empty where nobody owns it"),
        "owners": Fact("list[owner]", "Who holds a share of it, and who of them: chains count"),
        "citizenships": Fact("list[str]", "Of a person: country codes, the most recent first"),
    },
    "site": {
        "country": Fact("str", "Where the weights are stored or the model runs: a country code"),
        "headquarters": Fact("str", "Where the operator has its headquarters"),
        "ultimate_parent": Fact(
            "str", "Where the operator's ultimate parent has its headquarters; empty where nobody owns it"
        ),
        "key_custody": Fact("str", "Who holds the keys", ("", *KeyCustody.values)),
        "security_level": Fact("float", "How well the site protects weights, 1 to 5"),
    },
}
FACTS: Mapping[str, Fact] = {
    "transaction_kind": Fact("str", "What happens in law (15 CFR 734.13-734.16)", tuple(TransactionKind.values)),
    "delivery_modes": Fact("list[str]", "How the model reaches the recipient", tuple(DeliveryMode.values)),
    "destinations": Fact("list[str]", "Every country that the transaction reaches: country codes"),
    "exporter": Fact("str", "The company that exports, releases or gives access"),
    "items": Fact("list[item]", "The models"),
    "parties": Fact("list[party]", "Who takes part, the exporter left out"),
    "sites": Fact("list[site]", "Where weights are stored or models run"),
    "end_use": Fact("str", "What the model is for, in words"),
    "sector": Fact("str", "Where it is used", tuple(Sector.values)),
    "military_end_use": Fact("bool", "Used by armed forces, or for a military purpose"),
    "wmd_end_use": Fact("bool", "Could serve nuclear, chemical, biological or missile purposes"),
    "human_rights_concern": Fact("bool", "Could be used to watch people unlawfully or against human rights"),
    "decides_about_people": Fact("bool", "Takes part in decisions about people"),
    "any_nuclear_relevant": Fact("bool", "Relevant to nuclear matters"),
    "max_operations": Fact("float", "The most training operations of an item"),
    "all_published": Fact("bool", "All weights are published without restriction (15 CFR 734.7)"),
    "control_entries": Fact("list[str]", "Control-list entries that cover items"),
    "consignee_performance": Fact(
        "float",
        "Total processing performance for the ultimate consignee in this calendar year, this transaction included",
    ),
    "days_since_notice": Fact(
        "float", "Calendar days since the authority was notified of the transaction without objecting"
    ),
}
TYPES: Mapping[str, str] = {
    **{name: fact.type for name, fact in FACTS.items()},
    # Derived from the lists in force by `licensing.policy.known.complete`:
    "destination_lists": "list[str]",
    "destination_embargoed": "bool",
}


def facts_of(filed: Filed, control_entries: Mapping[int, str] | None = None) -> dict[str, Any]:
    """The facts of an application as filed. An answer that was not given is left out.

    `control_entries` maps item numbers to the control-list entry of the recorded classification.
    """
    entries = dict(control_entries or {})
    items = [_item(item, entries.get(item["number"], "")) for item in filed["items"]]
    end_use = filed["end_use"]
    facts: dict[str, Any] = {
        "transaction_kind": filed["transaction"]["kind"],
        "delivery_modes": list(filed["transaction"]["delivery_modes"]),
        "destinations": destinations(filed),
        "exporter": filed["applicant"]["name"],
        "items": items,
        "parties": [_party(party, filed.get("ownership", ())) for party in filed["parties"]],
        "sites": [_site(site) for site in filed["sites"]],
        "end_use": end_use["statement"],
        "sector": end_use["sector"],
        "military_end_use": end_use["military_end_use"],
        "wmd_end_use": end_use["wmd_end_use"],
        "human_rights_concern": end_use["human_rights_concern"],
        "decides_about_people": end_use["decides_about_people"],
        "any_nuclear_relevant": end_use["nuclear_relevant"],
        "max_operations": _most_operations(items),
        "all_published": bool(items) and all(item["weights"] == "published" for item in items),
        "control_entries": sorted({entry for entry in entries.values() if entry}),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def workflow_facts(declared: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is known the facts that a workflow declares; of a set the members that it declares (`asked_seats`)."""
    return {
        name: sorted(set(value) & set(declared[name]["set"])) if isinstance(declared[name], Mapping) else value
        for name, value in known.items()
        if name in declared
    }


def destinations(filed: Filed) -> list[str]:
    """Every country that the transaction reaches: destination, recipients abroad, sites; for a deemed export the person's own.

    A foreign person's destination is the most recent citizenship or the permanent residence (15 CFR 734.13(b)).
    """
    reached = {filed["transaction"]["destination"]}
    for party in filed["parties"]:
        if party["role"] == "foreign_person":
            reached.update(party["citizenships"])
            reached.add(party["permanent_residence"])
        elif party["role"] in ("ultimate_consignee", "end_user", "intermediate_consignee"):
            reached.add(party["country"])
    reached.update(site["country"] for site in filed["sites"])
    return sorted(code for code in reached if code)


def _most_operations(items: list[dict[str, Any]]) -> float | None:
    """None as soon as one item declares nothing."""
    declared = [item.get("operations") for item in items]
    return None if None in declared else max(filter(None, declared), default=0.0)


def _item(item: Mapping[str, Any], entry: str) -> dict[str, Any]:
    """Operations that are not declared are left out; never zero, for that would be too little."""
    facts = {
        "model": f"{item['model']} {item['version']}",
        "name": item["model"],
        "developer": item["developer"],
        "made_from": list(item.get("made_from", ())),
        "made_from_entries": [],  # the classification counts what it was made from
        "weights": item["weights"],
        "modalities": list(item["modalities"]),
        "control_entry": entry,
        "derivation": item["derivation"],
        "security_level": item["security_level"] or 0,
    }
    if not item["operations"]:
        return facts
    total, added = float(item["operations"]), float(item.get("operations_added") or 0)
    counted = {
        "operations": total,
        "methods": list(item.get("methods", ())),
        "tolerance_percent": float(item.get("tolerance_percent") or 0),
    }
    share = {"share_added": added / (total - added)} if item["derivation"] and total > added else {}
    return facts | counted | share


def _party(party: Mapping[str, Any], stakes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    unemployed = party["role"] == "foreign_person" and not party.get("employer")
    return _placed(party, party["ultimate_parent_country"], without=party["kind"] != "company", homeless=unemployed) | {
        "role": party["role"],
        "kind": party["kind"],
        "name": party["name"],
        "employer": party.get("employer", ""),
        "owners": list(_owners(party["ref"], "", stakes)),
        "citizenships": list(party["citizenships"]),
    }


def _owners(ref: str, owns: str, stakes: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Who holds a share, and who of them. Stakes never run in a circle (`parties.rules.owns_itself`)."""
    for stake in stakes:
        if stake["owned"] == ref:
            owner = stake["owner"]
            share = {} if stake["percent"] is None else {"percent": float(stake["percent"])}
            yield {"name": owner["name"], "owns": owns, "country": owner["headquarters"] or owner["country"], **share}
            yield from _owners(owner["ref"], owner["name"], stakes)


def _placed(row: Mapping[str, Any], parent: str, *, without: bool = False, homeless: bool = False) -> dict[str, Any]:
    """Location, headquarters and ultimate parent; what was not said is left out, and empty only where there is none.

    `without` says that nobody can own it, `homeless` that it has no headquarters.
    """
    facts = {"country": row["country"]}
    if row["headquarters"] or homeless:
        facts["headquarters"] = row["headquarters"]
    if parent or without or row.get("independent"):
        facts["ultimate_parent"] = parent
    return facts


def _site(site: Mapping[str, Any]) -> dict[str, Any]:
    return _placed(site, site["ultimate_parent"]) | {
        "key_custody": site["key_custody"],
        "security_level": site["security_level"] or 0,
    }
