"""Reads of applications and cases that pages, the API and the documents share."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import is_cleared
from licensing.accounts.queries import audience_of
from licensing.audit.queries import TrailLine, trail
from licensing.audit.wording import worded
from licensing.cases.events import CaseEvent
from licensing.cases.facts import facts_of
from licensing.cases.models import Application, ApplicationParty, ApplicationSite, Case, Decision, Item, Recommendation
from licensing.cases.rules import APPLICANT, Filed, Missing, missing, united_conditions
from licensing.catalog.models import Classification, ModelVersion
from licensing.parties.models import OwnershipStake, Party, Site
from licensing.policy.queries import ruleset
from licensing.policy.rules import Determination, Requirement, determine
from workflows import engine
from workflows.models import Incident, Seat


def as_filed(application: Application) -> dict[str, Any]:
    """The whole application as plain JSON: what is certified, hashed, filed and printed.

    Shape: `application, applicant, contact, transaction, parties[], items[], ownership[], sites[], end_use, attachments[],
    prepared_by`.
    """
    return {
        "application": {
            "id": str(application.pk),
            "name": application.name,
            "requested_months": application.requested_months,
            "all_or_nothing": application.all_or_nothing,
            "emergency": application.emergency,
            "special_purpose": application.special_purpose,
            "additional_information": application.additional_information,
            "resubmission_of": application.resubmission_of,
            "replaces_license": application.replaces_license,
            "prior_authorization": application.prior_authorization,
        },
        "applicant": applicant_as_filed(application.organization),
        "contact": {
            "name": application.contact_name,
            "phone": application.contact_phone,
            "email": application.contact_email,
        },
        "transaction": {
            "kind": application.transaction_kind,
            "delivery_modes": sorted(application.delivery_modes),
            "destination": application.destination,
        },
        "parties": [
            _party(row) for row in application.parties.select_related("party").prefetch_related("party__identifiers")
        ],
        "items": [
            _item(row)
            for row in application.items.select_related("model_version__model").prefetch_related(
                "model_version__training_runs"
            )
        ],
        "ownership": ownership_of(
            set(application.parties.values_list("party_id", flat=True)), application.organization
        ),
        "sites": [_site(row) for row in application.sites.select_related("site")],
        "end_use": {
            "statement": application.end_use_statement,
            "sector": application.sector,
            "decides_about_people": application.decides_about_people,
            "human_oversight": application.human_oversight,
            "military_end_use": application.military_end_use,
            "wmd_end_use": application.wmd_end_use,
            "human_rights_concern": application.human_rights_concern,
            "nuclear_relevant": application.nuclear_relevant,
        },
        "attachments": [
            {
                "kind": row.kind,
                "title": row.title,
                "filename": row.file.filename,
                "media_type": row.file.media_type,
                "size": row.file.size,
                "sha256": row.file.sha256,
            }
            for row in application.attachments.filter(question__isnull=True).select_related("file")
        ],
        "prepared_by": {"ref": application.prepared_by.actor_id, "name": application.prepared_by.actor_label},
    }


def applicant_as_filed(organization: Organization) -> dict[str, Any]:
    """A company as an application names its applicant."""
    return {
        "ref": str(organization.pk),
        "name": organization.name,
        "aliases": list(organization.aliases),
        "country": organization.country,
        "address": organization.address,
        "website": organization.website,
        "registration_number": organization.registration_number,
    }


def _party(row: ApplicationParty) -> dict[str, Any]:
    return {"row": row.pk, "role": row.role, **party_as_filed(row.party)}


def party_as_filed(party: Party) -> dict[str, Any]:
    """A party as applications and releases say who it is, its role left out."""
    lines = (party.address, " ".join(filter(None, (party.postal_code, party.city))))
    return {
        "ref": str(party.pk),
        "kind": party.kind,
        "name": party.name,
        "aliases": list(party.aliases),
        "country": party.country,
        "address": ", ".join(filter(None, lines)),
        "website": party.website,
        "registration_number": party.registration_number,
        "lei": party.lei,
        "headquarters": party.headquarters,
        "ultimate_parent_name": party.ultimate_parent_name,
        "ultimate_parent_country": party.ultimate_parent_country,
        "independent": party.independent,
        "citizenships": list(party.citizenships),
        "permanent_residence": party.permanent_residence,
        "employer": party.employer,
        "birth_date": party.birth_date.isoformat() if party.birth_date else None,
        "gender": party.gender,
        "identifiers": [f"{identifier.scheme}:{identifier.value}" for identifier in party.identifiers.all()],
    }


def ownership_of(owned: set[int], organization: Organization | None = None) -> list[dict[str, Any]]:
    """Every known stake in these parties, in an applicant, and in whoever owns them; one query for each step up, two where there is one.

    `owned` is the reference of a party, or `APPLICANT`.
    """
    found: dict[int, OwnershipStake] = {}
    stakes = Q(owned__in=owned) if owned else Q()
    if organization:
        stakes |= Q(organization=organization)
    while stakes:
        rows = OwnershipStake.objects.filter(stakes).exclude(pk__in=found).select_related("owner")
        step = {row.pk: row for row in rows.prefetch_related("owner__identifiers")}
        found |= step
        stakes = Q(owned__in={row.owner_id for row in step.values()}) if step else Q()
    return [
        {
            "owner": party_as_filed(row.owner),
            "owned": str(row.owned_id) if row.owned_id else APPLICANT,
            "percent": None if row.percent is None else str(row.percent),
            "as_of": row.as_of.isoformat(),
        }
        for row in sorted(found.values(), key=lambda row: row.pk)
    ]


def _item(row: Item) -> dict[str, Any]:
    return {
        "number": row.number,
        **version_as_filed(row.model_version),
        "technical_description": row.technical_description,
        "quantity": str(row.quantity) if row.quantity is not None else "",
        "unit": row.unit,
        "value": str(row.value) if row.value is not None else "",
        "seats": row.seats,
        "fine_tuning": row.fine_tuning,
        "sublicensing": row.sublicensing,
    }


def version_as_filed(version: ModelVersion) -> dict[str, Any]:
    """A version of a model as applications and releases say what it is."""
    training = version.training
    return {
        "model_version": str(version.pk),
        "model": version.model.name,
        "version": version.name,
        "developer": version.model.developer,
        "weights": version.weights,
        "operations": str(training.operations) if training else "",
        "operations_added": str(version.operations_added),
        "methods": sorted(training.methods) if training else [],
        "tolerance_percent": str(training.tolerance_percent) if training else "0",
        "training": [
            {"stage": run.stage, "operations": str(run.operations), "method": run.method, "evidence": run.evidence}
            for run in version.training_runs.all()
        ],
        "parameters": {"total": version.total_parameters, "active": version.active_parameters},
        "modalities": list(version.modalities),
        "model_hash": version.model_hash,
        "derivation": version.derivation,
        "made_from": [str(parent.model.name) for parent in version.ancestors],
        "security_level": version.security_level,
    }


def _site(row: ApplicationSite) -> dict[str, Any]:
    return site_as_filed(row.site)


def site_as_filed(site: Site) -> dict[str, Any]:
    """A site as applications and releases say what it is."""
    return {
        "ref": str(site.pk),
        "name": site.name,
        "country": site.country,
        "address": site.address,
        "operator": site.operator,
        "headquarters": site.headquarters_country,
        "ultimate_parent": site.ultimate_parent_country,
        "independent": site.independent,
        "key_custody": site.key_custody,
        "security_level": site.security_level,
    }


def classifications(case: Case) -> dict[int, str]:
    """The control entry of each item by its number, after the newest recorded classification; "" where none controls it."""
    versions = {item.model_version_id: item.number for item in case.application.items.all()}
    newest = Classification.objects.filter(model_version__in=versions).order_by("model_version_id", "-at")
    rows = newest.distinct("model_version_id")
    return {versions[row.model_version_id]: row.entry if row.controlled else "" for row in rows}


def as_issued_decision(case: Case) -> Decision:
    """The decision that a license may be issued on: favorable and countersigned. Raises Decision.DoesNotExist."""
    agreed = case.decisions.filter(countersigned_at__isnull=False, returned_at__isnull=True)
    agreed = agreed.filter(Q(valid_months__isnull=False) | Q(emergency=True))
    return agreed.select_related("officer", "countersigned_by").latest("countersigned_at")


def recommendations_shown(case: Case, person: Person) -> list[Recommendation]:
    """The recommendations that a reviewer may read now.

    Where the stage says `after_voting`, those of the running round stay hidden until the person's own seats have voted.
    """
    hidden = _hidden(case, person)
    rows = case.recommendations.filter(superseded_at__isnull=True).select_related("person")
    return [row for row in rows if row.event_hash not in hidden]


def trail_shown(case: Case, person: Person) -> list[TrailLine]:
    """The trail as a reviewer may read it now: that somebody has voted, but not how, where `recommendations_shown` hides it."""
    hidden = _hidden(case, person)
    return [
        replace(
            line, sentence=worded(line.event, line.actor_label, {**line.data, "vote": "not shown until you have voted"})
        )
        if line.event == CaseEvent.RECOMMENDED and line.workflow_hash in hidden
        else line
        for line in trail(case)
    ]


def _hidden(case: Case, person: Person) -> set[str]:
    """The votes of the running round that the person may not see yet, by the hash of their event."""
    stage = engine.definition_of(case.workflow).stages.get(case.workflow.stage)
    if case.closed_at is not None or stage is None or stage.visibility != "after_voting" or _has_voted(case, person):
        return set()
    running = case.recommendations.filter(stage=case.workflow.stage, round=case.workflow.round)
    return set(running.exclude(person=person).values_list("event_hash", flat=True))


def _has_voted(case: Case, person: Person) -> bool:
    """Whether no seat of the person's pools still waits for a vote in this round."""
    here = Seat.objects.filter(instance=case.workflow, stage=case.workflow.stage, round=case.workflow.round)
    own = here.filter(pool__in=person.pools())
    return own.exists() and not own.filter(status__in=("open", "claimed", "waiting")).exists()


def incidents_told_to(person: Person) -> QuerySet[Incident]:
    """The incidents that an administrator may know of: none of a case that tells of an order which has not been disclosed."""
    if is_cleared(person):
        return Incident.objects.all()
    return Incident.objects.exclude(instance__case__in=Case.objects.confidential())


ASKED_UNDER = {
    "items": "items",
    "parties": "parties",
    "sites": "sites",
    "transaction_kind": "transaction",
    "delivery_modes": "transaction",
}


def still_missing(filed: Filed, person: Person) -> list[Missing]:
    """All that is missing; of an application that is whole, what the rules in force still ask for.

    Raises `NotNow` when no policy is in force.
    """
    found = missing(filed)
    if found:
        return found
    answer = determination_today(filed, person)
    asked = answer.questions if answer.requirement == Requirement.NEEDS_INFORMATION else ()
    return [
        Missing(ASKED_UNDER.get(each.fact.partition(".")[0], "end_use"), each.fact, each.sentence) for each in asked
    ]


def determination_today(filed: Filed, person: Person) -> Determination:
    """What the rules in force, as far as the person may know them, say of an application as it stands; kept nowhere, binding nobody.

    Raises `NotNow` when no policy is in force.
    """
    return determine(ruleset(audience=audience_of(person)), facts_of(filed), timezone.now())


def recommended_conditions(case: Case) -> list[dict[str, Any]]:
    """The conditions that the recommendations in effect ask for, united, none dropped."""
    rows = case.recommendations.filter(superseded_at__isnull=True).values_list("conditions", flat=True)
    return united_conditions(list(rows))


def denied_items(case: Case) -> set[int]:
    """Numbers of the items that a recommendation in effect denies."""
    rows: Iterable[list[int]] = case.recommendations.filter(superseded_at__isnull=True).values_list(
        "denied_items", flat=True
    )
    return {number for row in rows for number in row}
