"""Models and versions, what was spent on training them, and how they are classified."""

from decimal import Decimal
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import DatabaseError, transaction

from licensing.audit.actors import SYSTEM
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.catalog.commands import record_classification, register_model, register_version
from licensing.catalog.manifests import model_hash
from licensing.catalog.models import Classification, Model, ModelVersion
from licensing.catalog.rules import CONTROL_LIST
from licensing.publishing.commands import seed_published
from tests.examples import people

pytestmark = pytest.mark.django_db

PRETRAINING = {"stage": "pretraining", "operations": "8e25", "method": "architecture", "evidence": "6ND"}
TUNING = {"stage": "fine_tuning", "operations": "1.5e26", "method": "hardware", "evidence": "Cluster logs"}
MANIFEST = f"{'0' * 64}  7  weights.safetensors\n"


@pytest.fixture
def lumen() -> people.Applicant:
    return people.applicant()


@pytest.fixture
def model(lumen: people.Applicant) -> Model:
    return register_model(actor=lumen.preparer, organization_id=lumen.organization.pk, name="Beacon")


@pytest.fixture
def control_list(db: None) -> None:
    kim, lou = people.government().administrators
    content = yaml.safe_load((settings.BASE_DIR / "fixtures/control/us.yaml").read_text(encoding="utf-8"))
    seed_published(
        proposer=kim, publisher=lou, kind=CONTROL_LIST, key="us", content=content, note="", source=content["source"]
    )


def version(lumen: people.Applicant, model: Model, name: str = "1", **details: Any) -> ModelVersion:
    given = {"weights": "closed", "training": [PRETRAINING], **details}
    return register_version(actor=lumen.preparer, model_id=model.pk, name=name, **given)


def test_a_version_counts_what_it_was_made_from(lumen: people.Applicant, model: Model) -> None:
    base = version(lumen, model)
    tuned = version(lumen, model, "1-chat", parent_id=base.pk, derivation="fine_tuned", training=[TUNING])
    small = version(lumen, model, "1-chat-q4", parent_id=tuned.pk, derivation="quantized", training=[])
    counted = [ModelVersion.objects.get(pk=row.pk).training_operations for row in (base, tuned, small)]
    assert counted == [Decimal("8e25"), Decimal("2.3e26"), Decimal("2.3e26")]


def test_a_sum_that_leaves_a_part_out_is_none(lumen: people.Applicant, model: Model) -> None:
    base = version(lumen, model, training=[])
    tuned = version(lumen, model, "1-chat", parent_id=base.pk, derivation="fine_tuned", training=[TUNING])
    silent = version(
        lumen, model, "2-chat", parent_id=version(lumen, model, "2").pk, derivation="distilled", training=[]
    )
    assert [row.training_operations for row in (base, tuned, silent)] == [None, None, None]


@pytest.mark.usefixtures("control_list")
def test_the_classification_keeps_its_reason_and_the_version_of_the_list(lumen: people.Applicant, model: Model) -> None:
    base = version(lumen, model)
    tuned = version(lumen, model, "1-chat", parent_id=base.pk, derivation="fine_tuned", training=[TUNING])
    undeclared = version(lumen, model, "0", training=[])
    found = [record_classification(actor=SYSTEM, model_version_id=row.pk) for row in (base, tuned, undeclared)]
    assert [(row.entry, row.controlled) for row in found] == [("4E091", False), ("4E091", True), ("4E091", True)]
    assert {(row.control_list_key, row.control_list_version) for row in found} == {("us", 1)}
    assert found[1].operations == Decimal("2.3e26")
    assert [event.event for event in trail(model)][-1] == "catalog:version:classified"
    assert found[1].reason in trail(model)[-2].sentence
    assert verify() == []


def test_without_a_control_list_nothing_is_called_uncontrolled(lumen: people.Applicant, model: Model) -> None:
    people.government()
    with pytest.raises(NotNow) as refused:
        record_classification(actor=SYSTEM, model_version_id=version(lumen, model).pk)
    assert refused.value.code == "no_control_list"
    assert not Classification.objects.exists()


@pytest.mark.usefixtures("control_list")
def test_a_classification_is_neither_changed_nor_removed(lumen: people.Applicant, model: Model) -> None:
    row = record_classification(actor=SYSTEM, model_version_id=version(lumen, model).pk)
    for change in (lambda: Classification.objects.update(controlled=True), row.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert not Classification.objects.get().controlled


def test_the_manifest_gives_the_model_hash(lumen: people.Applicant, model: Model) -> None:
    assert version(lumen, model, manifest=MANIFEST).model_hash == model_hash(MANIFEST)
    assert version(lumen, model, "2", model_hash="AB" * 32).model_hash == "ab" * 32
    with pytest.raises(Invalid, match=model_hash(MANIFEST)):
        version(lumen, model, "3", manifest=MANIFEST, model_hash="ab" * 32)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "1"}, "name"),
        ({"weights": "leaked"}, "weights"),
        ({"model_hash": "abc"}, "model_hash"),
        ({"manifest": "weights.bin\n"}, "manifest"),
        ({"security_level": 6}, "security_level"),
        ({"total_parameters": 0}, "total_parameters"),
        ({"total_parameters": 10, "active_parameters": 11}, "active_parameters"),
        ({"derivation": "quantized"}, "derivation"),
        ({"parent_id": 0}, "parent"),
        ({"training": [{**PRETRAINING, "operations": "2,1e26"}]}, "training.0.operations"),
        ({"training": [PRETRAINING, {**TUNING, "stage": "magic"}]}, "training.1.stage"),
        ({"training": [{**PRETRAINING, "method": ""}]}, "training.0.method"),
        ({"training": [{**PRETRAINING, "tolerance_percent": -1}]}, "training.0.tolerance_percent"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_kept(
    lumen: people.Applicant, model: Model, details: dict[str, Any], field: str
) -> None:
    version(lumen, model)
    with pytest.raises(Invalid) as refused:
        version(lumen, model, **{"name": "2", **details})
    assert [problem.field for problem in refused.value.problems] == [field]
    assert refused.value.problems[0].mend
    assert model.versions.count() == 1


def test_a_parent_is_one_of_the_organizations_own(lumen: people.Applicant, model: Model) -> None:
    other = people.applicant("nimbus", "Cai", "Dov")
    theirs = register_model(actor=other.preparer, organization_id=other.organization.pk, name="Cirrus")
    with pytest.raises(Invalid):
        version(lumen, model, parent_id=version(other, theirs).pk, derivation="fine_tuned")
    with pytest.raises(NotPermitted):
        version(lumen, theirs, "2")
    assert list(ModelVersion.objects.for_organization(lumen.organization)) == []


def test_a_model_is_registered_once_under_its_name(lumen: people.Applicant, model: Model) -> None:
    assert model.developer == lumen.organization.name
    for name in ("Beacon", " Beacon ", "", "x" * 201):
        with pytest.raises(Invalid) as refused:
            register_model(actor=lumen.preparer, organization_id=lumen.organization.pk, name=name)
        assert refused.value.problems[0].field == "name"
    with pytest.raises(NotPermitted):
        register_model(actor=lumen.official, organization_id=lumen.organization.pk, name="Lantern")
