"""The parties of many subjects, built once and asked by every process which subjects a changed entry may concern. Pure.

A party that many subjects name stands in a segment once. What a segment finds is what a forward search of each of its parties would find:
`tests/unit/screening/test_engine.py` compares them, and `make bench-screening` on 100,000 parties.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from licensing.screening import packed
from licensing.screening.engine import comparison
from licensing.screening.engine.index import Index, names_of
from licensing.screening.engine.lookup import Lookup
from licensing.screening.engine.names import usable, variants
from licensing.screening.engine.numbers import numbers
from licensing.screening.engine.parties import Listed
from licensing.screening.engine.places import COMPARED_AS, FOLDED, NEAR, places_of
from licensing.screening.engine.qualifiers import BORN_SAME
from licensing.screening.match import Entry, ScreeningQuery
from licensing.screening.packed import Texts

KINDS = tuple(FOLDED)  # of places: addresses and domains
Subject = tuple[str, str, Sequence[ScreeningQuery]]


@dataclass(frozen=True)
class Segment:
    """`arrays` as they stand in a file; `subjects` by their ids, each with its mark: the version of it that is here."""

    arrays: Mapping[str, NDArray[Any]]
    lookups: Mapping[str, Lookup]
    subjects: Texts
    marks: Texts
    parties: Texts

    @classmethod
    def build(cls, subjects: Iterable[Subject], most: float = np.inf) -> "Segment":
        """From id, mark and parties of each subject, until there are so many parties; the other subjects are left where they are.

        A subject with a party that cannot be looked up is always found.
        """
        ids, marks, mute = [], [], []
        named: dict[ScreeningQuery, list[int]] = defaultdict(list)
        for number, (subject, mark, queries) in enumerate(subjects):
            ids.append(subject)
            marks.append(mark)
            said = {replace(each, ref="", role="", aliases=tuple(filter(str.strip, each.aliases))) for each in queries}
            if all(usable(name, query.kind == "person") for query in said for name in (query.name, *query.aliases)):
                for query in said:
                    named[query].append(number)
            else:
                mute.append(number)
            if len(named) >= most:
                break
        arrays = {"mute": np.array(mute, dtype=np.int32), **_grouped("of_party", named.values())}
        for name, texts in (("subjects", ids), ("marks", marks), ("parties", [_said(query) for query in named])):
            arrays |= packed.of_texts(name, Texts.of(texts))
        return cls.of(arrays | _names(list(named)) | _places(list(named)) | _identifiers(list(named)))

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "Segment":
        texts = [packed.texts_of(name, arrays) for name in ("subjects", "marks", "parties")]
        return cls(arrays, {kind: packed.lookup_of(kind, arrays) for kind in ("name", *KINDS)}, *texts)

    @classmethod
    def read(cls, path: Path) -> "Segment":
        """A segment as `write` left it. Raises OSError, and ValueError for what is no segment."""
        try:
            return cls.of(packed.read(path))
        except (KeyError, TypeError) as missing:
            raise ValueError(f"{path} is no segment of this version: {missing}") from None

    def write(self, path: Path) -> None:
        packed.write(path, self.arrays)

    def all_standing(self, marks: Mapping[str, str]) -> Iterator[str]:
        """The subjects that are here in the version that `marks` names."""
        return (subject for subject, mark in zip(self.subjects, self.marks, strict=True) if marks.get(subject) == mark)

    def standing(self, number: int, marks: Mapping[str, str]) -> str:
        """The id of a subject, or "" when it is here in another version."""
        subject = self.subjects[number]
        return subject if marks.get(subject) == self.marks[number] else ""

    def near(self, entries: Sequence[Entry], threshold: float) -> set[int]:
        """The numbers of the subjects with a party at or above the threshold for one of these entries, and of those always found."""
        found = set(self.arrays["mute"].tolist())
        index = Index.build(entries)
        for party in self._by_identifier(entries):
            found.update(self._subjects_of(party))
        for party in self._by_place(entries):
            if not found.issuperset(self._subjects_of(party)) and index.search(self._party(party), threshold=threshold):
                found.update(self._subjects_of(party))
        for listed in names_of(entries):
            for party in self._by_name(listed, threshold, found):
                found.update(self._subjects_of(party))
        return found

    def _by_name(self, listed: Listed, threshold: float, found: set[int]) -> Iterator[int]:
        """Parties of subjects that are not found yet, one of whose names reaches the threshold."""
        folded, lookup = listed.folded(), self.lookups["name"]
        for at, merging in lookup.near(folded, threshold - BORN_SAME, listed.entry.kind, back=True):
            party, which = self.arrays["named"][at].tolist()
            if found.issuperset(self._subjects_of(party)):
                continue
            query = self._party(party)
            name = (query.name, *query.aliases)[which]
            align = lookup.aligner(merging=merging, back=True)
            if comparison.by_name(listed, folded, query, name, lookup.folded(at), threshold, align):
                yield party

    def _by_place(self, entries: Sequence[Entry]) -> Iterator[int]:
        for kind, places in places_of(entries).items():
            for place in places:
                for at, _ in self.lookups[kind].near(FOLDED[kind](place.text), NEAR[kind], COMPARED_AS[kind]):
                    yield int(self.arrays[f"placed.{kind}"][at])

    def _by_identifier(self, entries: Sequence[Entry]) -> Iterator[int]:
        """Parties that carry a number of these entries."""
        for number in numbers(given for entry in entries for given in entry.identifiers):
            for party in self._at("numbered", crc32(number.encode())):
                if number in numbers(self._party(party).identifiers):
                    yield party

    def _subjects_of(self, party: int) -> list[int]:
        begin, end = self.arrays["of_party.starts"][party : party + 2]
        subjects: list[int] = self.arrays["of_party"][begin:end].tolist()
        return subjects

    def _at(self, name: str, key: int) -> list[int]:
        keys = self.arrays[f"{name}.keys"]
        begin, end = np.searchsorted(keys, np.uint32(key), "left"), np.searchsorted(keys, np.uint32(key), "right")
        values: list[int] = self.arrays[name][begin:end].tolist()
        return values

    def _party(self, number: int) -> ScreeningQuery:
        row = json.loads(self.parties[number])
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        }
        return ScreeningQuery(**given)


def _said(query: ScreeningQuery) -> str:
    return json.dumps(vars(query), ensure_ascii=False)


def _grouped(name: str, groups: Iterable[Sequence[int]]) -> dict[str, NDArray[Any]]:
    groups = list(groups)
    starts = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    return {name: np.array([each for group in groups for each in group], dtype=np.int32), f"{name}.starts": starts}


def _names(parties: Sequence[ScreeningQuery]) -> dict[str, NDArray[Any]]:
    """Every way in which every name is read: the number of its party, and of the name."""
    rows = [
        (number, which, folded)
        for number, query in enumerate(parties)
        for which, name in enumerate((query.name, *query.aliases))
        for folded in variants(name, query.kind == "person")
    ]
    lookup = Lookup.build((row[2] for row in rows), (parties[row[0]].kind for row in rows))
    return {
        "named": np.array([row[:2] for row in rows], dtype=np.int32).reshape(-1, 2),
        **packed.of_lookup("name", lookup),
    }


def _places(parties: Sequence[ScreeningQuery]) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for kind, given in (
        ("address", [query.addresses for query in parties]),
        ("domain", [query.domains for query in parties]),
    ):
        rows = [(number, text) for number, texts in enumerate(given) for text in texts]
        lookup = Lookup.build((FOLDED[kind](text) for _, text in rows), (COMPARED_AS[kind] for _ in rows))
        found |= {
            f"placed.{kind}": np.array([number for number, _ in rows], dtype=np.int32),
            **packed.of_lookup(kind, lookup),
        }
    return found


def _identifiers(parties: Sequence[ScreeningQuery]) -> dict[str, NDArray[Any]]:
    rows = sorted(
        (crc32(given.encode()), number) for number, query in enumerate(parties) for given in numbers(query.identifiers)
    )
    return {
        "numbered": np.array([number for _, number in rows], dtype=np.int32),
        "numbered.keys": np.array([key for key, _ in rows], dtype=np.uint32),
    }
