"""Facts as a policy sees them: checked against the declared types, and completed from the lists in force. Pure."""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from licensing.audit.refusals import Invalid, Problem
from licensing.countries.rules import folded, nearest
from licensing.policy.rulesets import Ruleset, record_of

_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,7})?")
_PLAIN: Mapping[str, type] = {"str": str, "bool": bool}
_MENDS = {
    "str": "Give {field} as text.",
    "bool": "Answer {field} with true or false.",
    "float": "Give {field} as a number.",
    "list[str]": "Give {field} as a list of texts.",
}
# What an element that does not speak of it has: no classification was recorded, it comes from nothing, nobody employs it.
UNSAID: Mapping[str, Any] = {"control_entry": "", "derivation": "", "made_from": [], "employer": ""}
DEEMED = frozenset({"deemed_export", "deemed_reexport"})
_ORIGINS = {
    "parties": ("country", "headquarters", "ultimate_parent"),
    "sites": ("country", "headquarters", "ultimate_parent"),
}


def check_facts(ruleset: Ruleset, facts: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming every fact that has not its declared type, and every code that is no country code.

    Facts that the policy does not declare are not looked at; those that are left out may be asked for later.
    """
    problems = [
        problem
        for name, fact_type in ruleset.fact_types.items()
        if facts.get(name) is not None
        for problem in _mistyped(ruleset, name, fact_type, facts[name])
    ]
    problems += [
        Problem("destinations", str(code), f"{code!r} is no country code: write two capital letters, as in NO.")
        for code in facts.get("destinations") or ()
        if isinstance(code, str) and not _COUNTRY.fullmatch(code)
    ]
    problems = problems or list(_unknown_countries(ruleset, facts))
    if problems:
        raise Invalid(problems)
    refuse_contradictions(facts)


def refuse_contradictions(facts: Mapping[str, Any]) -> None:
    """Raise `Invalid` for facts that cannot be true together: they are told, not guessed."""
    problems = list(_contradictions(facts))
    if problems:
        raise Invalid(problems)


def _unknown_countries(ruleset: Ruleset, facts: Mapping[str, Any]) -> Iterable[Problem]:
    """Codes that are no country's, each with those that it may stand for; nothing where the ruleset knows no countries."""
    if not ruleset.countries:
        return
    for code in sorted(codes_named(facts) - ruleset.countries.keys()):
        field = "destinations" if code in (facts.get("destinations") or ()) else "country"
        names = {folded(name): code for code, name in ruleset.countries.items()} | {
            folded(c): c for c in ruleset.countries
        }
        near = ", ".join(f"{found} ({ruleset.countries[found]})" for found in nearest(code, names))
        yield Problem(field, code, f"There is no country {code!r}.{f' Did you mean {near}?' if near else ''}")


def _contradictions(facts: Mapping[str, Any]) -> Iterable[Problem]:
    kind, parties = facts.get("transaction_kind"), facts.get("parties") or ()
    person = any(party.get("role") == "foreign_person" for party in parties)
    if facts.get("all_published") and any(
        item.get("weights") in ("closed", "open") for item in facts.get("items") or ()
    ):
        mend = "An item has closed or open weights: say that not all are published, or correct the item."
        yield Problem("all_published", "true", mend)
    if kind in DEEMED and parties and not person:
        mend = "A release to a foreign person names that person: add a party with the role foreign_person."
        yield Problem("parties", str(kind), mend)
    if kind and kind not in DEEMED and person:
        mend = "A foreign person belongs to a deemed export or reexport: correct the kind or the role."
        yield Problem("transaction_kind", str(kind), mend)


def _mistyped(ruleset: Ruleset, name: str, fact_type: str, value: Any) -> Iterable[Problem]:
    record = record_of(fact_type)
    if record is None:
        if not _is(fact_type, value):
            yield Problem(name, str(value), _MENDS[fact_type].format(field=name))
        return
    if not isinstance(value, list | tuple) or not all(isinstance(element, Mapping) for element in value):
        yield Problem(name, str(value), f"Give {name} as a list of records.")
        return
    for number, element in enumerate(value):
        for key, field_type in ruleset.records[record].items():
            if element.get(key) is not None and not _is(field_type, element[key]):
                place = f"{name}[{number}].{key}"
                yield Problem(place, str(element[key]), _MENDS[field_type].format(field=place))


def _is(fact_type: str, value: Any) -> bool:
    if fact_type == "list[str]":
        return isinstance(value, list | tuple) and all(isinstance(element, str) for element in value)
    if fact_type == "float":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and abs(value) <= sys.float_info.max  # neither NaN, nor infinite, nor an integer beyond floats
    return isinstance(value, _PLAIN[fact_type])


def lists_of(ruleset: Ruleset, code: str) -> frozenset[str]:
    """The declared lists that a country is on. A part of a country (UA-43) is also on its country's lists."""
    codes = {code, code.partition("-")[0]}
    return frozenset(key for key, ref in ruleset.lists.items() if not codes.isdisjoint(ref.members))


def complete(ruleset: Ruleset, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The declared facts that are known, and what follows from the lists in force.

    `destination_lists`: lists that at least one destination is on; `destination_lists_throughout`: lists that every
    destination is on. The same for each party and site over its location, headquarters and ultimate parent, as `lists` and
    `lists_throughout`; an unknown headquarters or parent is on no list, so it never opens an exception.
    """
    known = {
        name: _number(fact_type, facts[name])
        for name, fact_type in ruleset.fact_types.items()
        if facts.get(name) is not None
    }
    for name, fact_type in ruleset.fact_types.items():
        record = record_of(fact_type)
        if name in known and record:
            known[name] = [_completed(ruleset, name, ruleset.records[record], element) for element in known[name]]
    known["thresholds"] = dict(ruleset.thresholds)
    if "destinations" in known:
        per_code = [lists_of(ruleset, code) for code in known["destinations"]]
        known["destination_lists"] = sorted(frozenset().union(*per_code))
        known["destination_lists_throughout"] = sorted(_on_all(per_code))
        known["destination_embargoed"] = not {*ruleset.embargo_lists}.isdisjoint(known["destination_lists"])
    return known


def _on_all(per_code: list[frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*per_code) if per_code else frozenset()


def _number(fact_type: str, value: Any) -> Any:
    """Operations come back from the database as integers of 27 digits, which CEL cannot hold: they count as floats."""
    return float(value) if fact_type == "float" else value


def _completed(ruleset: Ruleset, name: str, fields: Mapping[str, str], element: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: UNSAID[key] for key in fields.keys() & UNSAID.keys()}
    known |= {key: _number(kind, element[key]) for key, kind in fields.items() if element.get(key) is not None}
    if name not in _ORIGINS:
        return known
    origins = [str(element.get(key) or "") for key in _ORIGINS[name]]
    per_code = [lists_of(ruleset, code) for code in origins if code]
    known["lists"] = sorted(frozenset().union(*per_code))
    # An empty headquarters is not known; an empty parent says that there is none, one that is left out is not known.
    unknown = not origins[1] or element.get("ultimate_parent") is None
    known["lists_throughout"] = [] if unknown else sorted(_on_all(per_code))
    return known


def codes_named(facts: Mapping[str, Any]) -> set[str]:
    """Every country code that the facts name: destinations, and where parties and sites are, belong and are owned."""
    codes = {code for code in facts.get("destinations") or () if isinstance(code, str)}
    for name, keys in _ORIGINS.items():
        codes.update(element[key] for element in facts.get(name) or () for key in keys if element.get(key))
    return codes
