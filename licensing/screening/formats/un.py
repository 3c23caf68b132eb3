"""The consolidated list of the United Nations Security Council (XML, names in original script, quality of aliases)."""

from collections.abc import Iterator, Mapping
from datetime import date
from xml.etree.ElementTree import Element, ParseError, XMLParser

from licensing.screening.engine.dates import birth_dates
from licensing.screening.formats.tables import MOST_BYTES, BadList, Loaded, described, entity, joined, one_file

PLACES = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")
NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def read(files: Mapping[str, bytes]) -> Loaded:
    """Individuals and entities; an alias of low quality is a weak one."""
    name, content = one_file(files)
    root = _parsed(name, content)
    if root.tag != "CONSOLIDATED_LIST":
        raise BadList(f"{name}: the document is {root.tag}, not CONSOLIDATED_LIST: the format has changed")
    rows = [_entity(name, node, "person", "INDIVIDUAL") for node in root.iterfind("INDIVIDUALS/INDIVIDUAL")]
    rows += [_entity(name, node, "company", "ENTITY") for node in root.iterfind("ENTITIES/ENTITY")]
    made = root.get("dateGenerated", "")[:10]
    return Loaded(rows, date.fromisoformat(made) if made else None)


def _parsed(name: str, content: bytes) -> Element:
    """The document. One that declares a type or an entity is refused before it is expanded: it could grow without end."""
    if len(content) > MOST_BYTES:
        raise BadList(f"{name} has over {MOST_BYTES // 10**6} MB: no list is so long")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadList(f"{name} declares a document type: the list has none, so this is another file")
    parser = XMLParser()  # noqa: S314 - no document type and no entity is let through above
    try:
        parser.feed(content)
        return parser.close()
    except ParseError as error:
        raise BadList(
            f"{name}, line {error.position[0]}: this is not whole XML ({error}): fetch the file again"
        ) from None


def _entity(name: str, node: Element, kind: str, prefix: str) -> dict[str, object]:
    ref = _text(node, "DATAID")
    aliases = [
        (_text(alias, "ALIAS_NAME"), _text(alias, "QUALITY").casefold()) for alias in node.iterfind(f"{prefix}_ALIAS")
    ]
    addresses = list(node.iterfind(f"{prefix}_ADDRESS"))
    nations = [value.text or "" for value in node.iterfind("NATIONALITY/VALUE")]
    return entity(
        f"{name}, {ref}", f"UN-{ref}", kind, " ".join(_texts(node, NAMES)),
        aliases=[_text(node, "NAME_ORIGINAL_SCRIPT"), *_parts(alias for alias, quality in aliases if quality != "low")],
        weak_aliases=_parts(alias for alias, quality in aliases if quality == "low"),
        addresses=[joined(*_texts(address, PLACES)) for address in addresses],
        countries=[*(_text(address, "COUNTRY") for address in addresses), *nations],
        birth_dates=sum((birth_dates(_born(born)) for born in node.iterfind("INDIVIDUAL_DATE_OF_BIRTH")), ()),
        identifiers=[_text(document, "NUMBER") for document in node.iterfind("INDIVIDUAL_DOCUMENT")],
        programs=[_text(node, "UN_LIST_TYPE")], remarks=described(
            _text(node, "COMMENTS1"), gender=_text(node, "GENDER"),
            born_in=[joined(*_texts(place, PLACES)) for place in node.iterfind("INDIVIDUAL_PLACE_OF_BIRTH")],
        ),
    )  # fmt: skip


def _parts(aliases: Iterator[str]) -> list[str]:
    return [part.strip() for alias in aliases for part in alias.split(";") if part.strip()]


def _born(node: Element) -> str:
    if (first := _text(node, "FROM_YEAR")) and (last := _text(node, "TO_YEAR")):
        return f"{first} to {last}"
    day = _text(node, "DATE")[:10] or _text(node, "YEAR")
    return f"circa {day}" if _text(node, "TYPE_OF_DATE") == "APPROXIMATELY" else day


def _text(node: Element, tag: str) -> str:
    return (node.findtext(tag) or "").strip()


def _texts(node: Element, tags: tuple[str, ...]) -> list[str]:
    return [text for tag in tags if (text := _text(node, tag))]
