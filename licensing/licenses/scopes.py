"""What a license allows, for machines: the one shape that credentials carry, bundles hold and checks at the moment of release read.

`number, revision, licensee, models, modes, destinations, recipients, sites, valid_from, valid_until, conditions, conditions_digest,
status_url`; in bundles also `limits`, and `counted_in`, the unit, where a quantity has to be stated. Parties and sites stand in it by
`entente_check.name_hash`, so that it may be shown to machines that need not know them.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Any

from licensing.audit.canonical import plain
from licensing.cases.models import PartyRole
from licensing.entente_check import name_hash
from licensing.licenses.authorizations.duties import figure
from licensing.licenses.document import verification_url
from licensing.licenses.drawing import AT_ONE_TIME, DRAWS, USE_OF, ceiling
from licensing.licenses.models import Allowance, License, LicenseTerms, LicenseText, Measure, ReleaseScope
from licensing.licenses.queries import conditions_digest

RECIPIENTS = (
    PartyRole.INTERMEDIATE_CONSIGNEE,
    PartyRole.ULTIMATE_CONSIGNEE,
    PartyRole.END_USER,
    PartyRole.FOREIGN_PERSON,
)


def scope_of(license_: License) -> dict[str, Any]:
    """The scope of a license, from its own rows and the application as filed."""
    conditions = license_.texts.filter(kind=LicenseText.Kind.CONDITION).order_by("number")
    receiving = [party for party in license_.parties.all() if party.role in RECIPIENTS]
    scope: dict[str, Any] = plain({
        "number": license_.number,
        "revision": license_.revision,
        "licensee": name_hash(license_.data["licensee"]["name"], license_.licensee.country),
        "models": sorted({item.model_hash for item in license_.items.all() if item.model_hash}),
        "modes": sorted(license_.delivery_modes),
        "destinations": license_.data["destinations"],
        "recipients": sorted({name_hash(party.name, party.country) for party in receiving}),
        "sites": sorted({name_hash(site.name, site.country) for site in license_.sites.all()}),
        "valid_from": license_.valid_from,
        "valid_until": license_.valid_until,
        "conditions": list(conditions.values("key", "version", "title")),
        "conditions_digest": conditions_digest(license_),
        "status_url": verification_url(license_.number),
    })  # fmt: skip
    return scope


def scope_at(license_: License, at: datetime) -> dict[str, Any]:
    """The scope of a license as it was issued, without the conditions that have lapsed since."""
    terms = getattr(license_, "release_terms", None)
    lapsed = [text.key for text in license_.texts.all() if text.lapsed_at is not None and text.lapsed_at <= at]
    return without(terms.scope if terms else scope_of(license_), lapsed)


def without(scope: Mapping[str, Any], lapsed: Collection[str]) -> dict[str, Any]:
    return {**scope, "conditions": [each for each in scope["conditions"] if each["key"] not in lapsed]}


def limits_of(number: str, allowances: Iterable[Allowance]) -> list[dict[str, Any]]:
    """What of the caps of a license is left now, as `entente_check.exceeded` reads it. Seats bar no release: they are free again after
    the periods that are reported, and those are past.
    """
    return [_limit(number, row) for row in allowances if row.measure != AT_ONE_TIME]


def _limit(number: str, row: Allowance) -> dict[str, Any]:
    left = ceiling(row.cap, row.tolerance) - row.drawn
    return {
        "modes": [mode for mode, use in USE_OF.items() if row.measure in DRAWS[use]],
        "counts": row.measure == Measure.QUANTITY,
        "most": f"{left.normalize():f}",
        "otherwise": f"{number} caps {row.measure}: {figure(left)} {row.unit}".rstrip() + " is left.",
    }


def keep_scope(license_: License) -> None:
    """Write down what a license that has just been issued allows; called in the transaction that hangs its document on it."""
    scope = scope_of(license_)
    terms, new = LicenseTerms.objects.get_or_create(license=license_, defaults={"scope": scope})
    if new:
        ReleaseScope.objects.bulk_create(
            ReleaseScope(
                terms=terms, licensee=license_.licensee, model_hash=model, destination=destination, recipient=recipient
            )
            for model, destination, recipient in product(scope["models"], scope["destinations"], scope["recipients"])
        )
