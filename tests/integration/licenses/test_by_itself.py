"""A license begins and ends by itself, to the minute: every reader says so, also when nothing was swept for hours."""

import html
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow
from licensing.cases.practice import practice
from licensing.documents.queries import content_of
from licensing.licenses import register
from licensing.licenses.commands import standing
from licensing.licenses.commands.using import record_use
from licensing.licenses.credential import credential
from licensing.licenses.document import license_context, validity_data
from licensing.licenses.drawing import Use
from licensing.licenses.models import License
from licensing.licenses.proof import prove
from licensing.licenses.queries import status
from licensing.licenses.releases.bundles import bundle
from licensing.notices.models import Notice
from licensing.portal.statuses import STATUSES
from tests.examples.story import Story, person, work_off
from tests.integration.licenses.test_release import Machine
from workflows.models import OutboxRow
from workflows.tasks import sweep

BEGINS = timezone.now().replace(microsecond=0) + timedelta(days=30)
DECIDED = {"valid_from": BEGINS}
HOURS = timedelta(hours=7)
SECOND_WARD = "Letters to patients of a second ward, written for and checked by its own physicians."


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def signed_in(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def readers(license_: License) -> dict[str, bool]:
    """Whether each interface that gives no word for the status takes the license for one in force."""
    now, noa = timezone.now(), person("noa.feld")
    found = License.objects.get(pk=license_.pk)

    def allowed(act: object) -> bool:
        try:
            act()  # type: ignore[operator]
        except NotNow:
            return False
        return True

    use = Use(kind="transfer", occurred_at=now)
    bundled = json.dumps(bundle(noa, found.licensee, now))
    return {
        "database": License.objects.valid_at(now).filter(pk=license_.pk).exists(),
        "release check": Machine().ask()["allowed"],
        "use": allowed(lambda: record_use(actor=noa, license_id=license_.pk, client_reference=f"T-{now}", use=use)),
        "credential": allowed(lambda: credential(found, now)),
        "bundle": len(bundled) > 1000,
        "proof": prove(content_of(found.document), now).holds if found.document else False,
    }


def words(license_: License) -> set[str]:
    """What each interface that names the status says of it."""
    number, api = license_.number, Machine().client
    said = {
        str(status(License.objects.get(pk=license_.pk), timezone.now())),
        Client().get(f"/api/v1/verification/{number}/").json()["status"],
        api.get(f"/api/v1/licenses/{number}/").json()["status"],
        api.get("/api/v1/licenses/").json()["results"][0]["status"],
    }
    [word] = said
    shown = STATUSES[word].words
    for login, path in (
        ("noa.feld", f"/applicant/licenses/{number}/"), ("noa.feld", "/applicant/licenses/"),
        ("omar.haddad", f"/review/licenses/{number}/"), ("omar.haddad", "/review/licenses/"),
    ):  # fmt: skip
        assert f">{shown}<" in " ".join(page(signed_in(login), path).split()).replace("> ", ">").replace(" <", "<"), (
            path
        )
    assert shown in page(Client(), f"/verify/{number}/")
    return said


def test_it_begins_by_itself_and_is_told_later_if_it_must_be(license_: License) -> None:
    assert (license_.valid_from, license_.data["valid_from"]) == (BEGINS, BEGINS.isoformat())
    assert license_.valid_until.date() >= BEGINS.date().replace(year=BEGINS.year + 2)
    assert words(license_) == {"not_begun"}
    assert set(readers(license_).values()) == {False}
    told = Machine().ask()
    assert any("holds from" in sentence for sentence in told["missing"])
    assert Notice.objects.filter(name="licenses/issued", text__contains=f"{BEGINS:%B} {BEGINS.day}").exists()

    License.objects.filter(pk=license_.pk).update(
        valid_from=timezone.now() - HOURS
    )  # hours later, and nobody has swept
    assert words(license_) == {"valid"}
    assert {"database", "use", "proof"} <= {name for name, holds in readers(license_).items() if holds}
    OutboxRow.objects.filter(key=f"begin:{license_.pk}").update(due_at=timezone.now() - HOURS)
    for _ in range(2):
        sweep()
        work_off()
        standing.note_turn(f"begin:{license_.pk}")
    assert [line.event for line in trail(license_)].count("license:begun") == 1
    assert Notice.objects.filter(subject__endswith="has begun").count() == 2


def test_it_ends_by_itself_before_anybody_has_swept(license_: License) -> None:
    end = timezone.now() - HOURS
    License.objects.filter(pk=license_.pk).update(valid_from=end - timedelta(days=9), valid_until=end)
    assert words(license_) == {"expired"}
    assert set(readers(license_).values()) == {False}
    assert not [line for line in trail(license_) if line.event == "license:expired"]
    OutboxRow.objects.filter(key=f"license:{license_.pk}").update(due_at=end)
    sweep()
    work_off()
    assert [line.event for line in trail(license_)].count("license:expired") == 1


def test_why_an_end_was_moved_is_said_wherever_the_end_is(license_: License) -> None:
    law = practice("us-interagency", timezone.now()).validity
    end = law.moved(datetime(2028, 11, 23, 14, tzinfo=UTC))
    data = {**license_.data, "validity": validity_data(law, end, "24 months")}
    License.objects.filter(pk=license_.pk).update(valid_until=end.at, data=data)
    why = "The end was moved from November 23, 2028, Thanksgiving Day, to midnight after the next working day (15 CFR 750.7(g))."
    license_ = License.objects.get(pk=license_.pk)
    assert license_context(license_).end_sentence == why
    number = license_.number
    for login, path in (("noa.feld", f"/applicant/licenses/{number}/"), ("omar.haddad", f"/review/licenses/{number}/")):
        assert why in html.unescape(page(signed_in(login), path))
    assert why in html.unescape(page(Client(), f"/verify/{number}/"))
    now = timezone.now()
    assert register.row(license_, register.rules(now), now)["end_moved_from"] == "2028-11-23"


def test_the_practice_in_force_says_for_how_long(license_: License) -> None:
    """An emergency license: begun at once, ended by law; what the practice does not allow is refused field by field."""
    story, now = Story(version_name="4.0"), timezone.now()
    case = story.reviewed(story.checked(story.file(story.draft(all_or_nothing=False, end_use_statement=SECOND_WARD))))
    for said, field in (
        ({"valid_months": 121}, "valid_months"),
        ({"valid_months": None}, "valid_months"),
        ({"valid_from": now - timedelta(minutes=1)}, "valid_from"),
        ({"valid_from": now + timedelta(days=400)}, "valid_from"),
        ({"emergency": True}, "emergency"),
    ):
        with pytest.raises(Invalid) as refused:
            story.decided(case, **said)  # type: ignore[arg-type]
        assert [problem.field for problem in refused.value.problems] == [field]
    story.decided(case, emergency=True, valid_months=None)
    work_off()
    urgent = License.objects.get(case=case)
    law = practice("us-interagency", now).validity
    assert (urgent.valid_until, urgent.data["validity"]["lasts"]) == (
        law.after_emergency(urgent.issued_at).at,
        "emergency",
    )
    assert urgent.snapshot["practice"] == "us-interagency, version 1"
    assert status(urgent, timezone.now()) == "valid"
