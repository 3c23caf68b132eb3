"""Whom an order reaches by nationality, and what the words of an order have to be among."""

from datetime import UTC, datetime
from typing import Any

import pytest

from licensing.policy.order_checks import Known, list_problems, order_problems
from licensing.policy.orders import from_content, reached
from licensing.policy.rulesets import VersionRef

AT = datetime(2026, 6, 13, tzinfo=UTC)
CONTENT: dict[str, Any] = {
    "title": "Alpha", "legal_basis": "15 CFR 744.6", "company": "Cascade", "models": ["Alpha"], "nationalities": ["CN"],
}  # fmt: skip
KNOWN = Known(
    kinds=["export"], modes=["api_access"], countries=["CN", "NO"], lists=["PARTNERS"], is_text=lambda key: False
)


def reach(**party: Any) -> list[tuple[str, ...]]:
    facts: dict[str, Any] = {"items": [{"name": "Alpha", "developer": "Cascade"}]}
    facts |= {"parties": [{"role": "foreign_person", **party}]} if party else {}
    return [found.missing for found in reached([from_content(CONTENT, VersionRef("alpha", 1), {})], facts, AT)]


@pytest.mark.parametrize(
    ("party", "found"),
    [
        ({"citizenships": ["CN"], "country": "US"}, [()]),
        ({"citizenships": ["NO", "CN"], "country": "US"}, [()]),
        ({"citizenships": ["NO"], "country": "CN"}, []),
        ({"country": "CN"}, [()]),
        ({}, [("parties",)]),
    ],
)
def test_named_nationalities_are_those_of_the_recipients(party: dict[str, Any], found: list[tuple[str, ...]]) -> None:
    assert reach(**party) == found


def test_an_order_that_is_right_has_no_problems() -> None:
    assert list(order_problems("alpha-2026", CONTENT, KNOWN)) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"delivery_modes": ["pigeon"]}, "delivery_modes"),
        ({"requirement": "exception"}, "requirement"),
        ({"live_licenses": "burn"}, "live_licenses"),
        ({"until": "tomorrow"}, "until"),
        ({"undertakings": [{"text": "Report", "owed_by": "nobody"}]}, "undertakings.owed_by"),
        ({"undertakings": [{"text": "Report", "due": "soon"}]}, "undertakings.due"),
        ({"reliefs": [{"id": "a", "persons": [], "citation": "Annex"}]}, "reliefs.a.persons"),
        ({"reliefs": [{"id": "a" * 40, "persons": ["own_employees"], "citation": "Annex"}]}, f"reliefs.{'a' * 40}.id"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_order_is_named(change: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in order_problems("alpha-2026", CONTENT | change, KNOWN)] == [field]


def test_a_list_names_each_party_once_in_a_country_that_there_is() -> None:
    parties = [
        {"name": "Fjord AS", "country": "NO"},
        {"name": "FJORD AS", "country": "NO"},
        {"name": "Nowhere", "country": "ZZ"},
    ]
    fields = [
        problem.field for problem in list_problems({"title": "Partners", "source": "Annex", "parties": parties}, ["NO"])
    ]
    assert fields == ["parties[2].name", "parties[3].country"]
