"""`manage.py countries`: who was on which list, what changed between two days, and lists from and to files."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licensing.accounts.models import Person
from licensing.audit.refusals import Invalid, Refused
from licensing.countries import queries, sheets
from licensing.countries.commands import draft_from_file
from licensing.countries.models import CountryList
from licensing.countries.rules import is_member
from licensing.publishing.queries import in_force


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no day: write it as 2026-12-25.") from None


class Command(BaseCommand):
    help = "Country lists: import, export, diff, at."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        one = deeds.add_parser("import", help="draft a new version of a list from a CSV or XLSX file")
        one.add_argument("list")
        one.add_argument("file", type=Path)
        one.add_argument("--actor", help="the e-mail address of the administrator who drafts it")
        one.add_argument("--note", default="", help="why the list changes")
        one.add_argument("--dry-run", action="store_true", help="print what would change, and draft nothing")
        one = deeds.add_parser("export", help="write a list as CSV or XLSX")
        one.add_argument("list")
        one.add_argument(
            "--at", dest="day", help="who was on it on this day (default: the version in force, with all its dates)"
        )
        one.add_argument("--output", type=Path, help="a .csv or .xlsx file (default: CSV on standard output)")
        one = deeds.add_parser("diff", help="who came onto a list and who went off it between two days")
        one.add_argument("list")
        one.add_argument("first")
        one.add_argument("second")
        one = deeds.add_parser("at", help="who was on the lists on a day")
        one.add_argument("day")
        one.add_argument("list", nargs="?")

    def handle(self, *, deed: str, **options: Any) -> None:
        if options.get("list") and not CountryList.objects.filter(key=options["list"]).exists():
            known = ", ".join(CountryList.objects.values_list("key", flat=True))
            raise CommandError(f"There is no list {options['list']}. There are {known}.")
        getattr(self, f"do_{deed}")(**options)

    def do_import(self, *, list: str, file: Path, actor: str | None, note: str, dry_run: bool, **_: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}") from None
        standing = in_force(queries.KIND, list, datetime.now(UTC))
        try:
            found = sheets.preview(
                file.name,
                content,
                standing.content["members"] if standing else (),
                queries.code_of,
                datetime.now(UTC).date(),
            )
            for word, codes in (("added", found.additions), ("removed", found.removals), ("changed", found.changes)):
                for code in codes:
                    self.stdout.write(f"{word}: {code} {queries.called().get(code, '')}")
            if dry_run:
                return
            draft = draft_from_file(
                actor=_administrator(actor), list_key=list, note=note, name=file.name, content=content
            )
        except Invalid as invalid:
            for problem in invalid.problems:
                self.stderr.write(problem.mend)
            sys.exit(1)
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        self.stdout.write(
            f"Drafted as version {draft.version} of {list}: propose it, and another administrator publishes it."
        )

    def do_export(self, *, list: str, day: str | None, output: Path | None, **_: Any) -> None:
        chosen = _day(day) if day else datetime.now(UTC).date()
        version = in_force(queries.KIND, list, queries.end_of(chosen))
        if version is None:
            raise CommandError(f"No version of {list} was in force on {chosen}.")
        rows = [row for row in version.content["members"] if not day or is_member(row, chosen)]
        if output is None:
            self.stdout.write(sheets.to_csv(rows, queries.called()), ending="")
        elif output.suffix == ".xlsx":
            output.write_bytes(sheets.to_xlsx(rows, queries.called(), list))
        else:
            output.write_text(sheets.to_csv(rows, queries.called()), encoding="utf-8", newline="")

    def do_diff(self, *, list: str, first: str, second: str, **_: Any) -> None:
        called = queries.called()
        for row in queries.moved(_day(first), _day(second)):
            if row.key == list:
                self.stdout.writelines(f"+ {code} {called.get(code, '')}" for code in row.came)
                self.stdout.writelines(f"- {code} {called.get(code, '')}" for code in row.went)

    def do_at(self, *, day: str, list: str | None, **_: Any) -> None:
        for key, members in queries.standing(_day(day)).items():
            if list in (None, key):
                self.stdout.write(f"{key}: {' '.join(sorted(members))}")


def _administrator(email: str | None) -> Person:
    person = Person.objects.filter(email=email).first() if email else None
    if person is None:
        raise CommandError(f"--actor {email or ''}: give the e-mail address of an administrator.")
    return person
