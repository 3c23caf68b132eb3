"""Parties that listed parties own: found after the names, from the stakes that are known. Pure.

The rule and its limit are policy data (`screening_policy`); the arithmetic is that of `parties.rules.held`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from licensing.parties.rules import Holding, Stake, held
from licensing.screening.match import Match, ScreeningQuery

OWNER = "owner"  # the role of a party that is named for its share in another
REACHED = "ownership"
NOT_KNOWN = "ownership_not_known"
Found = list[tuple[ScreeningQuery, Match]]


def owned_by_listed(
    queries: Sequence[ScreeningQuery], found: Found, stakes: Sequence[Stake], *, limit: Decimal, lists: Collection[str]
) -> Found:
    """A match for each party that parties found on `lists` own to the limit, in aggregate; and a red flag where a share is not known.

    It names the listed entity whose owner came nearest; where the party came near that name itself, it is that match with both
    grounds. `features` holds `rule`, `owners`, `least`, `most`, `limit` in percent, and `sentence`.
    """
    nearest = _nearest(found, lists)
    named = {(query.ref, match.entity_id): match for query, match in found}
    names = {query.ref: query.name for query in queries}
    matches = []
    for query in queries:
        above = sorted(_above(query.ref, stakes) & nearest.keys())
        holding = held(query.ref, stakes, nearest.keys(), limit=limit)
        if not above or holding.reaches(limit) is False:
            continue
        best = min((nearest[ref] for ref in above), key=lambda match: (-match.score, match.entity_id))
        features = _features(above, holding, limit, names)
        matches.append((query, _united(query, best, named.get((query.ref, best.entity_id)), features)))
    return matches


def still_owned(ref: str, stakes: Sequence[Stake], listed: Collection[str], limit: Decimal) -> bool:
    """Whether a party is, or may be, owned to the limit by those of its owners that may be listed."""
    return (
        bool(_above(ref, stakes) & set(listed)) and held(ref, stakes, listed, limit=limit).reaches(limit) is not False
    )


def _nearest(found: Found, lists: Collection[str]) -> dict[str, Match]:
    best: dict[str, Match] = {}
    for query, match in found:
        if match.entity_id.partition("/")[0] in lists:
            known = best.get(query.ref)
            best[query.ref] = match if known is None or match.score > known.score else known
    return best


def _above(ref: str, stakes: Sequence[Stake]) -> set[str]:
    """Everybody who owns a share of a party, through whomever."""
    found: set[str] = set()
    waiting = [ref]
    while waiting:
        owned = waiting.pop()
        new = {str(stake.owner) for stake in stakes if stake.owned == owned} - found
        found |= new
        waiting.extend(new)
    return found


def _united(query: ScreeningQuery, best: Match, named: Match | None, features: dict[str, Any]) -> Match:
    if named is None:
        return Match(best.entity_id, best.listed_name, query.name, best.score, features)
    sentence = f"{named.features['sentence'].rstrip('.')}; {features['sentence']}"
    return replace(named, features={**features, **named.features, "sentence": sentence})


def _features(above: Sequence[str], holding: Holding, limit: Decimal, names: Mapping[str, str]) -> dict[str, Any]:
    features: dict[str, Any] = {
        "rule": REACHED if holding.reaches(limit) else NOT_KNOWN, "owners": list(above), "least": _percent(holding.least),
        "most": _percent(holding.most), "limit": _percent(limit), "words": [],
    }  # fmt: skip
    owners = ", ".join(names[ref] for ref in above)
    share = (
        f"{features['least']} percent"
        if holding.least == holding.most
        else f"{features['least']} to {features['most']} percent"
    )
    said = (
        "the limit is reached" if features["rule"] == REACHED else "a share is not known, so the limit may be reached"
    )
    features["sentence"] = (
        f"Owners who came near listed names: {owners}; together they own {share}; {said} ({features['limit']} percent)."
    )
    return features


def _percent(share: Decimal) -> str:
    return f"{share.normalize():f}"
