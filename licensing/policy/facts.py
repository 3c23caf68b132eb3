"""Facts as a policy sees them: checked against the declared types, words and countries. Pure."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from licensing.audit.refusals import Invalid, Problem
from licensing.countries.rules import folded, nearest
from licensing.policy.rulesets import Ruleset
from licensing.policy.typed import fitting, record_of

_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,7})?")
_MENDS = {
    "str": "Give {field} as text.",
    "bool": "Answer {field} with true or false.",
    "float": "Give {field} as a number.",
    "list[str]": "Give {field} as a list of texts.",
}
DEEMED = frozenset({"deemed_export", "deemed_reexport"})
ORIGINS = ("country", "headquarters", "ultimate_parent")  # of parties and sites
PLACED = ("parties", "sites")


def check_facts(ruleset: Ruleset, facts: Mapping[str, Any]) -> set[str]:
    """Every country code that the facts name. Raises `Invalid` naming all that has not its declared type, is no word, country or entry.

    Facts that the policy does not declare are not looked at; those that are left out may be asked for later.
    """
    fits = ruleset.fits
    for name, value in facts.items():
        if value is not None and name in fits and not fits[name](value):
            raise Invalid([*_mistyped(ruleset, facts), *_misplaced(ruleset, facts)])
    named = codes_named(facts)
    problems = [*_unknown_countries(ruleset, facts, named), *_unknown_entries(ruleset, facts)]
    if problems:
        raise Invalid(problems)
    refuse_contradictions(facts)
    return named


def codes_named(facts: Mapping[str, Any]) -> set[str]:
    """Every country code that the facts name: destinations, and where parties, their owners, and sites are, belong and are owned."""
    codes = set(facts.get("destinations") or ())
    for name in PLACED:
        for element in facts.get(name) or ():
            codes.update([code for key in ORIGINS if (code := element.get(key))])
            codes.update([code for owner in element.get("owners") or () if (code := owner.get("country"))])
    return codes


def refuse_contradictions(facts: Mapping[str, Any]) -> None:
    """Raise `Invalid` for facts that cannot be true together: they are told, not guessed."""
    problems = list(_contradictions(facts))
    if problems:
        raise Invalid(problems)


def _misplaced(ruleset: Ruleset, facts: Mapping[str, Any]) -> Iterator[Problem]:
    """Countries among the facts that have their type, where others have not."""
    typed = {
        name: value
        for name, value in facts.items()
        if value is not None and name in ruleset.fits and ruleset.fits[name](value)
    }
    return _unknown_countries(ruleset, typed, codes_named(typed))


def _unknown_countries(ruleset: Ruleset, facts: Mapping[str, Any], named: set[str]) -> Iterator[Problem]:
    """What is no country's code, with the countries that it may stand for."""
    known = ruleset.countries
    unknown = named - known.keys() if known else {each for each in named if not _COUNTRY.fullmatch(each)}
    for text in sorted(unknown):
        field = "destinations" if text in (facts.get("destinations") or ()) else "country"
        names = {folded(name): code for code, name in ruleset.countries.items()} | {
            folded(c): c for c in ruleset.countries
        }
        near = ", ".join(f"{found} ({ruleset.countries[found]})" for found in nearest(text, names))
        hint = f"Did you mean {near}?" if near else "Write two capital letters, as in NO."
        yield Problem(field, text[:80], f"There is no country {text[:80]!r}. {hint}")


def _unknown_entries(ruleset: Ruleset, facts: Mapping[str, Any]) -> Iterator[Problem]:
    if not ruleset.entries:
        return
    known = {code for entry in ruleset.entries for code in (entry.code, entry.code.partition(".")[0])} | {""}
    given = [("control_entries", code) for code in facts.get("control_entries") or ()]
    for number, item in enumerate(facts.get("items") or ()):
        place = f"items[{number}]"
        given.append((f"{place}.control_entry", item.get("control_entry") or ""))
        given += [
            (f"{place}.{name}", code) for name in ("made_from_entries", "contains") for code in item.get(name) or ()
        ]
    for place, code in given:
        if code not in known:
            yield Problem(place, code[:80], f"The control list has no entry {code[:80]!r}.{near_words(code, known)}")


def near_words(word: str, known: Iterable[str]) -> str:
    """A sentence with the nearest word; "" when there is none."""
    near = difflib.get_close_matches(word, [each for each in known if each], n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _contradictions(facts: Mapping[str, Any]) -> Iterator[Problem]:
    kind, parties = facts.get("transaction_kind"), facts.get("parties")
    person = any(party.get("role") == "foreign_person" for party in parties or ())
    if facts.get("all_published") and any(
        item.get("weights") in ("closed", "open") for item in facts.get("items") or ()
    ):
        mend = "An item has closed or open weights: say that not all are published, or correct the item."
        yield Problem("all_published", "true", mend)
    if kind in DEEMED and parties is not None and not person:
        mend = "A release to a foreign person names that person: add a party with the role foreign_person."
        yield Problem("parties", str(kind), mend)
    if kind and kind not in DEEMED and person:
        mend = "A foreign person belongs to a deemed export or reexport: correct the kind or the role."
        yield Problem("transaction_kind", str(kind), mend)
    for number, party in enumerate(parties or ()):
        yield from _overowned(f"parties[{number}].owners", party.get("owners") or ())


def _overowned(place: str, owners: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    sums: dict[str, float] = {}
    for owner in owners:
        sums[owner.get("owns") or ""] = sums.get(owner.get("owns") or "", 0) + (owner.get("percent") or 0)
    for owned, percent in sums.items():
        if percent > 100:
            yield Problem(
                place, f"{percent:g}", f"The owners of {owned or 'the party'} hold {percent:g} percent: at most 100."
            )


def _mistyped(ruleset: Ruleset, facts: Mapping[str, Any]) -> Iterator[Problem]:
    for name, kind in ruleset.fact_types.items():
        if facts.get(name) is not None:
            yield from _wrong(ruleset, name, name, kind, facts[name])


def _wrong(ruleset: Ruleset, place: str, key: str, kind: str, value: Any) -> Iterator[Problem]:
    """`place` is where the value stands, `items[0].weights`; `key` what it is, `item.weights`."""
    if fitting(kind, key, ruleset.records, ruleset.words)(value):
        return
    record = record_of(kind)
    if record is None:
        yield from _misspelt(ruleset, place, key, kind, value)
    elif not isinstance(value, list | tuple) or not all(isinstance(element, Mapping) for element in value):
        yield Problem(place, str(value)[:80], f"Give {place} as a list of records.")
    else:
        for number, element in enumerate(value):
            for name, inner in ruleset.records[record].items():
                if element.get(name) is not None:
                    yield from _wrong(ruleset, f"{place}[{number}].{name}", f"{record}.{name}", inner, element[name])


def _misspelt(ruleset: Ruleset, place: str, key: str, kind: str, value: Any) -> Iterator[Problem]:
    words = ruleset.words.get(key, frozenset())
    given = value if isinstance(value, list | tuple) else [value]
    wrong = [each for each in given if isinstance(each, str) and each not in words] if words else []
    if not wrong or not all(isinstance(each, str) for each in given):
        yield Problem(place, str(value)[:80], _MENDS[kind].format(field=place))
    for word in wrong:
        yield Problem(
            place, word[:80], f"{place} is one of {', '.join(sorted(words - {''}))}.{near_words(word, words)}"
        )
