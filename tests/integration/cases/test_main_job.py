"""The main job by commands: what each step leaves behind, and who may not do it."""

import json
from collections.abc import Iterator

import pytest

from licensing.audit.models import Refusal
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.commands import deciding, drafting, filing, reviewing
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case
from licensing.cases.queries import recommendations_shown, trail_shown
from licensing.documents.queries import content_of
from licensing.documents.verify import verify as verify_document
from licensing.licenses.models import License
from licensing.licenses.queries import public_status
from licensing.notices.models import Notice
from licensing.publishing.commands import seed_published
from licensing.publishing.models import Publication
from tests.examples.story import Story, person, seed, work_off
from workflows import outbox, verification
from workflows.models import Instance, OutboxRow, Seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    seed()
    return Story()


@pytest.fixture(autouse=True)
def every_invariant_holds(db: None) -> Iterator[None]:
    yield
    assert [str(breach) for breach in verification.verify()] == []


def issue(action: str = "issue", **more: object) -> deciding.Proposal:
    return deciding.Proposal(action=action, reason="All agencies recommend approval.", valid_months=24, **more)  # type: ignore[arg-type]


def test_an_application_becomes_a_signed_license(story: Story) -> None:
    case = story.decided()
    work_off(whole=True)

    case.refresh_from_db()
    license_ = License.objects.get(case=case)
    assert (case.outcome, case.workflow.end) == ("approved", "approved")
    assert license_.document is not None
    pdf = content_of(license_.document)
    assert verify_document(pdf).genuine
    status = public_status(license_.number.lower().replace("-", " "))
    assert status is not None
    assert (status.status, status.document_sha256, status.conditions) == ("valid", license_.document.sha256, 1)
    assert Notice.objects.filter(name="licenses/issued", sent_at__isnull=False).count() == 1
    assert not outbox.due()
    assert verify() == []
    assert next(line.event for line in trail(case)) == "case:registered"


def test_each_effect_happens_once_however_often_it_is_tried(story: Story) -> None:
    case = story.decided()
    for _ in range(3):
        OutboxRow.objects.filter(effect="issue_license").update(state="due", finished_at=None)
        work_off()

    assert License.objects.filter(case=case).count() == 1
    assert Notice.objects.filter(name="licenses/issued").count() == 1
    assert Case.objects.get(pk=case.pk).workflow.stage == "issued"


def test_energy_has_no_seat_when_nothing_is_nuclear(story: Story) -> None:
    case = story.reviewed()

    statuses = dict(Seat.objects.filter(instance=case.workflow, stage="review").values_list("key", "status"))
    assert statuses == {
        "commerce": "voted",
        "defense": "voted",
        "state": "voted",
        "safety": "voted",
        "energy": "skipped",
    }


def test_nobody_countersigns_what_they_proposed_and_the_attempt_is_kept(story: Story) -> None:
    case = story.reviewed()
    deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=issue())

    with pytest.raises(NotPermitted) as refused:
        deciding.countersign(actor=person("grace.whitfield"), case_id=case.pk, seat="countersign")

    assert refused.value.code == "separation_of_duties"
    assert Refusal.objects.get().actor_label == "Grace Whitfield"
    assert Case.objects.get(pk=case.pk).workflow.stage == "decision"


def test_an_undecided_hit_shuts_the_gate(story: Story) -> None:
    case = story.file()
    work_off()
    for login, seat in (("omar.haddad", "officer"),):
        refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
        deciding.decide_case(actor=person(login), case_id=case.pk, seat=seat, proposal=refer)
    for login, seat in (
        ("dana.whitlock", "defense"),
        ("samir.patel", "state"),
        ("sven.adler", "safety"),
        ("omar.haddad", "commerce"),
    ):
        reviewing.recommend(actor=person(login), case_id=case.pk, seat=seat, vote="approve")

    with pytest.raises(NotNow) as shut:
        deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=issue())

    assert "screening hit" in shut.value.sentence


def test_a_gate_that_shuts_after_the_decision_sends_the_case_back(story: Story) -> None:
    case = story.decided()
    Case.objects.filter(pk=case.pk).update(determination=None)

    work_off()

    assert not License.objects.exists()
    assert Instance.objects.get(case=case).stage == "decision"


def test_conditions_of_agencies_cannot_be_dropped(story: Story) -> None:
    case = story.reviewed()

    decision = deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=issue())

    assert [text["key"] for text in decision.conditions] == ["condition:no-onward-transfer"]


def test_an_item_that_an_agency_denies_is_not_approved_here(story: Story) -> None:
    case = story.checked()
    refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=refer)
    reviewing.recommend(
        actor=person("dana.whitlock"), case_id=case.pk, seat="defense", vote="approve", denied_items=[1],
        note="The weights leave our reach.", statutory_basis="50 U.S.C. 4813", regulatory_basis="15 CFR 742.6(b)",
    )  # fmt: skip
    for login, seat in (("samir.patel", "state"), ("sven.adler", "safety"), ("omar.haddad", "commerce")):
        reviewing.recommend(actor=person(login), case_id=case.pk, seat=seat, vote="approve")

    with pytest.raises(Invalid) as refused:
        deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=issue())

    assert "dispute ladder" in str(refused.value.problems)


def test_any_edit_voids_the_certification(story: Story) -> None:
    application = story.draft()
    filing.certify(actor=story.official, application_id=application.pk, title="Director", agreed=True)
    drafting.edit_application(actor=story.preparer, application_id=application.pk, requested_months=12)

    with pytest.raises(NotNow) as refused:
        filing.file_application(actor=story.preparer, application_id=application.pk)

    assert refused.value.code == "not_certified"


def test_a_party_changed_behind_the_certification_stops_the_filing(story: Story) -> None:
    application = story.draft()
    filing.certify(actor=story.official, application_id=application.pk, title="Director", agreed=True)
    party = application.parties.select_related("party").all()[0].party
    type(party).objects.filter(pk=party.pk).update(address="Somewhere else 1")

    with pytest.raises(NotNow) as refused:
        filing.file_application(actor=story.preparer, application_id=application.pk)

    assert refused.value.code == "certification_stale"


def test_preparers_do_not_certify_and_officials_are_recorded_apart(story: Story) -> None:
    application = story.draft()

    with pytest.raises(NotPermitted):
        filing.certify(actor=story.preparer, application_id=application.pk, title="Preparer", agreed=True)

    case = story.file(application)
    assert case.as_filed["prepared_by"]["name"] == "Noa Feld"
    assert case.as_filed["certification"]["official"] == "Ada Lindqvist"


def test_the_same_transaction_is_pending_once(story: Story) -> None:
    story.attach(application := story.draft())
    filed = story.file(application).as_filed
    twin = drafting.start_application(
        actor=story.preparer, organization_id=story.organization.pk, name="The same again"
    )
    answers = {
        **filed["transaction"],
        **filed["end_use"],
        **{f"contact_{key}": value for key, value in filed["contact"].items()},
    }
    answers["transaction_kind"] = answers.pop("kind")
    answers["end_use_statement"] = answers.pop("statement")
    drafting.edit_application(actor=story.preparer, application_id=twin.pk, **answers)
    for row in application.parties.all():
        drafting.add_party(actor=story.preparer, application_id=twin.pk, role=row.role, party_id=row.party_id)
    for site in application.sites.all():
        drafting.add_site(actor=story.preparer, application_id=twin.pk, site_id=site.site_id)
    item = application.items.get()
    drafting.add_item(
        actor=story.preparer,
        application_id=twin.pk,
        model_version_id=item.model_version_id,
        technical_description="The same",
    )

    with pytest.raises(NotNow) as refused:
        story.file(twin)

    assert refused.value.code == "already_pending"
    assert "A000001" in refused.value.sentence


def test_a_question_stops_the_clock_and_the_answer_starts_it(story: Story) -> None:
    case = story.checked()
    refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=refer)

    question = reviewing.ask_applicant(
        actor=person("sven.adler"), case_id=case.pk, seat="safety", question="Who can reach the weights?"
    )
    waiting = Instance.objects.get(case=case)
    assert any(pause["ended"] is None for pause in waiting.snapshot["pauses"])
    assert Notice.objects.filter(name="cases/question_asked").count() == 1

    reviewing.answer_question(actor=story.preparer, question_id=question.pk, answer="Two engineers, both vetted.")
    running = Instance.objects.get(case=case)
    assert all(pause["ended"] for pause in running.snapshot["pauses"])


def test_votes_of_a_running_round_stay_hidden_until_ones_own_is_cast(story: Story) -> None:
    case = story.checked()
    refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=refer)
    reviewing.recommend(actor=person("dana.whitlock"), case_id=case.pk, seat="defense", vote="approve")
    case = Case.objects.get(pk=case.pk)

    assert recommendations_shown(case, person("samir.patel")) == []
    assert [row.seat for row in recommendations_shown(case, person("dana.whitlock"))] == ["defense"]
    assert told(case, "samir.patel") == ["defense recommends: not shown until you have voted"]
    assert told(case, "dana.whitlock") == ["defense recommends: approve"]

    reviewing.recommend(actor=person("samir.patel"), case_id=case.pk, seat="state", vote="approve")
    case = Case.objects.get(pk=case.pk)
    assert len(recommendations_shown(case, person("samir.patel"))) == 2
    assert "approve" in told(case, "samir.patel")[0]


def told(case: Case, login: str) -> list[str]:
    """What the trail tells somebody of recommendations."""
    return [line.sentence for line in trail_shown(case, person(login)) if line.event == CaseEvent.RECOMMENDED]


def test_the_applicant_may_withdraw_at_any_stage(story: Story) -> None:
    case = story.checked()

    reviewing.withdraw_application(actor=story.preparer, case_id=case.pk, reason="The customer has gone elsewhere.")

    case.refresh_from_db()
    assert (case.outcome, case.closed_at is not None) == ("returned_without_action", True)
    assert Notice.objects.filter(name="cases/closed").count() == 1


def test_agencies_see_only_cases_in_which_they_have_a_seat(story: Story) -> None:
    case = story.checked()

    with pytest.raises(NotPermitted):
        reviewing.claim_seat(actor=person("dana.whitlock"), case_id=case.pk, seat="officer")

    assert not Case.objects.visible_to(person("dana.whitlock")).exists()


def test_what_is_embedded_is_what_was_decided(story: Story) -> None:
    case = story.decided()
    work_off()
    license_ = License.objects.get(case=case)

    assert license_.data["decision_sha256"] == license_.decision.sha256
    assert license_.data["items"][0]["control_entry"] == "4E091"
    assert json.loads(json.dumps(license_.data))["number"] == license_.number


def test_the_policy_asks_for_a_seat_and_the_case_has_it(story: Story) -> None:
    """Administrators publish a row that asks for Energy; nothing nuclear is declared, and its seat opens all the same."""
    policy = dict(Publication.objects.get(kind="policy", key="us", state="published").content)
    row = {
        "id": "grid", "when": '"NO" in destinations', "then": {"seats": ["energy"]}, "citation": "Test 1",
        "legal_status": "in_force", "enforcement_status": "enforced",
    }  # fmt: skip
    tables = {**policy["tables"], "seats": [*policy["tables"]["seats"], row]}
    seed_published(
        proposer=person("amara.okafor"), publisher=person("henrik.dahl"), kind="policy", key="us",
        content={**policy, "tables": tables}, note="Grids", source="Test 1",
    )  # fmt: skip
    case = story.checked()
    refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=refer)

    assert Seat.objects.get(instance=case.workflow, stage="review", key="energy").status == "open"
