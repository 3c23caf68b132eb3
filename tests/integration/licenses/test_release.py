"""The check at the moment of release, credentials and bundles: what the machines of a licensee ask, and what they are told."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.accounts.commands import issue_token
from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Invalid, NotNow
from licensing.entente_check import name_hash, offline
from licensing.licenses import credential as credentials
from licensing.licenses.commands.conditions import lapse_condition
from licensing.licenses.commands.standing import suspend_license
from licensing.licenses.models import Allowance, CredentialKey, License, ReleaseCheck, ReleaseScope
from licensing.licenses.scopes import limits_of, scope_at
from licensing.publishing.commands import edit_draft, open_draft, propose, publish
from tests.examples.story import MANIFEST, person

RELEASE = {
    "model_hash": MANIFEST, "modality": "weights_transfer", "destination": "NO", "recipient": "Fjordhelse Sykehus HF",
    "site": "Oslo North 2",
}  # fmt: skip


class Machine:
    """A machine of an organization, with its token."""

    def __init__(self, login: str = "noa.feld", organization: str = "meridian") -> None:
        who = person(login)
        membership = who.memberships.get(organization__key=organization, role="preparer")
        _, token = issue_token(
            actor=who, person_id=who.pk, organization_id=membership.organization_id, label="pipeline"
        )
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def ask(self, **changes: Any) -> Any:
        found = self.client.post("/api/v1/release-checks/", json.dumps({**RELEASE, **changes}), "application/json")
        return found.json()


def test_a_licensed_release_is_allowed_under_its_license_and_kept(license_: License) -> None:
    told = Machine().ask()
    assert (told["allowed"], told["under_kind"], told["under"]) == (True, "license", license_.number)
    assert [row["key"] for row in told["conditions"]] == ["condition:no-onward-transfer"]
    assert told["versions"]
    kept = ReleaseCheck.objects.get(pk=told["id"])
    assert (kept.allowed, kept.answer["under"], kept.actor_label) == (True, license_.number, "Noa Feld")
    assert kept.facts["items"][0]["weights"] == "closed"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ReleaseCheck.objects.filter(pk=kept.pk).update(allowed=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_hash": "00" * 32}, "None of your models has this hash"),
        ({"modality": "api_access"}, "does not cover api access"),
        ({"destination": "SE", "recipient_country": "NO", "site_country": "NO"}, "does not cover the destination SE"),
        ({"recipient": "Nobody Known AS"}, "does not name Nobody Known AS"),
        ({"site": ""}, "say which one"),
        ({"at": "2031-01-01T00:00:00Z"}, "holds from"),
    ],
)
def test_any_other_release_is_refused_with_what_is_missing(
    license_: License, change: dict[str, str], told: str
) -> None:
    found = Machine().ask(**change)
    assert found["allowed"] is False
    assert any(told in line for line in found["missing"]), found["missing"]


def test_a_suspended_license_allows_nothing_and_says_so(license_: License) -> None:
    suspend_license(
        actor=person("omar.haddad"), license_id=license_.pk, reason="The site is looked at.", ordered_by="Omar Haddad"
    )
    told = Machine().ask()
    assert told["allowed"] is False
    assert f"{license_.number} is suspended." in told["missing"]


def test_a_condition_that_has_lapsed_binds_no_release(license_: License) -> None:
    lapse_condition(actor=SYSTEM, license_id=license_.pk, number=1, reason="It is decontrolled.")
    machine, now = Machine(), timezone.now()
    assert (machine.ask()["allowed"], machine.ask()["conditions"]) == (True, [])
    license_ = License.objects.get(pk=license_.pk)
    assert scope_at(license_, now)["conditions"] == []
    assert len(scope_at(license_, license_.valid_from)["conditions"]) == 1
    Allowance.objects.create(case=license_.case, measure="seats", cap=5, drawn=5, unit="at one time")
    License.objects.filter(pk=license_.pk).update(delivery_modes=["api_access"])
    assert limits_of(license_.number, license_.case.allowances.all()) == [], "seats are free again after their period"


def test_a_condition_precedent_that_is_not_met_stands_against_every_release(license_: License) -> None:
    license_.texts.filter(kind="condition").update(precedent=True)
    told = Machine().ask()
    assert told["allowed"] is False
    assert any("has to be met first" in line for line in told["missing"])


def test_another_company_may_not_use_it(license_: License) -> None:
    told = Machine("tomas.reyes", "lumen").ask()
    assert (told["allowed"], told["others"]) == (False, [])


def test_a_malformed_question_is_told_by_field(license_: License) -> None:
    told = Machine().ask(model_hash="x", modality="by post", destination="Norway", facts={"sector": "space"})
    assert {row["field"] for row in told["errors"]} >= {"model_hash", "modality", "destination", "facts.sector"}
    assert not ReleaseCheck.objects.exists()


def test_what_the_question_and_the_register_say_is_not_said_otherwise(license_: License) -> None:
    open_weights = [{"name": "Meridian Large", "weights": "published", "control_entry": "", "operations": 1}]
    facts = {
        "items": open_weights,
        "control_entries": [],
        "all_published": True,
        "max_operations": 1,
        "destinations": ["CA"],
    }
    told = Machine().ask(recipient="Nobody Known AS", facts=facts)
    assert {row["field"] for row in told["errors"]} == {f"facts.{name}" for name in facts}
    hidden = Machine().ask(
        recipient="Fjordhelse 　Sykehus HF", facts={"parties": [], "sites": [], "exporter": "Somebody else"}
    )
    assert {row["field"] for row in hidden["errors"]} == {"facts.parties", "facts.sites", "facts.exporter"}
    assert not ReleaseCheck.objects.exists()


def test_a_check_costs_the_same_few_queries_among_many_licenses(license_: License) -> None:
    machine = Machine()
    machine.ask()
    with CaptureQueriesContext(connection) as before:
        machine.ask()
    terms = license_.release_terms
    ReleaseScope.objects.bulk_create(
        ReleaseScope(
            terms=terms,
            licensee=license_.licensee,
            model_hash=MANIFEST,
            destination="NO",
            recipient=name_hash(f"R{n}", "NO"),
        )
        for n in range(200)
    )
    with CaptureQueriesContext(connection) as after:
        assert machine.ask()["allowed"] is True
    assert len(after) == len(before) <= 8


def test_a_credential_carries_the_scope_and_is_checked_by_anybody(license_: License, client: Client) -> None:
    token = Machine().client.get(f"/api/v1/licenses/{license_.number}/credential/").content.decode()
    found = client.post("/api/v1/verification/credential/", {"credential": token}, "application/json").json()
    scope = found["claims"]["scope"]
    assert (found["genuine"], found["status"], scope["number"]) == (True, "valid", license_.number)
    assert scope["models"] == [MANIFEST]
    assert scope["recipients"] == sorted(
        {name_hash("Fjordhelse Sykehus HF", "NO"), name_hash("Nordlys Compute AS", "NO")}
    )
    assert "Fjordhelse" not in json.dumps(found)
    kept = client.get("/.well-known/jwks.json").json()["keys"]
    assert [row["kid"] for row in kept] == [credentials.key().kid]
    bad = client.post("/api/v1/verification/credential/", {"credential": token[:-8] + "AAAAAAAA"}, "application/json")
    assert (bad.status_code, "altered" in bad.json()["detail"]) == (422, True)
    bundle = Machine().client.get("/api/v1/bundle/").content.decode()
    bad = client.post("/api/v1/verification/credential/", {"credential": bundle}, "application/json")
    assert (bad.status_code, "A bundle proves no license" in bad.json()["detail"]) == (422, True)


def test_rotation_leaves_old_credentials_good_and_a_lost_key_proves_nothing(license_: License) -> None:
    now = timezone.now()
    token, kid = credentials.credential(license_, now), credentials.key().kid
    credentials.retire_key(actor=SYSTEM, kid=kid, at=now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    assert credentials.checked(token, later)["sub"] == license_.number
    with pytest.raises(NotNow, match="retired"):
        credentials.credential(license_, later)
    assert credentials.key_set()["keys"][0]["retired_at"]
    credentials.withdraw_key(actor=SYSTEM, kid=kid, at=later, reason="A laptop was stolen.")
    with pytest.raises(Invalid, match="not in the key set"):
        credentials.checked(token, later)
    assert CredentialKey.objects.get().audit_sequence == 3


def test_what_becomes_prohibited_is_allowed_by_no_bundle_either(license_: License) -> None:
    one, other = person("amara.okafor"), person("henrik.dahl")
    draft = open_draft(actor=one, kind="policy", key="us")
    ban = {
        "id": "ban", "when": '"NO" in destinations', "then": {"requirement": "prohibited"}, "citation": "Test 1",
        "legal_status": "in_force", "enforcement_status": "enforced",
    }  # fmt: skip
    tables = {**draft.content["tables"], "requirement": [ban, *draft.content["tables"]["requirement"]]}
    edit_draft(actor=one, publication_id=draft.pk, content={**draft.content, "tables": tables})
    propose(actor=one, publication_id=draft.pk)
    publish(actor=other, publication_id=draft.pk)
    machine = Machine()
    assert machine.ask()["allowed"] is False
    token = machine.client.get("/api/v1/bundle/").content.decode()
    asked = {**RELEASE, "recipient_country": "NO", "site_country": "NO"}
    assert offline(token, credentials.key_set(), asked, timezone.now(), 24)["allowed"] is False


def test_a_bundle_answers_offline_as_the_server_does(license_: License) -> None:
    machine = Machine()
    token = machine.client.get("/api/v1/bundle/").content.decode()
    asked = {**RELEASE, "recipient_country": "NO", "site_country": "NO"}
    now = timezone.now()
    found = offline(token, credentials.key_set(), asked, now, 24)
    assert (found["allowed"], found["under"]) == (True, license_.number)
    assert offline(token, credentials.key_set(), {**asked, "modality": "api_access"}, now, 24)["allowed"] is False


def test_a_bundle_keeps_what_is_left_of_a_cap(license_: License) -> None:
    Allowance.objects.create(case=license_.case, measure="quantity", unit="copies", cap=5, drawn=3)
    token = Machine().client.get("/api/v1/bundle/").content.decode()
    asked = {**RELEASE, "recipient_country": "NO", "site_country": "NO"}
    now = timezone.now()
    allowed = {
        quantity: offline(token, credentials.key_set(), {**asked, "quantity": quantity}, now, 24)
        for quantity in ("2", "3")
    }
    assert [allowed["2"]["allowed"], allowed["3"]["allowed"]] == [True, False]
    assert allowed["3"]["missing"] == [f"{license_.number} caps quantity: 2 copies is left."]
    assert [Machine().ask(quantity=quantity)["allowed"] for quantity in ("2", "3")] == [True, False], (
        "as the server says"
    )


def test_the_evidence_says_which_facts_were_the_callers(license_: License) -> None:
    harmless = {"items": [{"name": "Tiny", "developer": "Meridian", "weights": "published", "operations": 1e20}]}
    told = Machine().ask(model_hash="00" * 32, facts=harmless, at="2026-11-01T00:00:00Z")
    kept = ReleaseCheck.objects.get(pk=told["id"])
    assert (told["stated"], kept.answer["stated"]) == (["items"], ["items"])
    assert told["at"] < told["asked_at"] == kept.asked_at.isoformat()
