"""Appeals: in time and once, decided by people who had no part in the case, without effect on the denial unless it is stayed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from licensing.accounts.commands import grant_membership
from licensing.accounts.models import Organization, Role
from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import NotNow, NotPermitted
from licensing.cases.commands import appealing, deciding
from licensing.cases.models import Appeal, Case
from licensing.licenses.commands.standing import confirm_ending, propose_ending, suspend_license
from licensing.licenses.models import License
from licensing.notices.models import Notice
from licensing.texts.queries import letters_about
from tests.examples.story import Story, person, seed, work_off
from tests.integration.cases.test_letters import INTENT, intend, letters_of, text_of
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
    return appealing.file_appeal(actor=person("noa.feld"), case_id=case.pk, statement=STATEMENT)


def test_an_appeal_is_filed_once_by_the_applicant_against_a_denial(denied: Case) -> None:
    assert denied.outcome == "denied"
    with pytest.raises(NotPermitted):
        appealing.file_appeal(actor=person("tomas.reyes"), case_id=denied.pk, statement=STATEMENT)
    appeal(denied)
    with pytest.raises(NotNow) as refused:
        appeal(denied)
    assert refused.value.code == "appealed_already"
    assert Notice.objects.filter(name="cases/appeal_filed").values_list("to_email", flat=True).get().startswith("paul")


def test_an_appeal_after_the_last_day_is_refused_with_that_day(denied: Case) -> None:
    Case.objects.filter(pk=denied.pk).update(closed_at=denied.closed_at - timedelta(days=46))
    with pytest.raises(NotNow) as refused:
        appeal(denied)
    assert (refused.value.code, "15 CFR 756.2(c)" in refused.value.sentence) == ("too_late", True)
    Case.objects.filter(pk=denied.pk).update(closed_at=denied.closed_at - timedelta(days=44))
    assert appeal(denied).filed_by == person("noa.feld")


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
    assert (letter.kind, "upheld" in text_of(letter)) == ("appeal", True)
    assert [str(breach) for breach in verification.verify()] == []


def test_a_denial_that_is_set_aside_opens_the_case_again_where_it_is_decided(denied: Case) -> None:
    filed = appeal(denied)
    appealing.decide_appeal(
        actor=person("paul.renner"), appeal_id=filed.pk, seat="officer", action="set_aside", reason="The operator did leave the group."
    )  # fmt: skip
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
    form = reverse("applicant:appeal", args=[denied.control_number])
    assert (
        "Appeal against the denial" in noa.get(reverse("applicant:case", args=[denied.control_number])).content.decode()
    )
    assert noa.post(form, {"statement": "short"}).status_code == 200
    assert noa.post(form, {"statement": STATEMENT}).status_code == 302
    filed = Appeal.objects.get()
    page = reverse("reviewer:appeal", args=[filed.workflow.reference])
    assert page in paul.get(reverse("reviewer:home")).content.decode()
    assert noa.get(page).status_code == 302
    assert STATEMENT in paul.get(page).content.decode()
    answer = paul.post(page, {"action": "uphold", "reason": "The extract is of another company."})
    assert answer.status_code == 302
    assert "Upheld" in noa.get(reverse("applicant:case", args=[denied.control_number])).content.decode()


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
