"""What a draft would change, and what follows when it is published: cases and licenses, determined again, flagged, told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases import gates
from licensing.cases.commands.drafting import add_item
from licensing.cases.models import Case
from licensing.licenses.models import License
from licensing.notices.models import Notice
from licensing.oversight.commands import running
from licensing.oversight.commands.asking import ask_impact
from licensing.oversight.models import Affected, ImpactRun
from licensing.policy.models import DeterminationRecord
from licensing.publishing.commands import edit_draft, open_draft, propose, publish
from licensing.publishing.models import Publication
from tests.examples.story import Story, person, seed, work_off
from workflows.models import OutboxRow

pytestmark = pytest.mark.django_db
RUN_QUERIES = 14


@pytest.fixture
def case() -> Case:
    """A pending application to Norway: a license is required, with a case by case."""
    seed()
    return Story().checked()


@pytest.fixture
def kim() -> Person:
    return person("amara.okafor")


def drafted(kim: Person, kind: str = "country_list", key: str = "AUTHORITY_WATCH", **content: Any) -> Publication:
    """A draft that has Norway watched."""
    draft = open_draft(actor=kim, kind=kind, key=key, note="Norway is watched")
    content = content or {"members": [{"code": "NO", "note": ""}]}
    return edit_draft(actor=kim, publication_id=draft.pk, content={**draft.content, **content})


def published(draft: Publication, **when: Any) -> Publication:
    propose(actor=person("amara.okafor"), publication_id=draft.pk)
    return publish(actor=person("henrik.dahl"), publication_id=draft.pk, **when)


def asked(draft: Publication, kim: Person) -> ImpactRun:
    run = ask_impact(actor=kim, publication_id=draft.pk)
    work_off()
    return ImpactRun.objects.get(pk=run.pk)


def test_a_preview_says_from_to_and_why_and_touches_nothing(case: Case, kim: Person) -> None:
    before = DeterminationRecord.objects.count(), Notice.objects.count(), len(trail(case))
    run = asked(drafted(kim), kim)
    assert (run.done, run.total, run.problem, run.finished_at is not None) == (1, 1, "", True)
    row = run.affected.get()
    assert (row.case_id, row.license, row.effect) == (case.pk, None, "")
    assert (row.before["review_policy"], row.after["review_policy"]) == (
        "case_by_case",
        "presumption_of_denial",
    )
    assert any("NO on AUTHORITY_WATCH, version 1 to 2" in reason for reason in row.reasons)
    assert (DeterminationRecord.objects.count(), Notice.objects.count(), len(trail(case))) == before


def test_what_changes_nothing_yet_touches_nobody_yet(case: Case, kim: Person) -> None:
    day = timezone.now() + timedelta(days=10)
    later = {"code": "NO", "note": "", "from": day.date().isoformat()}
    draft = drafted(kim, members=[{"code": "IE", "note": ""}, later])
    run = asked(draft, kim)
    assert (run.done, run.affected.count()) == (1, 0)
    on_the_day = ask_impact(actor=kim, publication_id=draft.pk, at=day)
    work_off()
    assert on_the_day.affected.count() == 1
    assert not ImpactRun.objects.filter(pk=run.pk).exists(), "a newer preview takes the place of an older one"


def test_a_draft_of_the_control_list_and_of_the_policy(case: Case, kim: Person) -> None:
    standing = Publication.objects.get(kind="control_list", key="us", state="published").content
    higher = [{"operations": "9e30", "from": "2025-01-13", "citation": "Test 2"}]
    entries = [{**row, "thresholds": higher} if row["item"] == "model" else row for row in standing["entries"]]
    run = asked(drafted(kim, "control_list", "us", entries=entries), kim)
    assert run.affected.get().requirement_after != "required"
    policy = Publication.objects.get(kind="policy", key="us", state="published").content
    ban = {
        "id": "ban", "when": '"NO" in destinations', "then": {"requirement": "prohibited"}, "citation": "Test 1",
        "legal_status": "in_force", "enforcement_status": "enforced",
    }  # fmt: skip
    tables = {**policy["tables"], "requirement": [ban, *policy["tables"]["requirement"]]}
    row = asked(drafted(kim, "policy", "us", tables=tables), kim).affected.get()
    assert (row.requirement_before, row.requirement_after) == ("required", "prohibited")
    assert "ban (Test 1) applies" in row.reasons


def test_who_may_ask_and_for_what(case: Case, kim: Person) -> None:
    draft = drafted(kim)
    with pytest.raises(NotPermitted):
        ask_impact(actor=person("omar.haddad"), publication_id=draft.pk)
    with pytest.raises(Invalid, match="future"):
        ask_impact(actor=kim, publication_id=draft.pk, at=timezone.now() - timedelta(minutes=1))
    run = ask_impact(actor=kim, publication_id=draft.pk)
    edit_draft(actor=kim, publication_id=draft.pk, content={**draft.content, "members": []})
    work_off()
    assert "changed since" in ImpactRun.objects.get(pk=run.pk).problem
    published(draft)
    with pytest.raises(NotNow):
        ask_impact(actor=kim, publication_id=draft.pk)


def test_a_published_version_determines_again_flags_and_tells(case: Case, kim: Person) -> None:
    version = published(drafted(kim))
    now = timezone.now()
    shut = gates.closed(case.pk, now)["determination"]
    assert "The rules have changed" in shut.reason
    work_off()
    case.refresh_from_db()
    assert case.determination is not None
    assert case.determination.review_policy == "presumption_of_denial"
    assert "determination" not in gates.closed(case.pk, timezone.now())
    row = Affected.objects.get(run__publication=version)
    assert "A000001 was determined again after country list AUTHORITY_WATCH, version 2" in trail(case)[-1].sentence
    told = {notice.to_email: notice.text for notice in Notice.objects.filter(name__startswith="oversight/")}
    assert "presumption" not in told["noa.feld@entente.example"]
    assert "NO on AUTHORITY_WATCH" in told["omar.haddad@entente.example"]
    assert row.run.done == 1
    assert verify() == []


def test_it_happens_once_however_often_it_is_worked(case: Case, kim: Person) -> None:
    published(drafted(kim))
    work_off()
    counts = Affected.objects.count(), DeterminationRecord.objects.count(), Notice.objects.count()
    run = ImpactRun.objects.get()
    ImpactRun.objects.update(finished_at=None, cursor="", done=0)
    running.assess(f"{run.pk}:0", {})
    assert (Affected.objects.count(), DeterminationRecord.objects.count(), Notice.objects.count()) == counts


def test_a_later_version_acts_at_its_instant_and_another_takes_it_back(case: Case, kim: Person) -> None:
    version = published(drafted(kim), effective_at=timezone.now() + timedelta(hours=1))
    work_off()
    assert Affected.objects.count() == 0
    assert OutboxRow.objects.get(effect="assess_impact").due_at == version.effective_at


def test_a_live_license_is_determined_again_and_those_who_decided_are_told(case: Case, kim: Person) -> None:
    Story().decided(Story().reviewed(case))
    work_off()
    license_ = License.objects.get()
    published(drafted(kim))
    work_off()
    row = Affected.objects.get()
    assert (row.license, row.effect, row.before["review_policy"]) == (license_, "", "case_by_case")
    assert "was determined again after" in trail(license_)[-1].sentence
    assert Notice.objects.filter(name="oversight/license_affected").count() == 2
    assert Notice.objects.filter(name="oversight/license_changed", to_email="noa.feld@entente.example").exists()


def test_conditions_lapse_when_what_they_are_about_needs_no_license_any_more() -> None:
    """Those of one item alone while the rest stays controlled; all when nothing is."""
    seed()
    story, kim = Story(), person("amara.okafor")
    draft = story.draft()
    second = Story(version_name="9.0").version(operations="9e27")
    add_item(
        actor=story.preparer, application_id=draft.pk, model_version_id=second.pk, fine_tuning=False, sublicensing=False,
        technical_description="Weights for inference",
    )  # fmt: skip
    limited = [{"key": "condition:access-logging", "parameters": {"years": "5"}, "items": [1]}]
    story.decided(story.reviewed(story.checked(story.file(draft))), conditions=limited)
    work_off()
    license_ = License.objects.get()
    lapsed = license_.texts.filter(lapsed_at__isnull=False)
    published(drafted(kim))  # stricter, and nothing lapses
    work_off()
    assert not lapsed.exists()

    _raise_threshold(kim, "5e26")
    assert [(text.kind, text.items, text.lapsed_by) for text in lapsed] == [("condition", [1], None)]
    _raise_threshold(kim, "9e30")
    standing = license_.texts.filter(lapsed_at__isnull=True)
    assert (lapsed.all().count(), standing.filter(kind="condition").exists()) == (2, False)
    assert [line.event for line in trail(license_)].count("license:condition:lapsed") == 2
    told = Notice.objects.filter(subject__endswith="has a condition that binds no more")
    assert told.filter(to_email="noa.feld@entente.example").count() == 2


def _raise_threshold(kim: Person, operations: str) -> None:
    content = Publication.objects.filter(kind="control_list", key="us", state="published").latest("version").content
    raised = [{"operations": operations, "from": "2025-01-13", "citation": "Test 2"}]
    entries = [{**row, "thresholds": raised} if row["item"] == "model" else row for row in content["entries"]]
    published(drafted(kim, "control_list", "us", entries=entries))
    work_off()


def test_the_result_is_a_page_with_filters_and_a_file(case: Case, kim: Person) -> None:
    Story().decided(Story().reviewed(case))
    Story(version_name="4.0").checked()
    run = asked(drafted(kim), kim)
    client = Client()
    client.force_login(kim, "allauth.account.auth_backends.AuthenticationBackend")
    page, file = (reverse(f"administrator:{name}", args=[run.pk]) for name in ("impact_run", "impact_csv"))
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        text = client.get(page).content.decode()
    assert len(queries) <= RUN_QUERIES, "\n".join(query["sql"][:120] for query in queries)
    assert "Touched (2)" in text
    assert "A000002" in text
    narrowed = client.get(page, {"kind": "license"}).content.decode()
    assert ("Touched (1)" in narrowed, "A000002" in narrowed) == (True, False)
    lines = b"".join(client.get(file, {"kind": "case"}).streaming_content).decode().splitlines()  # type: ignore[arg-type]
    assert [line.split(",")[:4] for line in lines[1:]] == [["application", "A000002", '"Meridian Models', ' Inc."']]
    other = Client()
    other.force_login(person("henrik.dahl"), "allauth.account.auth_backends.AuthenticationBackend")
    assert other.get(page).status_code == 404, "a preview is for whoever asked"
