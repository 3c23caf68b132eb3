"""`manage.py screening`: load a list, see what a load changed, where the lists stand, and repeat a run."""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Refused
from licensing.cases.screening_document import exported
from licensing.screening import batch, formats, match, queries
from licensing.screening.commands import configure_list, fetch_list, import_list, settle_list
from licensing.screening.fetching import Unreachable
from licensing.screening.models import ListSnapshot, ListState, RestrictedList, ScreeningRun
from licensing.screening.replaying import replay


class Command(BaseCommand):
    help = "Match files, load restricted-party lists, compare their snapshots, and repeat a screening."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        found = acts.add_parser("match", help="parties in JSON lines against lists in files; needs no database")
        found.add_argument("queries", type=Path)
        found.add_argument(
            "--list", action="append", required=True, dest="lists", help="FILE[,FILE…][:FORMAT]; may stand again"
        )
        found.add_argument("--output", type=Path, required=True)
        found.add_argument("--threshold", type=float, default=match.THRESHOLD)
        found.add_argument("--limit", type=int, default=match.LIMIT)
        load = acts.add_parser("load", help="load a list from its file or files; without any, from its source")
        load.add_argument("key", help="the list, such as synthetic")
        load.add_argument("files", type=Path, nargs="*")
        load.add_argument("--format", default="", help=f"needed once, for a new list: {', '.join(formats.FORMATS)}")
        load.add_argument("--name", default="", help="needed once, for a new list")
        load.add_argument("--published-on", type=date.fromisoformat, help="YYYY-MM-DD, where the list does not say")
        source = acts.add_parser("source", help="say where a list is fetched from, and how often")
        source.add_argument("key")
        source.add_argument("urls", nargs="*", help="the addresses of its files; none: it is loaded by hand")
        source.add_argument("--every-hours", type=int, default=24)
        source.add_argument(
            "--most-shrinkage", type=float, default=0.1, help="a load that removes a larger share is held"
        )
        source.add_argument("--format", default="", help=f"needed for a new list: {', '.join(formats.FORMATS)}")
        source.add_argument("--name", default="", help="needed for a new list")
        settle = acts.add_parser("settle", help="release or refuse a load that is held")
        settle.add_argument("key")
        settle.add_argument("outcome", choices=["release", "refuse"])
        settle.add_argument("--reason", required=True)
        diff = acts.add_parser("diff", help="what a snapshot added, removed and changed")
        diff.add_argument("key")
        diff.add_argument("number", type=int, nargs="?", help="the snapshot (default: the newest)")
        acts.add_parser("status", help="each list, its snapshot in force, the last check, and what is held")
        export = acts.add_parser("export", help="the record of a run, for an inspector")
        export.add_argument("run", type=int)
        export.add_argument("--format", choices=["json", "csv", "pdf"], default="json")
        export.add_argument("--output", type=Path, required=True)
        again = acts.add_parser("replay", help="repeat a run; exit code 1 when it differs or cannot be repeated")
        again.add_argument("run", type=int)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            getattr(self, f"_{act}")(**options)
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _match(self, queries: Path, lists: list[str], output: Path, threshold: float, limit: int, **_: Any) -> None:
        if not 0 <= threshold <= 1 or limit < 1:
            raise CommandError("--threshold lies between 0 and 1, and --limit is at least 1")
        began = time.perf_counter()
        try:
            listed: batch.Listed = {}
            for given in lists:
                found = dict(batch.entries(given))
                if found.keys() & listed.keys():
                    raise batch.BadInput(
                        f"{given}: a list of that name with the same entities is there: rename the file"
                    )
                listed |= found
            rows = list(batch.queries(queries))
        except batch.BadInput as bad:
            raise CommandError(str(bad)) from None
        index = match.Index.build(entry for entry, _ in listed.values())
        said = f"{len(listed)} entities, {len(index.names)} names, ready in {time.perf_counter() - began:.1f} s"
        self.stderr.write(said)
        with output.open("w", encoding="utf-8") as file:
            for query in rows:
                answer = batch.answer(index, listed, query, threshold, limit)
                file.write(json.dumps(answer, ensure_ascii=False) + "\n")
        self.stderr.write(f"{len(rows)} queries answered in {output}")

    def _source(
        self, key: str, urls: list[str], every_hours: int, most_shrinkage: float, format: str, name: str, **_: Any
    ) -> None:
        known = RestrictedList.objects.filter(key=key).first()
        configured = configure_list(
            actor=SYSTEM, key=key, name=name or (known.name if known else ""), format_=format or (known.format if known else ""),
            urls=urls, every_hours=every_hours, most_shrinkage=most_shrinkage,
        )  # fmt: skip
        self.stdout.write(f"{key}: {', '.join(configured.urls) or 'loaded by hand'}")

    def _load(self, key: str, files: list[Path], format: str, name: str, published_on: date | None, **_: Any) -> None:
        if not name and not RestrictedList.objects.filter(key=key).exists():
            raise CommandError(f"{key} is a new list: give it a --name.")
        if not files:
            self._fetch(key)
            return
        try:
            contents = {file.name: file.read_bytes() for file in files}
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from None
        snapshot = import_list(
            actor=SYSTEM, key=key, name=name, source=", ".join(contents), published_on=published_on, content=formats.pack(contents),
            format_=format,
        )  # fmt: skip
        self.stdout.write(_line(snapshot))

    def _fetch(self, key: str) -> None:
        if not RestrictedList.objects.filter(key=key).exclude(urls=[]).exists():
            raise CommandError(f"{key} has no source: name its files, or give it one with `screening source`.")
        try:
            fetched = fetch_list(actor=SYSTEM, key=key)
        except Unreachable as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_line(fetched) if fetched else f"{key}: checked, unchanged")

    def _settle(self, key: str, outcome: str, reason: str, **_: Any) -> None:
        held = ListSnapshot.objects.filter(restricted_list__key=key, state=ListState.HELD).first()
        if held is None:
            raise CommandError(f"No load of {key} is held.")
        settled = settle_list(actor=SYSTEM, snapshot_id=held.pk, release=outcome == "release", reason=reason)
        self.stdout.write(_line(settled))

    def _diff(self, key: str, number: int | None, **_: Any) -> None:
        snapshots = ListSnapshot.objects.filter(restricted_list__key=key).select_related("restricted_list")
        snapshot = snapshots.filter(number=number).first() if number else snapshots.last()
        if snapshot is None:
            raise CommandError(f"{key} has no snapshot {number or ''}".rstrip() + ".")
        for change in queries.difference(snapshot):
            self.stdout.write(f"{change.what:8} {change.entity_id:20} {change.name}")
        self.stdout.write(_line(snapshot))

    def _status(self, **_: Any) -> None:
        for standing in queries.standings(timezone.now()):
            self.stdout.write(_line(standing.current) if standing.current else f"{standing.key}: nothing in force")
            if standing.last_check:
                check = standing.last_check
                self.stdout.write(
                    f"  checked {check.at:%Y-%m-%d %H:%M}: {check.get_outcome_display()} {check.sentence}".rstrip()
                )
            if standing.held:
                self.stdout.write(f"  held: {_line(standing.held)}")

    def _export(self, run: int, format: str, output: Path, **_: Any) -> None:
        row = ScreeningRun.objects.filter(pk=run).first()
        if row is None:
            raise CommandError(f"There is no run {run}.")
        try:
            output.write_bytes(exported(row, format, SYSTEM))
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from None
        self.stdout.write(f"Run {run} is in {output}")

    def _replay(self, run: int, **_: Any) -> None:
        row = ScreeningRun.objects.filter(pk=run).first()
        if row is None:
            raise CommandError(f"There is no run {run}.")
        again = replay(row)
        if again.missing:
            raise CommandError("\n".join(["Cannot be repeated. Missing:", *again.missing]))
        if not again.same:
            raise CommandError(f"The result differs: it was {again.expected}, and is {again.found}.")
        self.stdout.write(f"The same result: {again.found}")


def _line(snapshot: ListSnapshot) -> str:
    counts = f"{snapshot.rows} parties, {snapshot.added} added, {snapshot.removed} removed, {snapshot.changed} changed"
    return f"{snapshot.restricted_list.key} #{snapshot.number}: {snapshot.get_state_display()}; {counts}"
