"""The desk: something new by two people, content as YAML with every finding, versions compared, and what has no place there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.audit.refusals import NotNow, NotPermitted, Refused
from licensing.countries import queries
from licensing.countries.commands import add_member
from licensing.countries.models import CountryList
from licensing.desk import commands
from licensing.publishing.models import Publication
from licensing.publishing.observers import on_desk
from tests.examples.story import person, seed

pytestmark = pytest.mark.django_db
BODY = "title: Yearly audit\nbody: An auditor looks at the logs once a year.\n"


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def kim() -> Client:
    seed()
    return client_of("amara.okafor")


def at(name: str, *arguments: object) -> str:
    return reverse(f"administrator:{name}", args=arguments)


def test_a_new_list_is_there_when_a_second_person_has_published_it(kim: Client) -> None:
    page = kim.post(at("new", "country_list"), {"key": "partners 2026", "note": "The summit of June."}).content.decode()
    assert "Use capital letters" in page
    kim.post(at("new", "country_list"), {"key": "PARTNERS_2026", "note": "The summit of June."})
    draft = Publication.objects.get(key="PARTNERS_2026")
    said = {
        "name": "Partners",
        "source": "Communiqué",
        "as_of": "2026-06-26",
        "verified_by": "Kim",
        "verified_on": "2026-06-27",
    }
    kim.post(at("describe", draft.pk), {**said, "confidence": "high"})
    kim.post(at("add", draft.pk), {"code": "NO", "from": "2026-07-01", "until": "2026-09-01"})
    kim.post(at("add", draft.pk), {"code": "SU", "until": "1991-12-26"})
    assert "after USSR" in kim.post(at("add", draft.pk), {"code": "SU", "until": "1999-01-01"}).content.decode()
    kim.post(at("member", draft.pk, "NO"), {"from": "2026-06-28", "note": "Signed first", "confidence": "medium"})
    kim.post(at("propose", draft.pk))
    assert not CountryList.objects.filter(key="PARTNERS_2026").exists(), "a policy cannot ask for it yet"
    assert kim.post(at("publish", draft.pk)).status_code == 403
    client_of("henrik.dahl").post(at("publish", draft.pk))
    assert CountryList.objects.get(key="PARTNERS_2026").name == "Partners"
    assert queries.members("PARTNERS_2026", timezone.now()) == {"NO"}
    shown = {member.code: member.said for member in queries.draft_members(Publication.objects.get(pk=draft.pk))}
    assert (shown["NO"]["confidence"], shown["NO"].get("until")) == ("medium", None)
    page = kim.get(at("publication", "country_list", "PARTNERS_2026")).content.decode()
    assert "Communiqué, as of 2026-06-26, confidence high, verified by Kim on 2026-06-27" in page


def test_content_is_written_as_yaml_and_everything_wrong_is_told_with_nothing_lost(kim: Client) -> None:
    kim.post(at("new", "text"), {"key": "condition:audit", "note": "Auditors asked for it."})
    draft = Publication.objects.get(key="condition:audit")
    edit, seen = at("edit", draft.pk), {"seen": draft.content_hash}
    page = kim.post(edit, {"text": "title: [Yearly\nbody: here", **seen}).content.decode()
    assert "Line 2, column 5" in page
    assert "title: [Yearly" in page, "what was written is given back"
    kim.post(edit, {"text": "title: Audit\nbody: 7\nbinds: nobody\n", **seen})
    page = kim.get(at("draft", draft.pk)).content.decode()
    assert "body must be a text" in page
    assert "binds must be a list" in page
    assert "cannot be proposed yet" in kim.post(at("propose", draft.pk), follow=True).content.decode()
    page = kim.post(edit, {"text": BODY, **seen}).content.decode()
    assert "Somebody has changed this draft" in page
    assert "Yearly audit" in page
    draft.refresh_from_db()
    kim.post(edit, {"text": BODY, "seen": draft.content_hash})
    kim.post(at("propose", draft.pk))
    client_of("henrik.dahl").post(at("publish", draft.pk))
    draft.refresh_from_db()
    assert (draft.state, draft.content["title"]) == ("published", "Yearly audit")
    assert kim.get(edit).status_code == 409, "what is published is not edited"


def test_any_two_versions_are_compared(kim: Client) -> None:
    draft = commands.open_draft(actor=person("amara.okafor"), kind="policy", key="us", note="Rows go")
    tables = {**draft.content["tables"]}
    name = next(iter(tables))
    gone = tables[name][0]["id"]
    content = {**draft.content, "title": "Another", "tables": {**tables, name: tables[name][1:]}}
    commands.edit_draft(actor=person("amara.okafor"), publication_id=draft.pk, content=content, seen=draft.content_hash)
    page = kim.get(f"{at('compare', 'policy', 'us')}?old=1&new=2").content.decode()
    assert f"{name}: {gone} is removed" in page
    assert "<ins>+ title: Another</ins>" in page
    back = kim.get(f"{at('compare', 'policy', 'us')}?old=2&new=1").content.decode()
    assert f"{name}: {gone} is added" in back
    assert "There is a problem" in kim.get(f"{at('compare', 'policy', 'us')}?old=1&new=9").content.decode()


def test_what_has_no_place_on_the_desk_is_as_if_it_did_not_exist(kim: Client) -> None:
    hidden = Publication.objects.exclude(kind__in=on_desk())
    assert hidden.filter(kind="control_order").exists()
    home = kim.get(at("home")).content.decode()
    for row in hidden:
        assert kim.get(at("draft", row.pk)).status_code == 404
        assert kim.get(at("publication", row.kind, row.key)).status_code == 404
        assert kim.get(at("compare", row.kind, row.key)).status_code == 404
        assert f"/{row.kind}/" not in home
    with pytest.raises(NotPermitted):
        commands.open_draft(actor=person("amara.okafor"), kind="control_order", key=hidden[0].key, note="Look")
    assert kim.get(at("publication", "text", "condition:none")).status_code == 404


def test_a_withdrawal_has_a_reason(kim: Client) -> None:
    draft = commands.open_draft(actor=person("amara.okafor"), kind="country_list", key="G7", note="Try")
    assert "Say why it is withdrawn" in kim.post(at("withdraw", draft.pk), {"reason": " "}).content.decode()
    kim.post(at("withdraw", draft.pk), {"reason": "A mistake"})
    assert Publication.objects.get(pk=draft.pk).state == "withdrawn"


def test_countries_by_lists_with_filters_files_and_codes_of_the_past(kim: Client) -> None:
    day = at("on_a_day")
    row = kim.get(f"{day}?day=2026-02-01&country=Cambodia&key=EAR_D5&format=csv").content.decode()
    assert row == "code,country,EAR_D5\r\nKH,Cambodia,x\r\n"
    changes = kim.get(f"{day}?day=2026-02-10&since=2026-02-01&format=csv").content.decode()
    assert "EAR_D5,went,KH,Cambodia,2026-02-01,2026-02-10" in changes
    page = kim.get(f"{day}?day=1988-05-01&country=BU").content.decode()
    assert "On 1988-05-01 the code BU meant Burma" in page
    assert "Myanmar (MM)" in page
    assert "Nearest: Türkiye (TR)" in kim.get(f"{day}?country=Turkyie").content.decode()
    assert kim.get(f"{day}?day=yesterday").context["form"].errors
    assert queries.meaning("CS", date(1990, 1, 1)) == "Czechoslovakia"
    assert queries.meaning("CS", date(2004, 1, 1)) == "Serbia and Montenegro"
    assert queries.meaning("CS", date(2010, 1, 1)) == ""
    assert queries.meaning("ME", date(1990, 1, 1)) == ""
    assert (queries.called(date(2020, 1, 1))["TR"], queries.called()["TR"]) == ("Turkey", "Türkiye")


@pytest.mark.parametrize(
    ("name", "arguments", "most"),
    [("home", (), 7), ("publication", ("country_list", "EAR_B"), 7), ("on_a_day", (), 7)],
)
def test_pages_take_few_queries(kim: Client, name: str, arguments: tuple[str, ...], most: int) -> None:
    kim.get(at(name, *arguments))
    with CaptureQueriesContext(connection) as made:
        assert kim.get(at(name, *arguments)).status_code == 200
    assert len(made) <= most, "\n".join(query["sql"][:120] for query in made)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_or_publish_at_once_one_does() -> None:
    seed()
    amara, henrik = person("amara.okafor"), person("henrik.dahl")
    commands.start(actor=amara, kind="country_list", key="RACE", note="Race", content={"name": "Race"})
    draft = Publication.objects.get(key="RACE")
    add_member(actor=amara, publication_id=draft.pk, code="NO")
    commands.propose(actor=amara, publication_id=draft.pk)
    later = timezone.now() + timedelta(days=1)

    def publish(_: int) -> str:
        return outcome(lambda: commands.publish(actor=henrik, publication_id=draft.pk, effective_at=later))

    def open_(_: int) -> str:
        return outcome(lambda: commands.open_draft(actor=amara, kind="country_list", key="RACE", note="Again"))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(publish, range(4))) == ["done", "wrong_state", "wrong_state", "wrong_state"]
        assert sorted(pool.map(open_, range(4))) == ["done", "draft_open", "draft_open", "draft_open"]
    assert [row.state for row in Publication.objects.filter(key="RACE").order_by("version")] == ["published", "draft"]


def outcome(deed: object) -> str:
    try:
        deed()  # type: ignore[operator]
    except Refused as refused:
        return refused.code if isinstance(refused, NotNow) else repr(refused)
    else:
        return "done"
    finally:
        connections.close_all()
