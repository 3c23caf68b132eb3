"""Which Word and Excel files are not taken: those that hold other files, macros or programs, or fetch something when they are opened.

Parts are looked at by their content, for any part may have any name (ECMA-376, part 2).
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, XMLParser

MOST_PARTS = 2000  # files inside an Office file
LARGEST_UNPACKED = 200 * 2**20  # bytes, all parts together
LARGEST_LIST = 2**20  # bytes of a part that lists others
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
PROGRAMS = (".exe", ".dll", ".js", ".vbs")
ACTIVE_TYPES = ("macroenabled", "vbaproject", "activex")
DAMAGED = "The file is damaged. Save it again and choose the new file."
FAULTS = (  # what a broken or hostile archive brings about
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, NotImplementedError, OverflowError, EOFError, OSError,
    RuntimeError, LookupError, ParseError,
)  # fmt: skip


def reason_against(archive: zipfile.ZipFile) -> str:
    """Why it is not taken, with the mend; "" for a file that may be. `archive` is a whole Word or Excel file."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        return "The file is protected by a password. Save it without one."
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        return "The file unpacks to more than can be checked. Save it as PDF."
    try:
        return next((told for part in parts if (told := _against(archive, part))), "")
    except FAULTS:
        return DAMAGED


def _against(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    name = part.filename.lower()
    with archive.open(part) as file:
        begins = file.read(len(OLE))
    if name.endswith(PROGRAMS) or "/activex/" in name or name.endswith("vbaproject.bin"):
        return "The file holds macros or programs. Save it without them, or as PDF."
    if begins.startswith(OLE):
        return f"The file holds an embedded object or macros ({part.filename}). Save it without them, or as PDF."
    if begins.startswith(ARCHIVES):
        return f"The file holds another file ({part.filename}). Attach that by itself, and save this one without it or as PDF."
    if name == "[content_types].xml" and any(_active(each) for each in _elements(archive, part)):
        return "The file holds macros or programs. Save it without them, or as PDF."
    kind = next(filter(None, map(_fetched, _elements(archive, part))), "") if name.endswith(".rels") else ""
    if kind:
        return f"The file fetches something from elsewhere when it is opened ({kind}). Save it as PDF."
    return ""


def _elements(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[Element]:
    if part.file_size > LARGEST_LIST:
        raise ValueError(part.filename)
    parser = XMLParser()  # noqa: S314 - of at most a megabyte; expat bounds what entities unpack to
    parser.feed(archive.read(part))
    root: Element = parser.close()
    return root.iter()


def _active(element: Element) -> bool:
    return any(word in element.get("ContentType", "").lower() for word in ACTIVE_TYPES)


def _fetched(element: Element) -> str:
    """What a relationship fetches from outside the file, such as `attachedTemplate`; a link that is followed by a click fetches nothing."""
    kind = element.get("Type", "").rpartition("/")[2]
    return kind if element.get("TargetMode", "").strip().lower() == "external" and kind != "hyperlink" else ""


def opens_as_archive(content: bytes) -> bool:
    """Whether a program that unpacks archives finds one in the content, wherever it stands: ZIP is looked for from the end."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.namelist())
    except FAULTS:
        return False
