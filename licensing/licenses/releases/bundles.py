"""Everything that an organization may release, signed, for checks without a connection: its licenses, and its authorizations as scopes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from licensing.accounts.models import Organization, Person
from licensing.accounts.queries import audience_of
from licensing.cases.models import DeliveryMode
from licensing.cases.standing import Rules, rules_at
from licensing.catalog.models import ModelVersion
from licensing.entente_check import BUNDLE, name_hash
from licensing.licenses.authorizations import catalog
from licensing.licenses.authorizations.catalog import Authorization
from licensing.licenses.authorizations.duties import limits as limits_at
from licensing.licenses.credential import BUNDLE_FRESH, signed
from licensing.licenses.models import License, Registration
from licensing.licenses.queries import waiting_at
from licensing.licenses.releases.answering import answer
from licensing.licenses.releases.facts import Release
from licensing.licenses.scopes import limits_of, scope_at
from licensing.policy.rulesets import Requirement


def bundle(person: Person, organization: Organization, at: datetime, fresh: timedelta = BUNDLE_FRESH) -> str:
    """The bundle as a JWS in its compact form; `exp` says until when it may be relied on.

    What is prohibited, whatever is licensed, is not in it. Raises NotNow where no rules are in force, for nothing is allowed then.
    """
    rules = rules_at(at, audience=audience_of(person))
    licenses = License.objects.valid_at(at).filter(licensee=organization)
    licenses = licenses.select_related("release_terms", "licensee", "case").order_by("number")
    known = licenses.prefetch_related("texts", "case__allowances")
    usable = [each for each in known if not waiting_at(each, at) and not _prohibited(rules, each)]
    scopes = [_scope(license_, at) for license_ in usable]
    scopes += [
        scope for row in catalog.registrations(organization, at).values() for scope in _covered(person, row, at, fresh)
    ]
    claims = {
        "sub": name_hash(organization.name, organization.country),
        "exp": int((at + fresh).timestamp()),
        "scopes": scopes,
    }
    return signed(BUNDLE, claims, at)


def _prohibited(rules: Rules, license_: License) -> bool:
    return rules.determine(license_.case.as_filed).requirement is Requirement.PROHIBITED


def _scope(license_: License, at: datetime) -> dict[str, Any]:
    return {**scope_at(license_, at), "limits": limits_of(license_.number, license_.case.allowances.all())}


def _covered(person: Person, registration: Registration, at: datetime, fresh: timedelta) -> Iterator[dict[str, Any]]:
    """What a check would allow now under an authorization, for each recipient that is on record: one scope each.

    Where a quantity counts, what is left now stands in the scope.
    """
    known = {each.key: each for each in catalog.published(at)}.get(registration.authorization)
    if known is None:
        return
    for release in _releases(registration):
        counted = replace(release, quantity=Decimal(0)) if known.duties.counted else release
        told = answer(person, registration.organization, counted, {}, at).option
        if told is not None and told.key == registration.authorization:
            yield {
                "number": registration.authorization,
                "revision": str(registration.version),
                "licensee": name_hash(registration.organization.name, registration.organization.country),
                "models": [release.model_hash],
                "modes": [release.modality],
                "destinations": [release.destination],
                "recipients": [release.recipient_hash],
                "sites": [name_hash(release.site, release.site_country)] if release.site else [],
                "valid_from": at.isoformat(),
                "valid_until": (at + fresh).isoformat(),
                "conditions": [dict(each) for each in told.conditions],
                "conditions_digest": "",
                "status_url": "",
                **_counted(known, registration, release, at),
            }


def _counted(known: Authorization, registration: Registration, release: Release, at: datetime) -> dict[str, Any]:
    """How much may go to the recipient, as `entente_check.exceeded` reads it."""
    if not known.duties.counted:
        return {}
    done = catalog.done(registration, release.recipient_hash, at, release.model_hash)
    limits = [
        {
            "modes": [release.modality],
            "counts": True,
            "below" if limit.reaching else "most": f"{limit.quantity.normalize():f}",
            "otherwise": f"{known.key}: {limit.otherwise}",
        }
        for limit in limits_at(known.duties, done, at)
    ]
    return {"counted_in": known.duties.unit, "limits": limits}


def _releases(registration: Registration) -> Iterator[Release]:
    """Every model and way, to each recipient on record in its own country, at each of the sites there and at none."""
    organization = registration.organization
    recipients = registration.records.exclude(recipient="").values_list("recipient", "country").distinct()
    versions = ModelVersion.objects.filter(model__organization=organization).exclude(model_hash="")
    for (recipient, country), model_hash, mode in product(
        sorted(recipients), versions.values_list("model_hash", flat=True).distinct(), DeliveryMode.values
    ):
        for site in ["", *organization.sites.filter(country=country).values_list("name", flat=True)]:
            yield Release(
                model_hash=model_hash,
                modality=mode,
                destination=country,
                recipient=recipient,
                recipient_country=country,
                site=site,
                site_country=country if site else "",
            )
