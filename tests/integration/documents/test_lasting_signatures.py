"""A signature that is to last: with somebody else's time and what it is checked with, judged by tools that are not ours."""

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pytest_django.fixtures import Settings

from licensing import env
from licensing.audit.actors import SYSTEM
from licensing.documents import sign
from licensing.documents.commands import render_signed
from licensing.documents.queries import content_of
from licensing.documents.verify import verify
from tests.examples.documents import license_document
from tests.examples.timestamping import PASSPHRASE, Place, authorities

pytestmark = pytest.mark.django_db
VERAPDF = env.read(os.environ).verapdf


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Iterator[Place]:
    with authorities(tmp_path) as place:
        settings.SIGNING_KEY, settings.SIGNING_PASSPHRASE = place.pkcs12, PASSPHRASE
        settings.TIMESTAMP_URL, settings.TIMESTAMP_ROOTS = place.url, place.roots
        sign.key.cache_clear()
        yield place
    sign.key.cache_clear()


@pytest.fixture
def pdf(place: Place) -> bytes:
    document = render_signed(
        kind="license", subject_kind="test", subject_id="1", template="documents/license.html", context=license_document(),
        attachment={"number": "AIX-1"}, title="License AIX-1", actor=SYSTEM,
    )  # fmt: skip
    return content_of(document)


def told_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_it_carries_the_time_and_what_it_is_checked_with_and_allows_no_change(pdf: bytes, place: Place) -> None:
    assert {"/tsa", "/crl"} <= set(place.asked)
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    store = root["/DSS"]
    assert len(store["/CRLs"]) >= 1
    assert len(store["/Certs"]) >= 2, "the signer's and the time-stamping authority's"
    signature = root["/Perms"]["/DocMDP"].get_object()
    assert signature["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature["/Reference"][0].get_object()["/TransformParams"]["/P"] == 1
    start, _, after, rest = signature["/ByteRange"]
    assert (start, after + rest) == (0, len(pdf)), "the store is inside what is signed"
    found = verify(pdf)
    assert (found.genuine, found.development, found.timestamped) == (True, False, True)


def test_poppler_and_qpdf_agree(pdf: bytes, tmp_path: Path, place: Place) -> None:
    if not (shutil.which("pdfsig") and shutil.which("qpdf")):
        pytest.skip("pdfsig (poppler-utils) and qpdf are not both installed")
    file = tmp_path / "license.pdf"
    file.write_bytes(pdf)
    told = told_by("pdfsig", "-nocert", str(file))
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "No syntax or stream encoding errors" in told_by("qpdf", "--check", str(file))


@pytest.mark.skipif(VERAPDF is None, reason="VERAPDF names no veraPDF")
def test_verapdf_finds_no_fault_with_it(pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "license.pdf"
    file.write_bytes(pdf)
    assert 'isCompliant="true"' in told_by(str(VERAPDF), "--flavour", "3a", "--format", "mrr", str(file))


def test_a_timestamp_service_that_is_out_of_reach_stops_the_signature(place: Place, settings: Settings) -> None:
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/tsa"
    blank, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(blank)
    with pytest.raises(sign.TimestampMissing, match="ENTENTE_TIMESTAMP_URL"):
        sign.sign(blank.getvalue(), reason="test")
