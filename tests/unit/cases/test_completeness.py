"""What is missing from an application is listed at once, each with its place; what makes two applications one transaction."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.cases.facts import TYPES, destinations, facts_of
from licensing.cases.rules import control_number, missing, sha256, transaction_digest, united_conditions


def whole() -> dict[str, Any]:
    """A whole application: closed weights to a hospital's operator in Norway."""
    company = {
        "kind": "company", "aliases": [], "birth_date": None, "citizenships": [], "permanent_residence": "",
        "identifiers": [], "ultimate_parent_name": "", "ultimate_parent_country": "NO", "headquarters": "NO",
    }  # fmt: skip
    return {
        "application": {"name": "Ward assistant"},
        "applicant": {"ref": "1", "name": "Lumen", "country": "US"},
        "contact": {"name": "Ada", "phone": "", "email": "ada@example.org"},
        "transaction": {"kind": "export", "delivery_modes": ["weights_transfer"], "destination": "NO"},
        "parties": [
            {"ref": "10", "role": "ultimate_consignee", "name": "Nordlys", "country": "NO", **company},
            {"ref": "11", "role": "end_user", "name": "Fjord Hospital", "country": "NO", **company},
        ],
        "items": [
            {
                "number": 1, "model": "Aurora", "version": "2", "developer": "Lumen", "model_version": "7", "weights": "closed",
                "operations": "2.1E+26", "training": [{"stage": "pretraining"}], "modalities": ["text"],
                "model_hash": "0" * 64, "technical_description": "Clinical text model", "derivation": "",
                "security_level": 3,
            }
        ],
        "sites": [
            {
                "ref": "5", "name": "Tromsø 1", "country": "NO", "headquarters": "NO", "ultimate_parent": "NO",
                "key_custody": "local", "security_level": 3, "operator": "Nordlys",
            }
        ],
        "end_use": {
            "statement": "Drafting discharge letters from the ward's own notes, checked by a physician.",
            "sector": "health_care", "decides_about_people": True, "human_oversight": "A physician signs every letter.",
            "military_end_use": False, "wmd_end_use": False, "human_rights_concern": False, "nuclear_relevant": False,
        },
        "attachments": [],
    }  # fmt: skip


def without(path: str) -> dict[str, Any]:
    filed = copy.deepcopy(whole())
    *parents, last = path.split(".")
    place: Any = filed
    for name in parents:
        place = place[int(name)] if name.isdigit() else place[name]
    place[last] = type(place[last])() if not isinstance(place[last], bool) else None
    return filed


def test_a_whole_application_lacks_nothing() -> None:
    assert missing(whole()) == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("transaction.kind", "transaction_kind"),
        ("transaction.delivery_modes", "delivery_modes"),
        ("transaction.destination", "destination"),
        ("contact.name", "contact_name"),
        ("contact.email", "contact_email"),
        ("items", "items"),
        ("items.0.operations", "items.1.operations"),
        ("items.0.model_hash", "items.1.model_hash"),
        ("items.0.technical_description", "items.1.technical_description"),
        ("parties.0.headquarters", "parties.10.headquarters"),
        ("sites", "sites"),
        ("end_use.statement", "end_use_statement"),
        ("end_use.sector", "sector"),
        ("end_use.human_oversight", "human_oversight"),
        ("end_use.military_end_use", "military_end_use"),
        ("end_use.wmd_end_use", "wmd_end_use"),
        ("end_use.human_rights_concern", "human_rights_concern"),
        ("end_use.nuclear_relevant", "nuclear_relevant"),
        ("end_use.decides_about_people", "decides_about_people"),
    ],
)
def test_what_is_left_out_is_named(path: str, field: str) -> None:
    assert [gap.field for gap in missing(without(path))] == [field]


def test_everything_is_listed_at_once() -> None:
    filed = without("end_use.sector")
    filed["parties"] = []
    assert {gap.field for gap in missing(filed)} == {"sector", "ultimate_consignee", "end_user"}


def test_a_deemed_export_names_its_person() -> None:
    filed = whole()
    filed["transaction"]["kind"] = "deemed_export"
    assert [gap.field for gap in missing(filed)] == ["foreign_person"]


def test_a_foreign_person_belongs_to_a_deemed_export_only() -> None:
    filed = whole()
    filed["parties"].append({**filed["parties"][0], "role": "foreign_person", "kind": "person", "citizenships": ["FR"]})
    assert [gap.field for gap in missing(filed)] == ["foreign_person"]


def test_the_same_transaction_is_recognized_whatever_its_reference() -> None:
    one, other = whole(), whole()
    other["application"]["name"] = "Another reference"
    other["end_use"]["statement"] = "  " + other["end_use"]["statement"].upper()
    assert transaction_digest(one) == transaction_digest(other)
    other["items"][0]["model_version"] = "8"
    assert transaction_digest(one) != transaction_digest(other)


def test_facts_are_those_of_the_registry() -> None:
    facts = facts_of(whole(), {1: "4E091"})
    assert set(facts) <= set(TYPES)
    assert facts["max_operations"] == 2.1e26
    assert facts["control_entries"] == ["4E091"]
    assert facts["any_nuclear_relevant"] is False


def test_an_answer_that_was_not_given_is_no_fact() -> None:
    assert "military_end_use" not in facts_of(without("end_use.military_end_use"))


def test_operations_that_were_not_declared_are_no_fact_and_never_zero() -> None:
    filed = whole()
    filed["items"][0]["operations"] = ""
    facts = facts_of(filed)
    assert "operations" not in facts["items"][0]
    assert "max_operations" not in facts


def test_a_deemed_export_goes_to_the_persons_countries() -> None:
    filed = whole()
    filed["sites"] = []
    person = {
        **filed["parties"][0],
        "role": "foreign_person",
        "citizenships": ["FR", "MA"],
        "permanent_residence": "CA",
    }
    filed["parties"] = [person]
    filed["transaction"]["destination"] = ""
    assert destinations(filed) == ["CA", "FR", "MA"]


@pytest.mark.parametrize(("count", "number"), [(1, "A000001"), (999_999, "A999999"), (1_000_000, "B000000")])
def test_control_numbers_count_on(count: int, number: str) -> None:
    assert control_number(count) == number


@pytest.mark.parametrize("count", [0, -1, 26_000_000])
def test_there_is_no_control_number_beyond(count: int) -> None:
    with pytest.raises(ValueError, match="no control number"):
        control_number(count)


conditions = st.lists(
    st.fixed_dictionaries(
        {"key": st.sampled_from(["a", "b", "c"]), "parameters": st.dictionaries(st.just("n"), st.integers(0, 2))}
    ),
    max_size=4,
)


@given(st.lists(conditions, max_size=4))
def test_conditions_are_united_and_none_is_dropped(recommended: list[list[dict[str, Any]]]) -> None:
    united = united_conditions(recommended)
    asked = {sha256(condition) for seat in recommended for condition in seat}
    assert {sha256(condition) for condition in united} == asked
    assert len(united) == len(asked)
