"""What the seeded policy says on a day, and domains as they are compared."""

from datetime import UTC, date, datetime

import pytest
import yaml

from licensing.audit.canonical import plain
from licensing.cases import screened
from licensing.screening import rules, seeding
from licensing.screening.domains import domain_of, domains_in
from licensing.screening.match import THRESHOLD
from licensing.screening.policies import ScreeningPolicies

POLICY = rules.read(plain(yaml.safe_load(seeding.POLICY.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    ("day", "counting"),
    [("2025-09-28", False), ("2025-09-29", True), ("2025-11-10", False), ("2026-11-09", False), ("2026-11-10", True)],
)
def test_owners_on_the_entity_list_count_in_the_periods_of_the_rule(day: str, counting: bool) -> None:
    thresholds = POLICY.thresholds(["bis-el", "ofac-sdn", "un"], date.fromisoformat(day), 0.8)
    assert ("bis-el" in thresholds["ownership"]["lists"]) is counting
    assert ("ofac-sdn" in thresholds["ownership"]["lists"], "un" in thresholds["ownership"]["lists"]) == (True, False)


def test_what_a_list_does_and_what_one_does_that_nobody_named() -> None:
    effects = [POLICY.rule(key).effect for key in ("ofac-sdn", "bis-el", "somebody's own")]
    assert effects == ["block", "refer", "block"]
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    true = rules.Found("bis-el", "true_match", "X", at, "All items", "", owner_alone=False)
    hits = [true, true._replace(name="Z", owner_alone=True), true._replace(list_key="un", status="inconclusive")]
    assert rules.standing(POLICY, hits) == rules.Standing(1, (), ("X (All items)",), at)


def test_a_threshold_above_the_engines_is_said_to_silence_weak_aliases() -> None:
    rule = {"effect": "block", "threshold": THRESHOLD + 0.01}
    content = {"ownership_limit": 50, "default": {"effect": "refer", "threshold": THRESHOLD}, "lists": {"un": rule}}
    told = ScreeningPolicies().diff({}, content)
    assert [line for line in told if "weak alias" in line] == [
        f"un: at {THRESHOLD + 0.01} no weak alias alerts any more; they score {THRESHOLD} at most"
    ]


@pytest.mark.parametrize(
    "address", ["https://WWW.Nordlys.example/en?x", "nordlys.example.", "http://u@nordlys.example:80"]
)
def test_a_domain_is_the_same_however_it_is_written(address: str) -> None:
    assert domain_of(address) == "nordlys.example"


def test_domains_are_read_out_of_remarks() -> None:
    assert domains_in("DOB 1970; Website www.a.example; https://b.example/x") == ["a.example", "b.example"]
    assert domains_in("mail to x@c.example, e.g. nothing") == []


def test_everybody_is_asked_for_owners_addresses_and_domains_too() -> None:
    party = {
        "ref": "1", "role": "end_user", "kind": "company", "name": "A", "aliases": ["B"], "country": "NO", "birth_date": None,
        "identifiers": ["DUNS:123456789", "X:12"], "lei": "", "registration_number": "999 000 111", "address": "Street 1, Oslo",
        "website": "https://a.example", "ultimate_parent_name": "", "ultimate_parent_country": "",
    }  # fmt: skip
    owner = {**party, "ref": "2", "name": "C", "ultimate_parent_name": "D", "ultimate_parent_country": "SE"}
    filed = {
        "applicant": {"ref": "1", "name": "Z", "country": "US", "address": "1 Way", "website": "", "registration_number": "0000001"},
        "parties": [party],
        "ownership": [
            {"owner": owner, "owned": owned, "percent": "40.00", "as_of": "2026-01-01"} for owned in ("1", "applicant")
        ],
        "sites": [{"ref": "1", "name": "S", "country": "NO", "address": "Dock 2", "operator": "O", "headquarters": "NO"}],
    }  # fmt: skip
    found = {query.ref: query for query in screened.queries(filed)}
    assert list(found) == [
        "organization:1", "party:1", "party:2", "party:2:parent", "site:1", "site:1:operator",
    ]  # fmt: skip
    assert (found["party:1"].identifiers, found["party:1"].addresses, found["party:1"].domains) == (
        ("123456789", "999 000 111"), ("Street 1, Oslo",), ("a.example",),
    )  # fmt: skip
    assert (found["party:2"].role, found["site:1"].addresses) == ("owner", ("Dock 2",))
    assert [(stake.owner, stake.owned, str(stake.percent)) for stake in screened.stakes(filed)] == [
        ("party:2", "party:1", "40.00"),
        ("party:2", "organization:1", "40.00"),
    ]
