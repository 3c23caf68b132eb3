"""What a model is, to a machine: the manifest of its weights, and the SHA-256 of that, the model hash. No Django.

A manifest has one line a file, sorted, `<sha256>  <size in bytes>  <path>`; paths are relative, with `/` between the parts, in
Unicode normal form C. Every line ends with a newline.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CHUNK = 2**22
NAME = re.compile(r"[^\x00-\x1f\x7f]+")
LINE = re.compile(rf"[0-9a-f]{{64}}  (0|[1-9][0-9]*)  (?P<path>{NAME.pattern})")
FORM = "Write a line as '<sha256>  <size>  <path>', with two spaces between."


def manifest_of(folder: Path) -> str:
    """The manifest of every file below a folder.

    Raises NotADirectoryError, and ValueError for an empty folder, a name with control characters, or a link: what a link leads to
    may change or lie elsewhere.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    lines = []
    for path in folder.rglob("*"):
        if path.is_symlink():
            raise ValueError(f"{path} is a link: put the file itself into the folder")
        if path.is_file():
            name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot stand on one line: give the file another name")
            lines.append(f"{_file_hash(path)}  {path.stat().st_size}  {name}")
    if not lines:
        raise ValueError(f"{folder} has no files")
    return "".join(f"{line}\n" for line in sorted(lines))


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def model_hash(manifest: str) -> str:
    """The SHA-256 of a manifest, 64 hexadecimal characters."""
    return hashlib.sha256(manifest.encode()).hexdigest()


def faults(manifest: str) -> Iterator[tuple[str, str]]:
    """Each line that cannot be right, with how to mend it. None for what `manifest_of` makes."""
    lines = manifest.split("\n")
    if lines.pop():
        yield manifest[-60:], "End the last line with a newline."
    if lines != sorted(lines):
        yield lines[0][:80], "Sort the lines."
    seen: set[str] = set()
    for line in lines:
        match = LINE.fullmatch(line)
        if match is None:
            yield line[:120], FORM
            continue
        path = match["path"]
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or "/".join(parts) != path:
            yield line[:120], f"Give the path {path} relative to the folder of the weights."
        if path in seen:
            yield line[:120], f"Name {path} once."
        seen.add(path)
