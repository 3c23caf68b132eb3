"""The public register: what everybody may know of licenses, field by field as published (kind `publicity`), and statistics of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from django.db.models import QuerySet

from licensing.accounts.models import Authority
from licensing.audit.refusals import NotNow, Problem
from licensing.licenses import suppression
from licensing.licenses.models import License
from licensing.licenses.queries import status
from licensing.licenses.rules import normalized_number
from licensing.licenses.scopes import RECIPIENTS
from licensing.publishing import observers
from licensing.publishing.observers import Content
from licensing.publishing.queries import in_force
from licensing.publishing.shape import Shape, named, text

KIND = "publicity"


class Publicity(StrEnum):
    """Who may know a field of a license."""

    PUBLIC = "public"
    AGGREGATE = "aggregate"
    PARTIES = "parties"
    AUTHORITY = "authority"


def _conditions(license_: License, at: datetime) -> str:
    return "; ".join(
        each.title
        for each in license_.texts.all()
        if each.kind == "condition" and not (each.lapsed_at and each.lapsed_at <= at)
    )


def _recipients(license_: License, at: datetime) -> str:
    return "; ".join(dict.fromkeys(party.name for party in license_.parties.all() if party.role in RECIPIENTS))


FIELDS: Mapping[str, Callable[[License, datetime], str]] = {
    "number": lambda license_, at: license_.number,
    "status": lambda license_, at: str(status(license_, at)),
    "issued_on": lambda license_, at: license_.issued_at.date().isoformat(),
    "valid_from": lambda license_, at: license_.valid_from.date().isoformat(),
    "valid_until": lambda license_, at: license_.valid_until.date().isoformat(),
    "end_moved_from": lambda license_, at: license_.data.get("validity", {}).get("moved_from", ""),
    "transaction_kind": lambda license_, at: license_.transaction_kind,
    "delivery_modes": lambda license_, at: "; ".join(sorted(license_.delivery_modes)),
    "sector": lambda license_, at: license_.sector,
    "destination": lambda license_, at: license_.destination,
    "conditions": _conditions,
    "model": lambda license_, at: "; ".join(item.name for item in license_.items.all()),
    "licensee": lambda license_, at: license_.data["licensee"]["name"],
    "recipients": _recipients,
    "end_use": lambda license_, at: license_.end_use,
}
COUNTED = ("transaction_kind", "sector", "destination")
RELATED = ("texts", "items", "parties")


@dataclass(frozen=True)
class Rules:
    """Which field is for whom, how long after issue a license appears, below which count a cell is withheld."""

    version: int
    delay: timedelta
    smallest: int
    fields: Mapping[str, Publicity]

    def shown(self, *levels: Publicity) -> list[str]:
        return [name for name in FIELDS if self.fields.get(name, Publicity.AUTHORITY) in levels]


def rules(at: datetime) -> Rules:
    """Those in force. Raises NotNow where none are: then nothing is public."""
    key = Authority.objects.values_list("jurisdiction", flat=True).get().lower()
    found = in_force(KIND, key, at)
    if found is None:
        raise NotNow("no_publicity", "Nobody has published yet what is public: an administrator has to.")
    content = found.content
    fields = {name: Publicity(level) for name, level in content["fields"].items()}
    return Rules(found.version, timedelta(days=content["delay_days"]), content["smallest_cell"], fields)


def licenses(at: datetime, shown: Rules) -> QuerySet[License]:
    """Those that the register holds at an instant, the newest first; a replaced one is among them.

    What rests on a confidential order is among them too: numbers have no gaps, so what were missing would tell of it.
    """
    found = License.objects.issued().filter(issued_at__lte=at - shown.delay).with_standing()
    return found.select_related("licensee").prefetch_related(*RELATED).order_by("-issued_at", "-number")


def row(license_: License, shown: Rules, at: datetime) -> dict[str, str]:
    """What everybody may know of one license."""
    return {name: FIELDS[name](license_, at) for name in shown.shown(Publicity.PUBLIC)}


def for_holder(number: str, sha256: str, at: datetime) -> dict[str, str]:
    """What who holds the document may know; the SHA-256 of the file shows that they do. Empty when it is not that document's."""
    found = License.objects.issued().filter(number=normalized_number(number) or "", document__sha256=sha256.lower())
    license_ = found.with_standing().select_related("licensee").prefetch_related(*RELATED).first()
    if license_ is None:
        return {}
    shown = rules(at).shown(Publicity.PUBLIC, Publicity.AGGREGATE, Publicity.PARTIES)
    return {name: FIELDS[name](license_, at) for name in shown}


@dataclass(frozen=True)
class Statistics:
    """Licenses issued in a quarter, from `since` until before `until`. `tables` by field; None stands for a count that is withheld.

    Where so few were issued that the total would tell, there are no tables and no total.
    """

    since: date
    until: date
    smallest: int
    total: int | None
    tables: Mapping[str, Mapping[str, int | None]]

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Field, value and count or "withheld", for CSV."""
        for name, cells in self.tables.items():
            for value, count in cells.items():
                yield name, value, "withheld" if count is None else str(count)


def statistics(at: datetime) -> Statistics:
    """Counts of the last whole quarter by every field that may be counted.

    Quarters have no license in common: neither a day's difference nor that of two quarters tells of a single one.
    """
    shown = rules(at)
    until = quarter_of((at - shown.delay).date())
    since = quarter_of(until - timedelta(days=1))
    wanted = [name for name in COUNTED if name in shown.shown(Publicity.PUBLIC, Publicity.AGGREGATE)]
    first = License.objects.issued().filter(
        issued_at__gte=_midnight(since), issued_at__lt=_midnight(until), replaces__isnull=True
    )
    rows = list(first.values_list(*wanted)) if wanted else []
    tables: dict[str, Mapping[str, int | None]] = {}
    for place, name in enumerate(wanted):
        cells = suppression.published(Counter(values[place] or "none" for values in rows), shown.smallest)
        if cells is None:
            return Statistics(since, until, shown.smallest, None, {})
        tables[name] = dict(sorted(cells.items()))
    return Statistics(since, until, shown.smallest, len(rows), tables)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day is in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


class Publicities(observers.Plain):
    """Publicity may be published when every field that there is has a level, and the numbers are numbers."""

    shape: Mapping[str, Shape] = {"fields": named(text)}

    def validate(self, key: str, content: Content) -> list[Problem]:
        found = [
            Problem(name, str(content.get(name, "")), f"Give a whole number of at least {least}.")
            for name, least in (("delay_days", 0), ("smallest_cell", 2))
            if not isinstance(content.get(name), int) or isinstance(content[name], bool) or content[name] < least
        ]
        fields = content.get("fields", {})
        found += [Problem(f"fields.{name}", name, "There is no such field.") for name in fields if name not in FIELDS]
        for name in FIELDS:
            if fields.get(name) not in list(Publicity):
                found.append(
                    Problem(f"fields.{name}", str(fields.get(name, "")), f"Choose one of {', '.join(Publicity)}.")
                )
        return found
