"""Commands on models and their versions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Authority, Organization, Person
from licensing.accounts.permissions import may_prepare
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.catalog.events import CatalogEvent
from licensing.catalog.models import (
    Classification,
    CountingMethod,
    Derivation,
    Model,
    ModelVersion,
    TrainingRun,
    TrainingStage,
    Weights,
)
from licensing.catalog.rules import VersionFacts, classify, parsed_operations
from licensing.publishing.queries import in_force

CONTROL_LIST = "control_list"
SHA256 = re.compile(r"[0-9a-f]{64}")


@refusals_logged(CatalogEvent.MODEL_REGISTERED)
def register_model(*, actor: Person, organization_id: int, name: str, developer: str = "") -> Model:
    """A new model of an organization; without a developer, its own."""
    with transaction.atomic():
        organization = Organization.objects.get(pk=organization_id)
        if not may_prepare(actor, organization):
            raise NotPermitted("not_a_preparer", f"You may not register models for {organization.name}.")
        name = name.strip()
        if not name:
            raise Invalid.one("name", name, "Enter the name of the model.")
        if organization.models.filter(name=name).exists():
            raise Invalid.one("name", name, "A model of this name is registered already: add a version to it.")
        model = Model.objects.create(
            organization=organization, name=name, developer=developer.strip() or organization.name
        )
        record(model, CatalogEvent.MODEL_REGISTERED, actor=actor, name=name)
    return model


@refusals_logged(CatalogEvent.VERSION_REGISTERED)
def register_version(
    *, actor: Person, model_id: int, name: str, weights: str, training: Sequence[Mapping[str, Any]] = (), parent_id: int | None = None,
    derivation: str = "", total_parameters: int | None = None, active_parameters: int | None = None,
    modalities: Sequence[str] = (), model_hash: str = "", security_level: int | None = None,
) -> ModelVersion:  # fmt: skip
    """A new version of a model, with how it was trained.

    `training` rows: `{"stage", "operations" ("2.1e26"), "method", "evidence", "tolerance_percent"}`; `model_hash` is the SHA-256 of the
    weights manifest. Raises `Invalid` with every answer that cannot be right.
    """
    with transaction.atomic():
        model = Model.objects.select_for_update(of=("self",)).select_related("organization").get(pk=model_id)
        if not may_prepare(actor, model.organization):
            raise NotPermitted("not_a_preparer", f"You may not register models for {model.organization.name}.")
        version = ModelVersion(
            model=model, name=name.strip(), weights=weights, parent=_parent(model, parent_id), derivation=derivation,
            total_parameters=total_parameters, active_parameters=active_parameters, modalities=list(modalities),
            model_hash=model_hash.strip().lower(), security_level=security_level,
        )  # fmt: skip
        problems = _problems(version)
        runs: list[TrainingRun] = []
        for number, row in enumerate(training):
            problems += _run(row, f"training.{number}", runs)
        if problems:
            raise Invalid(problems)
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
    problems = []
    if not version.name:
        problems.append(Problem("name", "", "Enter the name of the version, such as 3.1."))
    elif version.model.versions.filter(name=version.name).exists():
        problems.append(Problem("name", version.name, "The model has a version of this name already: choose another."))
    if version.weights not in Weights.values:
        problems.append(Problem("weights", version.weights, f"Choose one of {', '.join(Weights.values)}."))
    if version.model_hash and not SHA256.fullmatch(version.model_hash):
        problems.append(
            Problem(
                "model_hash",
                version.model_hash,
                "Give the SHA-256 of the weights manifest: 64 characters, 0-9 and a-f.",
            )
        )
    if bool(version.parent) != bool(version.derivation):
        problems.append(
            Problem("derivation", version.derivation, "Say from which version it comes and how, or leave both empty.")
        )
    elif version.derivation and version.derivation not in Derivation.values:
        problems.append(Problem("derivation", version.derivation, f"Choose one of {', '.join(Derivation.values)}."))
    if version.security_level is not None and not 1 <= version.security_level <= 5:
        problems.append(
            Problem("security_level", str(version.security_level), "Give a security level between 1 and 5.")
        )
    total, active = version.total_parameters, version.active_parameters
    if total is not None and active is not None and active > total:
        problems.append(Problem("active_parameters", str(active), "No more parameters can be active than there are."))
    return problems


def _run(row: Mapping[str, Any], where: str, runs: list[TrainingRun]) -> list[Problem]:
    problems = []
    for field, choices in (("stage", TrainingStage), ("method", CountingMethod)):
        if row.get(field) not in choices.values:
            problems.append(
                Problem(f"{where}.{field}", str(row.get(field, "")), f"Choose one of {', '.join(choices.values)}.")
            )
    try:
        operations = parsed_operations(row.get("operations", ""))
    except ValueError:
        mend = "Enter a whole number of operations, such as 2.1e26."
        return [*problems, Problem(f"{where}.operations", str(row.get("operations", "")), mend)]
    if not problems:
        runs.append(
            TrainingRun(
                stage=row["stage"], operations=operations, method=row["method"], evidence=row.get("evidence", ""),
                tolerance_percent=row.get("tolerance_percent"),
            )
        )  # fmt: skip
    return problems


def record_classification(*, actor: Actor, model_version_id: int) -> Classification:
    """Classify a version under the control list in force and keep the answer.

    Raises `NotNow` when no control list is in force: nobody then knows what is controlled.
    """
    with transaction.atomic():
        version = ModelVersion.objects.select_related("model", "parent").get(pk=model_version_id)
        key = Authority.objects.get().jurisdiction.lower()
        now = timezone.now()
        control_list = in_force(CONTROL_LIST, key, now)
        if control_list is None:
            raise NotNow(
                "no_control_list", f"No control list {key!r} is in force: an administrator has to publish one."
            )
        operations = version.training_operations
        found = classify(VersionFacts(version.weights, operations, version.derivation), control_list.content)
        return Classification.objects.create(
            model_version=version, entry=found.entry, controlled=found.controlled, reason=found.reason,
            control_list_key=key, control_list_version=control_list.version, operations=operations, at=now,
            actor_id=actor.actor_id, actor_label=actor.actor_label,
        )  # fmt: skip
