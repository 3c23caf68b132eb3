"""Revoking a license in part: for some of its items (15 CFR 750.8), by two officers; what is left is the next revision."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.commands.reviewing import sentence
from licensing.licenses import letters, notices, queries
from licensing.licenses.commands.revising import SIGN, reissue, require_in_force
from licensing.licenses.commands.standing import MOST_BASIS, locked, locked_for_ruling
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import License, Narrowing, Suspension
from workflows import outbox

UNTIL_SIGNED = "Revocation in part"


@refusals_logged(LicenseEvent.NARROWING_PROPOSED)
def propose_narrowing(
    *, actor: Person, license_id: uuid.UUID, items: Collection[int], reason: str, basis: str
) -> Narrowing:
    """Propose to revoke a license for some of its items; nothing changes until a second officer confirms.

    Raises `Invalid` for items that the license has not, or for all of them; `NotNow` when it is not in force, or something is proposed.
    """
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        reason, now = sentence("reason", reason), timezone.now()
        if not 0 < len(basis.strip()) <= MOST_BASIS:
            raise Invalid.one("basis", basis[:80], "Cite the legal basis, such as 15 CFR 750.8(a).")
        has, named = {item.number for item in license_.items.all()}, ", ".join(map(str, sorted(items)))
        if not items or not set(items) < has:
            mend = f"Choose some of its items, {', '.join(map(str, sorted(has)))}; for all of them, revoke the license."
            raise Invalid.one("items", named, mend)
        require_in_force(license_, now)
        narrowing = _create(
            license_, items=sorted(items), reason=reason, basis=basis.strip(), proposed_by=actor, proposed_at=now
        )
        record(
            license_, LicenseEvent.NARROWING_PROPOSED, actor=actor, items=named, reason=reason, basis=narrowing.basis
        )
    return narrowing


def _create(license_: License, **fields: object) -> Narrowing:
    try:
        with transaction.atomic():
            return Narrowing.objects.create(license=license_, **fields)
    except IntegrityError as error:
        raise NotNow("narrowing_there", "A revocation in part is proposed already: settle that one first.") from error


@refusals_logged(LicenseEvent.NARROWED)
def confirm_narrowing(*, actor: Person, license_id: uuid.UUID) -> Narrowing:
    """Confirm it: another officer. The items are gone at once; the revision without them is in effect once it is signed.

    Until then nothing may be done under the old one, which is suspended for so long.
    """
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        narrowing, now = _proposed(license_), timezone.now()
        if narrowing.proposed_by_id == actor.pk:
            raise NotPermitted("four_eyes", "You proposed it: another officer has to confirm.")
        require_in_force(license_, now)
        kept = [item.number for item in license_.items.all() if item.number not in narrowing.items]
        narrowing.result = reissue(license_, now, items=dict.fromkeys(kept, license_))
        narrowing.confirmed_by, narrowing.confirmed_at = actor, now
        gone = "\n".join(
            f"Item {item.number}: {item.name}" for item in license_.items.filter(number__in=narrowing.items)
        )
        narrowing.letter = letters.write(
            license_, "partial-revocation", actor=actor, at=now, reason=narrowing.reason, basis=narrowing.basis, more={"items": gone}
        )  # fmt: skip
        narrowing.save(update_fields=["result", "confirmed_by", "confirmed_at", "letter"])
        Suspension.objects.create(
            license=license_, ordered_by=UNTIL_SIGNED, reason=narrowing.reason, suspended_at=now, suspended_by=actor
        )
        record(license_, LicenseEvent.NARROWED, actor=actor, items=_numbers(narrowing), number=narrowing.result.number)
        outbox.put(effect=SIGN, key=f"license:{narrowing.result.pk}")
        notices.standing(license_, "is revoked in part", narrowing.reason)
    return narrowing


@refusals_logged(LicenseEvent.NARROWING_DROPPED)
def drop_narrowing(*, actor: Person, license_id: uuid.UUID, reason: str) -> Narrowing:
    """Give up the revocation in part that is proposed."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        narrowing, reason = _proposed(license_), sentence("reason", reason)
        narrowing.dropped_by, narrowing.dropped_at = actor, timezone.now()
        narrowing.save(update_fields=["dropped_by", "dropped_at"])
        record(license_, LicenseEvent.NARROWING_DROPPED, actor=actor, reason=reason)
    return narrowing


def set_narrowing_aside(*, actor: Person, narrowing: Narrowing, reason: str, at: datetime) -> None:
    """Give the items back, for an actor who may: the next revision has them. Of a license that has ended nothing is given back.

    Raises `NotNow` while something else stands against the license, for a revision would leave that behind.
    """
    latest = License.objects.filter(case=narrowing.license.case_id, document__isnull=False).order_by("-revision")[0]
    license_ = locked(latest.pk)
    narrowing.set_aside_by, narrowing.set_aside_at = actor, at
    narrowing.save(update_fields=["set_aside_by", "set_aside_at"])
    record(license_, LicenseEvent.WIDENED, actor=actor, items=_numbers(narrowing), reason=reason)
    if queries.status(license_, at).for_good:
        return
    require_in_force(license_, at)
    items = {item.number: license_ for item in license_.items.all()} | dict.fromkeys(narrowing.items, narrowing.license)
    new = reissue(license_, at, items=items)
    outbox.put(effect=SIGN, key=f"license:{new.pk}")
    notices.standing(license_, "has its items back", reason)


def _proposed(license_: License) -> Narrowing:
    narrowing = license_.narrowings.proposed().first()
    if narrowing is None:
        raise NotNow("nothing_proposed", "No revocation in part of this license waits for a second officer.")
    return narrowing


def _numbers(narrowing: Narrowing) -> str:
    return ", ".join(map(str, narrowing.items))
