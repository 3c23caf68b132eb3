"""A load on the administrators' pages: brought by hand or held, seen with what it would change, and settled with a reason."""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from licensing.audit.actors import SYSTEM
from licensing.notices.models import Notice
from licensing.screening import formats, seeding
from licensing.screening.commands import configure_list, import_list
from licensing.screening.formats import tables
from licensing.screening.models import ListCheck, ListedParty, ListSnapshot
from tests.examples.story import person, seed

pytestmark = pytest.mark.django_db


def test_a_held_load_is_seen_and_released(client: Client) -> None:
    seed()
    two = b"".join(seeding.PATH.read_bytes().splitlines(keepends=True)[:3])
    held = import_list(
        actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25), content=two
    )
    client.force_login(person("henrik.dahl"), "allauth.account.auth_backends.AuthenticationBackend")
    assert "would go" in client.get(reverse("administrator:screening")).content.decode()
    page = reverse("administrator:snapshot", args=[held.pk])
    assert "What it would change" in client.get(page).content.decode()
    assert "Say why" in client.post(page, {"outcome": "release", "reason": "Short."}).content.decode()
    told = client.post(page, {"outcome": "release", "reason": "The office confirmed it."}, follow=True)
    assert "The load is in force." in told.content.decode()
    assert ListSnapshot.objects.get(pk=held.pk).state == "current"
    assert client.post(page, {"outcome": "refuse", "reason": "The office confirmed it."}).status_code == 409


CONTENT = seeding.PATH.read_bytes()
LINE = b"E-NEW-1,company,Kestrel Trading FZE,,,AE,,,,,,,\n"
SDN = '101,"KESTREL TRADING FZE",-0- ,"SYN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Website kestrel.example"\n'
ALT = '101,1,"aka","KESTREL GENERAL TRADING",-0- \n'


@pytest.fixture
def henrik(client: Client) -> Client:
    seed()
    client.force_login(person("henrik.dahl"), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def upload(client: Client, *files: tuple[str, bytes], key: str = "synthetic") -> str:
    given = [SimpleUploadedFile(name, content) for name, content in files]
    page = reverse("administrator:upload_list", args=[key])
    return client.post(page, {"file": given, "published_on": "2026-11-26"}, follow=True).content.decode()


def test_a_file_that_is_brought_is_seen_before_it_is_in_force(henrik: Client) -> None:
    page = upload(henrik, ("synthetic.csv", CONTENT.rstrip(b"\n") + b"\n" + LINE))
    assert (
        "look at what it would change" in page,
        "Kestrel Trading FZE" in page,
        "1 added, 0 removed, 0 changed" in page,
    ) == (True,) * 3
    held = ListSnapshot.objects.get(state="held")
    assert (held.loaded_by_label, ListSnapshot.objects.get(state="current").number) == ("Henrik Dahl", 1)
    assert not Notice.objects.filter(name="screening/list_held").exists()
    henrik.post(
        reverse("administrator:snapshot", args=[held.pk]),
        {"outcome": "release", "reason": "It is the agency's own file."},
    )
    assert ListSnapshot.objects.get(state="current").pk == held.pk
    assert "in force already" in upload(henrik, ("synthetic.csv", CONTENT.rstrip(b"\n") + b"\n" + LINE))


@pytest.mark.parametrize("zipped", [False, True])
def test_the_files_of_ofac_come_together_or_in_one_archive(henrik: Client, zipped: bool) -> None:
    configure_list(
        actor=SYSTEM, key="ofac-sdn", name="SDN", format_="ofac", urls=[], every_hours=24, most_shrinkage=0.1
    )
    files = {"sdn.csv": SDN.encode(), "alt.csv": ALT.encode()}
    given = [("sdn.zip", formats.pack(files))] if zipped else list(files.items())
    assert "1: 1 added" in upload(henrik, *given, key="ofac-sdn")
    upload(henrik, *given, key="ofac-sdn")
    assert ListSnapshot.objects.filter(restricted_list__key="ofac-sdn").count() == 1


def bomb() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("synthetic.csv", b"0" * (tables.MOST_BYTES + 1))
    return out.getvalue()


BAD = {
    "truncated": (lambda: CONTENT[:-40], "correct the row"),
    "mis-encoded": (lambda: CONTENT.replace(b"Invented.", "Erfunden: \xe4.".encode("latin-1"), 1), "not UTF-8"),
    "a new header": (lambda: CONTENT.replace(b"entity_id", b"entity_number", 1), "the columns are"),
    "a web page": (lambda: b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
    "nothing": (lambda: CONTENT.partition(b"\n")[0] + b"\n", "no entity"),
    "a bomb": (bomb, "unpacked it has over 200 MB"),
    "half an archive": (lambda: bomb()[:200], "cannot be read"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_whole_on_the_page_and_held_by_the_command(henrik: Client, what: str) -> None:
    make, words = BAD[what]
    content, before = make(), ListedParty.objects.count()
    page = upload(henrik, ("synthetic.csv", content))
    assert ("There is a problem" in page, words in page) == (True, True)
    assert ListCheck.objects.latest("pk").outcome == "refused"
    held = import_list(
        actor=SYSTEM, key="synthetic", name="", source="synthetic.csv", published_on=date(2026, 11, 26), content=content
    )
    assert (held.state, words in held.held_because) == ("held", True)
    assert (ListSnapshot.objects.get(state="current").number, ListedParty.objects.count()) == (1, before)
    assert Notice.objects.filter(name="screening/list_held").exists()
