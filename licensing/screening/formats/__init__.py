"""Restricted-party lists in the agencies' own formats. A file is read whole or refused whole: half a list is worse than the one before."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from licensing.screening.formats import agencies, eu, neutral, ofac, uk, un
from licensing.screening.formats.tables import MOST_BYTES, BadList, Loaded

__all__ = ["FORMATS", "BadList", "Loaded", "guess", "pack", "read", "unpacked"]

Files = Mapping[str, bytes]
FORMATS: Mapping[str, Callable[[Files], Loaded]] = {
    "neutral": neutral.read,
    "unified": neutral.read_unified,
    "denials": neutral.read_denials,
    "csl": agencies.read_csl,
    "dpl": agencies.read_dpl,
    "ita": agencies.read_ita,
    "ofac": ofac.read,
    "un": un.read,
    "uk": uk.read,
    "eu": eu.read,
}


def read(format_: str, files: Files) -> Loaded:
    """The entities of a list. `files` are its contents by name; most lists are one file, OFAC's up to four.

    Raises BadList with a sentence that names file, line, column or value, and LookupError for an unknown format.
    """
    if format_ not in FORMATS:
        raise LookupError(f"There is no format {format_!r}: use one of {', '.join(FORMATS)}.")
    try:
        loaded = FORMATS[format_](files)
    except BadList:
        raise
    except (ValueError, LookupError, OverflowError) as error:
        raise BadList(
            f"{', '.join(files)}: {error}: a value is not as it is known, so the format has changed"
        ) from None
    if not loaded.rows:
        raise BadList("the file has no entity: an empty list is never loaded")
    twice = [ref for ref, count in Counter(row["entity_id"] for row in loaded.rows).items() if count > 1]
    if twice:
        raise BadList(f"{', '.join(files)}: the entity {twice[0]} stands twice: fetch the file again")
    return loaded


def pack(files: Files) -> bytes:
    """One file as it is; several as a ZIP that is the same for the same files, so that its SHA-256 tells whether a list has changed."""
    if len(files) == 1:
        return next(iter(files.values()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpacked(name: str, content: bytes) -> Files:
    """The files of what `pack` made. Raises BadList for an archive that is broken or unpacks without end."""
    if not content.startswith(b"PK\x03\x04"):
        return {name: content}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                raise BadList(f"{name}: unpacked it has over {MOST_BYTES // 10**6} MB: no list is so long")
            return {part.filename: archive.read(part) for part in archive.infolist() if not part.is_dir()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadList(f"{name}: the archive cannot be read ({error}): fetch it again") from None


def guess(names: Sequence[str]) -> str:
    """The format that a file's name suggests; `neutral` where none does."""
    name = names[0].casefold()
    known = {
        "consolidated": "un" if name.endswith(".xml") else "csl", "unified": "unified", "sdn": "ofac", "cons_prim": "ofac", "dpl": "dpl",
        "uk-sanctions": "uk", "eu": "eu", "denial": "denials",
    }  # fmt: skip
    return next((format_ for part, format_ in known.items() if part in name), "neutral")
