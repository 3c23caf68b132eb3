"""What an uploaded file is, found in its content and never in its name; and why some files are not taken.

Pure: bytes in, a media type or a reason out.
"""

import csv
import io
import re
import unicodedata
import zipfile

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

MOST_PARTS = 2000  # files inside an Office file
LARGEST_UNPACKED = 200 * 2**20  # bytes, all parts together
_ARCHIVES = (
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVE = "Archives are not taken. Unpack it and attach the files one by one."
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
    if content.startswith(_ARCHIVES) or content[257:262] == b"ustar":
        raise Unwanted(_ARCHIVE)
    if b"%PDF-" in content[:1024]:
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _whole(PNG, b"IEND" in content[-64:])
    if content.startswith(b"\xff\xd8\xff"):
        return _whole(JPEG, b"\xff\xd9" in content[-64:])
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content.startswith(_OLE):
        raise Unwanted(
            "This is an old or password-protected Office file. Save it as PDF, or as .docx or .xlsx without a password."
        )
    return _text(content, filename)


def _whole(media_type: str, complete: bool) -> str:
    if not complete:
        raise Unwanted(f"The {NAMES[media_type]} is cut off. Save it again and choose the new file.")
    return media_type


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise Unwanted("The file is damaged. Save it again and choose the new file.") from error
    names = {part.filename for part in parts}
    media_type = DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else ""
    if "[Content_Types].xml" not in names or not media_type:
        raise Unwanted(_ARCHIVE)
    if any(part.flag_bits & 1 for part in parts):
        raise Unwanted("The file is protected by a password. Save it without one.")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise Unwanted("The file unpacks to more than can be checked. Save it as PDF.")
    if any(
        name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) or "/activex/" in name.lower()
        for name in names
    ):
        raise Unwanted("The file holds macros or programs. Save it without them, or as PDF.")
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
