"""Files that people hand in: what they are is found in their content, and what could do something is not taken."""

import gzip
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Invalid
from licensing.cases.commands import reviewing
from licensing.documents import filetypes
from licensing.documents.commands import store_upload
from licensing.documents.models import StoredFile
from tests.examples.story import Story, person, seed

pytestmark = pytest.mark.django_db


def pdf(*, script: str = "", password: str = "", inside: bytes = b"") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if inside:
        writer.add_attachment("inside.zip", inside)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def office(*parts: str, size: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, b"0" * size)
    return out.getvalue()


def stored(content: bytes, name: str) -> StoredFile:
    return store_upload(actor=SYSTEM, uploaded=SimpleUploadedFile(name, content), kept=0)


@pytest.mark.parametrize(
    ("content", "name", "media_type", "kept_as"),
    [
        (pdf(), "plan.exe", filetypes.PDF, "plan.pdf"),
        (b"a,b\n1,2\n", "table.csv", filetypes.CSV, "table.csv"),
        (b"plain words", "../../etc/passwd", filetypes.TEXT, "passwd.txt"),
        (office("word/document.xml"), "C:\\letters\\offer.docx", filetypes.DOCX, "offer.docx"),
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
        (office("word/document.xml", "word/vbaProject.bin"), "macros"),
        (office("word/document.xml", size=150 * 2**20), "Save it as PDF"),
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
