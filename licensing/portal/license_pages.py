"""What both desks show of a license, from its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from licensing.licenses.document import end_sentence
from licensing.licenses.drawing import ceiling
from licensing.licenses.models import Allowance, ChangeRequest, License, LicenseText, MeasureStay
from licensing.licenses.queries import dues, replaced_by, status
from licensing.licenses.rules import Status


@dataclass(frozen=True)
class ConditionRow:
    """A condition or rider with where it stands: binding, waits to be met, met, lapsed."""

    text: LicenseText
    state: str
    binds: str
    due: tuple[date, ...]


@dataclass(frozen=True)
class BalanceRow:
    measure: str
    unit: str
    cap: str
    drawn: str
    left: str
    tolerance: int


@dataclass(frozen=True)
class Listed:
    """A license in a list."""

    license: License
    status: Status


def listed(licenses: Sequence[License], at: datetime) -> list[Listed]:
    return [Listed(each, status(each, at)) for each in licenses]


def condition_rows(license_: License, at: datetime) -> list[ConditionRow]:
    """Conditions first, riders after; up to three report days that are still to come."""
    return [
        ConditionRow(
            text,
            condition_state(text),
            ", ".join(role.replace("_", " ") for role in text.binds),
            tuple(day for day in dues(license_, text) if day >= at.date())[:3],
        )
        for text in license_.texts.select_related("met_by", "lapsed_by")
    ]


def condition_state(text: LicenseText) -> str:
    if text.kind == LicenseText.Kind.RIDER:
        return "explains"
    if text.lapsed_at is not None:
        return "lapsed"
    if text.precedent:
        return "met" if text.met_at is not None else "not_met"
    return "binding"


def balance_rows(license_: License) -> list[BalanceRow]:
    return [_balance(row) for row in license_.case.allowances.all()]


def _balance(row: Allowance) -> BalanceRow:
    left = ceiling(row.cap, row.tolerance) - row.drawn
    return BalanceRow(
        str(row.get_measure_display()), row.unit, plain(row.cap), plain(row.drawn), plain(left), row.tolerance
    )


def plain(amount: Decimal) -> str:
    """A number as people write it, however large; a power of ten from a quadrillion on."""
    if abs(amount) >= Decimal("1e15"):
        return f"{amount.normalize():g}".lower().replace("e+", "e")
    return f"{amount.normalize():,f}"


@dataclass(frozen=True)
class Heading:
    """What stands at the head of a license's page."""

    status: Status
    replaced_by: str
    replaces: str
    end: str
    stays: tuple[MeasureStay, ...]


def heading(license_: License, at: datetime) -> Heading:
    replaces = license_.replaces.number if license_.replaces else ""
    stays = MeasureStay.objects.standing_at(at).select_related("suspension", "ending")
    mine = stays.filter(Q(suspension__license=license_) | Q(ending__license=license_))
    return Heading(status(license_, at), replaced_by(license_), replaces, end_sentence(license_), tuple(mine))


def asked_for(request: ChangeRequest) -> dict[str, str]:
    """What a request asks for, a date as people read it."""
    until = parse_datetime(request.asked.get("valid_until", ""))
    return {**request.asked, **({"valid_until": f"{until.day} {until:%B %Y, %H:%M} UTC"} if until else {})}
