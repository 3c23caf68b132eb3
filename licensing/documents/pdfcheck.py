"""Which PDFs are not taken from applicants: those that are locked, and those that do something when they are opened."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from licensing.documents.filetypes import Unwanted

MOST_OBJECTS = 200_000
MOST_ACTIONS = 1000
ACTIVE_KEYS = {
    "/JS": "scripts",
    "/JavaScript": "scripts",
    "/XFA": "an XFA form",
    "/RichMediaContent": "rich media",
    "/EF": "other files",
}
ACTIVE_ACTIONS = {
    "/JavaScript": "scripts",
    "/Launch": "an action that starts a program",
    "/SubmitForm": "an action that sends data",
    "/ImportData": "an action that loads data",
    "/Rendition": "media that play",
    "/Movie": "media that play",
    "/Sound": "media that play",
    "/RichMediaExecute": "rich media",
    "/GoToR": "an action that opens another file",
    "/GoToE": "an action that opens an embedded file",
}
ACTIVE_ANNOTATIONS = {
    "/RichMedia": "rich media",
    "/Movie": "media that play",
    "/Sound": "media that play",
    "/3D": "3D content",
}


def refuse_active_or_locked(content: bytes) -> None:
    """Raises Unwanted with the reason when the PDF is damaged, encrypted, or holds anything that acts."""
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        locked = reader.encrypted
    except (PdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise Unwanted("The PDF is damaged. Print it to a new PDF and attach that.") from error
    if locked:
        raise Unwanted("The PDF is encrypted. Save it without a password or restrictions.")
    try:
        found = _active(reader)
    except (PdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise Unwanted("The PDF is damaged. Print it to a new PDF and attach that.") from error
    if found:
        raise Unwanted(f"The PDF holds {found}. Print it to a new PDF and attach that.")


def _active(reader: PdfFileReader) -> str:
    """What in the PDF acts, or an empty string; walks all that can be reached from the catalog."""
    waiting: list[Any] = [reader.root]
    seen: set[tuple[int, int]] = set()
    count = 0
    while waiting:
        item = waiting.pop()
        count += 1
        if count > MOST_OBJECTS * 10 or len(seen) > MOST_OBJECTS:
            return "more objects than can be checked"
        if isinstance(item, generic.IndirectObject):
            place = (item.idnum, item.generation)
            if place not in seen:
                seen.add(place)
                waiting.append(item.get_object())
        elif isinstance(item, generic.DictionaryObject):
            if found := _acts(item):
                return found
            waiting.extend(item.raw_get(name) for name in item)
        elif isinstance(item, generic.ArrayObject):
            waiting.extend(item.raw_get(index) for index in range(len(item)))
    return ""


def _acts(item: generic.DictionaryObject) -> str:
    if any(_goes_to_the_web(action) for action in _by_themselves(item)):
        return "an action that opens a web address by itself"
    for name, what in ACTIVE_KEYS.items():
        if name in item:
            return what
    kind = item.get("/S")
    if isinstance(kind, generic.NameObject) and str(kind) in ACTIVE_ACTIONS:
        return ACTIVE_ACTIONS[str(kind)]
    drawn = item.get("/Subtype")
    if isinstance(drawn, generic.NameObject) and str(drawn) in ACTIVE_ANNOTATIONS:
        return ACTIVE_ANNOTATIONS[str(drawn)]
    return ""


def _by_themselves(item: generic.DictionaryObject) -> Iterator[Any]:
    """The actions of a document, page or field that nobody clicks (ISO 32000-2, 12.6.3)."""
    yield item.get("/OpenAction")
    more = item.get("/AA")
    if isinstance(more, generic.DictionaryObject):
        yield from (more.get(name) for name in more)


def _goes_to_the_web(action: Any) -> bool:
    """Whether an action, or one that follows it, opens an address; a link that is clicked is no such action."""
    waiting, looked_at = [action], 0
    while waiting and looked_at < MOST_ACTIONS:
        each, looked_at = waiting.pop(), looked_at + 1
        if isinstance(each, generic.ArrayObject):
            waiting.extend(each)
        elif isinstance(each, generic.DictionaryObject):
            if each.get("/S") == "/URI":
                return True
            waiting.append(each.get("/Next"))
    return bool(waiting)
