"""Uploads and malware: a server on loopback that speaks clamd's protocol, the EICAR test string, and what may be opened when."""

import socketserver
import struct
import threading
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from licensing.cases.commands import drafting
from licensing.cases.models import Application, Attachment
from licensing.documents import scanning
from licensing.documents.models import StoredFile
from licensing.env import Malformed, clamd_address
from tests.examples.story import Story, person, seed, work_off
from workflows import outbox
from workflows.models import Incident, OutboxRow

pytestmark = pytest.mark.django_db
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLEAN = "We, the hospital, will use the model as described."


class Clamd(socketserver.StreamRequestHandler):
    """The daemon's side of INSTREAM: reads the chunks, looks for EICAR, answers in one line."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        found = b"Eicar-Signature FOUND" if b"EICAR" in content else b"OK"
        self.wfile.write(
            b"INSTREAM size limit exceeded. ERROR\0" if b"TOO LONG" in content else b"stream: " + found + b"\0"
        )


@pytest.fixture
def clamd(settings: Settings) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMD = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield settings.CLAMD
        server.shutdown()


@pytest.fixture
def application() -> Application:
    seed()
    return Story().draft()


def attach(application: Application, text: str) -> Attachment:
    drafting.attach(
        actor=person("noa.feld"), application_id=application.pk, kind="other", title="A letter",
        uploaded=SimpleUploadedFile("../../letter<b>.html.txt", text.encode(), "text/plain"),
    )  # fmt: skip
    return Attachment.objects.latest("pk")


def get(login: str, attachment: Attachment) -> tuple[int, dict[str, str], bytes]:
    client = Client()
    client.force_login(person(login))
    answer = client.get(reverse("attachment", args=[attachment.pk]))
    return answer.status_code, dict(answer.headers), answer.getvalue()


def test_a_file_is_given_out_once_it_is_found_clean_and_bit_for_bit(clamd: str, application: Application) -> None:
    attachment = attach(application, CLEAN)
    assert scanning.state(attachment.file) == "being_scanned"
    assert get("noa.feld", attachment)[0] == 409
    work_off()
    attachment = Attachment.objects.get(pk=attachment.pk)
    assert scanning.state(attachment.file) == "clean"
    status, headers, content = get("noa.feld", attachment)
    assert (status, content) == (200, CLEAN.encode())
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Type"] == "application/octet-stream"
    assert not {"<", "/", "\\"} & set(headers["Content-Disposition"])
    assert get("tomas.reyes", attachment)[0] == 404


def test_an_infected_file_is_never_given_out_and_somebody_is_told(clamd: str, application: Application) -> None:
    attachment = attach(application, EICAR)
    work_off()
    attachment = Attachment.objects.get(pk=attachment.pk)
    assert scanning.state(attachment.file) == "infected"
    assert get("noa.feld", attachment)[0] == 409
    incident = Incident.objects.get()
    assert "Eicar-Signature" in incident.why
    assert attachment.file.sha256 in incident.why
    client = Client()
    client.force_login(person("henrik.dahl"), "allauth.account.auth_backends.AuthenticationBackend")
    assert "Eicar-Signature" in client.get(reverse("administrator:incidents")).content.decode()


def test_a_scanner_that_is_away_or_says_neither_is_asked_again(
    clamd: str, application: Application, settings: Settings
) -> None:
    refused, away = attach(application, f"TOO LONG {CLEAN}"), attach(application, f"{CLEAN} 2")
    for attachment, address in ((refused, clamd), (away, "tcp://127.0.0.1:9")):
        settings.CLAMD = address
        row = OutboxRow.objects.get(effect="scan_file", key=str(attachment.file_id))
        outbox.work(row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("due", 1)
        assert scanning.state(StoredFile.objects.get(pk=attachment.file_id)) == "being_scanned"


def test_without_a_scanner_the_state_says_so_and_the_file_is_given_out(application: Application) -> None:
    attachment = attach(application, CLEAN)
    assert scanning.state(attachment.file) == "not_scanned"
    assert get("noa.feld", attachment)[0] == 200
    assert not OutboxRow.objects.filter(effect="scan_file").exists()


def test_a_reviewer_of_the_case_opens_what_was_attached(application: Application) -> None:
    attachment = attach(application, CLEAN)
    case = Story().file(application)
    client = Client()
    client.force_login(person("omar.haddad"))
    page = client.get(reverse("reviewer:case", args=[case.control_number])).content.decode()
    assert reverse("attachment", args=[attachment.pk]) in page
    assert get("omar.haddad", attachment)[0] == 200


@pytest.mark.parametrize("address", ["localhost:3310", "http://host:1", "unix:relative", "tcp://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Malformed):
        clamd_address(address)
