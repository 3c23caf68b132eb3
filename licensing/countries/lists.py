"""Country lists as publications: their check, their differences, and the projection of their members."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from licensing.audit.refusals import Problem
from licensing.countries.models import ListMember
from licensing.countries.queries import names
from licensing.publishing.models import Publication
from licensing.publishing.observers import Content


class CountryLists:
    def validate(self, key: str, content: Content) -> list[Problem]:
        known, seen, problems = names(), set(), []
        for row in content.get("members", ()):
            if row["code"] not in known:
                problems.append(
                    Problem("members", row["code"], "There is no country with this code: remove or correct it.")
                )
            if row["code"] in seen:
                problems.append(Problem("members", row["code"], "The country is on the list twice: remove one."))
            seen.add(row["code"])
            problems += _misdated(row)
        return problems

    def diff(self, before: Content, after: Content) -> list[str]:
        called = names()
        old = {row["code"]: row.get("note", "") for row in before.get("members", ())}
        new = {row["code"]: row.get("note", "") for row in after.get("members", ())}
        told = [f"{called.get(code, code)} ({code}) is added" for code in sorted(new.keys() - old.keys())]
        told += [f"{called.get(code, code)} ({code}) is removed" for code in sorted(old.keys() - new.keys())]
        told += [
            f"The dates of {called.get(code, code)} ({code}) change"
            for code in sorted(new)
            if code in old and _dates(before, code) != _dates(after, code)
        ]
        told += [
            f"The note of {called.get(code, code)} ({code}) changes"
            for code in sorted(new)
            if code in old and old[code] != new[code]
        ]
        return told

    def published(self, publication: Publication) -> None:
        ListMember.objects.bulk_create(
            ListMember(publication=publication, code=row["code"], note=row.get("note", ""))
            for row in publication.content["members"]
        )


def _misdated(row: Mapping[str, Any]) -> list[Problem]:
    dates: dict[str, date] = {}
    for part in ("from", "until"):
        if row.get(part):
            try:
                dates[part] = date.fromisoformat(str(row[part]))
            except ValueError:
                return [Problem(f"members.{row['code']}.{part}", str(row[part]), "Write the day as 2026-12-25.")]
    if len(dates) == 2 and dates["until"] <= dates["from"]:
        return [Problem(f"members.{row['code']}.until", str(row["until"]), "A membership ends after it begins.")]
    return []


def _dates(content: Content, code: str) -> list[tuple[str, str]]:
    rows = [row for row in content.get("members", ()) if row["code"] == code]
    return [(str(row.get("from") or ""), str(row.get("until") or "")) for row in rows]
