"""The reference scenario with fictional names: restricted by name overnight, eased for partners, rescinded against undertakings."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from licensing.audit.refusals import NotNow
from licensing.policy.files import ruleset_of
from licensing.policy.rules import determine

REPOSITORY = Path(__file__).parents[3]
FIXTURES = REPOSITORY / "fixtures"
COMPANY = "Cascade Intelligence, Inc."
BEFORE, MINUTE_BEFORE, MINUTE_AFTER = "2026-06-11T12:00", "2026-06-12T21:20", "2026-06-12T21:22"
EASED, DAY_AFTER, LIFTED = "2026-06-26T12:00", "2026-06-27T12:00", "2026-07-01T12:00"

FACTS: dict[str, Any] = {
    "transaction_kind": "export", "delivery_modes": ["api_access"], "destinations": ["NO"], "exporter": COMPANY,
    "items": [
        {
            "name": "Cascade Alpha", "developer": COMPANY, "weights": "closed", "operations": 8e25, "control_entry": "", "derivation": "",
            "security_level": 3,
        }
    ],
    "parties": [],
    "sites": [], "military_end_use": False, "wmd_end_use": False, "human_rights_concern": False, "decides_about_people": False,
    "all_published": False,
}  # fmt: skip
PARTNER = {
    "role": "end_user", "kind": "company", "name": "Fjordhelse Sykehus HF", "country": "NO", "headquarters": "NO",
    "ultimate_parent": "NO", "citizenships": [],
}  # fmt: skip
STRANGER = {**PARTNER, "name": "Nordmark Handel AS"}
EMPLOYEE = {
    **PARTNER,
    "role": "foreign_person",
    "kind": "person",
    "name": "Ines Moreau",
    "country": "US",
    "citizenships": ["FR"],
}
PEOPLE: dict[str, dict[str, Any]] = {
    "partner abroad": PARTNER,
    "stranger abroad": STRANGER,
    "partner's foreign employee": {**EMPLOYEE, "employer": "Fjordhelse Sykehus HF"},
    "own foreign employee": {**EMPLOYEE, "employer": COMPANY},
    "foreign guest": {**EMPLOYEE, "employer": "Université de Rivière"},
}
FREED = {"partner abroad", "partner's foreign employee", "own foreign employee"}


def facts(person: str, model: str = "Cascade Alpha", **changes: Any) -> dict[str, Any]:
    made = deepcopy(FACTS) | {"parties": [dict(PEOPLE[person])]} | changes
    made["items"][0]["name"] = model
    if PEOPLE[person]["role"] == "foreign_person":
        made |= {"transaction_kind": "deemed_export", "destinations": ["FR"]}
    return made


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def answer(given: dict[str, Any], when: str, known: str | None = None, *, public: bool = True) -> str:
    rules = ruleset_of(FIXTURES, "us", at(when), at(known) if known else None, public=public)
    return str(determine(rules, given, at(when), explain=False).requirement)


def expected(person: str, model: str, when: str) -> str:
    if when in (BEFORE, MINUTE_BEFORE, LIFTED):
        return "not_required"
    if when in (EASED, DAY_AFTER) and model == "Cascade Alpha" and person in FREED:
        return "exception"
    return "required"


@pytest.mark.parametrize("when", [BEFORE, MINUTE_BEFORE, MINUTE_AFTER, EASED, DAY_AFTER, LIFTED])
@pytest.mark.parametrize("model", ["Cascade Alpha", "Cascade Beta"])
@pytest.mark.parametrize("person", list(PEOPLE))
def test_every_person_and_model_at_every_instant(person: str, model: str, when: str) -> None:
    assert answer(facts(person, model), when) == expected(person, model, when)


@pytest.mark.parametrize("model", ["Cascade Gamma", "Alpha"])
def test_another_model_and_another_company_are_not_reached(model: str) -> None:
    assert answer(facts("stranger abroad", model), MINUTE_AFTER) == "not_required"
    other = facts("stranger abroad")
    other["items"][0]["developer"] = "Meridian Models, Inc."
    assert answer(other, MINUTE_AFTER) == "not_required"


def test_a_derivative_is_reached_by_what_it_was_made_from() -> None:
    made = facts("stranger abroad", "Dr. Alpha")
    made["items"][0] |= {"developer": "Fjordhelse Labs", "made_from": ["Cascade Alpha"], "derivation": "fine_tuned"}
    assert answer(made, MINUTE_AFTER) == "required"


def test_a_mode_that_the_order_does_not_name_is_not_reached() -> None:
    assert answer(facts("stranger abroad", delivery_modes=["technical_assistance"]), MINUTE_AFTER) == "not_required"


def test_what_was_known_is_another_question_than_what_was_required() -> None:
    asked = facts("stranger abroad")
    assert answer(asked, MINUTE_AFTER, known="2026-06-12T21:00", public=False) == "not_required", (
        "nobody had signed it yet"
    )
    assert answer(asked, MINUTE_AFTER, known="2026-06-12T21:10", public=False) == "required"
    assert answer(asked, MINUTE_AFTER, known="2026-06-14T12:00") == "not_required", "the public had not been told"
    assert answer(asked, MINUTE_AFTER, known="2026-06-14T12:00", public=False) == "required"
    assert answer(asked, MINUTE_AFTER, known="2026-06-16T12:00") == "required", "disclosed, and asked about the past"
    assert answer(asked, LIFTED, known="2026-06-29T12:00") == "required", "as far as was known on June 29"


@pytest.mark.parametrize(
    ("when", "known", "code"), [("1999-01-01T00:00", None, "no_policy"), (LIFTED, "2020-01-01T00:00", "no_policy")]
)
def test_a_day_without_rules_or_before_they_were_known_is_said(when: str, known: str | None, code: str) -> None:
    with pytest.raises(NotNow) as refused:
        answer(facts("partner abroad"), when, known)
    assert refused.value.code == code


def test_a_name_of_a_jurisdiction_is_no_path() -> None:
    with pytest.raises(NotNow):
        ruleset_of(FIXTURES, "../policies/us", at(LIFTED))


def test_an_undisclosed_order_leaves_no_trace_in_the_answer() -> None:
    asked, known = facts("stranger abroad"), at("2026-06-14T12:00")
    told = ruleset_of(FIXTURES, "us", at(MINUTE_AFTER), known)
    without = determine(told, asked, at(MINUTE_AFTER)).to_json()
    assert told.orders == ()
    assert "ascade-2026" not in json.dumps(without)
    assert without["questions"] == []


def test_a_relief_is_cited_with_its_list_and_its_duties() -> None:
    rules = ruleset_of(FIXTURES, "us", at(EASED))
    given = determine(rules, facts("partner abroad"), at(EASED))
    assert (given.exception, given.conditions) == ("cascade-2026/trusted-partners", ("condition:no-onward-transfer",))
    assert [(rule.table, rule.version) for rule in given.rules if rule.table == "orders"] == [("orders", 2)]
    assert ("CASCADE_PARTNERS", 1) in {(cited.key, cited.version) for cited in given.lists}


@pytest.mark.parametrize("fact", ["transaction_kind", "delivery_modes", "parties"])
def test_a_fact_that_is_missing_never_frees(fact: str) -> None:
    given = facts("partner abroad")
    del given[fact]
    assert answer(given, EASED) == "needs_information"
    del given["items"]
    assert answer(given, EASED) == "needs_information"


def test_the_command_line_tells_the_story_without_any_database(tmp_path: Path) -> None:
    lines = tmp_path / "facts.jsonl"
    lines.write_text("\n".join(json.dumps(facts(person)) for person in PEOPLE), encoding="utf-8")
    nowhere = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "licensing.settings",
    }
    told = subprocess.run(
        [sys.executable, "manage.py", "determine", "--at", f"{EASED}Z", str(lines)],
        cwd=REPOSITORY, env=nowhere, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert [json.loads(line)["requirement"] for line in told] == [
        expected(person, "Cascade Alpha", EASED) for person in PEOPLE
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"items": [{"operations": NaN}]}', "items[0].operations: 'nan': Give items[0].operations as a number."),
        ('{"items": [{"operations": 1e999}]}', "items[0].operations: 'inf'"),
        (f'{{"items": [{{"operations": 1{"0" * 400}}}]}}', "items[0].operations: '1000"),
        ("[" * 60_000, "This is not JSON"),
    ],
    ids=["nan", "infinite", "an integer beyond floats", "nested without end"],
)
def test_a_line_that_no_rule_can_read_stops_no_other_line(tmp_path: Path, line: str, told: str) -> None:
    lines, out, err = tmp_path / "facts.jsonl", StringIO(), StringIO()
    lines.write_text(f"{line}\n{json.dumps(facts('partner abroad'))}\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("determine", str(lines), "--at", f"{EASED}Z", stdout=out, stderr=err)
    assert told in err.getvalue()
    assert json.loads(out.getvalue().splitlines()[1])["requirement"] == "exception"


def test_bad_lines_are_named_and_the_others_are_answered(tmp_path: Path) -> None:
    lines = tmp_path / "facts.jsonl"
    bad = [{"transaction_kind": "exprt", "itms": []}, {**facts("partner abroad"), "destinations": ["NQ"]}]
    contradicting = {**facts("partner abroad"), "transaction_kind": "deemed_export"}
    rows = [*map(json.dumps, [*bad, contradicting, facts("partner abroad")]), "{not json"]
    lines.write_text("\n".join(rows), encoding="utf-8")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("determine", str(lines), "--at", f"{EASED}Z", stdout=out, stderr=err)
    assert ended.value.code == 1
    told = err.getvalue()
    for sentence in (
        "line 1: itms: 'itms': There is no fact 'itms'. Did you mean items?",
        "line 1: transaction_kind: 'exprt': transaction_kind is one of export,",
        "line 2: destinations: 'NQ': There is no country 'NQ'.",
        "line 3: parties: 'deemed_export': A release to a foreign person names that person",
        "line 5: line: '{not json': This is not JSON",
    ):
        assert sentence in told
    assert json.loads(out.getvalue().splitlines()[3])["requirement"] == "exception"
