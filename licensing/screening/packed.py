"""Arrays, words and lookups in one file that processes map into memory: it opens at once, and they share what they have read."""

import json
import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from licensing.screening.engine.lookup import Lookup
from licensing.screening.engine.vocabulary import Grouped, Vocabulary

Arrays = Mapping[str, NDArray[Any]]
ALIGNED = 64  # bytes


class Texts(Sequence[str]):
    """Texts as bytes one after the other, and where each ends; a text is made when it is asked for."""

    def __init__(self, content: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.content, self.ends = content, ends

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        encoded = [text.encode() for text in texts]
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[str]:
        content, begin = self.content.tobytes(), 0
        for end in self.ends.tolist():
            yield content[begin:end].decode()
            begin = end

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.content[int(self.ends[at - 1]) if at else 0 : int(self.ends[at])].tobytes().decode()


def write(path: Path, arrays: Arrays) -> None:
    """Write all of them under a name of its own, and put the file in its place when it is whole."""
    begin, said = 0, {}
    for name, array in arrays.items():
        said[name] = (array.dtype.str, list(array.shape), begin)
        begin += -(-array.nbytes // ALIGNED) * ALIGNED
    head = json.dumps(said).encode()
    handle, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        file.write(b"\0" * (-file.tell() % ALIGNED))
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).tobytes())
            file.write(b"\0" * (-array.nbytes % ALIGNED))
    Path(made).replace(path)


def read(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file, mapped and not to be written. Raises OSError, and ValueError for what is no such file."""
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    size = int.from_bytes(content[:8], "little")
    begin = -(-(8 + size) // ALIGNED) * ALIGNED
    return dict(_arrays(content, json.loads(content[8 : 8 + size]), begin))


def _arrays(content: mmap.mmap, said: Mapping[str, Any], begin: int) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, (kind, shape, offset) in said.items():
        count = int(np.prod(shape))
        yield name, np.frombuffer(content, np.dtype(kind), count, begin + offset if count else 0).reshape(shape)


def of_texts(name: str, texts: Texts) -> dict[str, NDArray[Any]]:
    """Texts as two arrays, whose names begin with theirs."""
    return {f"{name}.content": texts.content, f"{name}.ends": texts.ends}


def texts_of(name: str, arrays: Arrays) -> Texts:
    return Texts(arrays[f"{name}.content"], arrays[f"{name}.ends"])


def of_lookup(kind: str, held: Lookup | Vocabulary | Grouped) -> dict[str, NDArray[Any]]:
    """A lookup as arrays, whatever fields it has: what it has only remembered is left out."""
    found: dict[str, NDArray[Any]] = {}
    for field in fields(held):
        name, value = f"{kind}.{field.name}", getattr(held, field.name)
        if isinstance(value, np.ndarray):
            found[name] = value
        elif isinstance(value, Vocabulary | Grouped):
            found |= of_lookup(name, value)
        elif not field.name.startswith("_"):
            found |= of_texts(name, Texts.of(value))
    return found


def lookup_of(kind: str, arrays: Arrays) -> Lookup:
    """The lookup that `of_lookup` has taken apart."""
    return Lookup(
        words=_vocabulary_of(f"{kind}.words", arrays),
        runs=_vocabulary_of(f"{kind}.runs", arrays),
        **_held(Lookup, kind, arrays),
    )


def _vocabulary_of(kind: str, arrays: Mapping[str, NDArray[Any]]) -> Vocabulary:
    by_key = Grouped(**_held(Grouped, f"{kind}.by_key", arrays))
    return Vocabulary(words=texts_of(f"{kind}.words", arrays), by_key=by_key, **_held(Vocabulary, kind, arrays))


def _held(made: type[Any], kind: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    names = [field.name for field in fields(made)]
    return {name: arrays[f"{kind}.{name}"] for name in names if f"{kind}.{name}" in arrays}
