"""What a PDF proves: the license that it is, altered where, another's, not ours; and its status now."""

import io
import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from licensing.documents.queries import content_of
from licensing.licenses.document import verification_url
from licensing.licenses.models import License
from licensing.licenses.proof import prove

ANOTHER = "AIX-US-IND-2026-0009999-A-0"


@pytest.fixture
def pdf(license_: License) -> bytes:
    assert license_.document is not None
    return content_of(license_.document)


def test_a_whole_file_holds_and_its_data_agree_with_the_register(pdf: bytes, license_: License) -> None:
    proof = prove(pdf, timezone.now())
    assert (proof.holds, proof.agrees, proof.other) == (True, True, "")
    assert proof.status is not None
    assert proof.status.number == license_.number
    assert prove(pdf, license_.valid_until + timedelta(minutes=1)).holds is False


def test_an_altered_page_is_named(pdf: bytes, license_: License) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    page = writer.pages[0]
    page["/Contents"].get_object().set_data(page["/Contents"].get_object().get_data() + b" ")
    altered = io.BytesIO()
    writer.write(altered)
    proof = prove(altered.getvalue(), timezone.now(), number=license_.number)
    assert proof.holds is False
    assert "Page 1 is not as it was issued." in proof.sentences
    assert not any("Page 2" in line for line in proof.sentences)


def test_altered_data_and_what_was_appended_are_named(pdf: bytes) -> None:
    assert any(
        "11 bytes were added at the end" in line for line in prove(pdf + b"% appended\n", timezone.now()).sentences
    )
    place = pdf.index(b"/DocMDP")
    told = prove(pdf[:place] + b"/DocMDX" + pdf[place + 7 :], timezone.now()).sentences
    assert f"The first byte that differs is number {place + 7} of {len(pdf)}." in told


def test_the_file_of_another_license_is_said_to_be_another(pdf: bytes, license_: License, client: Client) -> None:
    proof = prove(pdf, timezone.now(), number=ANOTHER)
    assert (proof.checked.genuine, proof.holds, proof.other) == (True, False, license_.number)
    path = reverse("verify_number", args=[ANOTHER])
    page = client.post(path, {"file": SimpleUploadedFile("l.pdf", pdf, "application/pdf")}).content.decode()
    assert f"It is the file of license {license_.number}" in page
    names = {party.name for party in license_.parties.all()} | {license_.licensee.name}
    assert [name for name in names if name in page] == [], "no party is named"


def test_the_command_says_it_and_exits(
    pdf: bytes, license_: License, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "license.pdf"
    file.write_bytes(pdf)
    call_command("license", "verify", str(file), "--number", license_.number)
    assert f"License {license_.number} is valid" in capsys.readouterr().out
    file.write_bytes(b"%PDF-1.7 nothing of ours")
    with pytest.raises(CommandError, match="Do not rely"):
        call_command("license", "verify", str(file))
    assert "no signature of ours" in capsys.readouterr().out


def test_the_code_on_the_page_and_the_data_name_the_register(pdf: bytes, license_: License, tmp_path: Path) -> None:
    """Read as a stranger would: the picture of the page by a reader of codes, the data by a reader of PDFs."""
    told = json.loads(PdfReader(io.BytesIO(pdf)).attachments["license.json"][0])["license"]
    assert (told["number"], told["verify_at"]) == (license_.number, verification_url(license_.number))
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp reads the code")
    image = pytest.importorskip("PIL.Image")
    file = tmp_path / "license.pdf"
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "110", "-png", str(file), str(tmp_path / "page")], check=True)
    found = {
        code.text for page in sorted(tmp_path.glob("page*.png")) for code in zxingcpp.read_barcodes(image.open(page))
    }
    assert found == {verification_url(license_.number)}
