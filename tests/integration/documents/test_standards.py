"""Every document that the authority issues follows PDF/A-3a and PDF/UA-1: by veraPDF where there is one, and by rules read here."""

import io
import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from licensing import env
from licensing.documents import render, sign
from licensing.documents.context import LetterBlock, LetterDocument
from tests.examples.documents import AUTHORITY, application_document, license_document

VERAPDF = env.read(os.environ).verapdf
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LETTER = LetterDocument(
    authority=AUTHORITY, title="Intent to deny", reference="A000001", addressee=("Halcyon Models, Inc.", "San Francisco"),
    written_on=date(2026, 11, 26), blocks=(LetterBlock(text="Reasons", heading=True), LetterBlock(text="The site is not named.")),
)  # fmt: skip
ORDER = {
    "authority": AUTHORITY, "key": "halcyon", "version": 1, "title": "On Meridian", "company": "Halcyon Models, Inc.",
    "address": "San Francisco", "effective_at": NOW, "content_hash": "9b" * 32, "lines": [{"label": "Models", "value": "Meridian 3.1"}],
}  # fmt: skip
SCREENING = {
    "authority": AUTHORITY, "run": "7", "subject": {"kind": "case", "id": "A000001"}, "at": "2026-11-26", "state": "done",
    "engine": "names/3",
    "thresholds": {"score": "0.8", "lists": {}, "ownership": {"limit": "50", "lists": ["sdn"]}}, "screened_by": "Entente",
    "snapshots": [{"list": "sdn", "number": 1, "sha256": "9b" * 32}],
    "queries": [{"role": "end user", "name": "Fjordhelse Sykehus HF", "country": "NO"}],
}  # fmt: skip
DOCUMENTS: Mapping[str, object] = {
    "license": license_document(), "application": application_document(), "letter": LETTER, "order": ORDER, "screening": SCREENING,
}  # fmt: skip
MARKED, UNMARKED = (b"BDC", b"BMC"), (b"EMC",)
DRAWS = (b"Tj", b"TJ", b"'", b'"', b"f", b"f*", b"F", b"S", b"s", b"B", b"B*", b"b", b"b*", b"Do", b"sh", b"EI")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """One file of each kind, signed."""
    folder = tmp_path_factory.mktemp("documents")
    return {kind: _made(folder, kind, context) for kind, context in DOCUMENTS.items()}


def _made(folder: Path, kind: str, context: object) -> Path:
    page = render.html(f"documents/{kind}.html", document=context, development=True, title=kind, created_at=NOW)
    embedded = render.Embedded(name=f"{kind}.json", description=kind, data={"kind": kind})
    unsigned = render.pdf(
        page, embedded=embedded, identifier=kind, created_at=NOW, verify_at=render.verification_url(context)
    )
    file = folder / f"{kind}.pdf"
    file.write_bytes(sign.sign(unsigned, reason="test"))
    return file


@pytest.mark.skipif(VERAPDF is None, reason="VERAPDF names no veraPDF")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_finds_no_fault(files: Mapping[str, Path], flavour: str) -> None:
    command = [str(VERAPDF), "--flavour", flavour, "--format", "mrr", *map(str, files.values())]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert told.count('isCompliant="true"') == len(files), told


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_catalog_says_what_the_standards_ask_for(files: Mapping[str, Path], kind: str) -> None:
    """ISO 14289-1, 5 and 7.1; ISO 19005-3, 6.2.3, 6.6.4 and 6.8."""
    reader = PdfReader(files[kind])
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], root["/ViewerPreferences"]["/DisplayDocTitle"]) == (
        "en-US",
        True,
        True,
    )
    said = root["/Metadata"].get_data().decode()
    assert all(claim in said for claim in ('pdfaid:part="3"', 'pdfaid:conformance="A"', 'pdfuaid:part="1"')), said
    assert [each["/S"] for each in root["/OutputIntents"]] == ["/GTS_PDFA1"]
    assert {(each["/AFRelationship"], each["/UF"]) for each in root["/AF"]} == {("/Data", f"{kind}.json")}
    assert reader.trailer.get("/ID"), "the file has an identifier"


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_all_that_is_drawn_is_tagged_or_an_artifact(files: Mapping[str, Path], kind: str) -> None:
    """ISO 14289-1, 7.1: content is marked as real, with a number that the structure has, or as an artifact."""
    reader = PdfReader(files[kind])
    for number, page in enumerate(reader.pages, start=1):
        tagged, loose = _marks(page.get_contents())
        assert loose == [], f"page {number}"
        parents = _parents(reader.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"])[page["/StructParents"]]
        assert tagged <= {mark for mark, element in enumerate(parents.get_object()) if element.get_object()}


def _marks(content: ContentStream) -> tuple[set[int], list[bytes]]:
    """The numbers of marked content, and operators that draw outside of any mark."""
    tagged, loose, open_marks = set(), [], 0
    for operands, operator in content.operations:
        if operator in MARKED:
            open_marks += 1
            if len(operands) > 1 and isinstance(operands[1], DictionaryObject) and "/MCID" in operands[1]:
                tagged.add(int(operands[1]["/MCID"]))
        elif operator in UNMARKED:
            open_marks -= 1
        elif operator in DRAWS and not open_marks:
            loose.append(operator)
    return tagged, loose


def _parents(tree: Any) -> dict[int, Any]:
    return dict(_pairs(tree.get_object()))


def _pairs(node: Any) -> Iterator[tuple[int, Any]]:
    numbers = node.get("/Nums", [])
    yield from zip(map(int, numbers[::2]), numbers[1::2], strict=True)
    for kid in node.get("/Kids", []):
        yield from _pairs(kid.get_object())


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_font_is_inside_and_says_its_letters(files: Mapping[str, Path], kind: str) -> None:
    """ISO 19005-3, 6.2.11: embedded, and mapped to Unicode, so that text can be read aloud and copied."""
    for page in PdfReader(io.BytesIO(files[kind].read_bytes())).pages:
        for font in page["/Resources"]["/Font"].values():
            whole = font.get_object()
            inner = whole["/DescendantFonts"][0].get_object() if "/DescendantFonts" in whole else whole
            assert "/ToUnicode" in whole
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & inner["/FontDescriptor"].get_object().keys()
