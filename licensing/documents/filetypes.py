"""What an uploaded file is, found in its content and never in its name; and why some files are not taken.

Pure: bytes in, a media type or a reason out.
"""

import csv
import io
import re
import unicodedata
import zipfile

from licensing.documents.officecheck import ARCHIVES, DAMAGED, FAULTS, OLE, opens_as_archive, reason_against

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TEXT = "text/plain"
CSV = "text/csv"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXTENSIONS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", TEXT: ".txt", CSV: ".csv", DOCX: ".docx", XLSX: ".xlsx"}
NAMES = {
    PDF: "PDF",
    PNG: "PNG image",
    JPEG: "JPEG image",
    TEXT: "plain text",
    CSV: "CSV",
    DOCX: "Word document (.docx)",
    XLSX: "Excel workbook (.xlsx)",
}
EVERY_TYPE = frozenset(EXTENSIONS)

_ARCHIVE = "Archives are not taken. Unpack it and attach the files one by one."
_CUT_OFF = "The {} is cut off. Save it again and choose the new file."
_AFTER_ITS_END = (
    "More follows after the end of the {}. Save it again and choose the new file; attach other files by themselves."
)
_EXTENSION_GIVEN = re.compile(r"\.[A-Za-z0-9]{1,8}$")


class Unwanted(ValueError):
    """A file that is not taken; the message is the mend ("save it without a password")."""


def find_type(content: bytes, filename: str = "") -> str:
    """The media type of this content; the name only tells CSV from other text.

    Raises Unwanted for an empty, damaged, encrypted or macro-bearing file and for every kind that is not in `EVERY_TYPE`. What a PDF
    may hold is `pdfcheck`'s to say.
    """
    if not content:
        raise Unwanted("The file is empty. Choose the file again.")
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content.startswith(ARCHIVES) or content[257:262] == b"ustar":
        raise Unwanted(_ARCHIVE)
    if b"%PDF-" in content[:1024]:
        return _alone(PDF, content, content.rpartition(b"%%EOF")[2] if b"%%EOF" in content else b"")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _alone(_whole(PNG, b"IEND" in content), content, _after_png(content))
    if content.startswith(b"\xff\xd8\xff"):
        return _alone(_whole(JPEG, b"\xff\xd9" in content), content, content.rpartition(b"\xff\xd9")[2])
    if content.startswith(OLE):
        raise Unwanted(
            "This is an old or password-protected Office file. Save it as PDF, or as .docx or .xlsx without a password."
        )
    return _text(content, filename)


def _whole(media_type: str, complete: bool) -> str:
    if not complete:
        raise Unwanted(_CUT_OFF.format(NAMES[media_type]))
    return media_type


def _alone(media_type: str, content: bytes, rest: bytes) -> str:
    """Only blanks may follow, and no archive be in it: what one program shows as a picture another would unpack."""
    if rest.strip(b"\r\n\t \0") or opens_as_archive(content):
        raise Unwanted(_AFTER_ITS_END.format(NAMES[media_type]))
    return media_type


def _after_png(content: bytes) -> bytes:
    """What follows the last chunk of a PNG image: each is length, name, data and a check sum."""
    place, name = 8, b""
    while name != b"IEND":
        if place + 12 > len(content):
            raise Unwanted(_CUT_OFF.format(NAMES[PNG]))
        name = content[place + 4 : place + 8]
        place += 12 + int.from_bytes(content[place : place + 4])
    return content[place:]


def _office(content: bytes) -> str:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except FAULTS as error:
        raise Unwanted(DAMAGED) from error
    names = set(archive.namelist())
    media_type = DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else ""
    if "[Content_Types].xml" not in names or not media_type:
        raise Unwanted(_ARCHIVE)
    if told := reason_against(archive):
        raise Unwanted(told)
    return media_type


def _text(content: bytes, filename: str) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in text):
            continue
        if re.match(r"\s*<(!doctype|html|svg|\?xml|script)", text[:200], re.IGNORECASE):
            raise Unwanted("Web pages and drawings in SVG are not taken. Save it as PDF.")
        return CSV if filename.lower().endswith(".csv") and _reads_as_table(text) else TEXT
    raise Unwanted("The kind of file is not known. Save it as PDF and attach that.")


def _reads_as_table(text: str) -> bool:
    try:
        rows = [row for row in csv.reader(io.StringIO(text[:65536]), csv.Sniffer().sniff(text[:4096], ",;\t|")) if row]
    except csv.Error:
        return False
    return len(rows) > 0 and len(rows[0]) > 1


def safe_filename(given: str, media_type: str) -> str:
    """A download name without folders, control or direction marks, ending as its type says, at most 120 characters."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*')
    stem = _EXTENSION_GIVEN.sub("", name.strip()).strip(" .") or "file"
    ending = EXTENSIONS[media_type]
    given_ending = name[-5:].lower()
    if media_type == JPEG and given_ending.endswith(".jpeg"):
        ending = ".jpeg"
    return stem[: 120 - len(ending)].rstrip(" .") + ending
