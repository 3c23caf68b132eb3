"""By which names and domains everybody is known, and who owns whom: said on a page, certified, filed, screened, printed."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.commands import describe_organization
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.cases import screened
from licensing.cases.document import application_context
from licensing.cases.models import Application
from licensing.documents.render import html
from licensing.parties.commands import register_party
from licensing.parties.models import Party
from licensing.screening.commands import check_parties
from licensing.screening.models import BatchPart
from licensing.screening.queries import open_hits
from tests.examples.story import Story, person, seed, work_off

pytestmark = pytest.mark.django_db
SCRIPT = "Северное сияние вычисления"
OWN_SCRIPT = "Меридиан Моделс"
PARTY = {
    "kind": "company", "name": "Quiet Harbor Holding", "aliases": f"QHH; {SCRIPT}", "country": "NO", "address": "Havnegata 1",
    "city": "Oslo", "website": "https://www.quiet-harbor.example/en", "owned": "no", "headquarters": "NO",
}  # fmt: skip


@pytest.fixture
def noa() -> Client:
    seed()
    client = Client()
    client.force_login(person("noa.feld"), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def described(noa: Client, draft: Application) -> Party:
    """The company and the owner of the host, as somebody says it on the pages."""
    own = {"aliases": f"Meridian\n{OWN_SCRIPT}\n", "address": "1200 Harbor Street", "website": "meridian.example"}
    back = reverse("applicant:parties", args=[draft.pk])
    assert noa.post(reverse("applicant:organization"), {**own, "next": back}).url == back
    assert noa.post(reverse("applicant:new_party"), {**PARTY, "next": back}).url == back
    host = draft.parties.get(role="ultimate_consignee").party
    stake = {
        "owner_id": Party.objects.get(name=PARTY["name"]).pk,
        "percent": "60.5",
        "as_of": "2026-01-31",
        "next": back,
    }
    assert noa.post(reverse("applicant:new_stake", args=[host.pk]), stake).url == back
    assert noa.post(reverse("applicant:new_own_stake"), {**stake, "percent": "50"}).url == back
    assert (
        "at most 100"
        in noa.post(
            reverse("applicant:new_own_stake"), {**stake, "owner_id": host.pk, "percent": "51"}
        ).content.decode()
    )
    assert f"{PARTY['name']}, 50 %" in noa.get(reverse("applicant:organization")).content.decode()
    return host


def test_what_is_said_is_shown_before_the_certification_filed_screened_and_printed(noa: Client) -> None:
    draft = Story().draft()
    host = described(noa, draft)
    page = noa.get(reverse("applicant:check", args=[draft.pk])).content.decode()
    shown = (
        OWN_SCRIPT,
        "meridian.example",
        SCRIPT,
        "60.5 percent",
        f"Owner of {host.name}",
        "Owner of Meridian",
        "quiet-harbor.example",
    )
    assert [words for words in shown if words not in page] == []
    assert "60.5" in noa.get(reverse("applicant:parties", args=[draft.pk])).content.decode()
    case = Story().file(draft)
    assert case.as_filed["applicant"]["aliases"] == ["Meridian", OWN_SCRIPT]
    asked = {query.role: query for query in screened.queries(case.as_filed)}
    assert (asked["applicant"].aliases, asked["applicant"].domains) == (
        ("Meridian", OWN_SCRIPT),
        ("meridian.example",),
    )
    assert (asked["owner"].aliases, asked["owner"].domains) == (("QHH", SCRIPT), ("quiet-harbor.example",))
    printed = html(
        "documents/application.html",
        document=application_context(case),
        development=True,
        title="Application",
        created_at=timezone.now(),
    )
    assert [words for words in shown[:4] if words not in printed] == []
    work_off()
    assert (PARTY["name"], SCRIPT) in {(hit.party["name"], hit.query_name) for hit in open_hits("case", str(case.pk))}
    of_applicant = [hit for hit in open_hits("case", str(case.pk)) if hit.party_role == "applicant"]
    assert [hit.features["rule"] for hit in of_applicant] == ["ownership"]


def test_a_name_without_letters_is_none_and_nothing_is_half_written(noa: Client) -> None:
    page = noa.post(reverse("applicant:organization"), {"website": "x" * 300}).content.decode()
    assert "at most 200 characters" in page
    page = noa.post(
        reverse("applicant:organization"), {"aliases": "Meridian\n...", "website": "meridian.example"}
    ).content.decode()
    assert "Write the name with at least two letters." in page
    assert noa.post(reverse("applicant:new_party"), {**PARTY, "aliases": "QHH; --"}).status_code == 200
    assert not Party.objects.filter(name=PARTY["name"]).exists()
    meridian = Story().organization
    assert (meridian.aliases, meridian.website) == ([], "meridian-models.example")


def test_only_the_companys_own_people_describe_it(noa: Client) -> None:
    meridian = Story().organization
    said = {"organization_id": meridian.pk, "aliases": ["Meridian"], "address": "", "website": ""}
    for login in ("tomas.reyes", "omar.haddad", "henrik.dahl"):
        with pytest.raises(NotPermitted):
            describe_organization(actor=person(login), **said)
    describe_organization(actor=person("ada.lindqvist"), **said)
    assert "aliases" in trail(Story().organization)[-1].sentence
    with pytest.raises(Invalid):
        describe_organization(actor=person("ada.lindqvist"), **{**said, "aliases": ["x" * 301]})


EVASIONS = {
    "right to left": f"\u202e{'Nordlys Computing AS'[::-1]}\u202c",
    "zero width": "Nord\u200blys\u200d Com\u2060puting\ufeff AS",
    "look-alikes": "N\u043erdlys C\u043emputing AS",
    "soft hyphens": "Nord\u00adlys Compu\u00adting AS",
}


def test_hidden_marks_and_look_alike_letters_of_a_name_do_not_evade(noa: Client) -> None:
    draft = Story().draft()
    parties = reverse("applicant:parties", args=[draft.pk])
    for name in EVASIONS.values():
        noa.post(reverse("applicant:new_party"), {**PARTY, "name": name, "aliases": ""})
        party = Party.objects.latest("pk").pk
        noa.post(parties, {"role": "intermediate_consignee", "party": party})
    case = Story().file(draft)
    work_off()
    near = {hit.party["name"] for hit in open_hits("case", str(case.pk)) if hit.entity_id == "SYN-0001"}
    assert [what for what, name in EVASIONS.items() if name not in near] == []


@pytest.mark.parametrize("name", ["x" * 10_000, "A " * 5_000, "\u200b\u200f\u202e", "...", " "])
def test_a_name_that_is_none_is_refused_with_the_mend_by_page_command_and_api(noa: Client, name: str) -> None:
    page = noa.post(reverse("applicant:new_party"), {**PARTY, "name": name}).content.decode()
    assert ("There is a problem" in page, 'href="#id_name"' in page) == (True, True)
    who = {"actor": person("noa.feld"), "organization_id": Story().organization.pk, "kind": "company", "country": "NO"}
    with pytest.raises(Invalid) as refused:
        register_party(**who, name=name)
    assert {problem.field for problem in refused.value.problems} == {"name"}
    assert not Party.objects.exists()
    with pytest.raises(Invalid):
        check_parties(actor=person("omar.haddad"), parties=[{"id": "1", "name": name}])
    file = SimpleUploadedFile("parties.jsonl", json.dumps({"id": "1", "name": name}).encode())
    noa.force_login(person("omar.haddad"), "allauth.account.auth_backends.AuthenticationBackend")
    noa.post(reverse("reviewer:batches"), {"file": file})
    work_off()
    (answer,) = BatchPart.objects.get().answers
    assert "is no name that can be screened" in answer["error"]
