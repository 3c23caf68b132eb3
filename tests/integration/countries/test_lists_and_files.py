"""Country lists in files, on days and at instants: by page and by command, previewed first, refused whole."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.countries import queries
from licensing.countries.commands import add_member
from licensing.desk.commands import open_draft, propose
from licensing.publishing.models import Publication
from tests.examples.story import person, seed

pytestmark = pytest.mark.django_db
KEY = "AUTHORITY_WATCH"
GOOD = "code,country,from,until,note\nIE,Ireland,,,Resale\n,Viet Nam,2026-01-01,,\n"


@pytest.fixture(autouse=True)
def lists() -> None:
    seed()


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def kim() -> Client:
    return client_of("amara.okafor")


def hand_in(client: Client, content: str) -> str:
    file = SimpleUploadedFile("watch.csv", content.encode())
    answer = client.post(reverse("administrator:import", args=[KEY]), {"note": "Resale is looked at.", "file": file})
    assert answer.status_code == 200
    return answer.content.decode()


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("countries", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_previewed_confirmed_and_published_at_an_instant(kim: Client) -> None:
    text = hand_in(kim, GOOD)
    assert "Ireland (IE)" in text
    assert "Vietnam (VN)" in text
    assert not Publication.objects.filter(key=KEY, state="draft").exists(), "a preview drafts nothing"

    rows = kim.post(
        reverse("administrator:import", args=[KEY]), {"note": "x", "file": SimpleUploadedFile("w.csv", GOOD.encode())}
    ).context["form"].initial["rows"]  # fmt: skip
    answer = kim.post(
        reverse("administrator:confirm_import", args=[KEY]), {"note": "Resale is looked at.", "rows": rows}
    )
    draft = Publication.objects.get(key=KEY, state="draft")
    assert answer.headers["Location"] == reverse("administrator:draft", args=[draft.pk])
    assert [(row["code"], row.get("from")) for row in draft.content["members"]] == [("IE", None), ("VN", "2026-01-01")]

    propose(actor=person("amara.okafor"), publication_id=draft.pk)
    later = (timezone.now() + timedelta(days=2)).replace(hour=17, minute=21, second=0, microsecond=0)
    publish = reverse("administrator:publish", args=[draft.pk])
    lou = client_of("henrik.dahl")
    for wrong, mend in (
        ("yesterday", "Write the instant as"),
        ("2020-01-01T00:00", "cannot hold from an instant that has passed"),
    ):
        assert mend in lou.post(publish, {"effective_at": wrong}).content.decode()
    there = later.astimezone(ZoneInfo("America/New_York"))
    page = lou.post(publish, {"effective_at": there.strftime("%Y-%m-%dT%H:%M")}, follow=True).content.decode()
    assert f"{there:%H:%M %Z} (17:21 UTC)" in page
    assert Publication.objects.get(pk=draft.pk).effective_at == later
    assert queries.members(KEY, timezone.now()) == frozenset()
    assert queries.members(KEY, later) == {"IE", "VN"}


def test_a_file_with_a_wrong_row_is_refused_whole(kim: Client) -> None:
    text = hand_in(kim, "country\nIreland\nVietnam\nAtlantis\n")
    assert "There is a problem" in text
    assert "Row 4, column country" in text
    assert not Publication.objects.filter(key=KEY, state="draft").exists()


def test_what_goes_out_comes_back_unchanged(kim: Client) -> None:
    for kind in ("csv", "xlsx"):
        exported = kim.get(f"{reverse('administrator:export', args=['EAR_D5'])}?format={kind}")
        file = SimpleUploadedFile(f"d5.{kind}", exported.content)
        page = kim.post(
            reverse("administrator:import", args=["EAR_D5"]), {"note": "as it is", "file": file}
        ).content.decode()
        assert page.count("(0)") == 3, "nothing is added, removed or changed"


def test_a_preview_that_was_changed_or_overtaken_says_what_is_wrong_and_drafts_nothing(kim: Client) -> None:
    confirm = reverse("administrator:confirm_import", args=[KEY])
    text = kim.post(confirm, {"note": "Resale is looked at.", "rows": "code\nQQ\n"}).content.decode()
    assert "There is a problem" in text
    assert "Row 2, column code" in text
    assert "Resale is looked at." in text
    open_draft(actor=person("amara.okafor"), kind="country_list", key=KEY, note="First")
    assert kim.post(confirm, {"note": "Second", "rows": "code\nIE\n"}).status_code == 409
    assert Publication.objects.filter(key=KEY, state="draft").count() == 1


def test_group_b_is_what_its_rule_says_and_lists_name_only_countries() -> None:
    lists = queries.standing(timezone.now().date())
    countries = {code for code in queries.names() if "-" not in code}
    outside = lists["EAR_D1"] | lists["EAR_E1"] | lists["EAR_E2"] | {"HK", "US"}
    assert lists["EAR_B"] | {"US"} == countries - outside | {"US"}
    assert all(codes <= set(queries.names()) for codes in lists.values())


def test_only_administrators(kim: Client) -> None:
    noa = client_of("noa.feld")
    for name, arguments in (("import", [KEY]), ("export", [KEY]), ("on_a_day", [])):
        assert noa.get(reverse(f"administrator:{name}", args=arguments)).status_code == 403
        assert kim.get(reverse(f"administrator:{name}", args=arguments)).status_code == 200
    assert noa.post(reverse("administrator:confirm_import", args=[KEY])).status_code == 403


def test_who_was_on_a_list_on_a_day_and_what_changed_since_another(kim: Client) -> None:
    assert "KH" in queries.standing(date(2026, 2, 2))["EAR_D5"]
    assert "KH" not in queries.standing(date(2026, 2, 3))["EAR_D5"]
    page = kim.get(f"{reverse('administrator:on_a_day')}?day=2026-02-10&since=2026-02-01").content.decode()
    assert "Went: Cambodia" in page
    assert "- KH Cambodia" in told("diff", "EAR_D5", "2026-02-01", "2026-02-10")
    assert "KH" in told("at", "2026-02-02", "EAR_D5")
    assert told("at", "2026-02-03", "EAR_D5").count("KH") == 0


def test_the_command_imports_exports_and_names_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "watch.csv"
    file.write_text(GOOD, encoding="utf-8")
    assert told("import", KEY, str(file), "--dry-run") == "added: IE Ireland\nadded: VN Vietnam\n"
    assert not Publication.objects.filter(key=KEY, state="draft").exists()
    assert "Drafted as version 2" in told(
        "import", KEY, str(file), "--actor", "amara.okafor@entente.example", "--note", "Resale"
    )
    with pytest.raises(CommandError, match="administrator"):
        told("import", "EAR_D5", str(file))
    with pytest.raises(CommandError, match="There is no list EAR_D9"):
        told("export", "EAR_D9")
    book = tmp_path / "d5.xlsx"
    told("export", "EAR_D5", "--output", str(book))
    assert told("import", "EAR_D5", str(book), "--dry-run") == ""
    file.write_text("country\nAtlantis\n", encoding="utf-8")
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("countries", "import", KEY, str(file), "--dry-run", stderr=err)
    assert "Row 2, column country, 'Atlantis'" in err.getvalue()


def test_a_membership_that_begins_later_holds_from_its_day_without_a_new_version() -> None:
    day = timezone.now().date() + timedelta(days=3)
    draft = open_draft(actor=person("amara.okafor"), kind="country_list", key=KEY, note="From next week")
    add_member(actor=person("amara.okafor"), publication_id=draft.pk, code="IE")
    draft.refresh_from_db()
    rows = [{**row, "from": day.isoformat()} for row in draft.content["members"]]
    Publication.objects.filter(pk=draft.pk).update(content={**draft.content, "members": rows})
    propose(actor=person("amara.okafor"), publication_id=draft.pk)
    client_of("henrik.dahl").post(reverse("administrator:publish", args=[draft.pk]))
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    assert queries.members(KEY, timezone.now()) == frozenset()
    assert queries.members(KEY, noon) == {"IE"}
