"""A release, and the facts of it that the policy asks for."""

import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from licensing.accounts.models import Organization
from licensing.audit.refusals import Invalid, Problem
from licensing.cases.facts import facts_of
from licensing.cases.queries import ownership_of, site_as_filed, version_as_filed
from licensing.catalog.models import Classification, ModelVersion
from licensing.entente_check import name_hash
from licensing.parties.models import OwnershipStake, Party, Site
from licensing.statements import prepared

UNKNOWN = ("military_end_use", "wmd_end_use", "human_rights_concern", "decides_about_people", "nuclear_relevant")
ASKED = frozenset({"exporter", "delivery_modes", "destinations"})  # what the question says by itself
OF_ITEMS = frozenset({"items", "max_operations", "all_published", "control_entries"})
PARTY = (
    "id", "kind", "name", "employer", "country", "headquarters", "ultimate_parent_country", "permanent_residence", "independent",
    "citizenships",
)  # fmt: skip
SITE = (
    "id", "name", "country", "address", "operator", "headquarters_country", "ultimate_parent_country", "independent",
    "key_custody", "security_level",
)  # fmt: skip
Record = Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Release:
    """What is to be released. `modality` is a `DeliveryMode`; `quantity` counts where an authorization has a limit."""

    model_hash: str
    modality: str
    destination: str
    recipient: str
    recipient_country: str
    site: str = ""
    site_country: str = ""
    quantity: Decimal | None = None

    @property
    def recipient_hash(self) -> str:
        return name_hash(self.recipient, self.recipient_country)


def release_facts(organization: Organization, release: Release, given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a release, from what the organization keeps of the model, the recipient and the site; `given` come on top.

    Raises `Invalid` for one that the question or what the organization keeps has answered: nobody talks a model out of its control.
    """
    version, party, site = _known(organization, release)
    recipient, ownership = _recipient(release, party)
    filed: dict[str, Any] = {
        "transaction": {"kind": "export", "delivery_modes": [release.modality], "destination": release.destination},
        "applicant": {"name": organization.name},
        "items": [{"number": 1, **_described(version["id"])}] if version else [],
        "parties": [recipient],
        "ownership": ownership,
        "sites": _site(release, site),
        "end_use": {"statement": "", "sector": "", **dict.fromkeys(UNKNOWN)},
    }
    held = ASKED | (OF_ITEMS if version else set()) | {name for name in ("parties", "sites") if _kept(filed[name])}
    _require_unheld(given, held)
    facts = facts_of(filed, {1: version["entry"]} if version and version["entry"] else {})
    if version is None:
        for name in OF_ITEMS:
            facts.pop(name, None)
    return {**facts, **given}


def _kept(rows: list[dict[str, Any]]) -> bool:
    return any(row["ref"].isdigit() for row in rows)


def _require_unheld(given: Mapping[str, Any], held: Set[str]) -> None:
    mend = "The question or your register answers this: leave it out, and correct the register where it is wrong."
    found = [Problem(f"facts.{name}", str(given[name])[:80], mend) for name in sorted(held & set(given))]
    if found:
        raise Invalid(found)


@lru_cache(maxsize=1000)
def _described(version_id: int) -> dict[str, Any]:
    """A version as it was registered; it never changes."""
    versions = ModelVersion.objects.select_related("model", "parent__model")
    return version_as_filed(versions.prefetch_related("training_runs", "parent__training_runs").get(pk=version_id))


def _spelled(name: str) -> str:
    """As `name_hash` reads it: a license and the register know a party under the same spellings."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def _known(organization: Organization, release: Release) -> tuple[Record, Record, Record]:
    """What the organization keeps of the version, the recipient and the site. One query."""
    ((version, party, site),) = _records(
        organization=organization.pk, model_hash=release.model_hash,
        recipient=_spelled(release.recipient), recipient_country=release.recipient_country,
        site=_spelled(release.site), site_country=release.site_country,
    )  # fmt: skip
    return version, party, site


@prepared
def _records(
    organization: int, model_hash: str, recipient: str, recipient_country: str, site: str, site_country: str
) -> QuerySet[Organization, tuple[Any, ...]]:
    newest = Classification.objects.filter(model_version=OuterRef("pk")).order_by("-at")
    entry = Case(When(controlled=True, then=F("entry")), default=Value(""))
    versions = ModelVersion.objects.filter(model__organization=organization, model_hash=model_hash)
    parties = Party.objects.filter(organization=organization, country=recipient_country, name__iexact=recipient)
    sites = Site.objects.filter(organization=organization, country=site_country, name__iexact=site)
    owned = Exists(OwnershipStake.objects.filter(owned=OuterRef("pk")))
    return Organization.objects.filter(pk=organization).values_list(
        _first(versions, id="pk", entry=Subquery(newest.annotate(found=entry).values("found")[:1])),
        _first(parties, owned=owned, **dict(zip(PARTY, PARTY, strict=True))),
        _first(sites, **dict(zip(SITE, SITE, strict=True))),
    )


def _first(rows: QuerySet[Any], **record: Any) -> Subquery:
    return Subquery(rows.order_by("pk").values(record=JSONObject(**record))[:1])


def _recipient(release: Release, kept: Record) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """As the organization keeps the party, and who owns it; of one that it does not keep, nothing but name and country is known."""
    known = dict(kept or {"name": release.recipient, "country": release.recipient_country, "kind": "company"})
    owned = known.pop("owned", False)
    party = Party(**known)
    names = (
        "kind", "name", "employer", "country", "headquarters", "ultimate_parent_country", "permanent_residence", "independent",
    )  # fmt: skip
    role = "foreign_person" if party.kind == "person" and party.citizenships else "end_user"
    said = {"ref": str(party.pk), "role": role, "citizenships": list(party.citizenships)}
    return said | {name: getattr(party, name) for name in names}, ownership_of({party.pk} if owned else set())


def _site(release: Release, kept: Record) -> list[dict[str, Any]]:
    known = kept or {"name": release.site, "country": release.site_country}
    return [site_as_filed(Site(**known))] if release.site else []
