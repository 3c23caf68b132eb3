"""Appeals against what letters tell: in time and once, decided by people who had no part in it, with effect, and stays apart."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.commands import grant_membership
from licensing.accounts.models import Organization, Role
from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import NotNow, NotPermitted
from licensing.cases.commands import deciding, drafting, reviewing
from licensing.cases.commands.proposals import ItemChoice
from licensing.cases.commands.writing import inform_applicant
from licensing.cases.grounds import Grounds
from licensing.cases.models import Appeal, Case
from licensing.licenses.commands import appealing
from licensing.licenses.commands.standing import confirm_ending, propose_ending, suspend_license
from licensing.licenses.models import License
from licensing.licenses.queries import status
from licensing.notices.models import Notice
from licensing.texts.models import Letter
from licensing.texts.queries import letters_about
from tests.examples.story import Story, person, seed, work_off
from tests.integration.cases.test_letters import BASES, INTENT, intend, letters_of, propose, text_of
from workflows import verification

pytestmark = pytest.mark.django_db
STATEMENT = "The operator left the group in March; its register extract is attached to the application."


@pytest.fixture
def denied() -> Case:
    seed()
    case = Story().reviewed()
    intend(case)
    deny = deciding.Proposal(action="deny", reason="The answer changes nothing in what weighed.")
    deciding.decide_case(actor=person("ruth.calloway"), case_id=case.pk, seat="officer", proposal=deny)
    return Case.objects.get(pk=case.pk)


def appeal(case: Case) -> Appeal:
    return against(letters_of(case)[-1])


def against(letter: Letter, **more: str) -> Appeal:
    return appealing.file_appeal(actor=person("noa.feld"), letter_id=letter.pk, statement=STATEMENT, **more)


def decide(filed: Appeal, action: str = "set_aside", login: str = "paul.renner") -> Appeal:
    return appealing.decide_appeal(
        actor=person(login), appeal_id=filed.pk, seat="officer", action=action, reason="The operator did leave the group."
    )  # fmt: skip


def test_an_appeal_is_filed_once_by_the_applicant_against_a_denial(denied: Case) -> None:
    assert denied.outcome == "denied"
    with pytest.raises(NotPermitted):
        appealing.file_appeal(actor=person("tomas.reyes"), letter_id=letters_of(denied)[-1].pk, statement=STATEMENT)
    appeal(denied)
    with pytest.raises(NotNow) as refused:
        appeal(denied)
    assert refused.value.code == "appealed_already"
    assert Notice.objects.filter(name="cases/appeal_filed").values_list("to_email", flat=True).get().startswith("paul")


def test_the_days_count_from_the_date_on_the_letter_and_the_last_one_is_whole(denied: Case) -> None:
    letter = letters_of(denied)[-1]
    midnight = timezone.localtime(letter.written_at).replace(hour=0, minute=0, second=0, microsecond=0)
    last = midnight + timedelta(days=46) - timedelta(seconds=1)
    told = {"actor": person("noa.feld"), "letter_id": letter.pk, "statement": STATEMENT}
    with pytest.raises(NotNow) as refused:
        appealing.file_appeal(**told, at=last + timedelta(seconds=2))
    assert (refused.value.code, "15 CFR 756.2(c)" in refused.value.sentence) == ("too_late", True)
    assert appealing.file_appeal(**told, at=last).filed_by == person("noa.feld")


def test_nobody_who_had_a_part_in_the_case_decides_the_appeal(denied: Case) -> None:
    filed = appeal(denied)
    took_part = ("omar.haddad", "grace.whitfield", "ruth.calloway", "dana.whitlock", "samir.patel", "sven.adler")
    for login in took_part:
        who = person(login)
        _into_the_pool(login)
        with pytest.raises(NotPermitted) as refused:
            appealing.decide_appeal(
                actor=who, appeal_id=filed.pk, seat="officer", action="uphold", reason="As it was........."
            )
        assert refused.value.code == "separation_of_duties"
        with pytest.raises(NotPermitted):
            appealing.grant_stay(actor=who, appeal_id=filed.pk, reason="The harm is great.")
    assert Appeal.objects.get(pk=filed.pk).decided_at is None


def _into_the_pool(login: str) -> None:
    """Even where somebody has been moved to the office that decides appeals since."""
    office = Organization.objects.get(key="commerce").pk
    who = person(login).pk
    grant_membership(actor=SYSTEM, person_id=who, organization_id=office, role=Role.REVIEWER, unit="under_secretary")


def test_a_stay_is_granted_apart_and_ends_with_the_appeal(denied: Case) -> None:
    filed = appeal(denied)
    assert not filed.stays.exists()
    paul = person("paul.renner")
    stay = appealing.grant_stay(actor=paul, appeal_id=filed.pk, reason="The hospital depends on it.")
    with pytest.raises(NotNow):
        appealing.grant_stay(actor=paul, appeal_id=filed.pk, reason="The hospital depends on it.")
    appealing.decide_appeal(
        actor=paul, appeal_id=filed.pk, seat="officer", action="uphold", reason="The extract is of another company."
    )
    stay.refresh_from_db()
    denied.refresh_from_db()
    assert (stay.lifted_by, denied.outcome) == (paul, "denied")
    letter = letters_of(denied)[-1]
    assert (letter.kind, "the decision is upheld" in text_of(letter)) == ("appeal", True)
    assert [str(breach) for breach in verification.verify()] == []


def test_a_denial_that_is_set_aside_opens_the_case_again_where_it_is_decided(denied: Case) -> None:
    decide(appeal(denied))
    denied.refresh_from_db()
    assert (denied.closed_at, denied.outcome, denied.workflow.stage) == (None, "", "decision")
    issue = deciding.Proposal(action="issue", reason="The ground for the denial is gone.", valid_months=12)
    deciding.decide_case(actor=person("omar.haddad"), case_id=denied.pk, seat="officer", proposal=issue)
    deciding.countersign(actor=person("grace.whitfield"), case_id=denied.pk, seat="countersign")
    work_off()
    assert License.objects.issued().filter(case=denied).count() == 1
    assert [str(breach) for breach in verification.verify()] == []


def test_the_pages_of_an_appeal(denied: Case) -> None:
    noa, paul = Client(), Client()
    noa.force_login(person("noa.feld"))
    paul.force_login(person("paul.renner"))
    form = reverse("applicant:appeal", args=[letters_of(denied)[-1].pk])
    case = reverse("applicant:case", args=[denied.control_number])
    assert form in noa.get(case).content.decode()
    assert form in noa.get(reverse("letter", args=[letters_of(denied)[-1].pk])).content.decode()
    inform_applicant(actor=person("omar.haddad"), case_id=denied.pk, reason="An appeal is possible.")
    assert (
        "cannot be appealed" in noa.get(reverse("applicant:appeal", args=[letters_of(denied)[-1].pk])).content.decode()
    )
    assert noa.post(form, {"statement": "short"}).status_code == 200
    assert noa.post(form, {"statement": STATEMENT}).status_code == 302
    filed = Appeal.objects.get()
    page = reverse("reviewer:appeal", args=[filed.workflow.reference])
    assert page in paul.get(reverse("reviewer:home")).content.decode()
    assert noa.get(page).status_code == 302
    assert STATEMENT in paul.get(page).content.decode()
    assert noa.post(form, {"stay": "The wards stand still without it."}).status_code == 302
    assert "The wards stand still" in paul.get(page).content.decode()
    assert paul.post(page, {"action": "refuse", "reason": "They use another model."}).status_code == 302
    assert "They use another model." in noa.get(form).content.decode()
    answer = paul.post(page, {"action": "uphold", "reason": "The extract is of another company."})
    assert answer.status_code == 302
    assert "Upheld" in noa.get(case).content.decode()


def test_a_suspension_and_a_voiding_are_told_by_letter() -> None:
    seed()
    case = Story().decided()
    work_off()
    license_ = License.objects.get(case=case)
    suspend_license(
        actor=person("omar.haddad"), license_id=license_.pk, reason="A diversion is being looked into.", ordered_by="The director"
    )  # fmt: skip
    propose_ending(
        actor=person("omar.haddad"), license_id=license_.pk, kind="void", reason="It was obtained on false facts.", basis="15 CFR 748.4(d)"
    )  # fmt: skip
    confirm_ending(actor=person("grace.whitfield"), license_id=license_.pk)
    suspension, void = letters_about("license", str(license_.pk))
    assert (suspension.kind, void.kind) == ("suspension", "void")
    assert license_.number in text_of(void)
    assert INTENT.reason not in text_of(void)
    client = Client()
    client.force_login(person("noa.feld"))
    assert client.get(reverse("letter", args=[void.pk])).status_code == 200
    client.force_login(person("tomas.reyes"))
    assert client.get(reverse("letter", args=[void.pk])).status_code == 404


def suspend(license_: License) -> None:
    suspend_license(
        actor=person("omar.haddad"), license_id=license_.pk, reason="A diversion is being looked into.", ordered_by="The director"
    )  # fmt: skip


def end(kind: str) -> Callable[[License], None]:
    def ended(license_: License) -> None:
        propose_ending(
            actor=person("omar.haddad"), license_id=license_.pk, kind=kind, reason="It was obtained on false facts.", basis="15 CFR 750.8"
        )  # fmt: skip
        confirm_ending(actor=person("grace.whitfield"), license_id=license_.pk)

    return ended


@pytest.mark.parametrize(
    ("kind", "done"), [("suspension", suspend), ("revocation", end("revoked")), ("void", end("void"))]
)
def test_what_was_done_to_a_license_is_appealed_and_set_aside(kind: str, done: Callable[[License], None]) -> None:
    seed()
    case = Story().decided()
    work_off()
    license_ = License.objects.get(case=case)
    for login in ("omar.haddad", "grace.whitfield"):
        _into_the_pool(login)
    done(license_)
    letter = letters_about("license", str(license_.pk)).get()
    assert (letter.kind, "15 CFR 756.2(c)" in text_of(letter)) == (kind, True)
    filed = against(letter, stay="The wards stand still without it.")
    assert not status(license_, timezone.now()).in_force
    for login in ("omar.haddad", *(["grace.whitfield"] if kind != "suspension" else [])):
        with pytest.raises(NotPermitted) as refused:
            decide(filed, login=login)
        assert refused.value.code == "separation_of_duties"
    appealing.grant_stay(actor=person("paul.renner"), appeal_id=filed.pk, reason="The hospital depends on it.")
    assert status(License.objects.get(pk=license_.pk), timezone.now()) == "stayed"
    appealing.lift_stay(actor=person("paul.renner"), appeal_id=filed.pk, reason="The hospital has another model now.")
    assert not status(License.objects.get(pk=license_.pk), timezone.now()).in_force
    appealing.grant_stay(actor=person("paul.renner"), appeal_id=filed.pk, reason="The other model has failed.")
    decide(filed)
    license_ = License.objects.get(pk=license_.pk)
    assert status(license_, timezone.now()) == "reinstated"
    answer = letters_about("license", str(license_.pk)).last()
    assert answer is not None
    assert (answer.kind, "the decision is set aside" in text_of(answer)) == ("appeal", True)
    assert not filed.stays.open().exists()


def test_what_an_order_suspends_is_not_appealed() -> None:
    seed()
    case = Story().decided()
    work_off()
    license_ = License.objects.get(case=case)
    suspend_license(actor=SYSTEM, license_id=license_.pk, reason="The order asks for it.", ordered_by="Order 1")
    letter = letters_about("license", str(license_.pk)).get()
    with pytest.raises(NotNow) as refused:
        against(letter)
    assert refused.value.code == "by_an_order"
    assert "appeal" not in text_of(letter).lower()


def test_a_hold_ends_and_a_returned_case_is_opened_again_when_they_are_set_aside() -> None:
    seed()
    case = Story().checked()
    reviewing.act_on_case(actor=person("omar.haddad"), case_id=case.pk, kind="hold", reason="multilateral_review")
    _into_the_pool("omar.haddad")
    hold = against(letters_of(case)[-1])
    with pytest.raises(NotPermitted):
        decide(hold, login="omar.haddad")
    decide(hold)
    case.refresh_from_db()
    assert not case.workflow.state.on_hold
    proposal = deciding.Proposal(
        action="return", reason="The statement of the end user is missing.", grounds=Grounds(return_reason="documents_missing")
    )  # fmt: skip
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=proposal)
    decide(against(letters_of(case)[-1]))
    case.refresh_from_db()
    assert (case.closed_at, case.workflow.stage) == (None, "intake")


def two_items() -> Case:
    """A case with two items, which the agencies have approved."""
    seed()
    story = Story()
    application = story.draft()
    drafting.add_item(
        actor=story.preparer, application_id=application.pk, model_version_id=Story(version_name="3.2").version().pk,
        technical_description="Weights for another ward", fine_tuning=False, sublicensing=False,
    )  # fmt: skip
    return story.reviewed(story.checked(story.file(application)))


def test_a_denied_item_is_opened_again_and_joins_the_next_revision_of_the_license() -> None:
    case = two_items()
    propose(case, items={2: ItemChoice("deny", "It is within reach of the group.", Grounds(**BASES))})  # type: ignore[arg-type]
    deciding.countersign(actor=person("ruth.calloway"), case_id=case.pk, seat="countersign")
    work_off()
    first = License.objects.get(case=case)
    letter = letters_of(case)[-1]
    assert (letter.kind, "How to appeal" in text_of(letter)) == ("items", True)
    decide(against(letter))
    assert status(first, timezone.now()).in_force
    propose(Case.objects.get(pk=case.pk))
    deciding.countersign(actor=person("ruth.calloway"), case_id=case.pk, seat="countersign")
    work_off()
    again = License.objects.get(replaces=first)
    assert (again.revision, [item.number for item in again.items.all()]) == ("B", [1, 2])
    assert status(License.objects.get(pk=first.pk), timezone.now()) == "replaced"
    assert [str(breach) for breach in verification.verify()] == []


def test_a_license_is_revoked_for_an_item_by_two_officers_and_gets_it_back_on_appeal() -> None:
    case = two_items()
    propose(case)
    deciding.countersign(actor=person("ruth.calloway"), case_id=case.pk, seat="countersign")
    work_off()
    first = License.objects.get(case=case)
    omar, grace = Client(), Client()
    omar.force_login(person("omar.haddad"))
    grace.force_login(person("grace.whitfield"))
    page = reverse("reviewer:license", args=[first.number])
    told = {"basis": "15 CFR 750.8(a)", "reason": "Its safety evaluation was withdrawn."}
    act = reverse("reviewer:license_act", args=[first.number, "part"])
    assert act in omar.get(page).content.decode()
    assert b"for all of them, revoke the license" in omar.post(act, {**told, "items": [1, 2]}).content
    assert omar.post(act, {**told, "items": [2]}).status_code == 302
    confirm = reverse("reviewer:license_act", args=[first.number, "confirm"])
    assert "Revocation for item 2, proposed by" in grace.get(confirm).content.decode()
    assert omar.post(confirm).status_code == 403
    assert grace.post(confirm).status_code == 302
    assert status(License.objects.get(pk=first.pk), timezone.now()) == "suspended", (
        "the right is gone before it is signed"
    )
    work_off()
    second = License.objects.get(replaces=first)
    assert ([row.number for row in second.items.all()], [row["number"] for row in second.data["items"]]) == ([1], [1])
    assert status(License.objects.get(pk=first.pk), timezone.now()) == "replaced"
    assert status(second, timezone.now()) == "valid"
    letter = letters_about("license", str(first.pk)).get()
    assert (letter.kind, "Item 2: Meridian Large 3.2" in text_of(letter)) == ("partial-revocation", True)
    filed = against(letter)
    with pytest.raises(NotNow, match="issued anew without the items"):
        appealing.grant_stay(actor=person("paul.renner"), appeal_id=filed.pk, reason="The hospital depends on it.")
    decide(filed)
    work_off()
    third = License.objects.get(replaces=second)
    assert [item.number for item in third.items.all()] == [1, 2]
    assert status(third, timezone.now()) == "valid"
    assert [str(breach) for breach in verification.verify()] == []
