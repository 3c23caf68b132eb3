"""The questions of the screening bench: listed names as people misspell them, clean parties, labelled pairs; each in one of two halves."""

import csv
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licensing.screening import formats
from licensing.screening.match import Entry, ScreeningQuery, listed

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "screening"
CLEAN = {"people_us": "full_name", "people_global": "full_name", "companies": "name"}
KINDS = {"Person": "person", "LegalEntity": ""}  # others are companies
LATEST_LATIN = "\u024f"
# Cyrillic from its romanization by BGN/PCGN, longest first.
_BACK = (
    "shch=щ zh=ж kh=х ts=ц ch=ч sh=ш yu=ю ya=я ye=е yo=ё iy=ий yy=ый "  # noqa: RUF001 - Cyrillic
    "a=а b=б v=в g=г d=д e=е z=з i=и y=й k=к l=л m=м n=н o=о p=п r=р s=с t=т u=у f=ф"  # noqa: RUF001 - Cyrillic
)
CYRILLIC = [tuple(pair.split("=")) for pair in _BACK.split()]


@dataclass(frozen=True)
class Question:
    """A party, and the ids of the entities that ought to alert for it: none for a clean one."""

    query: ScreeningQuery
    right: frozenset[str]
    kind: str
    held_out: bool


def rows() -> list[dict[str, Any]]:
    return formats.read("unified", {"unified.jsonl": (FOLDER / "unified.jsonl").read_bytes()}).rows


def entries(*, latin_only: bool = False) -> list[Entry]:
    found = [listed(row["entity_id"], row) for row in rows()]
    return [entry for entry in map(_in_latin, found) if entry] if latin_only else found


def _in_latin(entry: Entry) -> Entry | None:
    names = [
        name for name in (entry.name, *entry.aliases) if max(name) <= LATEST_LATIN or "\u1e00" <= max(name) <= "\u2100"
    ]
    return Entry(entry.entity_id, names[0], tuple(names[1:]), (), entry.kind) if names else None


def pairs() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]


def held_out(text: str) -> bool:
    return int(hashlib.sha256(f"h{text}".encode()).hexdigest(), 16) % 2 == 1


def positives() -> list[Question]:
    """Treated names of the lists, and the positives that yente publishes."""
    named = _ids_by_name()
    return [
        Question(
            party(str(number), KINDS.get(pair["schema"], "company"), pair["query"]),
            named[pair["listed"].casefold()] | {pair.get("listed_id", "")},
            pair["types"][-1], held_out(pair.get("listed_id") or pair["listed"]),
        )
        for number, pair in enumerate(pairs()) if pair["types"][0] in ("treatment", "un_treated")
    ]  # fmt: skip


def _ids_by_name() -> defaultdict[str, frozenset[str]]:
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for line in (FOLDER / "unified.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for name in row["names"]:
            found[name.casefold()] |= {row["id"]}
    return found


def clean(each: int) -> list[Question]:
    """So many of each file, the same ones every time."""
    found = []
    for file, column in CLEAN.items():
        with (FOLDER / "clean" / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
            names = [row[column] for row in csv.DictReader(opened)]
        kind = "company" if file == "companies" else "person"
        chosen = random.Random(file).sample(names, each)  # noqa: S311 - a sample, no secret
        found += [Question(party(name, kind, name), frozenset(), file, held_out(name)) for name in chosen]
    return found


def arabic() -> list[Question]:
    """People of the UN list under their names in Arabic letters."""
    named = _ids_by_name()
    return [
        Question(
            party(pair["query"], "person", pair["query"]), named[pair["listed"].casefold()] | {pair["listed_id"]}, "arabic",
            held_out(pair["listed_id"]),
        )
        for pair in pairs() if pair["types"][0] == "cross_script_un" and pair["schema"] == "Person"
    ]  # fmt: skip


def cyrillic(most: int = 400) -> list[Question]:
    """Listed people with a patronymic, written back into Cyrillic by the rules of BGN/PCGN: the lists at hand have none in Cyrillic."""
    found = []
    for row in rows():
        if row["kind"] == "person" and any(
            word.lower().endswith(("ovich", "evich", "ovna", "evna")) for word in row["name"].split()
        ):
            surname, _, given = row["name"].lower().partition(", ")
            found.append(
                Question(
                    party(row["entity_id"], "person", in_cyrillic(f"{given} {surname}")),
                    frozenset({row["entity_id"]}),
                    "cyrillic",
                    held_out(row["entity_id"]),
                )
            )
    return found[:most]


def in_cyrillic(name: str) -> str:
    for latin, letter in CYRILLIC:
        name = name.replace(latin, letter)
    return name.title()


def crowd(count: int) -> Iterator[ScreeningQuery]:
    """Invented parties, three people to a company, out of the words of the clean files."""
    chance = random.Random(7)  # noqa: S311 - a sample, no secret
    people = [question.query.name.split() for question in clean(5_000) if question.query.kind == "person"]
    words = [
        word for question in clean(5_000) if question.query.kind == "company" for word in question.query.name.split()
    ]
    for number in range(count):
        if number % 4:
            name = f"{chance.choice(people)[0]} {chance.choice(people)[-1]}"
        else:
            name = " ".join(chance.choice(words) for _ in range(chance.choice((2, 3, 3, 4))))
        yield party(f"party:{number:07}", "person" if number % 4 else "company", name)


def party(ref: str, kind: str, name: str, **known: Any) -> ScreeningQuery:
    return ScreeningQuery(ref=ref, role="", kind=kind, name=name, **known)
