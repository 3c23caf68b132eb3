"""Where a PDF differs from the document that it says it is, part by part, for people: which page, the data, what was added."""

import io
import json
import zlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from licensing.documents.files import sha256_of
from licensing.documents.models import Document
from licensing.documents.queries import FileDamaged, content_of

MOST_PAGES = 200
MOST_DATA = 2 * 2**20
# Whatever a broken or hostile file brings about is a difference, never an error of ours.
BROKEN = (PdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError, zlib.error)


def claimed(pdf: bytes) -> Document | None:
    """The document that a file says it is, in the data that it carries; None when it says nothing of the kind."""
    try:
        for content in attachments(io.BytesIO(pdf)).values():
            if len(content) <= MOST_DATA:
                return Document.objects.filter(pk=UUID(json.loads(content)["document"]["id"])).first()
    except BROKEN:
        pass
    return None


def places(issued: Document, pdf: bytes) -> tuple[str, ...]:
    """A sentence for each part of the file that is not as it was issued."""
    try:
        original = content_of(issued)
    except (FileDamaged, OSError):
        return ()
    told = tuple(_parts(original, pdf))
    if len(pdf) > len(original) and pdf.startswith(original):
        return (f"{len(pdf) - len(original)} bytes were added at the end, after the signature.", *told)
    first = next((at for at, pair in enumerate(zip(original, pdf, strict=False)) if pair[0] != pair[1]), len(pdf))
    return (*told, f"The first byte that differs is number {first + 1} of {len(original)}.")


def _parts(original: bytes, pdf: bytes) -> Iterator[str]:
    before, after = _described(original), _described(pdf)
    for part, digest in before.items():
        if part not in after:
            yield f"{part} is missing or cannot be read."
        elif after[part] != digest:
            yield f"{part} is not as it was issued."
    for part in after:
        if part not in before:
            yield f"{part} was added."


def _described(pdf: bytes) -> dict[str, str]:
    """The parts of a PDF that can be read, with a digest of each."""
    found: dict[str, str] = {}
    try:
        for name, content in attachments(io.BytesIO(pdf)).items():
            found[f"The data inside the file ({name})"] = sha256_of(content)
    except BROKEN:
        pass
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        count = int(reader.root["/Pages"]["/Count"])
    except BROKEN:
        return found
    for number in range(min(count, MOST_PAGES)):
        try:
            page = reader.find_page_for_modification(number)[0].get_object()
            found[f"Page {number + 1}"] = sha256_of(_drawn(page))
        except BROKEN:
            continue
    return found


def _drawn(page: Any) -> bytes:
    """What a page draws, and how many annotations lie on it."""
    contents = page["/Contents"]
    streams = contents if isinstance(contents, generic.ArrayObject) else [contents]
    drawn = b"\n".join(stream.get_object().data for stream in streams)
    return drawn + str(len(page.get("/Annots", ()))).encode()


def attachments(pdf: io.BytesIO) -> dict[str, bytes]:
    """The associated files of a PDF, by name. Raises one of `BROKEN` for what is no whole PDF."""
    root = PdfFileReader(pdf, strict=False).root
    files = [each.get_object() for each in root.get("/AF", ())]
    return {str(each["/UF"]): each["/EF"]["/F"].data for each in files}
