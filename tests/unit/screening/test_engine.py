"""The engine: what it finds, what it leaves, that it says why, and that both directions give the same."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.screening import indexes
from licensing.screening.engine import seal
from licensing.screening.engine.alignment import align
from licensing.screening.engine.names import fold
from licensing.screening.engine.numbers import plain_identifier
from licensing.screening.match import (
    ENGINE,
    THRESHOLD,
    Entry,
    Index,
    Match,
    OtherEngine,
    ScreeningQuery,
    UnusableName,
    from_bytes,
    to_bytes,
)
from licensing.screening.segments import Segment

ENTRIES = [
    Entry("E1", "Borovikov, Anatoly Nikolaevich", kind="person", countries=("RU",), birth_dates=("1961-03-25",), gender="male"),
    Entry("E2", "Abdul Rahman Al-Darwishi", kind="person", countries=("YE",)),
    Entry("E3", "Limited Liability Company Tekhnopribor Zavod", aliases=("TPZ Holding",), weak_aliases=("Zaslon",),
          identifiers=("7701-234",)),
    Entry("E4", "Qingshan Precision Semiconductor Co., Ltd.", aliases=("青山精密半导体有限公司",), countries=("CN",)),
    Entry("E5", "KIM, Song Chol", kind="person"),
    Entry("E6", "Global Trading Company", addresses=("Harbor Road 17, Office 4, Port Louis",), domains=("global-tradeco.example",)),
    Entry("E7", "Van der Bilthoven Instruments"),
    Entry("E8", "Papadimitriou, Nikolaos", kind="person"),
    Entry("E9", "Yusuf Haim Mizrahi", kind="person"),
    Entry("E10", "محمد صالح الحديثي", kind="person"),
]  # fmt: skip
INDEX = Index.build(ENTRIES)


def party(name: str, kind: str = "", **known: Any) -> ScreeningQuery:
    return ScreeningQuery(ref="party:1", role="end_user", kind=kind, name=name, **known)


def found(name: str, kind: str = "", **known: Any) -> list[str]:
    return [match.entity_id for match in INDEX.search(party(name, kind, **known))]


@pytest.mark.parametrize(
    ("name", "entity_id"),
    [
        ("Anatoly Borovikov", "E1"), ("BOROVIKOV Anatoliy Nikolayevich", "E1"), ("A. N. Borovikov", "E1"), ("Anatoly Borovkov", "E1"),
        ("AnatolyNikolaevich Borovikov", "E1"), ("Dr Anatoly Borovikov", "E1"), ("Анатолий Боровиков", "E1"),
        ("Anatoly \u0412orovikov", "E1"),
        ("Ana\u200btoly Borovi\u00adkov", "E1"), ("\u202eAnatoly Borovikov\u202c", "E1"),
        ("Abdulrahman al Darwishi", "E2"), ("Abd el-Rahman Darwichi", "E2"), ("عبد الرحمن الدرويشي", "E2"), ("عبدالرحمان درویشی", "E2"),
        ("Tekhnoprybor Zavod OOO", "E3"), ("LIMITED LIABLITY COMPANY TEKHNOPRIBOR ZAVOD", "E3"), ("Tekhno Pribor Zavod", "E3"),
        ("TPZ Holdings", "E3"),
        ("Qingshan Precision Semiconductor Shenzhen", "E4"), ("青山精密半导体有限公司", "E4"),
        ("Qing Shan Precision Semiconductors Ltd", "E4"),
        ("김성철", "E5"), ("Kim Song-chol", "E5"), ("Vanderbilthoven Instruments", "E7"), ("Νικόλαος Παπαδημητρίου", "E8"),
        ("יוסף חיים מזרחי", "E9"), ("Mohammed Saleh al-Hadithi", "E10"), ("Muhamad Salih Hadithi", "E10"),
    ],
)  # fmt: skip
def test_a_listed_name_is_found_however_it_is_written(name: str, entity_id: str) -> None:
    assert entity_id in found(name, "person" if entity_id in ("E1", "E2", "E5", "E8", "E9", "E10") else "")


@pytest.mark.parametrize(
    "name",
    [
        "Boris Borovikov-Smith Jones", "Global Company", "Trading Company", "Limited Liability Company", "Precision Ltd",
        "International Trading Group", "Kim Jong Il", "Zaslon Systems", "Global Shipping Company", "Tekhnika Zavod", "محمد علي",
    ],
)  # fmt: skip
def test_common_words_and_other_people_are_left_alone(name: str) -> None:
    assert found(name) == []


def test_a_weak_alias_counts_only_as_it_is_written_and_never_more_than_the_threshold() -> None:
    (match,) = INDEX.search(party("ZASLON"))
    assert (match.entity_id, match.score, match.features["weak_alias"]) == ("E3", THRESHOLD, True)
    assert found("Zaslon Nord") == []


def test_what_else_is_known_moves_the_score_and_is_told() -> None:
    def score(**known: Any) -> float:
        return next(iter(INDEX.search(party("Anatoly Borovikov", "person", **known), threshold=0.5))).score

    plain = score()
    assert score(birth_date="25 Mar 1961") >= score(birth_date="1961") >= plain > score(birth_date="1962")
    assert score(birth_date="1975-01-01") < THRESHOLD
    assert score(country="DE") < plain
    assert score(gender="female") < plain
    (match,) = INDEX.search(party("Anatoly Borovikov", "person", country="DE"))
    assert match.features["qualifiers"] == {"country_differs": -0.03}
    assert match.features["sentence"].endswith("country differs -0.03.")


def test_identifiers_addresses_and_domains_speak_for_themselves() -> None:
    (match,) = INDEX.search(party("Somebody Else", identifiers=("7701 234",)))
    assert (match.entity_id, match.score) == ("E3", 1.0)
    assert found("Somebody Else", addresses=("17 Harbour Road, Office 4, Port Louis",)) == ["E6"]
    assert found("Somebody Else", addresses=("18 Harbor Road, Office 5, Port Louis",)) == []
    assert found("Somebody Else", domains=("https://www.global-tradeco.example/en",)) == ["E6"]
    assert found("Somebody Else", domains=("global-tradec0.example", "other.example")) == []


@pytest.mark.parametrize(
    "number",
    [
        "7701-234",
        "Reg. No. 07701234",
        "\u0660\u0667\u0667\u0660\u0661\u0662\u0663\u0664",
        "INN: 7701.234",
        "UEN 7701234",
    ],
)
def test_a_number_is_the_same_however_it_is_written(number: str) -> None:
    assert [match.score for match in INDEX.search(party("Somebody Else", identifiers=(number,)))] == [1.0]


@pytest.mark.parametrize("number", ["SC7701234", "77012340", "n/a", "---"])
def test_another_number_is_another(number: str) -> None:
    assert found("Somebody Else", identifiers=(number,)) == []


def test_letters_that_look_latin_are_latin_in_numbers_and_domains() -> None:
    assert plain_identifier("\u0420\u0410 12345") == plain_identifier("pa12345") == "PA12345"
    cyrillic = "gl\u043ebal-tr\u0430deco"
    for label in (cyrillic, "gl\u00f3bal-tradeco", f"xn--{cyrillic.encode('punycode').decode()}"):
        (match,) = INDEX.search(party("Somebody Else", domains=(f"https://{label}.example/",)))
        assert (match.entity_id, "is also that" in match.features["sentence"]) == ("E6", True)


def test_the_explanation_says_which_words_went_together_and_what_was_left() -> None:
    (match,) = INDEX.search(party("Anatoli Borovikov Junior", "person"), threshold=0.5)
    told = {(word["query"], word["listed"]): word["how"] for word in match.features["words"]}
    assert told[("borovikov", "borovikov")] == "same"
    assert told[("anatoli", "anatoly")] in ("typing", "sound")
    assert told[("junior", "")] == "extra_query"
    assert told[("", "nikolaevich")] == "extra_listed"
    assert "junior only in the party's name" in match.features["sentence"]


PLAIN = "Anatoly Borovikov"
CYRILLIC, GREEK = "\u0410\u0412\u041a\u041e\u0422\u0423", "\u0391\u039d\u0392\u039a\u039f\u03a4\u03a5"
DISGUISED = {
    "tags": "\U000e0020".join(PLAIN),
    "controls": "\x01".join(PLAIN),
    "anchors": "\ufff9".join(PLAIN),
    "marks": "\u061c\u200f".join(PLAIN),
    "letters": "A N A T O L Y  B O R O V I K O V",
    "dots": "\u00b7".join("ANATOLY") + " " + "\u00b7".join("BOROVIKOV"),
    "backwards": f"\u202e{PLAIN[::-1]}\u202c",
    "cyrillic": PLAIN.upper().translate(str.maketrans("ABKOTY", CYRILLIC)),
    "greek": PLAIN.upper().translate(str.maketrans("ANBKOTY", GREEK)),
    "known as": f"Oleg Pavlov a.k.a. {PLAIN}",
    "formerly": f"Oleg Pavlov (formerly {PLAIN})",
}


@pytest.mark.parametrize("name", DISGUISED.values(), ids=DISGUISED)
def test_a_disguise_of_a_name_is_seen_through(name: str) -> None:
    assert found(name, "person") == found(PLAIN, "person") != []


@pytest.mark.parametrize(
    "name", ["", "—", "\u200b\u200f", "x" * 10_000, "A " * 5_000, "7", "of and the " * 14 + "Anatoly Borovikov"]
)
def test_what_is_no_name_is_refused_and_never_cleared(name: str) -> None:
    with pytest.raises(UnusableName):
        INDEX.search(party(name))


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_no_text_is_a_traceback_and_a_name_is_always_itself(name: str) -> None:
    try:
        INDEX.search(party(name))
    except UnusableName:
        return
    folded = fold(name)
    assert align(folded, folded, "company").score == 1.0


def _crowd(count: int) -> list[ScreeningQuery]:
    chance = random.Random(11)  # noqa: S311 - a sample, no secret
    words = [word for entry in ENTRIES for name in (entry.name, *entry.aliases) for word in name.split()]
    words += ["Anatolij", "A.", "Rachman", "Trade", "Songchol", "Tekhno", "pribor", "S.", "Saleh", "LLC", "Nikos"]

    def one(number: int) -> ScreeningQuery:
        name = " ".join(chance.choice(words) for _ in range(chance.choice((1, 2, 2, 3, 4))))
        born = chance.choice((None, None, "1961-03-25", "1990"))
        return replace(party(name, chance.choice(("person", "company", "")), birth_date=born), ref=f"party:{number:05}")

    return [query for query in map(one, range(count)) if fold(query.name).words and len(fold(query.name).joined) > 2]


def test_backward_search_finds_what_forward_search_finds_and_an_index_read_from_bytes_too() -> None:
    crowd = [*_crowd(3_000), replace(party("Nobody At All", identifiers=("7701234",)), ref="party:z")]
    forward = [(query.ref, match) for query in crowd for match in INDEX.search(query, limit=len(ENTRIES))]
    parties = Segment.build((query.ref, "", [query]) for query in crowd)
    back = {parties.subjects[number] for number in parties.near(ENTRIES, THRESHOLD)}
    assert back == {ref for ref, _ in forward}
    assert len(forward) > 100
    again = from_bytes(to_bytes(INDEX))
    assert _bytes(
        [(query.ref, match) for query in crowd for match in again.search(query, limit=len(ENTRIES))]
    ) == _bytes(forward)


def _bytes(matches: list[tuple[str, Match]]) -> bytes:
    return json.dumps([(ref, vars(match)) for ref, match in matches], sort_keys=True).encode()


def test_an_index_of_another_engine_or_cut_off_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = to_bytes(INDEX)
    with pytest.raises(ValueError, match="no index"):
        from_bytes(content[:-500])
    monkeypatch.setattr("licensing.screening.engine.storage.ENGINE", "another")
    with pytest.raises(OtherEngine, match=ENGINE):
        from_bytes(content)


def test_the_engine_is_the_one_that_its_name_was_sealed_for() -> None:
    """When a score or a word of an explanation may have changed, give ENGINE a new name; then renew or add its line in `seals.csv`."""
    assert seal.sealed(ENGINE) == seal.digest()
    assert seal.sealed("another") == ""
    assert "'another'" in seal.where("another")


def test_an_index_is_built_once_and_read_after_that_unless_its_file_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "WORTH_KEEPING", 1)
    built: list[Index] = []

    def build() -> Index:
        built.append(Index.build(ENTRIES))
        return built[-1]

    for _ in range(3):
        assert indexes.kept(tmp_path, "list 1 abc", build).search(party("Tekhnopribor Zavod"))[0].entity_id == "E3"
    assert len(built) == 1
    next(tmp_path.glob("*.index")).write_bytes(b"PK\x03\x04 cut off")
    indexes.kept(tmp_path, "list 1 abc", build)
    for number in range(6):
        indexes.kept(tmp_path, f"list {number} def", build)
    assert len(built) == 8
    assert len(list(tmp_path.iterdir())) == indexes.KEPT
