"""Files that people hand in: what they are is found in their content, and what could do something is not taken."""

import gzip
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, RectangleObject, TextStringObject

from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Invalid
from licensing.cases.commands import reviewing
from licensing.documents import filetypes
from licensing.documents.commands import render_signed, store_upload
from licensing.documents.models import StoredFile
from licensing.documents.queries import content_of
from tests.examples.documents import license_document
from tests.examples.story import Story, person, seed

pytestmark = pytest.mark.django_db


def pdf(*, script: str = "", password: str = "", inside: bytes = b"", opens: str = "") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if script:
        writer.root_object[NameObject("/OpenAction")] = action("/JavaScript", "/JS", script)
    if opens == "document":
        then = {NameObject("/S"): NameObject("/Named"), NameObject("/Next"): action("/URI", "/URI", ADDRESS)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(then)
    if opens == "page":
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action("/URI", "/URI", ADDRESS)})
    if opens == "click":
        writer.add_uri(0, ADDRESS, RectangleObject((0, 0, 9, 9)))
    if inside:
        writer.add_attachment("inside.zip", inside)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def action(kind: str, name: str, what: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject(name): TextStringObject(what)})


def office(*names: str, size: int = 1, **more: bytes) -> bytes:
    """A file with parts of so many bytes, and `more` with their content: `rels`, `types`, or anything else by its name in `word/`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", more.pop("types", b"<Types/>"))
        archive.writestr("word/_rels/settings.xml.rels", more.pop("rels", b"<Relationships/>"))
        for name in names:
            archive.writestr(name, b"0" * size)
        for name, content in more.items():
            archive.writestr(f"word/{name}", content)
    return out.getvalue()


def relation(kind: str, mode: str = "External") -> bytes:
    return f'<R><Relationship Type="http://x/{kind}" Target="{ADDRESS}" TargetMode="{mode}"/></R>'.encode("utf-16")


def png(*chunks: bytes) -> bytes:
    """Chunks with their lengths; their check sums are nobody's here."""
    return b"\x89PNG\r\n\x1a\n" + b"".join((len(each) - 4).to_bytes(4) + each + b"sums" for each in chunks)


WORD = "word/document.xml"
ADDRESS = "https://example.org/"
PICTURE = png(b"IHDR" + bytes(13), b"IEND")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"
ZIPPED = office("readme.txt")


def stored(content: bytes, name: str) -> StoredFile:
    return store_upload(actor=SYSTEM, uploaded=SimpleUploadedFile(name, content), kept=0)


@pytest.mark.parametrize(
    ("content", "name", "media_type", "kept_as"),
    [
        (pdf(), "plan.exe", filetypes.PDF, "plan.pdf"),
        (b"a,b\n1,2\n", "table.csv", filetypes.CSV, "table.csv"),
        (b"plain words", "../../etc/passwd", filetypes.TEXT, "passwd.txt"),
        (office(WORD), "C:\\letters\\offer.docx", filetypes.DOCX, "offer.docx"),
        (pdf(opens="click"), "linked.pdf", filetypes.PDF, "linked.pdf"),
        (office(WORD, rels=relation("hyperlink")), "linked.docx", filetypes.DOCX, "linked.docx"),
        (PICTURE, "seal.png", filetypes.PNG, "seal.png"),
        (b"words", 'a"\r\nSet-Cookie: x=1.txt', filetypes.TEXT, "aSet-Cookie x=1.txt"),
        (b"words", "\u202efdp.txt", filetypes.TEXT, "fdp.txt"),
    ],
)
def test_a_file_is_what_its_content_says_under_a_safe_name(
    content: bytes, name: str, media_type: str, kept_as: str
) -> None:
    row = stored(content, name)
    assert (row.media_type, row.filename) == (media_type, kept_as)


@pytest.mark.parametrize(
    ("content", "mend"),
    [
        (b"", "Choose the file again"),
        (pdf(script="app.alert(1)"), "holds scripts"),
        (pdf(inside=b"PK\x03\x04"), "holds other files"),
        (pdf(password="secret"), "Save it without a password"),
        (b"%PDF-1.7 and then nothing", "Print it to a new PDF"),
        (b"\x89PNG\r\n\x1a\n cut", "cut off"),
        (office("readme.txt"), "Unpack it"),
        (gzip.compress(b"words", mtime=0), "Unpack it"),
        (b"Rar!\x1a\x07\x01\x00", "Unpack it"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "Unpack it"),
        (b"letter.pdf".ljust(257, b"\0") + b"ustar\x0000", "Unpack it"),
        (office(WORD, "word/vbaProject.bin"), "macros"),
        (office(WORD, picture=OLE), "embedded object or macros (word/picture)"),
        (office(WORD, picture=ZIPPED), "another file (word/picture)"),
        (office(WORD, rels=relation("attachedTemplate")), "when it is opened (attachedTemplate)"),
        (office(WORD, rels=b"<broken"), "damaged"),
        (office(WORD, rels=b'<?xml version="1.0" encoding="nobodys"?><R/>'), "damaged"),
        (office(WORD)[:-40], "damaged"),
        (b"PK\x03\x04" + bytes(30) + office(WORD)[-200:], "damaged"),
        (office(WORD, types=b'<T><Override ContentType="application/vnd.ms-office.vbaProject"/></T>'), "macros"),
        (pdf() + ZIPPED, "after the end of the PDF"),
        (pdf() + ZIPPED + b"\n%%EOF", "after the end of the PDF"),
        (pdf() + b"Rar!\x1a\x07\x01\x00", "after the end of the PDF"),
        (PICTURE + ZIPPED, "after the end of the PNG"),
        (PICTURE + b"7z\xbc\xaf\x27\x1c IEND", "after the end of the PNG"),
        (pdf(opens="document"), "opens a web address by itself"),
        (pdf(opens="page"), "opens a web address by itself"),
        (office(WORD, "word/more.xml", size=101 * 2**20), "Save it as PDF"),
        (b"<svg onload='x'/>", "Web pages and drawings"),
        (b"\x7fELF\x02\x01", "kind of file is not known"),
    ],
)
def test_what_is_not_taken_says_why_and_the_mend(content: bytes, mend: str) -> None:
    with pytest.raises(Invalid) as refused:
        stored(content, "file.pdf")
    problem = refused.value.problems[0]
    assert (problem.field, problem.value) == ("file", "file.pdf")
    assert mend in problem.mend
    assert StoredFile.objects.count() == 0


def test_a_document_of_ours_may_hold_its_data_and_no_other_may() -> None:
    issued = render_signed(
        kind="license", subject_kind="test", subject_id="1", template="documents/license.html", context=license_document(),
        attachment={"number": "AIX-1"}, title="License AIX-1", actor=SYSTEM,
    )  # fmt: skip
    content = content_of(issued)
    assert stored(content, "license.pdf").sha256 == issued.sha256
    with pytest.raises(Invalid, match="holds other files"):
        stored(content + b"\n", "license.pdf")


def test_a_file_too_large_is_not_read_to_its_end(settings: object) -> None:
    settings.UPLOAD_LARGEST_BYTES = 2**20  # type: ignore[attr-defined]
    with pytest.raises(Invalid, match="larger than 1 MB"):
        stored(b"a" * (2**20 + 1), "long.txt")


def test_one_file_too_many_is_refused_and_nothing_of_the_answer_is_kept(settings: object) -> None:
    seed()
    settings.UPLOAD_MOST_FILES = 1  # type: ignore[attr-defined]
    story = Story()
    application = story.draft()
    story.attach(application)
    with pytest.raises(Invalid, match="There are 1 files already"):
        story.attach(application)
    case = story.checked(story.file(application))
    question = reviewing.ask_applicant(
        actor=person("omar.haddad"), case_id=case.pk, seat="officer", question="Who holds the keys?"
    )
    files = [SimpleUploadedFile(f"{name}.txt", b"We hold them.") for name in "ab"]
    with pytest.raises(Invalid, match="There are 1 files already"):
        reviewing.answer_question(
            actor=story.preparer, question_id=question.pk, answer="The exporter alone holds them.", uploads=files
        )
    question.refresh_from_db()
    assert (question.answer, question.attachments.count(), application.attachments.count()) == ("", 0, 1)
