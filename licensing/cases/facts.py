"""The one registry of facts about an application, shared by policy and workflow.

Definitions and policies declare the facts that they use; what they may use stands here, with its type.
"""

from collections.abc import Mapping
from typing import Any

from licensing.cases.rules import Filed

TYPES: Mapping[str, str] = {
    "transaction_kind": "str",
    "delivery_modes": "list[str]",
    "destinations": "list[str]",
    "items": "list[item]",
    "parties": "list[party]",
    "sites": "list[site]",
    "end_use": "str",
    "sector": "str",
    "military_end_use": "bool",
    "wmd_end_use": "bool",
    "human_rights_concern": "bool",
    "decides_about_people": "bool",
    "any_nuclear_relevant": "bool",
    "max_operations": "float",
    "all_published": "bool",
    "control_entries": "list[str]",
    # Derived from the lists in force by `licensing.policy.rules.determine`:
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
        "items": items,
        "parties": [_party(party) for party in filed["parties"]],
        "sites": [_site(site) for site in filed["sites"]],
        "end_use": end_use["statement"],
        "sector": end_use["sector"],
        "military_end_use": end_use["military_end_use"],
        "wmd_end_use": end_use["wmd_end_use"],
        "human_rights_concern": end_use["human_rights_concern"],
        "decides_about_people": end_use["decides_about_people"],
        "any_nuclear_relevant": end_use["nuclear_relevant"],
        "max_operations": max((item["operations"] for item in items), default=0.0),
        "all_published": bool(items) and all(item["weights"] == "published" for item in items),
        "control_entries": sorted({entry for entry in entries.values() if entry}),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


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


def _item(item: Mapping[str, Any], entry: str) -> dict[str, Any]:
    return {
        "model": f"{item['model']} {item['version']}",
        "weights": item["weights"],
        "operations": float(item["operations"] or 0),
        "modalities": list(item["modalities"]),
        "control_entry": entry,
        "derivation": item["derivation"],
        "security_level": item["security_level"] or 0,
    }


def _party(party: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "role": party["role"],
        "kind": party["kind"],
        "country": party["country"],
        "headquarters": party["headquarters"],
        "ultimate_parent": party["ultimate_parent_country"],
        "citizenships": list(party["citizenships"]),
    }


def _site(site: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "country": site["country"],
        "headquarters": site["headquarters"],
        "ultimate_parent": site["ultimate_parent"],
        "key_custody": site["key_custody"],
        "security_level": site["security_level"] or 0,
    }
