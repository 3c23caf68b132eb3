"""Authorizations that need no case: general and global ones, and exceptions that have duties. Each is published (kind `authorization`)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from licensing.accounts.models import Organization
from licensing.licenses.authorizations.answers import Standing, bars, standing
from licensing.licenses.authorizations.duties import Done, Duties, Use
from licensing.licenses.models import DutyAnswer, DutyRecord, Registration
from licensing.policy.rules import Determination, determine
from licensing.policy.rulesets import Row, Ruleset, compile_row, instant
from licensing.publishing.models import Publication
from licensing.publishing.queries import ids_in_force

KIND = "authorization"
TYPES = {"general": "General authorization", "global": "Global authorization", "exception": "License exception"}
ENFORCED = {"legal_status": "in_force", "enforcement_status": "enforced"}


@dataclass(frozen=True)
class Authorization:
    """One version. `row` says what it covers; without one, the policy's exception of the same key does.

    `certified_facts` are those that a recipient's certification establishes.
    """

    key: str
    version: int
    title: str
    type: str
    summary: str
    citation: str
    note: str
    conditions: tuple[str, ...]
    duties: Duties
    certified_facts: Mapping[str, Any]
    row: Row | None
    operative: bool
    from_at: datetime | None
    until_at: datetime | None

    @property
    def type_words(self) -> str:
        return TYPES[self.type]

    def holds(self, at: datetime) -> bool:
        """Whether it is law, is enforced, and covers the instant."""
        begun = self.from_at is None or self.from_at <= at
        return self.operative and begun and (self.until_at is None or at < self.until_at)


def compiled(key: str, version: int, content: Mapping[str, Any]) -> Authorization:
    """From the content of a publication. Raises ValueError and KeyError on what an observer would have named."""
    row = None
    if content.get("when"):
        then = {"exception": key, "conditions": list(content["conditions"])}
        rule = {"id": key, "when": content["when"], "then": then, "citation": content["citation"], **ENFORCED}
        row = compile_row("exception", rule, {})
    return Authorization(
        key=key,
        version=version,
        title=content["title"],
        type=content["type"],
        summary=content["summary"],
        citation=content["citation"],
        note=content.get("note", ""),
        conditions=tuple(content["conditions"]),
        duties=Duties.read(content["duties"]),
        certified_facts=dict(content.get("certified_facts", {})),
        row=row,
        operative=content["legal_status"] == "in_force" and content["enforcement_status"] == "enforced",
        from_at=instant(content.get("from")),
        until_at=instant(content.get("until")),
    )


def published(at: datetime) -> tuple[Authorization, ...]:
    """Those in force at an instant, by key. One query, where nothing was published since."""
    return tuple(each for each in _compiled(tuple(sorted(ids_in_force((KIND,), at).values()))) if each.holds(at))


def find_published(key: str, at: datetime) -> Authorization | None:
    """The authorization of this key that is in force at an instant."""
    return next((each for each in published(at) if each.key == key), None)


@lru_cache(maxsize=8)
def _compiled(ids: tuple[int, ...]) -> tuple[Authorization, ...]:
    rows = Publication.objects.filter(pk__in=ids).order_by("key")
    return tuple(compiled(row.key, row.version, row.content) for row in rows)


def covered(authorization: Authorization, rules: Ruleset, facts: Mapping[str, Any], at: datetime) -> Determination:
    """What is required when of all exceptions this one alone is asked.

    It covers the release when the answer is an exception of its key. Orders and requirements stand before it, as before any.
    """
    if authorization.row is None:
        return determine(rules, facts, at, explain=False)
    tables = {**rules.tables, "exception": (authorization.row,), "conditions": ()}
    return determine(replace(rules, tables=tables), facts, at, explain=False)


def registrations(organization: Organization, at: datetime) -> dict[str, Registration]:
    """Those that hold at an instant, by the key of the authorization."""
    rows = Registration.objects.filter(organization=organization, registered_at__lte=at).exclude(ended_at__lte=at)
    return {row.authorization: row for row in rows}


def done(registration: Registration | None, recipient_hash: str, at: datetime, model_hash: str = "") -> Done:
    """What was done until an instant, for one recipient; of notices, those of this model or of all."""
    if registration is None:
        return Done()
    rows = list(registration.records.filter(recorded_at__lte=at))
    told = _answered(registration, recipient_hash, at)
    mine: dict[str, list[DutyRecord]] = defaultdict(list)
    for row in rows:
        if row.recipient_hash == recipient_hash and not (row.pk in told and told[row.pk][1].void):
            mine[row.kind].append(row)
    Kind = DutyRecord.Kind  # noqa: N806 - a class
    notices = [row for row in mine[Kind.NOTICE] if row.model_hash in ("", model_hash)]
    return Done(
        registered_at=registration.registered_at,
        certified_at=_first(mine[Kind.CERTIFICATION]),
        notified_at=_first(notices),
        filed_at=_first(mine[Kind.FILING]),
        reported_at=max((row.recorded_at for row in rows if row.kind == Kind.REPORT), default=None),
        uses=[Use(row.quantity, row.used_on) for row in mine[Kind.REPORT] if row.quantity is not None and row.used_on],
        bars=bars((model in ("", model_hash), now) for model, now in told.values()),
    )


def reported(registration: Registration) -> Done:
    """When an organization registered and last reported, for the clock of its reports; no query after `prefetch_related("records")`."""
    reports = [row.recorded_at for row in registration.records.all() if row.kind == DutyRecord.Kind.REPORT]
    return Done(registered_at=registration.registered_at, reported_at=max(reports, default=None))


def _answered(registration: Registration, recipient_hash: str, at: datetime) -> dict[int, tuple[str, Standing]]:
    """The records about a recipient on which the authority has spoken, each with its model; also those of earlier registrations."""
    rows = DutyAnswer.objects.filter(
        said_at__lte=at, record__recipient_hash=recipient_hash, record__registration__authorization=registration.authorization,
        record__registration__organization=registration.organization_id,
    ).order_by("pk")  # fmt: skip
    said: dict[int, list[tuple[str, str]]] = defaultdict(list)
    models: dict[int, str] = {}
    for record, model, kind, text in rows.values_list("record", "record__model_hash", "kind", "text"):
        said[record].append((kind, text))
        models[record] = model
    return {record: (models[record], standing(each)) for record, each in said.items()}


def _first(rows: Iterable[DutyRecord]) -> datetime | None:
    return min((row.recorded_at for row in rows), default=None)
