"""Determinations under a policy of 200 rows: with the index, in a naive loop over the same rows, and in another rule engine."""

import importlib.util
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bench.table import Row
from licensing.policy.rules import determine
from licensing.policy.rulesets import ListVersionRef, Ruleset, VersionRef, compile_ruleset

ROWS, DRAFTS, PASSES = 200, 2000, 5
AT = datetime(2026, 11, 25, tzinfo=UTC)
KINDS = ("export", "reexport", "in_country_transfer", "deemed_export", "deemed_reexport")
SECTORS = ("health_care", "finance", "education", "defense")
COUNTRIES = [f"{first}{second}" for first in "ABCDEFGH" for second in "KLMNO"]
STATUS = {"citation": "bench", "legal_status": "in_force", "enforcement_status": "enforced"}


def _row(number: int) -> tuple[str, str, str, bool]:
    """Kind, sector, country, military: each row asks for another mixture, as tables of law do."""
    return KINDS[number % 5], SECTORS[number // 5 % 4], COUNTRIES[number % 40], number % 3 == 0


def _ruleset() -> Ruleset:
    rows = []
    for number in range(ROWS - 1):
        kind, sector, country, military = _row(number)
        when = f'transaction_kind == "{kind}" && sector == "{sector}" && "{country}" in destinations'
        when += " && military_end_use" if military else " && items.exists(i, i.operations >= 1e25)"
        rows.append({"id": f"r{number}", "when": when, "then": {"requirement": "required"}, **STATUS})
    rows.append({"id": "else", "when": "true", "then": {"requirement": "not_required"}, **STATUS})
    always = {"id": "always", "when": "true", **STATUS}
    content = {
        "facts": {
            "transaction_kind": "str", "sector": "str", "destinations": "list[str]", "military_end_use": "bool", "items": "list[item]",
            "parties": "list[party]",
        },
        "records": {
            "item": {"weights": "str", "operations": "float"},
            "party": {"role": "str", "country": "str", "headquarters": "str", "ultimate_parent": "str"},
        },
        "lists": ["BENCH"],
        "tables": {
            "requirement": rows,
            "review_policy": [{**always, "then": {"review_policy": "case_by_case"}}],
            "workflow": [{**always, "id": "flow", "then": {"workflow": "us-interagency"}}],
        },
    }  # fmt: skip
    lists = {"BENCH": ListVersionRef("BENCH", 1, frozenset(COUNTRIES[:10]))}
    return compile_ruleset(content, policy=VersionRef("bench", 1), lists=lists)


def _drafts(seed: int) -> list[dict[str, Any]]:
    """Other ones for each pass: one to five destinations and parties; nothing that was asked before comes back."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    return [_draft(number, rng) for number in range(DRAFTS)]


def _draft(number: int, rng: random.Random) -> dict[str, Any]:
    kind, sector, country, _ = _row(number * 7)
    sector = sector if number % 3 else SECTORS[number % 4]  # some mixtures that no row asks for
    places = [country, *rng.sample(COUNTRIES, rng.randint(0, 4))]
    role = "foreign_person" if kind.startswith("deemed") else "end_user"
    return {
        "transaction_kind": kind, "sector": sector, "destinations": sorted(set(places)), "military_end_use": number % 2 == 0,
        "items": [{"weights": "closed", "operations": rng.choice([2.1e26, 1e23, 3e25])}],
        "parties": [
            {"role": role, "country": place, "headquarters": rng.choice(COUNTRIES), "ultimate_parent": ""} for place in places
        ],
    }  # fmt: skip


def measure() -> list[Row]:
    rules = _ruleset()
    naive = replace(
        rules,
        tables={
            table: tuple(replace(row, guards=(), whole=False) for row in rows) for table, rows in rules.tables.items()
        },
    )
    acts: dict[str, Callable[[dict[str, Any]], str]] = {
        f"determine, {ROWS} rows": lambda draft: str(determine(rules, draft, AT, explain=False).requirement),
        "… a loop over every row": lambda draft: str(determine(naive, draft, AT, explain=False).requirement),
    }
    if importlib.util.find_spec("zen"):
        acts["… zen-engine, the same table"] = _zen()
    answers = {what: [act(draft) for draft in _drafts(0)[:300]] for what, act in acts.items()}
    first = next(iter(answers.values()))
    assert all(other == first for other in answers.values()), "they do not agree"
    assert len(set(first)) == 2, "one answer for all would prove nothing"
    rows = [_timed(what, act) for what, act in acts.items()]
    rows[0].note = "target: 10,000/s on one core"
    return rows


def _timed(what: str, act: Callable[[dict[str, Any]], str]) -> Row:
    """The median of the passes, each over drafts of its own, in time of the processor."""
    rates = []
    for number in range(1, PASSES + 1):
        drafts = _drafts(number)
        began = time.process_time()
        for draft in drafts:
            act(draft)
        rates.append(len(drafts) / (time.process_time() - began))
    rate = median(rates)
    return Row(what, mean_ms=1000 / rate, rate=f"{rate:,.0f}/s")


def _zen() -> Callable[[dict[str, Any]], str]:
    """The requirement table as a decision table of zen-engine: the first row that holds."""
    import zen  # noqa: PLC0415 - a peer that need not be there

    fields = {"k": "transaction_kind", "s": "sector", "d": "destinations", "m": "military_end_use", "o": "items"}
    rules = []
    for number in range(ROWS - 1):
        kind, sector, country, military = _row(number)
        rules.append({
            "_id": str(number), "k": f'"{kind}"', "s": f'"{sector}"', "d": f'contains($, "{country}")', "m": "true" if military else "",
            "o": "" if military else "some($, #.operations >= 10000000000000000000000000)", "out": '"required"',
        })  # fmt: skip
    rules.append({"_id": "else", **dict.fromkeys(fields, ""), "out": '"not_required"'})
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": key, "name": name, "field": name} for key, name in fields.items()],
        "outputs": [{"id": "out", "name": "requirement", "field": "requirement"}],
        "rules": rules,
    }
    graph = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    return lambda draft: str(decision.evaluate(draft)["result"]["requirement"])
