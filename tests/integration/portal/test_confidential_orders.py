"""To whoever has not been told, a confidential order does not exist: every address, before it was served and after, answers the same."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from licensing.accounts.models import Organization
from licensing.audit.refusals import NotPermitted
from licensing.cases.commands import deciding
from licensing.cases.models import Case
from licensing.cases.notices import escalated
from licensing.licenses.commands import standing
from licensing.licenses.models import License
from licensing.notices.models import Notice
from licensing.policy import commands
from licensing.policy.models import Service
from licensing.publishing.models import Publication
from tests.examples.story import Story, person, seed, work_off

pytestmark = pytest.mark.django_db

UNTOLD = ("nobody", "noa.feld", "omar.haddad", "petra.vogel")
SECRETS = ("quiet", "secret act", "reading machine", "control order on", "confidential")
SCOPE: dict[str, Any] = {
    "title": "Reading machines of Lumen", "legal_basis": "Secret Act 7", "models": ["Meridian Large", "Lumen Reader"],
    "review_policy": "presumption_of_denial",
}  # fmt: skip
HOSPITAL = {"name": "Fjordhelse", "country": "NO", "headquarters": "NO", "ultimate_parent": "NO", "citizenships": []}
READER: dict[str, Any] = {
    "transaction_kind": "export", "delivery_modes": ["api_access"], "destinations": ["NO"], "exporter": "Lumen Language Systems, LLC",
    "items": [{"name": "Lumen Reader", "developer": "Lumen Language Systems, LLC", "weights": "closed", "operations": 8e25}],
    "parties": [{"role": "end_user", "kind": "company", **HOSPITAL}],
    "sites": [], "military_end_use": False, "wmd_end_use": False, "human_rights_concern": False, "decides_about_people": False,
    "all_published": False,
}  # fmt: skip
CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"|[0-9]{2}:[0-9]{2}(:[0-9.]+)?|([0-9]+ min )?[0-9]+ s')
SIGNED_ANEW = ("jwks", "api:bundle")  # each answer holds the instant, and the first one makes the key
NO_UUID = "00000000-0000-4000-8000-000000000000"
Answers = dict[tuple[str, str], tuple[int, bytes]]


def client_of(login: str) -> Client:
    client = Client()
    if login != "nobody":
        client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every named address of the site, with the names of its arguments."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{before}{pattern.namespace}:" if pattern.namespace else before
            yield from routes(pattern.url_patterns, space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield before + pattern.name, list(pattern.pattern.regex.groupindex)


def address(name: str, arguments: list[str], known: dict[str, Any]) -> str:
    """With what is known, and something of the right form for the rest; "" where only certain words are one."""
    unknown = [each for each in arguments if each not in known]
    for filling in product((1, NO_UUID, "x"), repeat=len(unknown)):
        with suppress(NoReverseMatch):
            given = dict(zip(unknown, filling, strict=True))
            return reverse(name, kwargs={each: known.get(each, given.get(each)) for each in arguments})
    return ""


def read(clients: dict[str, Client], places: Iterable[tuple[str, str]]) -> Answers:
    found: Answers = {}
    for login, path in places:
        answer = clients[login].get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[arg-type]
        found[login, path] = (answer.status_code, CHANGING.sub(b"", body))
    return found


def asked(clients: dict[str, Client]) -> dict[str, Any]:
    """What each is answered about the order's model, over the API and on the page."""
    body = json.dumps({"facts": READER, "at": "2030-01-01T00:00:00Z"})
    return {
        login: client.post("/api/v1/determinations/", body, content_type="application/json").json()
        for login, client in clients.items()
    }


def make_order() -> Publication:
    first, second = person("amara.okafor"), person("henrik.dahl")
    listing = commands.open_authorized_list(actor=first, key="QUIET_PARTNERS", note="Quiet")
    parties = {
        "title": "Quiet partners",
        "source": "Secret Act 7",
        "parties": [{"name": "Nordmark AS", "country": "NO"}],
    }
    commands.edit_version(actor=first, publication_id=listing.pk, changes=parties)
    relief = {
        "id": "quiet",
        "models": ["Lumen Reader"],
        "persons": ["listed"],
        "authorized_parties": "QUIET_PARTNERS",
        "citation": "Quiet",
    }
    lumen = Organization.objects.get(key="lumen")
    order = commands.open_order(actor=first, organization_id=lumen.pk, key="quiet-2026", note="Quiet")
    for version, changes in ((listing, parties), (order, {**SCOPE, "reliefs": [relief]})):
        commands.edit_version(actor=first, publication_id=version.pk, changes=changes)
        commands.propose_version(actor=first, publication_id=version.pk)
        commands.publish_version(actor=second, publication_id=version.pk)
    commands.serve_order(actor=first, publication_id=order.pk, method="electronic")
    return order


def decided_by_it() -> Case:
    """A case of the served company, in review, which the order decides how to review."""
    tomas = person("tomas.reyes")
    case = Story(Organization.objects.get(key="lumen"), tomas, tomas).checked(officer="grace.whitfield")
    refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
    deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=refer)
    return Case.objects.get(pk=case.pk)


def test_no_address_tells_of_it_and_every_answer_is_the_one_without_it() -> None:
    seed()
    mine = Story().checked()
    known = {
        "control_number": mine.control_number, "key": "EAR_D5", "publication_id": Publication.objects.filter(kind="country_list")[0].pk,
        "application_id": mine.application_id, "part": "items", "slug": "contact",
    }  # fmt: skip
    clients = {login: client_of(login) for login in UNTOLD}
    paths = {name: address(name, arguments, known) for name, arguments in routes(get_resolver().url_patterns)}
    assert len([name for name, path in paths.items() if not path]) < 10
    wanted = sorted({path for name, path in paths.items() if path and name not in SIGNED_ANEW})
    first, answered = read(clients, product(UNTOLD, wanted)), asked(clients)
    before = {place: answer for place, answer in first.items() if answer[0] == 200}
    assert len(before) > 50
    order = make_order()
    case = decided_by_it()
    assert case.determination is not None
    assert case.determination.in_full != case.determination.answer
    after = read(clients, before)
    assert [place for place in before if before[place] != after[place]] == []
    assert asked(clients) == answered
    assert asked({"told": client_of("tomas.reyes")})["told"]["requirement"] == "required"
    assert [place for place, (_, body) in after.items() for word in SECRETS if word.encode() in body.lower()] == []

    service = Service.objects.get(publication=order)
    there = addresses_of(
        key="quiet-2026", publication_id=order.pk, service_id=service.pk, control_number=case.control_number
    )
    nowhere = addresses_of(key="loud-2026", publication_id=999_999, service_id=999_999, control_number="A999999")
    for login, client in clients.items():
        for real, false in zip(there, nowhere, strict=True):
            assert client.get(real).status_code == client.get(false).status_code, (login, real)


def addresses_of(**known: Any) -> list[str]:
    """The addresses that name an order, its service or a case."""
    places = ("reviewer:case", "administrator:case", "administrator:draft", "administrator:impact", "applicant:case")
    wanted = [
        route
        for route in routes(get_resolver().url_patterns)
        if known.keys() & set(route[1]) and ("order" in route[0] or route[0] in places)
    ]
    return [address(*route, known) for route in wanted]


def test_the_cleared_and_the_company_see_what_is_theirs() -> None:
    seed()
    order = make_order()
    case = decided_by_it()
    grace = client_of("grace.whitfield").get(reverse("reviewer:case", args=[case.control_number])).content.decode()
    assert "Secret Act 7" in grace
    henrik = client_of("henrik.dahl")
    for path in (
        reverse("administrator:order", args=["quiet-2026"]),
        reverse("administrator:order_version", args=[order.pk]),
    ):
        assert "Secret Act 7" in henrik.get(path).content.decode()
    tomas, service = client_of("tomas.reyes"), Service.objects.get(publication=order)
    page = tomas.get(reverse("applicant:order", args=[service.pk])).content.decode()
    assert "Reading machines of Lumen" in page
    assert "Acknowledge it for the company" in page
    letter = tomas.get(reverse("applicant:order_letter", args=[service.pk]))
    assert b"".join(letter.streaming_content).startswith(b"%PDF")  # type: ignore[arg-type]
    escalated(case, pool="commerce.licensing", why="overdue")
    told = set(Notice.objects.filter(name="cases/escalated").values_list("to_email", flat=True))
    assert told == {"grace.whitfield@entente.example"}


def test_an_order_is_drafted_eased_and_rescinded_through_the_pages() -> None:
    seed()
    amara, henrik = client_of("amara.okafor"), client_of("henrik.dahl")
    lumen = Organization.objects.get(key="lumen")
    opened = {"key": "quiet-2026", "organization": lumen.pk, "note": "Quiet"}
    place = amara.post(reverse("administrator:open_order"), opened).headers["Location"]
    version = Publication.objects.get(key="quiet-2026")
    scope = {
        **SCOPE,
        "models": "Lumen Reader\nLumen Writer",
        "destinations": "Norway\nDE",
        "requirement": "required",
        "live_licenses": "freeze",
    }
    wrong = amara.post(f"{place}edit/", {**scope, "destinations": "Norwegen"}).content.decode()
    assert "“Norwegen” is no country. Nearest:" in wrong
    assert amara.post(f"{place}edit/", scope).status_code == 302
    relief = {
        "id": "partners", "persons": ["listed"], "authorized_parties": "CASCADE_PARTNERS", "citation": "Annex", "owed_by": "company",
        "undertakings": ["condition:no-onward-transfer"], "due": "2027-01-31",
    }  # fmt: skip
    assert amara.post(f"{place}relief/", relief).status_code == 302
    version.refresh_from_db()
    assert (version.content["models"], version.content["destinations"]) == (
        ["Lumen Reader", "Lumen Writer"],
        ["NO", "DE"],
    )
    assert version.content["reliefs"][0]["undertakings"][0]["due"] == "2027-01-31"
    assert amara.post(f"{place}propose/").status_code == 302
    assert henrik.post(f"{place}publish/", {}).status_code == 302
    assert henrik.post(f"{place}serve/", {"method": "courier"}).status_code == 302
    next_ = amara.post(reverse("administrator:draft_order", args=["quiet-2026"]), {"note": "Lifted"}).headers[
        "Location"
    ]
    assert amara.post(f"{next_}rescind/", {"undertakings": "Report misuse", "owed_by": "company"}).status_code == 302
    page = amara.get(next_).content.decode()
    assert "Rescinded" in page
    assert "Report misuse (owed by the company)" in page
    assert amara.post(reverse("administrator:disclose_order", args=["quiet-2026"])).status_code == 302
    assert henrik.post(reverse("administrator:disclose_order", args=["quiet-2026"])).status_code == 302
    assert "Disclosed" in amara.get(reverse("administrator:order", args=["quiet-2026"])).content.decode()


def test_a_license_that_rests_on_it_is_on_no_list_of_officers_and_stands_as_before_where_everybody_looks() -> None:
    seed()
    case = Story().decided()
    work_off()
    number = License.objects.get(case=case).number
    License.objects.update(issued_at=timezone.now() - timedelta(days=200))  # its quarter is over, and the delay
    assert case.determination is not None
    public = {"nobody": client_of("nobody")}
    places = [("nobody", f"/api/v1/{path}") for path in ("register/", "register.csv", "register/statistics/")]
    places += [
        ("nobody", "/register/"),
        ("nobody", f"/verify/{number}/"),
        ("nobody", f"/api/v1/verification/{number}/"),
    ]
    before = read(public, places)
    assert [place for place in places if number.encode() not in before[place][1]] == [places[2]]
    make_order()
    with connection.cursor() as cursor:  # as it is kept when an order decides
        cursor.execute(
            "INSERT INTO policy_confidentialanswer (determination_id, answer, orders) VALUES (%s, %s, %s)",
            [case.determination.pk, json.dumps(case.determination.answer), ["quiet-2026"]],
        )
    page = reverse("reviewer:licenses")
    assert number not in client_of("omar.haddad").get(page).content.decode()
    assert number in client_of("grace.whitfield").get(page).content.decode()
    assert read(public, places) == before
    license_ = License.objects.get(case=case)
    suspend = {"license_id": license_.pk, "reason": "It is under investigation.", "ordered_by": "The director"}
    with pytest.raises(NotPermitted, match="Only an officer"):
        standing.suspend_license(actor=person("omar.haddad"), **suspend)
    assert standing.suspend_license(actor=person("grace.whitfield"), **suspend).license == license_
