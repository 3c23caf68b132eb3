"""What is stuck, as administrators see and mend it: every act of theirs goes through a command."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Membership, Organization
from licensing.audit.models import Event as TrailEvent
from licensing.cases.commands import checking
from licensing.cases.models import Case
from tests.examples.story import Story, person, seed, work_off
from workflows import outbox
from workflows.models import Event, Incident, OutboxRow, OutboxState

pytestmark = pytest.mark.django_db
KIM, LOU = "henrik.dahl", "amara.okafor"
REASON = "The list is loaded again, and the checks can run."


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def unreachable(**_: object) -> None:
    raise ConnectionError("the list of restricted parties is out of reach")


def until_dead() -> None:
    """Work on what is owed as often as it is tried, without the waits between."""
    for _ in range(outbox.MOST_ATTEMPTS):
        OutboxRow.objects.filter(state=OutboxState.DUE).update(due_at=timezone.now())
        work_off()


@pytest.fixture
def failed() -> Case:
    """A case whose checks have failed for good."""
    seed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "screen", unreachable)
        case = Story().file()
        until_dead()
    return Case.objects.get(pk=case.pk)


def page_of(case: Case) -> str:
    return reverse("administrator:case", args=[case.control_number])


def send(login: str, case: Case, key: str, **data: str) -> str:
    """Fill in the form of a rescue and send it; what the next page says, or the form with its errors."""
    given = {"command_id": str(uuid.uuid4()), "reason": REASON, **data}
    path = reverse("administrator:rescue", args=[case.control_number, key])
    return client_of(login).post(path, given, follow=True).content.decode()


def offered(login: str, case: Case) -> set[str]:
    text = text_of(client_of(login), page_of(case))
    return {
        key for key in ("retry", "reassign", "skip", "agree", "force", "cancel") if f"{page_of(case)}{key}/" in text
    }


def test_a_failed_stage_is_seen_and_tried_again(failed: Case) -> None:
    kim = client_of(KIM)
    text = text_of(kim, reverse("administrator:incidents"))
    assert "Incidents (1)" in text
    assert failed.control_number in text
    assert f'value">{outbox.MOST_ATTEMPTS}</dd>' in text
    assert "the list of restricted parties is out of reach" in text
    assert offered(KIM, failed) == {"retry", "force", "cancel"}
    assert "settled, and the case tries again" in send(KIM, failed, "retry")
    work_off()
    failed.refresh_from_db()
    assert failed.workflow.stage == "intake"
    text = text_of(kim, reverse("administrator:incidents"))
    assert "No case is stuck." in text
    assert "Settled lately" in text
    assert f"incident resolved: {REASON}" in text_of(kim, page_of(failed))


def test_an_act_sent_twice_happens_once(failed: Case) -> None:
    same = str(uuid.uuid4())
    for _ in range(2):
        assert "the case tries again" in send(KIM, failed, "retry", command_id=same)
    assert Event.objects.filter(instance=failed.workflow, kind="retried").count() == 1
    told = TrailEvent.objects.filter(subject_id=str(failed.pk), actor_label=person(KIM).name)
    assert told.count() == 1


def test_a_rescue_needs_a_reason(failed: Case) -> None:
    assert "There is a problem" in send(KIM, failed, "retry", reason="mended")
    assert Incident.objects.filter(resolved_at__isnull=True).count() == 1


@pytest.mark.parametrize("login", ["omar.haddad", "noa.feld"])
def test_these_pages_are_for_administrators(failed: Case, login: str) -> None:
    other = client_of(login)
    act = reverse("administrator:rescue", args=[failed.control_number, "retry"])
    answers = [
        other.get(reverse("administrator:incidents")),
        other.get(page_of(failed)),
        other.get(act),
        other.post(act, {"command_id": str(uuid.uuid4()), "reason": REASON}),
        other.post(reverse("administrator:again", args=[uuid.uuid4()])),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert Incident.objects.filter(resolved_at__isnull=True).count() == 1


def test_a_case_is_moved_by_two_people(failed: Case) -> None:
    assert "Another administrator has to agree." in send(KIM, failed, "force", stage="intake")
    failed.refresh_from_db()
    assert failed.workflow.stage == "checks"
    assert "agree" not in offered(KIM, failed)
    assert "somebody else has to confirm it" in send(KIM, failed, "agree", stage="intake")
    assert "agree" in offered(LOU, failed)
    text = text_of(client_of(LOU), reverse("administrator:rescue", args=[failed.control_number, "agree"]))
    assert f"{person(KIM).name} proposes to move the case to <strong>Intake</strong>" in text
    assert "The case is moved." in send(LOU, failed, "agree", stage="intake")
    failed.refresh_from_db()
    assert failed.workflow.stage == "intake"
    assert not Incident.objects.filter(resolved_at__isnull=True).exists()


def test_nobody_moves_a_case_past_its_license(failed: Case) -> None:
    assert "move it to the issuance instead" in send(KIM, failed, "force", stage="issued")
    assert not Event.objects.filter(instance=failed.workflow, kind="force_proposed").exists()


def test_a_seat_goes_to_somebody_else_of_its_unit() -> None:
    seed()
    case = Story().checked()
    form = text_of(client_of(KIM), reverse("administrator:rescue", args=[case.control_number, "reassign"]))
    omar = person("omar.haddad")
    assert f'<option value="officer:{omar.pk}">{omar.name}</option>' in form
    assert "another holder" in send(KIM, case, "reassign", seat_and_person=f"officer:{omar.pk}")
    assert case.workflow.seats.get(stage="intake", key="officer").holder == omar.actor_id
    assert omar.name in text_of(client_of(KIM), page_of(case))
    dana = person("dana.whitlock")
    assert "not a member of commerce.licensing" in send(KIM, case, "reassign", seat_and_person=f"officer:{dana.pk}")


def test_an_empty_pool_is_seen() -> None:
    seed()
    Membership.objects.filter(unit__pool="commerce.licensing").update(
        ends_on=timezone.localdate().replace(year=2020), starts_on=timezone.localdate().replace(year=2019)
    )
    case = Story().file()
    work_off()
    text = text_of(client_of(KIM), reverse("administrator:incidents"))
    assert "Nobody can take a seat" in text
    assert "Nobody is in commerce.licensing" in text
    assert case.control_number in text


def test_a_case_that_is_closed_can_be_opened_again(failed: Case) -> None:
    assert "The case is cancelled." in send(KIM, failed, "cancel")
    failed.refresh_from_db()
    assert (failed.outcome, failed.closed_at is None) == ("cancelled", False)
    assert "The case is open again." in send(KIM, failed, "reopen", stage="intake")
    failed.refresh_from_db()
    assert (failed.outcome, failed.closed_at, failed.workflow.stage) == ("", None, "intake")


def test_other_work_is_tried_again_once() -> None:
    seed()
    row = OutboxRow.objects.create(
        effect="render_application", key="application:1", payload={"case_id": str(uuid.uuid4())}, queue="documents",
        state=OutboxState.DEAD, attempts=8, error="OSError: no space left", due_at=timezone.now(), created_at=timezone.now(),
        finished_at=timezone.now(),
    )  # fmt: skip
    Incident.objects.create(row=row, what="effect_failed", why="no space left", opened_at=timezone.now())
    kim = client_of(KIM)
    text = text_of(kim, reverse("administrator:incidents"))
    assert "The document of an application was not made" in text
    path = reverse("administrator:again", args=[row.pk])
    assert path in text
    assert [kim.post(path).status_code for _ in range(2)] == [302, 409]
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutboxState.DUE, 0)
    office = Organization.objects.get(authority__isnull=False)
    assert TrailEvent.objects.filter(subject_id=str(office.pk), event="case:work:owed_again").count() == 1


def test_the_stage_of_a_case_is_not_tried_again_behind_its_back(failed: Case) -> None:
    row = OutboxRow.objects.get(effect="run_checks", state=OutboxState.DEAD)
    assert client_of(KIM).post(reverse("administrator:again", args=[row.pk])).status_code == 409
