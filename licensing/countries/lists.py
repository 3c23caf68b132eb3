"""Country lists as publications: their check, their differences, and the lists that there are."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from licensing.audit.refusals import Problem
from licensing.countries import rules
from licensing.countries.models import CountryList
from licensing.countries.queries import called, code_of
from licensing.publishing.models import Publication
from licensing.publishing.observers import Content
from licensing.publishing.shape import Shape, listed, parts, text, text_or_nothing

KEY = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
SAID_OF_ALL = ("name", "description", *rules.INHERITED)


MEMBER = parts({"code": text, **dict.fromkeys(rules.PARTS, text_or_nothing)}, needed=("code",))


class CountryLists:
    """`{"name", "description", "source", "as_of", "confidence", "verified_by", "verified_on", "members": [...]}`.

    A member is `{"code"}` and those of `rules.PARTS` that it has.
    """

    shape: Mapping[str, Shape] = {**dict.fromkeys(SAID_OF_ALL, text_or_nothing), "members": listed(MEMBER)}

    def validate(self, key: str, content: Content) -> list[Problem]:
        problems = [] if KEY.fullmatch(key) else [_bad_key(key)]
        if not str(content.get("name") or "").strip():
            problems.append(Problem("name", "", "Give the list a name."))
        today = timezone.localdate()
        problems += [Problem(part, value, mend) for part, value, mend in rules.faults(content, today)]
        seen = set()
        for row in content.get("members", ()):
            if code_of(row["code"], str(row.get("until") or ""))[0] != row["code"]:
                problems.append(_unknown(row))
            if row["code"] in seen:
                problems.append(Problem("members", row["code"], "The country is on the list twice: remove one."))
            seen.add(row["code"])
            problems += [
                Problem(f"members.{row['code']}.{part}", value, mend) for part, value, mend in rules.faults(row, today)
            ]
        return problems

    def diff(self, before: Content, after: Content) -> list[str]:
        named = called()
        old = {row["code"]: row for row in before.get("members", ())}
        new = {row["code"]: row for row in after.get("members", ())}
        told = [f"{named.get(code, code)} ({code}) is added" for code in sorted(new.keys() - old.keys())]
        told += [f"{named.get(code, code)} ({code}) is removed" for code in sorted(old.keys() - new.keys())]
        for code in sorted(new.keys() & old.keys()):
            told += _changes(f"{named.get(code, code)} ({code})", old[code], new[code])
        parts = [part for part in SAID_OF_ALL if (before.get(part) or "") != (after.get(part) or "")]
        return told + [f"The list's {_words(part)}: {_was(before.get(part), after.get(part))}" for part in parts]

    def published(self, publication: Publication) -> None:
        content = publication.content
        CountryList.objects.update_or_create(
            key=publication.key, defaults={"name": content["name"], "description": content.get("description", "")}
        )


def _bad_key(key: str) -> Problem:
    return Problem("key", key, "Use capital letters, digits and underscores, such as PARTNERS_2026.")


def _unknown(row: Mapping[str, Any]) -> Problem:
    near = code_of(row["code"])[1]
    mend = f"Take {' or '.join(near)}, or end the membership while the code was in use." if near else "Remove it."
    return Problem("members", row["code"], f"No country has the code {row['code']} today. {mend}")


def _changes(country: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for part in rules.PARTS:
        before, after = old.get(part) or "", new.get(part) or ""
        if before != after:
            yield f"{country}, {_words(part)}: {_was(before, after)}"


def _was(before: Any, after: Any) -> str:
    return f"{after or 'nothing'}, before {before}" if before else f"{after}"


def _words(part: str) -> str:
    return part.replace("_", " ")
