"""From the draft of an order to its rescission: two cleared people, service, acknowledgement, disclosure; and everybody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from licensing.accounts.commands import grant_membership
from licensing.accounts.models import Organization, Person
from licensing.audit.models import Refusal
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.notices.models import Notice
from licensing.policy import commands
from licensing.policy.models import ControlOrder, Undertaking
from licensing.publishing.models import Publication
from licensing.publishing.queries import changes
from tests.examples.story import person, seed

pytestmark = pytest.mark.django_db

SCOPE: dict[str, Any] = {
    "title": "License requirement for Lumen Reader",
    "legal_basis": "15 CFR 744.6",
    "models": ["Lumen Reader"],
    "transaction_kinds": ["export"],
    "delivery_modes": ["api_access"],
}


@pytest.fixture
def cleared() -> tuple[Person, Person]:
    seed()
    return person("amara.okafor"), person("henrik.dahl")


def published(cleared: tuple[Person, Person], **changes: Any) -> Publication:
    first, second = cleared
    lumen = Organization.objects.get(key="lumen")
    draft = commands.open_order(actor=first, organization_id=lumen.pk, key="lumen-2026", note="Learned of a risk")
    commands.edit_version(actor=first, publication_id=draft.pk, changes={**SCOPE, **changes})
    commands.propose_version(actor=first, publication_id=draft.pk)
    return commands.publish_version(actor=second, publication_id=draft.pk)


def test_an_order_takes_two_cleared_people(cleared: tuple[Person, Person]) -> None:
    first, _ = cleared
    lumen = Organization.objects.get(key="lumen")
    draft = commands.open_order(actor=first, organization_id=lumen.pk, key="lumen-2026", note="Learned of a risk")
    commands.edit_version(actor=first, publication_id=draft.pk, changes=SCOPE)
    commands.propose_version(actor=first, publication_id=draft.pk)
    with pytest.raises(NotPermitted, match="somebody else"):
        commands.publish_version(actor=first, publication_id=draft.pk)
    with pytest.raises(NotPermitted, match="cleared"):
        commands.publish_version(actor=person("petra.vogel"), publication_id=draft.pk)


def test_what_is_wrong_with_an_order_is_named_before_anybody_signs_it(cleared: tuple[Person, Person]) -> None:
    first, _ = cleared
    lumen = Organization.objects.get(key="lumen")
    draft = commands.open_order(actor=first, organization_id=lumen.pk, key="lumen-2026", note="Learned of a risk")
    wrong = {
        **SCOPE, "models": [], "transaction_kinds": ["sale"], "destinations": ["ZZ"], "company": "Somebody Else, Inc.", "until": "soon",
        "reliefs": [{"id": "Big", "models": ["Other"], "persons": ["listed"], "authorized_parties": "NOBODY", "undertakings": ["x:no"]}],
    }  # fmt: skip
    commands.edit_version(actor=first, publication_id=draft.pk, changes=wrong)
    with pytest.raises(Invalid) as refused:
        commands.propose_version(actor=first, publication_id=draft.pk)
    assert {problem.field for problem in refused.value.problems} == {
        "models", "transaction_kinds", "destinations", "company", "until", "reliefs.Big.id", "reliefs.Big.models", "reliefs.Big.citation",
        "reliefs.Big.authorized_parties", "reliefs.Big.undertakings",
    }  # fmt: skip


def test_service_tells_the_company_and_an_official_acknowledges_what_was_served(cleared: tuple[Person, Person]) -> None:
    first, _ = cleared
    tomas, version = person("tomas.reyes"), published(cleared)
    early = timezone.now() - timedelta(days=1)
    with pytest.raises(Invalid, match="since the version was published"):
        commands.serve_order(actor=first, publication_id=version.pk, method="courier", served_at=early)
    service = commands.serve_order(actor=first, publication_id=version.pk, method="electronic")
    notice = Notice.objects.get(about=f"policy.service:{service.pk}")
    assert notice.to_email == tomas.email
    assert "Reader" not in notice.subject + notice.text + notice.html, "mail is no place for what is confidential"
    with pytest.raises(NotPermitted):
        commands.acknowledge_order(actor=person("noa.feld"), service_id=service.pk, content_hash=version.content_hash)
    with pytest.raises(Invalid, match="not what was served"):
        commands.acknowledge_order(actor=tomas, service_id=service.pk, content_hash="0" * 64)
    commands.acknowledge_order(actor=tomas, service_id=service.pk, content_hash=version.content_hash)
    with pytest.raises(NotNow):
        commands.acknowledge_order(actor=tomas, service_id=service.pk, content_hash=version.content_hash)
    told = [line.event for line in trail(ControlOrder.objects.get(key="lumen-2026"))]
    assert told == ["policy:order:opened", "policy:order:served", "policy:order:acknowledged"]
    assert verify() == []


def test_relief_and_rescission_are_versions_and_their_duties_are_rows(cleared: tuple[Person, Person]) -> None:
    first, second = cleared
    published(cleared)
    relief = {
        "id": "partners", "persons": ["listed"], "authorized_parties": "CASCADE_PARTNERS", "citation": "Annex",
        "undertakings": [{"text": "condition:no-onward-transfer", "owed_by": "authorized_parties", "due": "2027-01-31"}],
    }  # fmt: skip
    eased = commands.draft_version(
        actor=first, kind="control_order", key="lumen-2026", note="Eased", changes={"reliefs": [relief]}
    )
    assert changes(eased) == ["Reliefs: partners is added"]
    commands.propose_version(actor=first, publication_id=eased.pk)
    commands.publish_version(actor=second, publication_id=eased.pk)
    duty = Undertaking.objects.get(publication=eased)
    assert (duty.relief, duty.owed_by, str(duty.due_on)) == ("partners", "authorized_parties", "2027-01-31")
    lifted = commands.draft_version(
        actor=second, kind="control_order", key="lumen-2026", note="Lifted", changes={"rescinded": True}
    )
    commands.propose_version(actor=second, publication_id=lifted.pk)
    commands.publish_version(actor=first, publication_id=lifted.pk)
    assert lifted.version == 3


def test_a_list_has_to_hold_when_the_order_does(cleared: tuple[Person, Person]) -> None:
    first, second = cleared
    listing = commands.open_authorized_list(actor=first, key="LUMEN_PARTNERS", note="Annex")
    parties = {"title": "Partners", "source": "Annex", "parties": [{"name": "Fjordhelse Sykehus HF", "country": "NO"}]}
    commands.edit_version(actor=first, publication_id=listing.pk, changes=parties)
    commands.propose_version(actor=first, publication_id=listing.pk)
    commands.publish_version(actor=second, publication_id=listing.pk, effective_at=timezone.now() + timedelta(days=2))
    relief = {"id": "partners", "persons": ["listed"], "authorized_parties": "LUMEN_PARTNERS", "citation": "Annex"}
    with pytest.raises(Invalid, match="LUMEN_PARTNERS does not hold by then"):
        published(cleared, reliefs=[relief])


def test_disclosure_takes_two_and_stays(cleared: tuple[Person, Person]) -> None:
    first, second = cleared
    published(cleared)
    with pytest.raises(NotNow, match="propose"):
        commands.disclose_order(actor=first, key="lumen-2026")
    commands.propose_disclosure(actor=first, key="lumen-2026")
    with pytest.raises(NotPermitted, match="somebody else"):
        commands.disclose_order(actor=first, key="lumen-2026")
    assert ControlOrder.objects.get(key="lumen-2026").knowledge == "confidential"
    commands.disclose_order(actor=second, key="lumen-2026")
    assert ControlOrder.objects.get(key="lumen-2026").knowledge == "disclosed"


def test_only_the_cleared_clear_and_all_others_get_one_answer(cleared: tuple[Person, Person]) -> None:
    petra, commerce = person("petra.vogel"), Organization.objects.get(key="commerce")
    grant: dict[str, Any] = {"person_id": person("omar.haddad").pk, "organization_id": commerce.pk, "role": "cleared"}
    with pytest.raises(NotPermitted, match="Only somebody who is cleared"):
        grant_membership(actor=petra, **grant)
    grant_membership(actor=cleared[0], **grant)
    answers = set()
    for key in ("cascade-2026", "no-such-order"):
        with pytest.raises(NotPermitted) as refused:
            commands.propose_disclosure(actor=petra, key=key)
        answers.add(refused.value.sentence)
    assert len(answers) == 1
    assert Refusal.objects.filter(code="not_cleared").exists()
