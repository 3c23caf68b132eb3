"""Country lists as publications: their check, their differences, and the projection of their members."""

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
        return problems

    def diff(self, before: Content, after: Content) -> list[str]:
        called = names()
        old = {row["code"]: row.get("note", "") for row in before.get("members", ())}
        new = {row["code"]: row.get("note", "") for row in after.get("members", ())}
        told = [f"{called.get(code, code)} ({code}) is added" for code in sorted(new.keys() - old.keys())]
        told += [f"{called.get(code, code)} ({code}) is removed" for code in sorted(old.keys() - new.keys())]
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
