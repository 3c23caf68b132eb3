"""How an administrator reads a policy: its rows as tables, in the order in which they are asked."""

from licensing.policy.queries import KIND
from licensing.policy.rulesets import TABLES
from licensing.portal.administrator.pages import RuleRow, tables
from licensing.publishing.models import Publication


def row(**said: object) -> dict[str, object]:
    return {"id": "weights", "when": "decides_about_people", "then": {"seats": ["safety", "energy"]}, **said}


def read(held: dict[str, list[dict[str, object]]], kind: str = KIND) -> list[tuple[str, list[RuleRow]]]:
    return tables(Publication(kind=kind, content={"tables": held}))


def test_tables_stand_in_the_order_in_which_they_are_asked_and_empty_ones_are_left_out() -> None:
    held = {name: [row()] for name in sorted(TABLES, reverse=True)}
    assert [name for name, _ in read(held)] == list(TABLES)
    assert [name for name, _ in read({"seats": [row()], "requirement": []})] == ["seats"]


def test_a_row_says_what_follows_and_whatever_is_unusual_about_it() -> None:
    plain, dated = read({"seats": [row(), row(**{"from": "2026-01-01", "legal_status": "rescinded"})]})[0][1]
    assert plain.follows == [("seats", "safety, energy")]
    assert (plain.dates, plain.standing) == ("", "")
    assert (dated.dates, dated.standing) == ("from 2026-01-01", "rescinded, enforced")


def test_what_is_no_policy_has_no_tables() -> None:
    assert read({"seats": [row()]}, kind="text") == []
