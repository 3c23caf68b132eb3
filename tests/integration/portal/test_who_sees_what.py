"""Every address by every kind of person, and what an applicant must never read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.audit.models import Refusal
from licensing.cases.commands import deciding, reviewing
from licensing.cases.models import Application, Case, Question
from licensing.desk.commands import open_draft
from licensing.licenses.commands.authorizing import Duty, record_duty, register
from licensing.licenses.models import DutyRecord, License
from licensing.oversight.commands.asking import ask_impact
from licensing.policy.models import Service
from licensing.publishing.models import Publication
from licensing.screening.commands import start_batch
from licensing.screening.models import Hit, ListSnapshot
from licensing.texts.queries import letters_about
from tests.examples.story import Story, person, seed, work_off
from workflows.models import Instance, Seat

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "tomas.reyes", "noa.feld", "ada.lindqvist", "omar.haddad", "dana.whitlock", "henrik.dahl")
QUEUE_QUERIES = 6


def client_of(login: str) -> Client:
    client = Client()
    if login != "nobody":
        client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def asked() -> Case:
    """A case in review, with a vote with a condition, a decided hit and an open question."""
    seed()
    case = Story().checked()
    refer = deciding.Proposal(action="refer", reason="Secret remark of the officer.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=refer)
    reviewing.recommend(
        actor=person("dana.whitlock"), case_id=case.pk, seat="defense", vote="approve_with_conditions", note="Secret remark of Defense.",
        conditions=[{"key": "condition:key-custody"}],
    )  # fmt: skip
    reviewing.ask_applicant(
        actor=person("sven.adler"), case_id=case.pk, seat="safety", question="Who can reach the weights?"
    )
    return Case.objects.get(pk=case.pk)


# Pages for administrators who are cleared, with what the last of PEOPLE is.
CLEARED = [
    f"administrator:{name}"
    for name in (
        "orders", "order", "open_order", "draft_order", "order_version", "edit_order", "relieve_order", "rescind_order", "authorized_list",
        "open_authorized_list", "draft_authorized_list",
    )
]  # fmt: skip
# What each of PEOPLE gets, in their order. 302 leads to the sign-in.
TABLE = {
    "start": (200, 302, 302, 302, 302, 302, 302),
    "applicant:home": (302, 200, 200, 200, 200, 200, 200),
    "applicant:case": (302, 404, 200, 200, 404, 404, 404),
    "applicant:question": (302, 404, 200, 200, 404, 404, 404),
    "applicant:withdraw": (302, 404, 200, 200, 404, 404, 404),
    "applicant:tasks": (302, 404, 200, 200, 404, 404, 404),
    "applicant:check": (302, 404, 200, 200, 404, 404, 404),
    "applicant:organization": (302, 200, 200, 200, 403, 403, 403),
    "applicant:new_own_stake": (302, 200, 200, 200, 403, 403, 403),
    "applicant:new_stake": (302, 404, 200, 200, 404, 404, 404),
    "applicant:licenses": (302, 200, 200, 200, 200, 200, 200),
    "applicant:license": (302, 404, 404, 404, 404, 404, 404),
    "reviewer:licenses": (302, 403, 403, 403, 200, 403, 403),
    "reviewer:license": (302, 403, 403, 403, 404, 403, 403),
    "reviewer:notices": (302, 403, 403, 403, 200, 403, 403),
    "reviewer:registrations": (302, 403, 403, 403, 200, 403, 403),
    "reviewer:notice": (302, 403, 403, 403, 200, 403, 403),
    "applicant:duty_record": (302, 404, 200, 200, 403, 403, 403),
    "acknowledge": (404, 404, 404, 404, 404, 404, 404),
    "applicant:authorizations": (302, 200, 200, 200, 403, 403, 403),
    "applicant:authorization": (302, 200, 200, 200, 403, 403, 403),
    "applicant:authorization_act": (302, 200, 200, 200, 403, 403, 403),
    "applicant:release_check": (302, 200, 200, 200, 403, 403, 403),
    "reviewer:home": (302, 200, 200, 200, 200, 200, 200),
    "reviewer:case": (302, 404, 403, 403, 200, 200, 404),
    "applicant:appeal": (302, 404, 200, 200, 404, 404, 404),
    "reviewer:write": (302, 404, 403, 403, 200, 200, 404),
    "letter": (302, 404, 200, 200, 200, 200, 404),
    "reviewer:screening": (302, 403, 403, 403, 200, 403, 403),
    "reviewer:batches": (302, 403, 403, 403, 200, 200, 403),
    "reviewer:batch": (302, 403, 403, 403, 200, 404, 403),
    "reviewer:batch_json": (302, 403, 403, 403, 200, 404, 403),
    "reviewer:export_json": (302, 404, 403, 403, 200, 200, 404),
    "reviewer:hit": (302, 404, 403, 403, 200, 200, 404),
    "administrator:home": (302, 403, 403, 403, 403, 403, 200),
    "administrator:publication": (302, 403, 403, 403, 403, 403, 200),
    "administrator:compare": (302, 403, 403, 403, 403, 403, 200),
    "administrator:new": (302, 403, 403, 403, 403, 403, 200),
    "administrator:open_draft": (302, 403, 403, 403, 403, 403, 200),
    "administrator:edit": (302, 403, 403, 403, 403, 403, 409),
    "administrator:describe": (302, 403, 403, 403, 403, 403, 409),
    "administrator:member": (302, 403, 403, 403, 403, 403, 409),
    "administrator:import": (302, 403, 403, 403, 403, 403, 200),
    "administrator:export": (302, 403, 403, 403, 403, 403, 200),
    "administrator:on_a_day": (302, 403, 403, 403, 403, 403, 200),
    "administrator:draft": (302, 403, 403, 403, 403, 403, 200),
    "administrator:screening": (302, 403, 403, 403, 403, 403, 200),
    "administrator:snapshot": (302, 403, 403, 403, 403, 403, 200),
    "administrator:new_source": (302, 403, 403, 403, 403, 403, 200),
    "administrator:source": (302, 403, 403, 403, 403, 403, 200),
    "administrator:upload_list": (302, 403, 403, 403, 403, 403, 200),
    "administrator:impact": (302, 403, 403, 403, 403, 403, 200),
    "administrator:impact_run": (302, 403, 403, 403, 403, 403, 200),
    "administrator:impact_csv": (302, 403, 403, 403, 403, 403, 200),
    "administrator:incidents": (302, 403, 403, 403, 403, 403, 200),
    "administrator:case": (302, 403, 403, 403, 403, 403, 200),
    "administrator:rescue": (302, 403, 403, 403, 403, 403, 200),
    **dict.fromkeys(CLEARED, (302, 403, 403, 403, 403, 403, 200)),
    "applicant:order": (302, 404, 404, 404, 404, 404, 404),
    "applicant:order_letter": (302, 404, 404, 404, 404, 404, 404),
    "control_orders": (200, 200, 200, 200, 200, 200, 200),
    "control_order": (200, 200, 200, 200, 200, 200, 200),
    "need": (200, 200, 200, 200, 200, 200, 200),
    "register": (200, 200, 200, 200, 200, 200, 200),
    "verify": (200, 200, 200, 200, 200, 200, 200),
    "account_tokens": (302, 200, 200, 200, 200, 200, 200),
}


def drafted_list() -> Publication:
    return open_draft(
        actor=person("amara.okafor"),
        kind="country_list",
        key="AUTHORITY_WATCH",
        note="Resale is looked at more closely.",
    )


def notified() -> DutyRecord:
    ada, now = person("ada.lindqvist"), timezone.now()
    registration = register(actor=ada, organization_id=Story().organization.pk, key="NAC", agreed=True, at=now)
    duty = Duty(kind="notice", recipient="Fjordhelse Sykehus HF", country="NO", note="One appliance for Oslo North 2")
    return record_duty(actor=ada, registration_id=registration.pk, duty=duty, at=now)


def test_every_page_by_every_kind_of_person(asked: Case) -> None:
    draft = Story(version_name="9").draft(
        end_use_statement="Another use of the model, described in enough words to stand."
    )
    batch = start_batch(
        actor=person("omar.haddad"), filename="parties.jsonl", content=b'{"id": "1", "name": "Nordlys Compute AS"}'
    )
    work_off()
    notice = notified().pk
    arguments: dict[str, list[object]] = {
        "reviewer:notice": [notice],
        "applicant:duty_record": ["NAC", notice],
        "applicant:case": [asked.control_number],
        "applicant:question": [asked.questions.get().pk],
        "letter": [letters_about("case", str(asked.pk)).get().pk],
        "reviewer:write": [asked.control_number],
        "applicant:appeal": [letters_about("case", str(asked.pk)).get().pk],
        "applicant:withdraw": [asked.control_number],
        "applicant:tasks": [draft.pk],
        "applicant:authorization": ["AIA"],
        "applicant:authorization_act": ["AIA", "register"],
        "applicant:check": [draft.pk],
        "applicant:new_stake": [draft.parties.all()[0].party_id],
        "applicant:license": ["AIX-NONE"],
        "reviewer:license": ["AIX-NONE"],
        "acknowledge": ["no-such-token"],
        "reviewer:case": [asked.control_number],
        "reviewer:batch": [batch.pk],
        "reviewer:batch_json": [batch.pk],
        "reviewer:export_json": [asked.control_number, asked.screening_run_id],
        "reviewer:hit": [asked.control_number, Hit.objects.filter(run__subject_id=str(asked.pk))[0].pk],
        "administrator:publication": ["policy", "us"],
        "administrator:compare": ["country_list", "EAR_D5"],
        "administrator:new": ["text"],
        "administrator:open_draft": ["control_list", "us"],
        "administrator:edit": [Publication.objects.get(kind="policy").pk],
        "administrator:describe": [Publication.objects.get(key="EAR_D5").pk],
        "administrator:member": [Publication.objects.get(key="EAR_D5").pk, "CU"],
        "administrator:import": ["EAR_D5"],
        "administrator:export": ["EAR_D5"],
        "administrator:case": [asked.control_number],
        "administrator:rescue": [asked.control_number, "cancel"],
        "administrator:source": ["synthetic"],
        "administrator:upload_list": ["synthetic"],
        "administrator:snapshot": [ListSnapshot.objects.get().pk],
        "administrator:draft": [Publication.objects.filter(kind="country_list")[0].pk],
    }
    version, service = Publication.objects.get(key="cascade-2026", version=3).pk, Service.objects.all()[0].pk
    arguments["control_order"] = ["cascade-2026"]
    of_orders = {"order": "cascade-2026", "draft_order": "cascade-2026", "order_version": version, "edit_order": version,
                 "relieve_order": version, "rescind_order": version, "authorized_list": "CASCADE_PARTNERS",
                 "draft_authorized_list": "CASCADE_PARTNERS"}  # fmt: skip
    arguments |= {f"administrator:{name}": [argument] for name, argument in of_orders.items()}
    arguments |= {"applicant:order": [service], "applicant:order_letter": [service]}
    run = ask_impact(actor=person("henrik.dahl"), publication_id=drafted_list().pk)
    arguments |= {
        "administrator:impact": [run.publication_id],
        "administrator:impact_run": [run.pk],
        "administrator:impact_csv": [run.pk],
    }
    clients = {login: client_of(login) for login in PEOPLE}
    found = {
        name: tuple(clients[login].get(reverse(name, args=arguments.get(name))).status_code for login in PEOPLE)
        for name in TABLE
    }
    assert found == TABLE


def test_an_applicant_never_reads_votes_names_remarks_or_screening(asked: Case) -> None:
    noa = client_of("noa.feld")
    pages = [
        reverse("applicant:home"),
        reverse("applicant:case", args=[asked.control_number]),
        reverse("applicant:question", args=[asked.questions.get().pk]),
    ]
    secrets = (
        "Secret remark", "Omar", "Haddad", "Dana", "Whitlock", "Adler", "approve_with_conditions", "Approve with conditions",
        "Nordlys Computing", "Murmansk", "false_match", "Defense", "safety institute", "presumption",
    )  # fmt: skip
    for path in pages:
        text = noa.get(path).content.decode()
        assert [word for word in secrets if word in text] == [], path


def test_the_queue_takes_few_queries_whatever_its_length(asked: Case) -> None:
    instance = asked.workflow
    Seat.objects.bulk_create(
        Seat(
            instance=instance,
            stage="other",
            round=number,
            key="x",
            pool="commerce.licensing",
            status="open",
            opened_at=instance.opened_at,
        )
        for number in range(60)
    )
    omar = client_of("omar.haddad")
    omar.get(reverse("reviewer:home"))
    with CaptureQueriesContext(connection) as queries:
        assert omar.get(reverse("reviewer:home")).status_code == 200
    assert len(queries) <= QUEUE_QUERIES, "\n".join(query["sql"][:120] for query in queries)


@pytest.mark.parametrize("name", ["claim", "release"])
def test_what_changes_something_is_never_a_get(asked: Case, name: str) -> None:
    path = reverse(f"reviewer:{name}", args=[asked.control_number, "commerce"])
    assert client_of("omar.haddad").get(path).status_code == 405


def test_a_form_without_its_token_is_refused(asked: Case) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("noa.feld"), "allauth.account.auth_backends.AuthenticationBackend")
    path = reverse("applicant:question", args=[asked.questions.get().pk])
    assert client.post(path, {"answer": "Two vetted engineers, and nobody else."}).status_code == 403
    assert Question.objects.get().answered_at is None


def test_a_refusal_is_a_page_with_its_reason_and_is_kept(asked: Case) -> None:
    answer = client_of("dana.whitlock").post(
        reverse("reviewer:claim", args=[asked.control_number, "state"]),
        headers={"referer": "http://testserver/review/"},
    )
    assert answer.status_code == 403
    assert "You are not a member of state.isn." in answer.content.decode()
    assert Refusal.objects.get(code="not_in_pool").actor_label == "Dana Whitlock"


def test_a_wrong_answer_names_field_and_mend_and_nothing_typed_is_lost(asked: Case) -> None:
    draft = Story(version_name="9").draft(
        end_use_statement="Another use of the model, described in enough words to stand."
    )
    answer = client_of("noa.feld").post(
        reverse("applicant:topic", args=[draft.pk, "transaction"]),
        {
            "transaction_kind": "export",
            "delivery_modes": ["api_access"],
            "destination": "NO",
            "requested_months": "500",
        },
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="#id_requested_months"' in text
    assert 'value="500"' in text
    assert Application.objects.get(pk=draft.pk).requested_months == 24


def test_a_file_is_what_its_content_says(asked: Case) -> None:
    draft = Story(version_name="9").draft(
        end_use_statement="Another use of the model, described in enough words to stand."
    )
    program = SimpleUploadedFile("statement.pdf", b"MZ\x90\x00" + b"\x00" * 200, "application/pdf")
    answer = client_of("noa.feld").post(
        reverse("applicant:documents", args=[draft.pk]), {"kind": "other", "title": "Statement", "file": program}
    )
    assert "There is a problem" in answer.content.decode()
    assert not draft.attachments.exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(asked: Case, target: str) -> None:
    answer = client_of("noa.feld").post(
        f"/applicant/models/new/?next={target}", {"name": "Another model", "next": target}
    )
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]


def test_every_answer_carries_a_strict_policy(asked: Case) -> None:
    headers = client_of("noa.feld").get(reverse("applicant:home")).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"


def test_a_license_is_its_holders_alone() -> None:
    seed()
    Story().decided()
    work_off()
    license_ = License.objects.get()
    path = reverse("applicant:license_document", args=[license_.number])
    assert client_of("tomas.reyes").get(path).status_code == 404
    answer = client_of("noa.feld").get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert Instance.objects.get(case=license_.case).end == "approved"
    public = Client().get(reverse("verify_number", args=[license_.number])).content.decode()
    assert "This license is in force" in public
    assert "Fjordhelse" not in public
    assert "Meridian" not in public
