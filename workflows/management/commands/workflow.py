"""`manage.py workflow`: for those who write definitions, and for those who doubt a case."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflows import engine, exports, migrating, reports, verification
from workflows.kernel import Actor, BadDefinition, Definition, load
from workflows.kernel.checks import check
from workflows.kernel.draw import Marks, svg, text
from workflows.kernel.explore import explore
from workflows.kernel.forecast import forecast, table
from workflows.kernel.shape import SCHEMA
from workflows.kernel.simulate import BadScript, play, read
from workflows.models import Definition as Published
from workflows.models import Instance


class Command(BaseCommand):
    help = (
        "Validate, explore, simulate, forecast and draw a definition (no database); publish, verify and mend (with it)."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)

        def deed(name: str, words: str) -> CommandParser:
            return deeds.add_parser(name, help=words)

        one = deed("validate", "every mistake, a line each; exit 1 when there is one")
        one.add_argument("files", nargs="+", type=Path)
        one.add_argument("--pools", type=Path, help="YAML or JSON: pool to list of people")
        one.add_argument("--format", choices=["text", "json"], default="text", dest="form")
        one = deed("explore", "walk everything that can happen")
        one.add_argument("file", type=Path)
        one.add_argument("--most", type=int, default=200_000, help="stop after so many states")
        one.add_argument("--whole", action="store_true", help="walk every loop as often as its limit allows")
        one = deed("simulate", "play a script")
        one.add_argument("file", type=Path)
        one.add_argument("--script", type=Path, required=True)
        one.add_argument("--facts", type=Path)
        one.add_argument("--pools", type=Path)
        one = deed("forecast", "Monte-Carlo days per stage and to the end")
        one.add_argument("file", type=Path)
        one.add_argument("--cases", type=int, default=1000)
        one.add_argument("--seed", type=int, default=1)
        one = deed("draw", "SVG or text, of a file or of a case")
        one.add_argument("file", type=Path, nargs="?")
        one.add_argument("--case", default="")
        one.add_argument("--format", choices=["svg", "text"], default="text", dest="form")
        deed("schema", "the JSON Schema of a definition file")
        deed("publish", "publish a definition").add_argument("file", type=Path)
        one = deed("retire", "let no new case begin under a version; running ones go on")
        one.add_argument("key")
        one.add_argument("version", type=int)
        one = deed("migrate", "move running cases to another version")
        one.add_argument("--plan", type=Path, required=True)
        one.add_argument("--reason", default="")
        one.add_argument("--dry-run", action="store_true")
        deed("verify", "check cases against their histories; exit 1 when one breaks").add_argument("--case", default="")
        one = deed("rebuild", "write snapshot, seats and deadlines anew from the history")
        one.add_argument("case", nargs="?", default="")
        one.add_argument(
            "--all", action="store_true", dest="every", help="every case that verify finds a difference in"
        )
        one = deed("times", "waiting, work and standstill of each seat, and of each stage")
        one.add_argument("case")
        one.add_argument("--format", choices=["table", "json"], default="table", dest="form")
        one = deed("export", "histories")
        one.add_argument("--format", choices=["csv", "xes"], default="csv", dest="form")
        one.add_argument("--case", default="")

    def handle(self, *, deed: str, **options: Any) -> None:
        act: Callable[..., None] = getattr(self, f"do_{deed}")
        act(**options)

    def say(self, data: Any) -> None:
        self.stdout.write(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, default=str))

    # without a database
    def do_validate(self, *, files: list[Path], pools: Path | None, form: str, **_: Any) -> None:
        people = _pools(pools)
        found = [(path, finding) for path in files for finding in _findings(path, people)]
        for path, finding in found:
            row = {"file": str(path), **vars(finding)}
            self.say(
                row if form == "json" else f"{path}:{finding.line}: {finding.code} {finding.message}; {finding.mend}"
            )
        if found:
            sys.exit(1)
        if form == "text":
            self.say(f"{len(files)} sound")

    def do_explore(self, *, file: Path, most: int, whole: bool, **_: Any) -> None:
        found = explore(_sound(file), most, whole=whole)
        self.say(f"states {found.states}, steps {found.steps}{'' if found.whole else ' (cut off)'}")
        for end, count in sorted(found.ends.items()):
            self.say(f"end {end}: {count} states")
        self.say(f"longest path {found.longest} steps: {', '.join(found.longest_path)}")
        for kind, rows in (("incident", found.incidents), ("no end can be reached from", found.stuck)):
            for row in rows:
                self.say(f"{kind} {row}")
        if found.stuck:
            sys.exit(1)

    def do_simulate(self, *, file: Path, script: Path, facts: Path | None, pools: Path | None, **_: Any) -> None:
        given = json.loads(_read(facts)) if facts else {}
        try:
            for row in play(_sound(file), read(_read(script).splitlines()), given, _pools(pools)):
                self.say(row)
        except BadScript as bad:
            raise CommandError(f"{script}: {bad}") from None

    def do_forecast(self, *, file: Path, cases: int, seed: int, **_: Any) -> None:
        if cases < 1:
            raise CommandError(f"--cases {cases}: give at least 1")
        made = forecast(_sound(file), cases, seed)
        self.say(f"{'stage':16} {'stays':>7} {'mean':>8} {'median':>8} {'p90':>8}  days")
        for stage, stays, mean, median, late in table(made):
            self.say(f"{stage:16} {stays:7} {mean:8.2f} {median:8.2f} {late:8.2f}")
        self.say(", ".join(f"{end} {count}" for end, count in sorted(made.ends.items())))

    def do_draw(self, *, file: Path | None, case: str, form: str, **_: Any) -> None:
        if bool(file) == bool(case):
            raise CommandError("give a file, or --case with a reference")
        definition, marks = (_sound(file), Marks()) if file else _case(case)
        self.say(svg(definition, marks) if form == "svg" else text(definition, marks))

    def do_schema(self, **_: Any) -> None:
        self.say(json.dumps(SCHEMA, indent=2))

    # with the database
    def do_publish(self, *, file: Path, **_: Any) -> None:
        try:
            row = engine.publish(_read(file), actor=Actor("system", "Command line"))
        except BadDefinition as bad:
            raise CommandError("\n".join(f"{file}:{finding}" for finding in bad.findings), returncode=1) from None
        self.say(f"{row.key} {row.version} is published, SHA-256 {row.digest}")

    def do_retire(self, *, key: str, version: int, **_: Any) -> None:
        row = Published.objects.filter(key=key, version=version, retired_at__isnull=True).first()
        if row is None:
            raise CommandError(f"{key} {version} is not published, or is retired already")
        row.retired_at = timezone.now()
        row.save(update_fields=["retired_at"])
        running = row.instances.filter(closed_at__isnull=True).count()
        self.say(f"{key} {version} is retired; {running} running cases keep it")

    def do_migrate(self, *, plan: Path, reason: str, dry_run: bool, **_: Any) -> None:
        try:
            wanted = migrating.Plan.read(yaml.safe_load(_read(plan)))
            if dry_run:
                moves = migrating.prepare(wanted)[2]
            else:
                moves = migrating.migrate(wanted, actor=Actor("system", "Command line"), reason=reason)
        except migrating.BadPlan as bad:
            raise CommandError(f"{plan}: {bad}") from None
        for move in moves:
            self.say(f"{move.reference}: {move.stage} -> {move.to}")
        self.say(f"{len(moves)} cases {'would move' if dry_run else 'moved'}")

    def do_verify(self, *, case: str, **_: Any) -> None:
        count = 0
        for breach in verification.verify(case):
            self.say(str(breach))
            count += 1
        if count:
            sys.exit(1)
        self.say("every case holds")

    def do_rebuild(self, *, case: str, every: bool, **_: Any) -> None:
        if every == bool(case):
            raise CommandError("give a case, or --all")
        differing = {breach.reference: None for breach in verification.verify() if breach.invariant in ("I1", "I7")}
        for reference in differing if every else [case]:
            try:
                verification.rebuild(reference)
            except (ValueError, Instance.DoesNotExist) as error:
                raise CommandError(str(error)) from None
            self.say(f"{reference} is rebuilt from its history")

    def do_times(self, *, case: str, form: str, **_: Any) -> None:
        instance, now = _instance(case), timezone.now()
        rows = [
            *(
                (f"{row.stage} {row.round}", timedelta(), row.running, row.stopped)
                for row in reports.stage_times(instance, now)
            ),
            *(
                (f"{row.stage} {row.round} {row.seat}", row.waited, row.worked, row.stopped)
                for row in reports.seat_times(instance, now)
            ),
        ]
        if form == "table":
            self.say(f"{'place':40} {'waited':>9} {'worked':>9} {'stopped':>9}  days")
        for place, *times in sorted(rows, key=lambda row: row[0]):
            days = [time.total_seconds() / 86400 for time in times]
            if form == "table":
                self.say(f"{place:40} " + " ".join(f"{each:9.3f}" for each in days))
            else:
                self.say({"place": place, **dict(zip(("waited", "worked", "stopped"), days, strict=True))})

    def do_export(self, *, form: str, case: str, **_: Any) -> None:
        instances = Instance.objects.select_related("definition").order_by("opened_at")
        chosen = instances.filter(reference=case) if case else instances
        write = exports.to_csv if form == "csv" else exports.to_xes
        write(chosen.iterator(chunk_size=200), self.stdout)  # type: ignore[arg-type]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None


def _findings(path: Path, pools: Any) -> Iterator[Any]:
    try:
        yield from check(load(_read(path)), pools)
    except BadDefinition as bad:
        yield from bad.findings


def _sound(path: Path) -> Definition:
    try:
        definition = load(_read(path))
    except BadDefinition as bad:
        raise CommandError("\n".join(f"{path}:{finding}" for finding in bad.findings), returncode=1) from None
    findings = check(definition)
    if findings:
        raise CommandError("\n".join(f"{path}:{finding}" for finding in findings), returncode=1)
    return definition


def _pools(path: Path | None) -> dict[str, frozenset[str]] | None:
    if path is None:
        return None
    data = yaml.safe_load(_read(path))
    if not isinstance(data, dict) or not all(isinstance(people, list) for people in data.values()):
        raise CommandError(f"{path}: write each pool with a list of people, such as `commerce.licensing: [ada, bo]`")
    return {str(pool): frozenset(map(str, people)) for pool, people in data.items()}


def _instance(reference: str) -> Instance:
    instance = Instance.objects.select_related("definition").filter(reference=reference).first()
    if instance is None:
        raise CommandError(f"there is no case {reference}")
    return instance


def _case(reference: str) -> tuple[Definition, Marks]:
    instance = _instance(reference)
    times = reports.stage_times(instance, timezone.now())
    stages = {row.stage: "done" for row in times}
    stages[instance.stage] = "done" if instance.closed_at else "current"
    lines = {
        row.stage: f"{row.running.total_seconds() / 86400:.1f} d, stopped {row.stopped.total_seconds() / 86400:.1f} d"
        for row in times
    }
    return engine.definition_of(instance), Marks(stages, lines)
