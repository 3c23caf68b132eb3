"""What a model is, to a machine: the manifest of its weights, and the SHA-256 of that, the model hash. No Django.

A manifest has one line a file, sorted, `<sha256>  <size in bytes>  <path>`; paths are relative, with `/` between the parts, in
Unicode normal form C. Every line ends with a newline. How one is made is in
`licensing.entente_check`, which exporters run too.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from licensing.entente_check import FILE_NAME, manifest_of, model_hash

__all__ = ["faults", "manifest_of", "model_hash"]
LINE = re.compile(rf"[0-9a-f]{{64}}  (0|[1-9][0-9]*)  (?P<path>{FILE_NAME.pattern})")
FORM = "Write a line as '<sha256>  <size>  <path>', with two spaces between."


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
