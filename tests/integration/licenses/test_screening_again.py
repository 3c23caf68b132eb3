"""Lists change after a case was screened: what is screened again, when, and who hears of it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.queries import members
from licensing.audit.actors import SYSTEM
from licensing.audit.queries import trail
from licensing.audit.refusals import NotNow, NotPermitted
from licensing.cases import gates
from licensing.cases.models import Case
from licensing.licenses.commands.watching import ask_for_screening
from licensing.licenses.models import License
from licensing.licenses.queries import due_for_screening, unscreened
from licensing.licenses.tasks import rescreen
from licensing.notices.models import Notice
from licensing.screening import queries, seeding
from licensing.screening.commands import import_list
from licensing.screening.models import ScreeningRun
from tests.examples.story import Story, person, seed, work_off
from workflows.models import Incident

pytestmark = pytest.mark.django_db
NEW = ',company,"{name}",,,NO,,,,,,,\n'


@pytest.fixture
def story() -> Story:
    seed()
    return Story()


def list_changes(name: str = "Nobody Near At All AS") -> None:
    line = f"E-NEW-1{NEW.format(name=name)}"
    import_list(
        actor=SYSTEM, key="synthetic", name="Synthetic", source="test", published_on=date(2026, 11, 25),
        content=seeding.PATH.read_bytes().rstrip(b"\n") + b"\n" + line.encode(),
    )  # fmt: skip


def end_user(case: Case) -> str:
    return str(case.as_filed["parties"][0]["name"])


def test_a_case_is_screened_again_when_a_list_changes_and_decisions_hold(story: Story) -> None:
    case = story.checked()
    assert not due_for_screening(timezone.now()).exists()
    list_changes()
    assert [row.pk for row in due_for_screening(timezone.now())] == [case.pk]
    assert rescreen() == 1
    assert queries.open_hits("case", str(case.pk)) == []
    assert queries.hits("case", str(case.pk)).filter(status="false_match").exists()
    assert (rescreen(), ScreeningRun.objects.count()) == (0, 2)


def test_issuance_screens_afresh_and_a_new_hit_sends_the_case_back(story: Story) -> None:
    case = story.decided()
    list_changes(end_user(case))
    work_off()
    case.refresh_from_db()
    assert not License.objects.exists()
    assert case.workflow.stage == "decision"
    assert queries.open_hits("case", str(case.pk)) != []


def test_a_license_in_force_is_flagged_and_those_who_decided_are_told(story: Story) -> None:
    case = story.decided()
    work_off()
    license_ = License.objects.get()
    list_changes(end_user(case))
    assert rescreen() == 1
    assert "came near a listed name" in trail(license_)[-1].sentence
    told = Notice.objects.filter(name="licenses/flagged")
    assert told.count() == 2
    assert end_user(case) in told[0].text
    list_changes(end_user(case))
    assert (rescreen(), told.count()) == (0, 2)


def test_a_flag_that_was_lost_half_way_is_made_up_for(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    case = story.decided()
    work_off()
    list_changes(end_user(case))
    with monkeypatch.context() as patch:
        patch.setattr("licensing.licenses.notices.tell", _out_of_reach)
        assert rescreen() == 0
    assert not Notice.objects.filter(name="licenses/flagged").exists()
    assert (rescreen(), Notice.objects.filter(name="licenses/flagged").count()) == (1, 2)


def _out_of_reach(*_: object, **__: object) -> None:
    raise ConnectionError("out of reach")


def test_a_license_in_force_is_screened_daily(story: Story) -> None:
    story.decided()
    work_off()
    today = timezone.now()
    assert not due_for_screening(today).exists()
    assert due_for_screening(today + timedelta(days=1, minutes=1)).count() == 1
    assert not due_for_screening(today + timedelta(days=5000)).exists()


def renamed(case: Case, name: str) -> None:
    Case.objects.filter(pk=case.pk).update(
        as_filed={**case.as_filed, "applicant": {**case.as_filed["applicant"], "name": name}}
    )


def test_a_screening_that_fails_stays_due_holds_the_gate_and_is_told_to_the_officers_once(story: Story) -> None:
    case = story.checked()
    list_changes()
    renamed(case, ".")
    assert (rescreen(), rescreen()) == (0, 0)
    newest = queries.latest_run("case", str(case.pk))
    assert newest is not None
    assert newest.state == "failed"
    assert gates.look(case.pk, timezone.now())["screening"].reason == "The screening of the parties has failed."
    assert due_for_screening(timezone.now()).exists()
    incident = Incident.objects.get(instance=case.workflow_id)
    assert (incident.what, "'.' is no name" in incident.why) == ("not_screened", True)
    told = Notice.objects.filter(name="cases/not_screened")
    officers = members(case.workflow.seats.get(key="officer", status="open").pool, timezone.now())
    assert sorted(notice.to_person_id for notice in told) == sorted(officers) != []


def test_an_officer_sees_what_failed_and_has_it_screened_again(story: Story, client: Client) -> None:
    case = story.checked()
    list_changes()
    renamed(case, ".")
    rescreen()
    client.force_login(person("omar.haddad"))
    for path in (reverse("reviewer:screening"), reverse("reviewer:case", args=[case.control_number])):
        page = client.get(path).content.decode()
        assert (
            "No party is cleared by it" in page,
            "Applicant: &#x27;.&#x27; is no name that can be screened" in page,
        ) == (True, True)
        assert "No party matches a listed name" not in page
    again = reverse("reviewer:screen_again", args=[case.control_number])
    client.post(again)
    work_off()
    assert unscreened(Case.objects.all(), timezone.now()) != []
    assert Incident.objects.filter(resolved_at__isnull=True).count() == 1
    renamed(case, "Meridian Models Inc.")
    assert client.post(again, follow=True).redirect_chain[-1][0].endswith(f"/{case.control_number}/")
    work_off()
    assert unscreened(Case.objects.all(), timezone.now()) == []
    assert not Incident.objects.filter(resolved_at__isnull=True).exists()


def test_only_officers_ask_and_only_where_parties_are_screened(story: Story) -> None:
    case = story.file()
    with pytest.raises(NotPermitted):
        ask_for_screening(actor=person("dana.whitlock"), case_id=case.pk, at=timezone.now())
    with pytest.raises(NotNow, match="checks have not run"):
        ask_for_screening(actor=person("omar.haddad"), case_id=case.pk, at=timezone.now())


def test_who_decided_is_told_that_a_license_in_force_cannot_be_screened(story: Story) -> None:
    case = story.decided()
    work_off()
    renamed(case, ".")
    ScreeningRun.objects.create(
        subject_kind="case", subject_id=str(case.pk), at=timezone.now() - timedelta(hours=1), engine_version="none"
    )
    assert len(unscreened(Case.objects.all(), timezone.now())) == 1  # a run that broke off clears nobody either
    list_changes()
    assert rescreen() == 0
    assert Notice.objects.filter(name="cases/not_screened").count() == 2


def test_what_is_due_is_one_query_the_lists_and_the_policy(story: Story) -> None:
    story.checked()
    with CaptureQueriesContext(connection) as found:
        list(due_for_screening(timezone.now()))
    assert len(found) == 3
