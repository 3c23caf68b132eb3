"""Commands on models and their versions."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Authority, Organization, Person
from licensing.accounts.permissions import may_prepare
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.fields import field_problems
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.catalog import manifests
from licensing.catalog.entries import entries_of
from licensing.catalog.events import CatalogEvent
from licensing.catalog.models import Classification, Derivation, Model, ModelVersion, TrainingRun
from licensing.catalog.rules import CONTROL_LIST, VersionFacts, classify, parsed_operations
from licensing.publishing.queries import in_force

SHA256 = re.compile(r"[0-9a-f]{64}")


@refusals_logged(CatalogEvent.MODEL_REGISTERED)
def register_model(*, actor: Person, organization_id: int, name: str, developer: str = "") -> Model:
    """A new model of an organization; without a developer, its own."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization_id)
        if not may_prepare(actor, organization):
            raise NotPermitted("not_a_preparer", f"You may not register models for {organization.name}.")
        model = Model(organization=organization, name=name.strip(), developer=developer.strip() or organization.name)
        problems = field_problems(model, exclude=["organization"])
        if organization.models.filter(name=model.name).exists():
            mend = "A model of this name is registered already: add a version to it."
            problems.append(Problem("name", model.name, mend))
        if problems:
            raise Invalid(problems)
        model.save(force_insert=True)
        record(model, CatalogEvent.MODEL_REGISTERED, actor=actor, name=model.name)
    return model


@refusals_logged(CatalogEvent.VERSION_REGISTERED)
def register_version(
    *, actor: Person, model_id: int, name: str, weights: str, training: Sequence[Mapping[str, Any]] = (), parent_id: int | None = None,
    derivation: str = "", total_parameters: int | None = None, active_parameters: int | None = None,
    modalities: Sequence[str] = (), model_hash: str = "", manifest: str = "", security_level: int | None = None,
) -> ModelVersion:  # fmt: skip
    """A new version of a model, with how it was trained.

    `training` rows: `{"stage", "operations" ("2.1e26"), "method", "evidence", "tolerance_percent"}`; `model_hash` is the SHA-256 of the
    weights manifest, or follows from the manifest itself. Raises `Invalid` with every answer that cannot be right.
    """
    with transaction.atomic():
        model = Model.objects.select_for_update(of=("self",)).select_related("organization").get(pk=model_id)
        if not may_prepare(actor, model.organization):
            raise NotPermitted("not_a_preparer", f"You may not register models for {model.organization.name}.")
        version = ModelVersion(
            model=model, name=name.strip(), weights=weights, parent=_parent(model, parent_id), derivation=derivation,
            total_parameters=total_parameters, active_parameters=active_parameters, modalities=list(modalities),
            model_hash=model_hash.strip().lower(), manifest=manifest, security_level=security_level,
        )  # fmt: skip
        problems = _problems(version)
        runs: list[TrainingRun] = []
        for number, row in enumerate(training):
            problems += _run(row, f"training.{number}", runs)
        if problems:
            raise Invalid(problems)
        version.model_hash = version.model_hash or (manifests.model_hash(manifest) if manifest else "")
        version.save(force_insert=True)
        for run in runs:
            run.version = version
        TrainingRun.objects.bulk_create(runs)
        record(model, CatalogEvent.VERSION_REGISTERED, actor=actor, version=version.name)
    return version


def _parent(model: Model, parent_id: int | None) -> ModelVersion | None:
    if parent_id is None:
        return None
    parent = ModelVersion.objects.for_organization(model.organization).filter(pk=parent_id).first()
    if parent is None:
        raise Invalid.one("parent", str(parent_id), "Choose a version of one of your own models.")
    return parent


def _problems(version: ModelVersion) -> list[Problem]:
    problems = field_problems(version, exclude=["model", "parent", "model_hash", "derivation"])
    if version.model.versions.filter(name=version.name).exists():
        problems.append(Problem("name", version.name, "The model has a version of this name already: choose another."))
    if bool(version.parent) != bool(version.derivation):
        problems.append(
            Problem("derivation", version.derivation, "Say from which version it comes and how, or leave both empty.")
        )
    elif version.derivation and version.derivation not in Derivation.values:
        problems.append(Problem("derivation", version.derivation, f"Choose one of {', '.join(Derivation.values)}."))
    total, active = version.total_parameters, version.active_parameters
    if total is not None and active is not None and active > total:
        problems.append(Problem("active_parameters", str(active), "No more parameters can be active than there are."))
    return problems + _manifest_problems(version)


def _manifest_problems(version: ModelVersion) -> list[Problem]:
    given = version.model_hash
    if given and not SHA256.fullmatch(given):
        mend = "Give the SHA-256 of the weights manifest: 64 characters, 0-9 and a-f."
        return [Problem("model_hash", given, mend)]
    if not version.manifest:
        return []
    problems = [Problem("manifest", line, mend) for line, mend in manifests.faults(version.manifest)]
    if not problems and given and given != manifests.model_hash(version.manifest):
        mend = f"The manifest has another SHA-256, {manifests.model_hash(version.manifest)}: leave the hash empty."
        problems.append(Problem("model_hash", given, mend))
    return problems


def _run(row: Mapping[str, Any], where: str, runs: list[TrainingRun]) -> list[Problem]:
    run = TrainingRun(
        stage=row.get("stage", ""),
        operations=Decimal(1),
        method=row.get("method", ""),
        evidence=row.get("evidence", ""),
        tolerance_percent=row.get("tolerance_percent"),
    )
    problems = field_problems(run, exclude=["version", "operations"], prefix=f"{where}.")
    given = row.get("operations", "")
    try:
        run.operations = parsed_operations(given)
    except ValueError:
        mend = "Enter a whole number of operations, in full or as 2.1e26."
        problems.append(Problem(f"{where}.operations", str(given), mend))
    runs.append(run)
    return problems


@refusals_logged(CatalogEvent.CLASSIFIED)
def record_classification(*, actor: Actor, model_version_id: int) -> Classification:
    """Classify a version under the control list in force and keep the answer.

    Raises `NotNow` when no control list is in force: nobody then knows what is controlled.
    """
    with transaction.atomic():
        version = ModelVersion.objects.select_related("parent").get(pk=model_version_id)
        model = Model.objects.select_for_update(of=("self",)).get(pk=version.model_id)
        key = Authority.objects.get().jurisdiction.lower()
        now = timezone.now()
        control_list = in_force(CONTROL_LIST, key, now)
        if control_list is None:
            raise NotNow(
                "no_control_list", f"No control list {key!r} is in force: an administrator has to publish one."
            )
        found = classify(_facts(version), entries_of(control_list.content, now.date()))
        classification = Classification.objects.create(
            model_version=version, entry=found.entry, controlled=found.controlled, reason=found.reason,
            control_list_key=key, control_list_version=control_list.version, operations=version.training_operations, at=now,
            actor_id=actor.actor_id, actor_label=actor.actor_label,
        )  # fmt: skip
        record(
            model,
            CatalogEvent.CLASSIFIED,
            actor=actor,
            version=version.name,
            reason=found.reason,
            entry=found.entry,
            controlled=found.controlled,
            control_list_version=control_list.version,
        )
    return classification


def _facts(version: ModelVersion) -> VersionFacts:
    origins = tuple(VersionFacts(str(each), each.weights, each.training) for each in version.ancestors)
    return VersionFacts(str(version), version.weights, version.training, version.derivation, origins)
