"""`manage.py determine`: what was required at an instant, for a line of facts each, from the fixtures or from the live rules."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from licensing.accounts.audience import CLEARED, PUBLIC
from licensing.audit.refusals import Invalid, NotNow, Refused
from licensing.cases.fact_schema import problems, schema
from licensing.policy import files, queries
from licensing.policy.rules import Determination, determine
from licensing.policy.rulesets import Ruleset

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
LONGEST_LINE = 1_000_000
COLUMNS = "{:>5}  {:18} {:30} {:24} {}"


class Command(BaseCommand):
    help = "Say whether a license was required: one JSON object of facts a line; without a database, from the fixtures."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("facts", nargs="?", help="a file of JSON lines; - for standard input")
        parser.add_argument("--at", help="the instant that is asked about, such as 2026-06-12T21:22Z")
        parser.add_argument("--known-at", help="what was published by then (default: all that is known now)")
        parser.add_argument("--format", choices=["json", "table"], default="json", dest="form")
        parser.add_argument("--jurisdiction", default="us", help="which policy of the fixtures")
        parser.add_argument("--undisclosed", action="store_true", help="with orders that are confidential yet")
        parser.add_argument("--from-database", action="store_true", help="the rules in force, instead of the fixtures")
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of a line")

    def handle(
        self, *args: Any, facts: str | None, at: str | None, known_at: str | None, form: str, **options: Any
    ) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(schema(), indent=2))
            return
        if not facts or not at:
            raise CommandError("Give a file of facts and --at INSTANT; --schema prints what a line may hold.")
        moment, known = _instant("--at", at), _instant("--known-at", known_at) if known_at else None
        rules = self._rules(moment, known, **options)
        if form == "table":
            self.stdout.write(COLUMNS.format("line", "requirement", "exception or review policy", "workflow", "rules"))
        failed = 0
        for number, line in enumerate(_lines(facts), start=1):
            try:
                answer = determine(rules, _facts(line), moment, explain=form == "json")
            except Refused as refused:
                failed += 1
                self._say_refused(number, refused, form)
            else:
                self._say(number, answer, form)
        if failed:
            sys.exit(1)

    def _rules(self, at: datetime, known: datetime | None, **options: Any) -> Ruleset:
        try:
            if options["from_database"]:
                return queries.ruleset(at, known, audience=CLEARED if options["undisclosed"] else PUBLIC)
            return files.ruleset_of(FIXTURES, options["jurisdiction"], at, known, public=not options["undisclosed"])
        except NotNow as missing:
            raise CommandError(missing.sentence) from None

    def _say(self, number: int, answer: Determination, form: str) -> None:
        if form == "json":
            self.stdout.write(json.dumps({"line": number, **answer.to_json()}, ensure_ascii=False))
            return
        how = answer.exception or answer.review_policy or "; ".join(question.fact for question in answer.questions)
        rules = ", ".join(f"{rule.id} ({rule.version})" for rule in answer.rules if rule.table != "workflow")
        self.stdout.write(COLUMNS.format(number, answer.requirement, how, answer.workflow, rules))

    def _say_refused(self, number: int, refused: Refused, form: str) -> None:
        found = refused.problems if isinstance(refused, Invalid) else ()
        if form == "json":
            rows = [{"field": problem.field, "value": problem.value, "mend": problem.mend} for problem in found]
            self.stdout.write(
                json.dumps({"line": number, "refused": refused.code, "problems": rows}, ensure_ascii=False)
            )
        for problem in found:
            self.stderr.write(f"line {number}: {problem.field}: {problem.value!r}: {problem.mend}")


def _lines(name: str) -> Iterator[str]:
    try:
        with sys.stdin if name == "-" else open(name, encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    yield line
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from None


def _facts(line: str) -> dict[str, Any]:
    """Raises `Invalid` with every fact that does not fit the registry."""
    try:
        facts: dict[str, Any] = json.loads(line) if len(line) <= LONGEST_LINE else {}
    except (ValueError, RecursionError) as error:
        raise Invalid.one("line", line[:60].strip(), f"This is not JSON: {error}.") from None
    if len(line) > LONGEST_LINE:
        raise Invalid.one("line", line[:60], f"The line has over {LONGEST_LINE:,} characters.")
    if found := problems(facts):
        raise Invalid(found)
    return facts


@lru_cache(maxsize=4)
def _instant(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option} {text}: write an instant such as 2026-06-12T21:22Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
