"""Every page in a real browser: accessible, whole at 1280 and at 320 pixels, quiet in the console; and one way with scripts off."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from licensing.accounts.models import Organization, Person
from licensing.accounts.queries import token_digest
from licensing.cases import notices
from licensing.cases.commands import checking, deciding, rescuing, reviewing
from licensing.cases.models import Appeal, Application, Case, Question
from licensing.countries.commands import add_member
from licensing.desk.commands import edit_draft, open_draft, propose, publish
from licensing.licenses.changes import LETTERS
from licensing.licenses.commands.answering import answer_duty
from licensing.licenses.commands.appealing import file_appeal, grant_stay
from licensing.licenses.commands.authorizing import Duty, record_duty, register
from licensing.licenses.commands.conditions import ask_to_acknowledge
from licensing.licenses.commands.revising import request_change
from licensing.licenses.commands.standing import propose_ending, suspend_license
from licensing.licenses.commands.using import record_use
from licensing.licenses.drawing import Use
from licensing.licenses.models import Acknowledgment, DutyRecord, License
from licensing.oversight.models import ImpactRun
from licensing.policy.models import Service
from licensing.publishing.models import Publication
from licensing.screening.commands import start_batch
from licensing.screening.models import Batch, Hit
from licensing.texts.models import Letter
from licensing.texts.queries import letters_about
from tests.browser.conftest import OF_LAYOUT
from tests.examples.story import Story, person, seed, work_off
from tests.integration.cases.test_letters import intend
from workflows import outbox

WIDTHS = (1280, 320)
NEED = (
    "/do-i-need-a-license/?published=no&weapons=no&destination=NO&military=no&recipient=Hospital&located=NO&headquarters=NO&parent=-&kind=export"
    "&modes=hosting_abroad&weights=closed&model=Meridian&developer=Meridian+Models&operations=2.1e26&level=3&stored=yes&site_country=NO"
    "&site_headquarters=NO&site_parent=-&site_level=3&people=yes&rights=no"
)
TOKEN = "a-link-that-was-mailed"
LICENSED_ON = (
    {"key": "condition:quantity", "parameters": {"quantity": "5", "unit": "copies of the weights"}},
    {"key": "condition:access-logging"},
    {"key": "condition:quarterly-report"},
)
SHOTS = os.environ.get("SCREENSHOTS")  # a folder, to look at every page
ONLY = os.environ.get("PAGES", "")  # a part of their addresses, to look at some


@dataclass
class World:
    """One of everything that a page may show."""

    draft: Application
    checked: Case
    asked: Case
    decided: Case
    question: Question
    license: License
    hit: Hit
    publication: Publication
    impact: ImpactRun
    listing: Publication
    text: Publication
    stuck: Case
    batch: Batch
    denied: Case
    appeal: Appeal


@pytest.fixture
def world(live_server: LiveServer) -> World:
    """Made in a thread apart: the browser keeps an event loop in this one, and signing a document needs its own."""
    with ThreadPoolExecutor(1) as apart:
        made = apart.submit(make_world).result()
        apart.submit(connections.close_all).result()
    return made


def make_world() -> World:
    seed()
    story = Story()
    issued = story.decided(conditions=LICENSED_ON)
    work_off()
    license_ = License.objects.get()
    live(license_)
    other = Story()
    asked = other.checked(other.file(other_draft(other, "4.0", "Discharge letters for the hospital's own wards.")))
    refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=asked.pk, seat="officer", proposal=refer)
    question = reviewing.ask_applicant(
        actor=person("sven.adler"),
        case_id=asked.pk,
        seat="safety",
        question="Who can reach the weights, and how is it logged?",
    )
    checked = other.file(other_draft(other, "5.0", "Planning of operating theaters by the hospital's own staff."))
    work_off()
    impact = rules_change()
    proposed = open_draft(actor=person("amara.okafor"), kind="country_list", key="AUTHORITY_WATCH", note="Resale, too.")
    add_member(actor=person("amara.okafor"), publication_id=proposed.pk, code="IE")
    propose(actor=person("amara.okafor"), publication_id=proposed.pk)
    use_authorization()
    denied = [denied_case(other, "8.0"), denied_case(other, "9.0")]
    return World(
        denied=denied[0],
        appeal=file_appeal(
            actor=person("noa.feld"),
            letter_id=denial_of(denied[1]).pk,
            statement="The operator left the group in March.",
            stay="The wards have planned with it from January on.",
        ),
        draft=other_draft(other, "6.0", "Translations of consent forms for the hospital's patients."),
        checked=Case.objects.get(pk=checked.pk),
        asked=Case.objects.get(pk=asked.pk),
        decided=Case.objects.get(pk=issued.pk),
        question=question,
        license=license_,
        hit=Hit.objects.filter(run__subject_id=str(checked.pk)).first() or Hit.objects.all()[0],
        publication=proposed,
        impact=impact,
        batch=start_batch(
            actor=person("omar.haddad"), filename="parties.jsonl", content=b'{"id": "1", "name": "Nordlys Compute AS"}'
        ),
        listing=open_draft(
            actor=person("amara.okafor"), kind="country_list", key="EAR_D5", note="Lifted for one country."
        ),
        text=unfinished_text(),
        stuck=stuck_case(other),
    )


def denied_case(story: Story, version: str) -> Case:
    """A case that ends by an intent to deny and the denial."""
    case = story.reviewed(
        story.checked(story.file(other_draft(story, version, f"Summaries of ward {version} by its staff.")))
    )
    intend(case)
    deny = deciding.Proposal(action="deny", reason="The answer changes nothing in what weighed.")
    deciding.decide_case(actor=person("ruth.calloway"), case_id=case.pk, seat="officer", proposal=deny)
    return Case.objects.get(pk=case.pk)


def denial_of(case: Case) -> Letter:
    return letters_about("case", str(case.pk)).get(kind="denial")


def rules_change() -> ImpactRun:
    """Norway is watched: what is in review, and the license, are determined again."""
    watched = open_draft(
        actor=person("amara.okafor"), kind="country_list", key="AUTHORITY_WATCH", note="Resale is looked at."
    )
    add_member(actor=person("amara.okafor"), publication_id=watched.pk, code="NO")
    propose(actor=person("amara.okafor"), publication_id=watched.pk)
    publish(actor=person("henrik.dahl"), publication_id=watched.pk)
    work_off()
    return ImpactRun.objects.get(publication=watched)


def live(license_: License) -> None:
    """What happens to a license: use, a link to a bound party, a transfer that is asked for, a revocation that is proposed, a suspension
    that is stayed.
    """
    noa, omar = person("noa.feld"), person("omar.haddad")
    use = Use("transfer", license_.valid_from, amounts={"quantity": Decimal(2)}, recipient="Fjordhelse Sykehus HF")
    record_use(actor=noa, license_id=license_.pk, client_reference="T-2026-001", use=use)
    ask_to_acknowledge(
        actor=noa, license_id=license_.pk, party_name="Nordlys Compute AS", email="legal@nordlys-compute.example"
    )
    work_off()
    Acknowledgment.objects.update(token_digest=token_digest(TOKEN))
    request_change(
        actor=person("ada.lindqvist"), license_id=license_.pk, kind="transfer",
        asked={"registration_number": Organization.objects.get(key="lumen").registration_number},
        letter=dict.fromkeys(LETTERS["transfer"], "The business with the hospital is sold on January 15, 2027."),
    )  # fmt: skip
    propose_ending(
        actor=omar,
        license_id=license_.pk,
        kind="revoked",
        basis="15 CFR 750.8(a)",
        reason="The end user has resold access.",
    )
    suspended = suspend_license(
        actor=omar, license_id=license_.pk, ordered_by="Omar Haddad", reason="The end user is under investigation."
    )
    against = file_appeal(
        actor=noa, letter_id=suspended.letter_id, statement="The end user is another company than the one looked for."
    )
    grant_stay(actor=person("paul.renner"), appeal_id=against.pk, reason="The wards depend on it meanwhile.")


def use_authorization() -> None:
    """Meridian uses an exception, has certified and notified a recipient, and reported use."""
    ada, now = person("ada.lindqvist"), timezone.now()
    registration = register(
        actor=ada, organization_id=Story().organization.pk, key="AIA", agreed=True, at=now - timedelta(days=3)
    )
    told = {"recipient": "Fjordhelse Sykehus HF", "country": "NO", "signed_by": "Kari Solheim", "agreed": True}
    for kind, more in (("certification", {}), ("notice", {"note": "Weights of version 3.1 to Oslo North 2"})):
        record_duty(actor=ada, registration_id=registration.pk, duty=Duty(kind=kind, **{**told, **more}), at=now)
    report = Duty(kind="report", **told, quantity=Decimal("1250000"), used_on=now.date())
    record_duty(actor=ada, registration_id=registration.pk, duty=report, at=now)
    question = "Who can reach the weights at the site?"
    answer_duty(
        actor=person("omar.haddad"),
        record_id=registration.records.get(kind="notice").pk,
        kind="asked",
        text=question,
        at=now,
    )


def unfinished_text() -> Publication:
    """A draft with everything that a text may lack."""
    kim = person("amara.okafor")
    draft = open_draft(actor=kim, kind="text", key="condition:key-custody", note="Keys are kept apart.")
    return edit_draft(
        actor=kim, publication_id=draft.pk, content={**draft.content, "title": "", "binds": 7}, seen=draft.content_hash
    )


def stuck_case(story: Story) -> Case:
    """A case whose checks have failed twice, once settled; a move of it that waits for a second administrator; lost mail."""
    case = story.file(other_draft(story, "7.0", "Minutes of ward rounds for the hospital's own staff."))
    kim = person("amara.okafor")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "screen", unreachable)
        work_off()
        rescuing.rescue(actor=kim, case_id=case.pk, kind="retry", reason="The list server was started again.")
        patch.setitem(outbox._handlers, "send_notice", unreachable)
        notices.filed(case)
        work_off()
    rescuing.rescue(
        actor=kim, case_id=case.pk, kind="force", stage="intake", reason="An officer screens by hand today."
    )
    return case


def unreachable(*_: object, **__: object) -> None:
    raise outbox.PermanentFailure("ConnectionError: lists.entente.example:443 is out of reach (no answer in 10 s)")


def other_draft(story: Story, version: str, end_use: str) -> Application:
    story.version_name = version
    return story.draft(end_use_statement=end_use + " Physicians check every page.")


def paths(world: World) -> dict[str, list[str]]:
    """Every page, by who looks at it; "" is nobody."""
    draft = f"/applicant/applications/{world.draft.pk}/"
    review = f"/review/cases/{world.asked.control_number}/"
    fresh = f"/review/cases/{world.checked.control_number}/"
    stuck = f"/administration/cases/{world.stuck.control_number}/"
    letter = letters_about("case", str(world.asked.pk)).get()
    notice = DutyRecord.objects.get(kind="notice")
    decided = Hit.objects.filter(run__subject_id=str(world.asked.pk), status="false_match")[0]
    held, ruled = f"/applicant/licenses/{world.license.number}/", f"/review/licenses/{world.license.number}/"
    eased = f"/administration/orders/version/{Publication.objects.get(key='cascade-2026', version=2).pk}/"
    orders = [
        "/administration/orders/", "/administration/orders/order/cascade-2026/", "/administration/orders/list/CASCADE_PARTNERS/",
        "/administration/orders/new/", "/administration/orders/new-list/", eased,
        f"{eased}edit/", f"{eased}relief/", f"{eased}rescind/",
        "/administration/orders/order/cascade-2026/draft/",
    ]  # fmt: skip
    return {
        "": [
            "/", "/orders/", "/orders/cascade-2026/",
            "/verify/", f"/verify/{world.license.number}/", "/verify/AIX-NONE/", "/developers/", "/account/sign-in/",
            "/account/password/reset/", "/register/",
            "/do-i-need-a-license/", f"{NEED}&change=recipient", f"{NEED}&change=site", f"{NEED}&change=modes",
            f"{NEED}&topic=operations&operations=lots", NEED, "/do-i-need-a-license/?published=yes", f"/acknowledge/{TOKEN}/",
        ],
        "noa.feld": [
            "/applicant/", "/applicant/applications/new/", draft,
            *(f"{draft}{topic}/" for topic in ("transaction", "contact", "end-use", "notes")),
            *(f"{draft}{part}/" for part in ("items", "parties", "sites", "documents", "check")),
            f"/applicant/cases/{world.asked.control_number}/", f"/applicant/cases/{world.decided.control_number}/",
            f"/applicant/cases/{world.asked.control_number}/withdraw/", f"/applicant/questions/{world.question.pk}/",
            f"/applicant/cases/{world.denied.control_number}/", f"/applicant/letters/{denial_of(world.denied).pk}/appeal/",
            f"/applicant/letters/{world.appeal.letter_id}/appeal/",
            "/applicant/licenses/", held, f"{held}usage/", f"{held}acknowledgments/", f"{held}changes/?changes=validity",
            *(f"{held}changes/{kind}/" for kind in LETTERS), f"{held}surrender/",
            "/applicant/authorizations/", "/applicant/authorizations/AIA/",
            *(f"/applicant/authorizations/AIA/{act}/" for act in ("certification", "notice", "report", "end")),
            f"/applicant/authorizations/AIA/records/{notice.pk}/",
            "/applicant/authorizations/BME-GENERAL-1/register/", "/applicant/authorizations/check-a-release/",
            "/applicant/models/new/", "/applicant/parties/new/", "/applicant/sites/new/",
            *(f"/applicant/organization/{part}" for part in ("", "owners/new/")),
            f"/applicant/parties/{world.draft.parties.all()[0].party_id}/owners/new/",
            "/account/password/", "/account/tokens/", "/account/second-factor/", "/nothing/here/",
        ],
        "ada.lindqvist": [f"{draft}certify/"],
        "omar.haddad": [
            "/review/", "/review/screening/", "/review/screening/files/", f"/review/screening/files/{world.batch.pk}/",
            review, fresh, f"{fresh}seats/officer/decide/", f"{fresh}hits/{world.hit.pk}/",
            f"{review}hits/{decided.pk}/",
            f"{review}seats/commerce/recommend/",
            f"{review}letters/new/", f"/letters/{letter.pk}/",
            f"{review}seats/commerce/ask/", f"{review}acts/recuse/", f"/review/cases/{world.decided.control_number}/",
            "/review/licenses/", ruled, *(f"{ruled}acts/{act}/" for act in ("suspend", "end", "part", "drop")),
            f"{ruled}conditions/1/lapse/",
            f"{ruled}requests/{world.license.change_requests.get().pk}/",
            "/review/notices/?show=all", f"/review/notices/{notice.pk}/", "/review/notices/registrations/",
        ],
        "paul.renner": ["/review/", f"/review/appeals/{world.appeal.workflow.reference}/"],
        "tomas.reyes": ["/applicant/licenses/", f"/applicant/transfers/{world.license.change_requests.get().pk}/"],
        "henrik.dahl": [
            "/administration/", "/administration/publications/country_list/AUTHORITY_WATCH/",
            "/administration/publications/country_list/NATO/draft/",
            "/administration/publications/text/new/", "/administration/publications/policy/us/",
            "/administration/publications/text/condition:key-custody/compare/?old=1&new=2",
            f"/administration/drafts/{world.listing.pk}/", f"/administration/drafts/{world.listing.pk}/describe/",
            f"/administration/drafts/{world.listing.pk}/members/CU/", f"/administration/drafts/{world.text.pk}/",
            f"/administration/drafts/{world.text.pk}/edit/",
            "/administration/lists/EAR_D5/import/", "/administration/lists/on-a-day/?day=2026-02-10&since=2026-02-01",
            f"/administration/drafts/{world.publication.pk}/", f"/administration/impact/of/{world.publication.pk}/",
            f"/administration/impact/{world.impact.pk}/", "/administration/incidents/", stuck, "/administration/screening/",
            "/administration/screening/sources/synthetic/", "/administration/screening/lists/synthetic/upload/",
            f"/administration/screening/{world.hit.listed_party.restricted_list.current_id}/",
            *(f"{stuck}{key}/" for key in ("retry", "agree", "force", "cancel")),
            f"/administration/cases/{world.asked.control_number}/", f"/administration/cases/{world.asked.control_number}/reassign/",
            f"/administration/cases/{world.decided.control_number}/", *orders,
        ],
        "ines.calder": ["/applicant/", f"/applicant/orders/{Service.objects.all()[0].pk}/"],
    }  # fmt: skip


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[[str, int], Page]]:
    """A page of somebody's at a width; what it throws or complains of fails the test."""
    contexts, complaints = [], []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 404" not in message.text:
            complaints.append(message.text)

    def open_(login: str, width: int, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        contexts.append(context)
        if login:
            client = Client()
            client.force_login(
                Person.objects.get(email=f"{login}@entente.example"),
                "allauth.account.auth_backends.AuthenticationBackend",
            )
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def test_every_page_is_accessible_and_whole(
    world: World, visit: Callable[[str, int], Page], accessible: Callable[..., None]
) -> None:
    """Each page is asked for once and looked at in both widths."""
    found: list[str] = []
    for login, addresses in paths(world).items():
        page = visit(login, WIDTHS[0])
        for number, address in enumerate(addresses):
            if ONLY not in address:
                continue
            answer = page.goto(address)
            assert answer is not None
            wanted = 404 if address in ("/nothing/here/", "/verify/AIX-NONE/") else 200
            if answer.status != wanted:
                found.append(f"{login} {address}: {answer.status}")
                continue
            found += in_both_widths(page, f"{login or 'public'}-{number:02}", accessible)
    page = visit("henrik.dahl", WIDTHS[0])
    preview_a_file(page)
    found += in_both_widths(page, "henrik.dahl-preview", accessible)
    assert found == [], "\n".join(found)


def in_both_widths(page: Page, name: str, accessible: Callable[..., None]) -> Iterator[str]:
    """What is wrong with it: by every rule at the first width, and at the other by those of layout."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        yield from ails(page, width, accessible)


def ails(page: Page, width: int, accessible: Callable[..., None]) -> Iterator[str]:
    """What is wrong with a page as it stands."""
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield f"{page.url} is wider than {width} pixels"
    try:
        accessible(page, () if width == WIDTHS[0] else OF_LAYOUT)
    except AssertionError as error:
        yield str(error).splitlines()[0]


def preview_a_file(page: Page) -> None:
    """An administrator's page that only a file leads to."""
    page.goto("/administration/lists/NATO/import/")
    page.get_by_label("Why does it change?").fill("The list of the alliance.")
    rows = b"code,from,note\nFI,2023-04-04,\nSE,2024-03-07,Last to accede\n"
    page.get_by_label("The list as CSV or XLSX").set_input_files(
        {"name": "nato.csv", "mimeType": "text/csv", "buffer": rows}
    )
    page.get_by_role("button", name="See what it changes").click()
    assert "Removals (30)" in page.inner_text("main")


def test_a_question_is_answered_with_scripts_off(world: World, visit: Callable[..., Page]) -> None:
    page = visit("noa.feld", 1280, scripts=False)
    page.goto(reverse("applicant:case", args=[world.asked.control_number]))
    page.get_by_role("link", name="Answer").click()
    page.get_by_label("Your answer").fill("short")
    page.get_by_role("button").filter(has_text="answer").click()
    assert "There is a problem" in page.inner_text("main")
    assert page.get_by_label("Your answer").input_value() == "short"
    page.get_by_label("Your answer").fill("Two vetted engineers; every access is logged and read within a day.")
    page.get_by_role("button").filter(has_text="answer").click()
    assert "the clock runs again" in page.inner_text("body")
    assert Question.objects.get(pk=world.question.pk).answered_at is not None
