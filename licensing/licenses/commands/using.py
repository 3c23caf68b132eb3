"""What is done under a license: recorded once per reference, drawn from what is capped, corrected by new entries."""

import uuid
from datetime import datetime
from decimal import Decimal, localcontext

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.cases.rules import sha256
from licensing.licenses import notices, queries, rules
from licensing.licenses.drawing import AT_ONE_TIME, DRAWS, EXACT, Use, ceiling, most_at_once, problems, used_up
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import Allowance, Exhaustion, License, Measure, UsageEntry
from licensing.licenses.permissions import may_use
from licensing.licenses.rules import Status

BARRED = {
    Status.SUSPENDED: ("license_suspended", "The license was suspended from {at:%Y-%m-%d %H:%M} UTC on: nothing may be done under it."),
    Status.NOT_BEGUN: ("outside_validity", "The license was not in force yet: it begins at {begins:%Y-%m-%d %H:%M} UTC."),
    Status.EXPIRED: ("outside_validity", "The license had expired: it ended at {ends:%Y-%m-%d %H:%M} UTC."),
    Status.REPLACED: ("license_replaced", "Another license had replaced this one: report the use under {by}."),
    Status.EXHAUSTED: ("license_exhausted", "The license was used up by then."),
}  # fmt: skip


@refusals_logged(LicenseEvent.USED)
def record_use(*, actor: Person, license_id: uuid.UUID, client_reference: str, use: Use) -> tuple[UsageEntry, bool]:
    """Record a use, and draw what it used; the same reference with the same content again changes nothing, under any revision.

    Returns the entry, and whether it is new. Raises `Invalid` for what is wrong by itself, and `NotNow` with a code for each way in
    which the license does not allow it: `over_use`, `condition_precedent`, `license_suspended`, `outside_validity`,
    `license_exhausted`, `license_replaced`, `license_ended`; `reference_taken` when the reference stands for another use.
    """
    with transaction.atomic(), localcontext(prec=EXACT):
        license_ = _locked_with_revisions(license_id)
        if not may_use(actor, license_):
            raise NotPermitted("not_the_licensee", "Only the licensee reports use of this license.")
        now = timezone.now()
        found = list(problems(client_reference, use, now))
        if found:
            raise Invalid(found)
        digest = sha256(use.to_json())
        there = UsageEntry.objects.filter(license__case=license_.case_id, client_reference=client_reference).first()
        if there is not None:
            if there.digest != digest:
                raise NotNow("reference_taken", f"{client_reference} stands for another use: give a new reference.")
            return there, False
        corrected = _corrected(license_, use) if use.kind == UsageEntry.Kind.CORRECTION else None
        if corrected is None:
            _require_usable(license_, use.occurred_at, use.until)
        _draw(license_, use, corrected)
        entry = UsageEntry.objects.create(
            license=license_, client_reference=client_reference, kind=use.kind, occurred_at=use.occurred_at, until=use.until,
            recipient=use.recipient, note=use.note, corrects=corrected, recorded_at=now, recorded_by=actor, digest=digest,
            **use.amounts,
        )  # fmt: skip
        if corrected is None:
            record(license_, LicenseEvent.USED, actor=actor, reference=client_reference, what=use.in_words())
        else:
            record(
                license_, LicenseEvent.CORRECTED, actor=actor, reference=client_reference, corrects=use.corrects, what=use.in_words()
            )  # fmt: skip
        settle_exhaustion(license_, actor, now)
    return entry, True


def _locked_with_revisions(license_id: uuid.UUID) -> License:
    """The license, all revisions of it locked in their order: a reference counts once under them all."""
    of_case = License.objects.filter(pk=license_id).values("case")
    rows = License.objects.select_for_update(of=("self",)).filter(case__in=of_case).order_by("revision")
    return next(row for row in rows if row.pk == license_id)


def _require_usable(license_: License, begins: datetime, until: datetime | None) -> None:
    bar = rules.first_bar(queries.standing_facts(license_), begins, until or begins)
    if bar is not None:
        at, status = bar
        code, sentence = BARRED.get(
            status, ("license_ended", "The license was {status} by then: nothing may be done under it.")
        )
        by = queries.replaced_by(license_)
        raise NotNow(
            code,
            sentence.format(
                at=at,
                status=status.value,
                begins=license_.valid_from,
                ends=license_.valid_until,
                by=by or "the other one",
            ),
        )
    for text in queries.waiting_at(license_, begins):
        raise NotNow(
            "condition_precedent", f"Condition {text.number}, {text.title}, has to be met before anything is done under the license."
        )  # fmt: skip


def _corrected(license_: License, use: Use) -> UsageEntry:
    """The entry that is corrected: in what it says and in nothing else, never below nothing, and with more only where the license was in
    force at the time of the entry.
    """
    entry = UsageEntry.objects.filter(
        license__case=license_.case_id, client_reference=use.corrects, corrects__isnull=True
    ).first()
    if entry is None:
        raise Invalid.one("corrects", use.corrects, "No use was recorded under this reference.")
    if entry.license_id != license_.pk:
        raise Invalid.one("corrects", use.corrects, f"It was recorded under {entry.license.number}: correct it there.")
    earlier = entry.corrections.aggregate(**{f"{name}_sum": Sum(name) for name in Measure.values})
    found = []
    for name, amount in use.amounts.items():
        said = getattr(entry, name)
        left = (said or Decimal(0)) + (earlier[f"{name}_sum"] or Decimal(0))
        if said is None:
            found.append(Problem(f"amounts.{name}", str(amount), f"{use.corrects} says no {name}: leave it out."))
        elif left + amount < 0:
            found.append(
                Problem(f"amounts.{name}", str(amount), f"Only {left.normalize():f} of it is left to take back.")
            )
    if found:
        raise Invalid(found)
    if any(amount > 0 for amount in use.amounts.values()):
        _require_usable(license_, entry.occurred_at, entry.until)
    return entry


def _draw(license_: License, use: Use, corrected: UsageEntry | None) -> None:
    """Take the amounts from the caps, whose rows are locked first, always in the same order."""
    measures = Measure.values if use.kind == UsageEntry.Kind.CORRECTION else DRAWS[use.kind]
    allowances = Allowance.objects.select_for_update().filter(case=license_.case_id, measure__in=measures)
    for allowance in allowances:
        amount = use.amounts.get(allowance.measure)
        if amount is None:
            if use.kind == UsageEntry.Kind.CORRECTION:
                continue
            raise Invalid.one(
                f"amounts.{allowance.measure}", "", f"The license caps {allowance.measure}: say how much."
            )
        most = ceiling(allowance.cap, allowance.tolerance)
        if allowance.measure == AT_ONE_TIME:
            _seat(allowance, use, corrected, amount)
            continue
        if allowance.drawn + amount > most:
            left, what = (most - allowance.drawn).normalize(), allowance.unit or allowance.measure
            raise NotNow("over_use", f"Only {left:f} {what} is left, and not {amount.normalize():f}.")
        allowance.drawn += amount
        allowance.save(update_fields=["drawn"])


def _seat(allowance: Allowance, use: Use, corrected: UsageEntry | None, amount: Decimal) -> None:
    """Seats are taken for a period and free after it: `drawn` is the most that were taken at one time."""
    entries = UsageEntry.objects.filter(
        license__case=allowance.case_id, kind=UsageEntry.Kind.ACCESS, seats__isnull=False
    )
    if corrected is None:
        begins, ends = use.occurred_at, use.until or use.occurred_at
        entries = entries.filter(occurred_at__lte=ends, until__gte=begins)
    else:
        begins, ends = corrected.occurred_at, corrected.until or corrected.occurred_at
    rows = entries.annotate(back=Sum("corrections__seats")).values_list("occurred_at", "until", "seats", "back")
    taken = [(since, until or since, (seats or 0) + (back or Decimal(0))) for since, until, seats, back in rows]
    most = most_at_once([*taken, (begins, ends, amount)])
    if most > allowance.cap:
        free = (allowance.cap - most + amount).normalize()
        raise NotNow(
            "over_use", f"Only {free:f} seats are free all through that period, and not {amount.normalize():f}."
        )
    allowance.drawn = most if corrected else max(most, allowance.drawn)
    allowance.save(update_fields=["drawn"])


def settle_exhaustion(license_: License, actor: Actor, now: datetime) -> None:
    """Write down that everything is used up, or no longer so: after a draw, a correction, or when a cap has lapsed."""
    caps = license_.case.allowances.exclude(measure=AT_ONE_TIME)
    full = [row.measure for row in caps if row.drawn >= ceiling(row.cap, row.tolerance)]
    standing = Exhaustion.objects.filter(case=license_.case_id, until_at__isnull=True).first()
    empty = used_up(license_.delivery_modes, full)
    if empty and standing is None:
        Exhaustion.objects.create(case=license_.case, measure=full[0], from_at=now)
        record(license_, LicenseEvent.EXHAUSTED, actor=actor, measure=", ".join(full))
        notices.standing(license_, "is exhausted", "Everything that it allowed has been used.")
    elif standing is not None and not empty:
        standing.until_at = now
        standing.save(update_fields=["until_at"])
        record(license_, LicenseEvent.REPLENISHED, actor=actor, measure=standing.measure)
