"""The committed list: well formed, in several scripts, and near to the one party of the demo that it is meant to be near to."""

import unicodedata

import pytest
from django.conf import settings

from licensing.screening import listfile
from licensing.screening.match import Entry, Index, ScreeningQuery

CONTENT = (settings.BASE_DIR / "fixtures" / "screening" / "synthetic.csv").read_bytes()
ROWS = listfile.read(CONTENT)
INDEX = Index.build(
    Entry(
        entity_id=row["entity_id"], name=row["name"], aliases=row["aliases"], weak_aliases=row["weak_aliases"], kind=row["kind"],
        countries=row["countries"], birth_dates=row["birth_dates"], identifiers=row["identifiers"],
    )
    for row in ROWS
)  # fmt: skip


def company(name: str, country: str) -> ScreeningQuery:
    return ScreeningQuery(ref="party:1", role="end_user", kind="company", name=name, country=country)


def test_the_list_has_sixty_parties_of_several_kinds_and_scripts() -> None:
    scripts = {
        unicodedata.name(letter).split()[0]
        for row in ROWS
        for name in (row["name"], *row["aliases"])
        for letter in name
        if letter.isalpha()
    }
    assert len(ROWS) == 60
    assert {row["kind"] for row in ROWS} == {"company", "person", "vessel", "government"}
    assert {"LATIN", "CYRILLIC", "CJK", "ARABIC", "HANGUL"} <= scripts
    assert all(row["programs"] for row in ROWS)


def test_the_party_of_the_demo_comes_near_one_listed_company_in_another_country() -> None:
    (match,) = INDEX.search(company("Nordlys Compute AS", "NO"))
    row = next(row for row in ROWS if row["entity_id"] == match.entity_id)
    assert (row["name"], row["countries"], bool(row["addresses"])) == ("Nordlys Computing AS", ["RU"], True)
    assert 0.8 <= match.score < 1
    assert "compute ~ computing (same stem)" in match.features["sentence"]
    assert match.features["qualifiers"] == {"country_differs": -0.03}


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Meridian Models, Inc.", "US"),
        ("Lumen Language Systems, LLC", "US"),
        ("Fjordhelse Sykehus HF", "NO"),
        ("Oslo Data Center DA", "NO"),
    ],
)
def test_the_other_parties_of_the_demo_hit_nobody(name: str, country: str) -> None:
    assert INDEX.search(company(name, country), threshold=0.7) == []


@pytest.mark.parametrize(
    ("name", "entity_id"),
    [
        ("赤柳机器智能有限公司", "SYN-0003"),
        ("Systems Neural Vostock", "SYN-0002"),
        ("Иртыш Вычисления", "SYN-0010"),
        ("QASR  ADVANCED-COMPUTING", "SYN-0004"),
    ],
)
def test_listed_parties_are_found_in_other_scripts_and_spellings(name: str, entity_id: str) -> None:
    assert INDEX.search(company(name, ""))[0].entity_id == entity_id


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (CONTENT.replace(b"SYN-0002", b"SYN-0001"), "line 3: SYN-0001 stands twice"),
        (CONTENT.replace(b"SYN-0002,company", b"SYN-0002,ship"), "line 3: the kind 'ship' is unknown"),
        (CONTENT.replace(b"Vostok Neuro,", "—,".encode()), "line 3: '—' is no name"),
        (CONTENT.replace(b",addresses,", b",address,"), "line 1: the columns are"),
        (CONTENT.splitlines(keepends=True)[0], "the file has no entity"),
        (CONTENT[:-40], "line 61"),
        (b"\xff" + CONTENT, "byte 0 is not UTF-8"),
    ],
    ids=["twice", "kind", "nameless", "columns", "empty", "cut", "bytes"],
)
def test_a_file_that_is_wrong_is_refused_whole_with_its_line(spoiled: bytes, says: str) -> None:
    with pytest.raises(listfile.BadList, match=says):
        listfile.read(spoiled)
