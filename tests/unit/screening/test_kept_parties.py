"""The parties that are watched, kept in files: what is near an entry is found as a forward search finds it, whatever has come or gone."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from licensing.screening import kept_parties, listfile, match, seeding
from licensing.screening.engine import vocabulary
from licensing.screening.match import Entry, Index, ScreeningQuery
from licensing.screening.segments import Segment, Subject

ENTRIES = [match.listed(row["entity_id"], row) for row in listfile.read(seeding.PATH.read_bytes())]
PLACED = Entry(
    "placed", "Kestrel Trading FZE", addresses=("14 Harbor Street, Dubai 20441",), domains=("kestrel-trading.example",),
    identifiers=("AE-778-1290",),
)  # fmt: skip
ALL = [*ENTRIES, PLACED]


def party(name: str, **known: object) -> ScreeningQuery:
    given: dict[str, object] = {"ref": "party:1", "role": "end_user", "kind": "company", "country": "AE", **known}
    return ScreeningQuery(name=name, **given)  # type: ignore[arg-type]


def misspelled(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    return chance.choice([name, name[:at] + name[at + 1 :], name[:at] + "e" + name[at:], " ".join(name.split()[::-1])])


def crowd() -> list[ScreeningQuery]:
    chance = random.Random(5)  # noqa: S311 - the same crowd each time
    near = [
        party(misspelled(name, chance), kind=entry.kind, birth_date=next(iter(entry.birth_dates), None))
        for entry in ENTRIES
        for name in (entry.name, *entry.aliases)
    ]  # fmt: skip
    return [
        *near,
        party("Somebody Else Entirely GmbH"),
        party("Ordinary Bakery", aliases=(ENTRIES[0].name, " ")),
        party("Ordinary Bakery Two", addresses=("Harbor Street 14, 20441 Dubai",)),
        party("Ordinary Bakery Three", addresses=("Harbor Street 99, 20441 Dubai",)),
        party("Ordinary Bakery Four", domains=("kestrel-tradin.example",)),
        party("Ordinary Bakery Five", identifiers=("ae 7781290",)),
        party(f"Ordinary Bakery ({ENTRIES[1].name})"),
    ]


def forward(queries: Sequence[ScreeningQuery], entries: Sequence[Entry]) -> set[int]:
    index = Index.build(entries)
    said = [replace(query, aliases=tuple(filter(str.strip, query.aliases))) for query in queries]
    return {number for number, query in enumerate(said) if index.search(query)}


def test_a_segment_finds_what_a_forward_search_finds_and_reads_back_as_it_was_written(tmp_path: Path) -> None:
    queries = crowd()
    built = Segment.build((str(number), "1", [query]) for number, query in enumerate(queries))
    built.write(tmp_path / "one")
    read = Segment.read(tmp_path / "one")
    for entries in (ALL, ENTRIES[:1], [PLACED], []):
        expected = forward(queries, entries)
        assert built.near(entries, match.THRESHOLD) == expected
        assert read.near(entries, match.THRESHOLD) == expected
    assert len(forward(queries, ALL)) > len(ENTRIES)
    assert len(forward(queries, [PLACED])) == 3


def test_what_has_been_asked_before_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = crowd()
    expected = [Index.build(ALL).search(query) for query in queries[:40] if "Ordinary" not in query.name]
    monkeypatch.setattr(vocabulary, "MOST_CACHED", 3)
    index = Index.build(ALL)
    for _ in range(2):
        assert [index.search(query) for query in queries[:40] if "Ordinary" not in query.name] == expected


def test_a_party_of_many_subjects_stands_there_once_and_one_without_a_name_is_always_found() -> None:
    hospital = party("Fjordhelse Sykehus HF")
    subjects = [
        ("a", "1", [hospital]),
        ("b", "1", [replace(hospital, ref="party:2"), party("Other")]),
        ("c", "1", [party(".")]),
    ]
    segment = Segment.build(subjects)
    assert len(segment.parties) == 2
    found = segment.near([Entry("new", "Fjordhelse Sykehus")], match.THRESHOLD)
    assert [segment.subjects[number] for number in sorted(found)] == ["a", "b", "c"]


@pytest.mark.parametrize("content", [b"", b"no segment", b"\x02" + b"\0" * 7 + b"{}" + b"\0" * 60])
def test_what_is_no_segment_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one").write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011 - what numpy, JSON or the map of the file say
        Segment.read(tmp_path / "one")


class Register:
    """Subjects by id, with a version and a name; `asked` counts how many were read out of it."""

    def __init__(self, count: int) -> None:
        self.names = {f"case-{number}": ("1", f"Company Number {number}") for number in range(count)}
        self.asked = 0

    @property
    def marks(self) -> dict[str, str]:
        return {subject: mark for subject, (mark, _) in self.names.items()}

    def load(self, subjects: Sequence[str]) -> Iterator[Subject]:
        self.asked += len(subjects)
        return ((each, self.names[each][0], [party(self.names[each][1])]) for each in subjects)

    def near(self, folder: Path, name: str, basis: str = "") -> set[str]:
        return kept_parties.near(folder, basis, self.marks, self.load, [Entry("new", name)], match.THRESHOLD)


def segments(folder: Path) -> list[Path]:
    return list(folder.glob("*/*.segment"))


def test_only_what_has_come_or_changed_is_read_again_and_what_has_gone_is_not_found(tmp_path: Path) -> None:
    register = Register(20)
    assert register.near(tmp_path, "Kestrel Trading") == set()
    register.names["case-3"] = ("2", "Kestrel Trading FZE")
    register.names["case-99"] = ("1", "Kestrel Tradin")
    register.asked = 0
    assert register.near(tmp_path, "Kestrel Trading") == {"case-3", "case-99"}
    assert register.asked == 2
    del register.names["case-99"]
    register.names["case-3"] = ("3", "Another Name")
    assert register.near(tmp_path, "Kestrel Trading") == set()


def test_small_segments_become_one_and_those_of_another_reading_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_parties, "MOST_SMALL", 3)
    register = Register(1)
    for number in range(1, 6):
        register.near(tmp_path, "Nobody")
        register.names[f"case-{number}"] = ("1", f"Kestrel Trading {number}")
    assert len(register.near(tmp_path, "Kestrel Trading")) == 5
    assert len(segments(tmp_path)) <= 3
    assert len(register.near(tmp_path, "Kestrel Trading", basis="read otherwise")) == 5
    assert len(segments(tmp_path)) == 1


def test_a_file_that_is_broken_or_gone_is_made_anew(tmp_path: Path) -> None:
    register = Register(5)
    register.names["case-1"] = ("1", "Kestrel Trading")
    register.near(tmp_path, "Nobody")
    kept_parties._opened.cache_clear()
    segments(tmp_path)[0].write_bytes(b"half")
    assert register.near(tmp_path, "Kestrel Trading") == {"case-1"}
    for path in segments(tmp_path):
        path.unlink()
    assert register.near(tmp_path, "Kestrel Trading") == {"case-1"}
    assert (
        segments(tmp_path)[0].parent.stat().st_mode & 0o077 == 0
    )  # who the parties are is nobody's business on this machine
