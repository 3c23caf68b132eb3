"""Each static check on a definition that has just its mistake, and the definitions that ship."""

from pathlib import Path

import pytest

from workflows.kernel import BadDefinition, load
from workflows.kernel.checks import check

FIXTURES = Path(__file__).parents[3] / "fixtures" / "workflows"
SOUND = """
key: small
version: 1
start: checks
facts: {nuclear: bool}
votes: {favor: [approve], against: [deny]}
clocks:
  total: {limit: 90, unit: calendar_days, starts: registered, at_expiry: {alert: overdue}}
stages:
  checks:
    effect: run_checks
    route: {clear: review, closed: ended}
  review:
    seats:
      one: {pool: office.one}
      two: {pool: office.two}
      three: {pool: office.three, when: "nuclear"}
    decide: {rule: unanimous, on_split: against}
    route: {favor: decision, against: ended}
    clock: {limit: 30, unit: calendar_days, warn: [20], at_expiry: {cast: approve}}
  decision:
    seats:
      officer: {pool: office.one}
      lead: {pool: office.two, after: officer, not_same_person_as: [decision.officer]}
    actions: {issue: ended, again: review}
    limits: {returned: 2, again: 2}
  ended: {end: done}
"""
LIMITS = "limits: {returned: 2, again: 2}"
ROUTE = "route: {favor: decision, against: ended}"
OFFICER = "      officer: {pool: office.one}\n"
BROKEN = [
    ("start: checks", "start: chekcs", "unknown-target", "start: chekcs"),
    ("clear: review", "clear: reviews", "unknown-target", "route: {clear: reviews"),
    ("ended: {end: done}", "ended: {end: done, route: {favor: review}}", "end-with-exits", "ended:"),
    ("ended: {end: done}", "ended: {end: done}\n  lost: {visibility: open}", "dead-end", "lost:"),
    ("effect: run_checks", "effect: run_checks\n    actions: {issue: ended}", "unclear-stage", "checks:"),
    ("favor: decision, against: ended", "favor: decision", "unrouted-outcome", "review:"),
    ("favor: decision, against: ended", "favor: decision, against: ended, tie: ended", "unknown-outcome", "route: {favor"),
    ("rule: unanimous, on_split: against", "rule: unanimous", "split-unrouted", "decide:"),
    ("rule: unanimous, on_split: against", "rule: majority", "tie-unrouted", "decide:"),
    ("rule: unanimous, on_split: against", "rule: chair_decides, chair: four", "chair-not-a-seat", "decide:"),
    ("rule: unanimous, on_split: against", "rule: chair_decides, chair: three", "chair-conditional", "decide:"),
    ("rule: unanimous, on_split: against", "rule: {rule: n_of_m, n: 3}", "quorum-too-high", "decide:"),
    ("      one: {pool: office.one}\n      two: {pool: office.two}\n", "", "all-seats-conditional", "seats:"),
    ("{cast: approve}", "{cast: aprove}", "unknown-vote", "clock: {limit: 30"),
    (LIMITS, LIMITS + "\n    clock: {limit: 3, unit: calendar_days, at_expiry: {cast: approve}}", "cast-without-vote", "clock: {limit: 3"),
    ("after: officer", "after: chief", "bad-reference", "lead:"),
    ("not_same_person_as: [decision.officer]", "not_same_person_as: [decision.chief]", "bad-reference", "lead:"),
    ("officer: {pool: office.one}", "officer: {pool: office.one, after: lead}", "after-cycle", "officer:"),
    ('when: "nuclear"', 'when: "nuklear"', "undeclared-fact", "three:"),
    ('when: "nuclear"', 'when: "nuclear &&"', "not-cel", "three:"),
    (ROUTE, ROUTE + "\n    appeal: {by: [four], window: 5, unit: calendar_days, to: ended}", "appeal-by-non-seat", "appeal:"),
    ("ended: {end: done}", "ended: {end: done}\n  island: {end: nowhere}", "unreachable-stage", "island:"),
    ("limits: {returned: 2, again: 2}", "limits: {returned: 2}", "loop-without-limit", "review:"),
    ("limits: {returned: 2, again: 2}", "limits: {again: 2}", "loop-without-limit", "decision:"),
    ("limits: {returned: 2, again: 2}", "limits: {returned: 2, again: 2, agian: 1}", "unknown-action", "limits:"),
    ("warn: [20]", "warn: [30]", "late-warning", "clock: {limit: 30"),
    ("clock: {limit: 30, unit: calendar_days", "clock: {limit: 30, unit: working_days", "unknown-calendar", "clock: {limit: 30"),
    (LIMITS, LIMITS + "\n    limits_: {}", "shape", "limits_"),
    (OFFICER, OFFICER + "      other: {pool: office.two}\n", "two-proposers", "seats:"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["us-interagency", "uk-individual"])
def test_the_definitions_that_ship_are_sound(name: str) -> None:
    assert check(load((FIXTURES / f"{name}.yaml").read_text(encoding="utf-8"))) == []


def test_the_small_one_is_sound() -> None:
    assert check(load(SOUND)) == []


@pytest.mark.parametrize(
    ("sound", "broken", "code", "line"), BROKEN, ids=[f"{row[2]}-{number}" for number, row in enumerate(BROKEN)]
)
def test_each_mistake_is_found_at_its_line(sound: str, broken: str, code: str, line: str) -> None:
    assert sound in SOUND
    source = SOUND.replace(sound, broken)
    try:
        findings = check(load(source))
    except BadDefinition as bad:
        findings = bad.findings

    mine = [finding for finding in findings if finding.code == code]
    assert mine, f"{code} was not found, but {[str(finding) for finding in findings]}"
    assert line in source.splitlines()[mine[0].line - 1], mine[0]
    assert mine[0].mend


def test_a_stage_without_a_way_to_an_end_is_found() -> None:
    source = (
        SOUND.replace("issue: ended, again: review", "again: review")
        .replace("against: ended", "against: decision")
        .replace("clear: review, closed: ended", "clear: review, closed: ended")
    )
    assert "no-way-to-end" in {finding.code for finding in check(load(source))}


def test_a_clock_that_is_spent_when_its_stage_begins_is_found() -> None:
    source = SOUND.replace(
        "{limit: 90, unit: calendar_days, starts: registered, at_expiry: {alert: overdue}}",
        "{limit: 90, unit: calendar_days, starts: registered, at_expiry: {goto: review}}",
    )
    source = source.replace(
        "clock: {limit: 30, unit: calendar_days", "clock: {limit: 30, unit: calendar_days, starts: registered"
    )
    assert "spent-clock" in {finding.code for finding in check(load(source))}  # fmt: skip


def test_too_few_people_to_keep_apart_and_empty_pools_are_found() -> None:
    definition = load(SOUND)
    alone = {"office.one": frozenset({"ada"}), "office.two": frozenset({"ada"}), "office.three": frozenset({"bo"})}
    assert [finding.code for finding in check(definition, alone)] == ["too-few-people"]
    assert "empty-pool" in {finding.code for finding in check(definition, {**alone, "office.three": frozenset()})}
    assert check(definition, {**alone, "office.two": frozenset({"ada", "cy"})}) == []
