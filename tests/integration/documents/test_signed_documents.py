"""A document as people get it: archival, tagged, carrying its data, signed; and what its verification says of every other file."""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfReader

from licensing.audit.actors import SYSTEM
from licensing.documents import assets, render, sign
from licensing.documents.commands import render_signed
from licensing.documents.models import Document
from licensing.documents.queries import content_of
from licensing.documents.verify import verify
from tests.examples.documents import license_document

pytestmark = pytest.mark.django_db
HOSTILE = (
    "{{ document }} {% now 'Y' %} <script>alert(1)</script> <img src='http://tracker.example/x.png'>"
    " <link rel=stylesheet href='file:///etc/passwd'> <a href='javascript:x'>y</a> & \" '"
)


def made(subject: str = "L-1", **changes: object) -> Document:
    return render_signed(
        kind="license", subject_kind="test", subject_id=subject, template="documents/license.html",
        context=replace(license_document(), **changes), attachment={"number": "AIX-1", "subject": subject, **changes},
        title="License AIX-1", actor=SYSTEM,
    )  # fmt: skip


@pytest.fixture
def pdf() -> bytes:
    return content_of(made())


def test_it_is_archival_and_tagged(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part[^0-9]*3", xmp)
    assert re.search(r"pdfaid:conformance[^A-Z]*A", xmp)
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-US", True)
    assert reader.metadata is not None
    assert reader.metadata.title == "License AIX-1"
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712 - a PDF boolean
    assert not reader.is_encrypted


def test_its_headings_tables_and_fonts_are_what_a_reader_needs(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    tags = structure(reader.trailer["/Root"]["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/P"} <= set(tags)
    assert tags.index("/H1") < tags.index("/H2"), "the title is read first"
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            whole = font.get_object()
            inner = whole["/DescendantFonts"][0].get_object() if "/DescendantFonts" in whole else whole
            described = inner["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & described.keys(), "every font is embedded"


def test_it_follows_what_pdf_ua_asks_for(pdf: bytes) -> None:
    """ISO 14289: each heading one level below the last at most, each cell names its headers, each picture says what it shows."""
    reader = PdfReader(io.BytesIO(pdf))
    nodes = list(elements(reader.trailer["/Root"]["/StructTreeRoot"]))
    levels = [int(tag[2:]) for tag, _ in nodes if re.fullmatch(r"/H[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert levels.count(1) == 1
    heads = {str(node["/ID"]) for tag, node in nodes if tag == "/TH"}
    named = [attributes(node).get("/Headers", []) for tag, node in nodes if tag == "/TD"]
    assert named
    assert all(headers and {str(each) for each in headers} <= heads for headers in named), "each cell names its headers"
    assert all(node.get("/Alt") for tag, node in nodes if tag == "/Figure")
    assert {str(page.get("/Tabs", "")) for page in reader.pages if "/Annots" in page} <= {"/S"}


def test_it_is_read_in_the_order_in_which_it_stands(pdf: bytes) -> None:
    """What a screen reader comes to next lies further on: on a later page, or in a later mark of the same one."""
    reader = PdfReader(io.BytesIO(pdf))
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}
    tree = elements(reader.trailer["/Root"]["/StructTreeRoot"])
    tagged = [pages[node["/Pg"].idnum] for tag, node in tree if tag in ("/H1", "/H2") and "/Pg" in node]
    assert tagged
    assert tagged == sorted(tagged)


def elements(node: object) -> Iterator[tuple[str, dict[str, object]]]:
    """The tag and the dictionary of each element of a tree, in reading order."""
    item = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(item, list):
        for child in item:
            yield from elements(child)
    elif isinstance(item, dict):
        if "/S" in item:
            yield str(item["/S"]), {str(key): item.raw_get(key) for key in item}
        if "/K" in item:
            yield from elements(item["/K"])


def attributes(node: dict[str, object]) -> dict[str, object]:
    found = node.get("/A", {})
    whole = found.get_object() if hasattr(found, "get_object") else found
    return dict(whole) if isinstance(whole, dict) else {}


def structure(node: object) -> list[str]:
    """The tags of a tree, in reading order."""
    found, waiting = [], [node]
    while waiting:
        item = waiting.pop(0)
        item = item.get_object() if hasattr(item, "get_object") else item
        if isinstance(item, list):
            waiting = [*item, *waiting]
        elif isinstance(item, dict):
            found += [str(item["/S"])] if "/S" in item else []
            waiting = [item["/K"], *waiting] if "/K" in item else waiting
    return found


def test_it_carries_its_data(pdf: bytes) -> None:
    document = Document.objects.get()
    attached = PdfReader(io.BytesIO(pdf)).attachments["license.json"][0]
    told = json.loads(attached)
    assert told["license"] == {"number": "AIX-1", "subject": "L-1"}
    assert told["document"]["id"] == str(document.pk)
    assert told["document"]["content_sha256"] == document.content_hash


def test_the_same_again_is_the_same_document_and_a_change_is_the_next_version() -> None:
    first, again, next_ = made(), made(), made(revision="B")
    assert first.pk == again.pk
    assert (first.version, next_.version) == (1, 2)
    assert Document.objects.count() == 2, "no version is overwritten"


def test_what_people_write_stays_text_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fetch = assets.Bundled.fetch
    monkeypatch.setattr(
        assets.Bundled, "fetch", lambda self, url, headers=None: asked.append(url) or fetch(self, url, headers)
    )
    licensee = replace(license_document().licensee, name=HOSTILE)
    pdf = content_of(made(licensee=licensee))
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    assert "".join(HOSTILE.split()) in text
    assert {url for url in asked if not url.startswith(assets.SCHEME)} == set()


@pytest.mark.parametrize(
    "address", ["http://a.example/x", "file:///etc/passwd", "data:text/plain,x", "bundled:../render.py"]
)
def test_the_renderer_opens_no_address_but_its_own(address: str) -> None:
    with pytest.raises(assets.FetchRefused):
        assets.Bundled().fetch(address)


def test_a_whole_document_is_genuine(pdf: bytes) -> None:
    found = verify(pdf)
    assert (found.genuine, found.known, found.intact, found.development) == (True, True, True, True)
    assert "not a byte was changed" in found.sentences[0]


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler's pdfsig is not installed")
def test_a_tool_that_is_not_ours_agrees(pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "license.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in told
    assert "Total document signed" in told


def test_one_byte_is_noticed_wherever_it_is(pdf: bytes) -> None:
    for place in (len(pdf) // 7, len(pdf) // 3, len(pdf) // 2):
        changed = bytearray(pdf)
        changed[place] ^= 1
        found = verify(bytes(changed))
        assert (found.genuine, found.intact) == (False, False), place


def test_what_is_appended_afterwards_is_noticed(pdf: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Extra"] = writer.add_object(writer.root.get_object())
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(pdf), "the signed part is as it was"
    assert verify(out.getvalue()).genuine is False


def test_what_we_signed_but_never_registered_is_told_apart(pdf: bytes) -> None:
    page = render.html(
        "documents/license.html", document=license_document(), development=True, title="T", created_at=_now()
    )
    forged = sign.sign(render.pdf(page, embedded=None, identifier="x", created_at=_now()), reason="test")
    found = verify(forged)
    assert (found.genuine, found.known, found.intact) == (False, False, True)
    assert "The register does not hold this file." in found.sentences


@pytest.mark.parametrize("content", [b"", b"no PDF at all", b"%PDF-1.7\n%%EOF", b"%PDF-" + bytes(range(256)) * 40])
def test_any_other_file_is_not_ours_and_no_error(content: bytes) -> None:
    found = verify(content)
    assert (found.genuine, found.known) == (False, False)
    assert found.sentences == ("This file carries no signature of ours.",)


def _now() -> object:
    return Document.objects.latest("signed_at").signed_at
