"""What stands against a license: suspended and lifted, revoked, voided, surrendered, canceled, reinstated (15 CFR 750.8)."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM, Actor
from licensing.audit.commands import kind_of, record, refusals_logged
from licensing.audit.models import Event
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.commands.reviewing import sentence
from licensing.licenses import letters, notices, queries
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import Ending, License, Suspension
from licensing.licenses.permissions import may_rule_on, may_surrender
from licensing.licenses.rules import Status
from workflows import outbox

TURNED = "note_license_turn"
LETTERS: dict[str, str] = {Ending.Kind.REVOKED: "revocation", Ending.Kind.VOID: "void"}
MOST_BASIS = 500
MOST_ORDERED_BY = 200


def locked(license_id: uuid.UUID) -> License:
    """The license, its row locked until the transaction ends."""
    return License.objects.select_for_update(of=("self",)).get(pk=license_id)


def locked_for_ruling(actor: Actor, license_id: uuid.UUID) -> License:
    """The license, locked, for an officer of the authority who may know of it, or for the system."""
    license_ = locked(license_id)
    if actor is not SYSTEM and not (isinstance(actor, Person) and may_rule_on(actor, license_)):
        raise NotPermitted("not_an_officer", "Only an officer of the licensing authority may do this.")
    return license_


def _person(actor: Actor) -> Person | None:
    return actor if isinstance(actor, Person) else None


def _require_running(license_: License, at: datetime) -> None:
    """Raises `NotNow` for a license that has ended already."""
    status = queries.status(license_, at)
    if status.for_good:
        raise NotNow("license_ended", f"This license is {status.value}: there is nothing left to take away.")


@refusals_logged(LicenseEvent.SUSPENDED)
def suspend_license(
    *, actor: Actor, license_id: uuid.UUID, reason: str, ordered_by: str, until: datetime | None = None
) -> Suspension:
    """Stop a license from now on, until it is lifted or `until` is reached; without notice (15 CFR 750.8(a)).

    `ordered_by` names the officer or the order. What an order has suspended already stays as it is. Raises `NotPermitted`,
    `NotNow` when the license has ended, `Invalid` for an `until` that has passed.
    """
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        reason, now = sentence("reason", reason), timezone.now()
        if not 0 < len(ordered_by.strip()) <= MOST_ORDERED_BY:
            raise Invalid.one(
                "ordered_by", ordered_by[:80], f"Name who orders it, in at most {MOST_ORDERED_BY} letters."
            )
        if until is not None and until <= now:
            raise Invalid.one("until", until.isoformat(), "Give an instant in the future, or none.")
        _require_running(license_, now)
        standing = license_.suspensions.ordered_at(now).filter(ordered_by=ordered_by.strip()).first()
        if standing is not None:
            return standing
        suspension = Suspension.objects.create(
            license=license_, ordered_by=ordered_by.strip(), reason=reason, suspended_at=now, suspended_by=_person(actor), until=until,
            letter=letters.write(license_, "suspension", actor=actor, at=now, reason=reason),
        )  # fmt: skip
        if until is not None:
            outbox.put(effect=TURNED, key=f"suspension:{suspension.pk}", due_at=until)
        record(
            license_, LicenseEvent.SUSPENDED, actor=actor, ordered_by=suspension.ordered_by, reason=reason, until=until
        )
        notices.standing(license_, "is suspended", reason)
    return suspension


@refusals_logged(LicenseEvent.LIFTED)
def lift_suspension(
    *, actor: Actor, license_id: uuid.UUID, reason: str, ordered_by: str | None = None
) -> list[Suspension]:
    """Lift what one order has suspended, or what every officer has; the license is reinstated when none is left.

    What a control order has frozen is freed when that order no longer reaches it, and by no officer. Raises `NotNow` when no such
    suspension stands.
    """
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        reason, now = sentence("reason", reason), timezone.now()
        standing = license_.suspensions.ordered_at(now)
        if actor is not SYSTEM:
            standing = standing.filter(suspended_by__isnull=False)
        lifted = list(standing if ordered_by is None else standing.filter(ordered_by=ordered_by.strip()))
        if not lifted:
            raise NotNow("not_suspended", "No suspension stands that an officer could lift.")
        lift(license_, lifted, actor=actor, reason=reason, at=now)
    return lifted


def lift(license_: License, suspensions: Iterable[Suspension], *, actor: Actor, reason: str, at: datetime) -> None:
    """End suspensions of a license that the caller has locked, for an actor who may."""
    for suspension in suspensions:
        suspension.lifted_at, suspension.lifted_by, suspension.lift_reason = at, _person(actor), reason
        suspension.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        record(license_, LicenseEvent.LIFTED, actor=actor, ordered_by=suspension.ordered_by, reason=reason)
    left = license_.suspensions.standing_at(at).exists()
    notices.standing(license_, "is still suspended by another order" if left else "is reinstated", reason)


@refusals_logged(LicenseEvent.END_PROPOSED)
def propose_ending(
    *, actor: Person, license_id: uuid.UUID, kind: str, reason: str, basis: str, effective_at: datetime | None = None
) -> Ending:
    """Propose to revoke a license, or to void it as of its issue; nothing changes until a second officer confirms.

    `basis` cites the law. `effective_at` is when a revocation begins: at the confirmation when none is given. Raises `Invalid`,
    and `NotNow` when the license has ended, or another ending is proposed.
    """
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        if kind not in Ending.FOUR_EYES:
            raise Invalid.one("kind", kind, f"Choose one of {', '.join(Ending.FOUR_EYES)}.")
        reason, now = sentence("reason", reason), timezone.now()
        if not 0 < len(basis.strip()) <= MOST_BASIS:
            raise Invalid.one("basis", basis[:80], "Cite the legal basis, such as 15 CFR 750.8(a).")
        if effective_at is not None and (effective_at <= now or kind == Ending.Kind.VOID):
            raise Invalid.one(
                "effective_at", effective_at.isoformat(),
                "Voiding holds from the issue: give no date." if kind == Ending.Kind.VOID
                else "Give an instant in the future, or none.",
            )  # fmt: skip
        _require_running(license_, now)
        ending = _write_ending(
            license_, kind=kind, reason=reason, basis=basis.strip(), proposed_by=actor, proposed_at=now, effective_at=effective_at
        )  # fmt: skip
        record(
            license_,
            LicenseEvent.END_PROPOSED,
            actor=actor,
            what=str(ending).lower(),
            reason=reason,
            basis=ending.basis,
        )
    return ending


def _write_ending(license_: License, **fields: object) -> Ending:
    try:
        with transaction.atomic():
            return Ending.objects.create(license=license_, **fields)
    except IntegrityError as error:
        raise NotNow(
            "ending_there", "Another ending of this license is proposed or decided already: settle that one first."
        ) from error


@refusals_logged(LicenseEvent.ENDED)
def confirm_ending(*, actor: Person, license_id: uuid.UUID) -> Ending:
    """Confirm the ending that is proposed: another officer than the one who proposed it."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        ending, now = _proposed(license_), timezone.now()
        if ending.proposed_by_id == actor.pk:
            raise NotPermitted("four_eyes", "You proposed it: another officer has to confirm.")
        ending.confirmed_by, ending.confirmed_at = actor, now
        if ending.kind == Ending.Kind.VOID:
            ending.effective_at = license_.issued_at
        else:
            ending.effective_at = max(ending.effective_at or now, now)
        ending.save(update_fields=["confirmed_by", "confirmed_at", "effective_at"])
        _ended(license_, ending, actor)
    return ending


@refusals_logged(LicenseEvent.END_DROPPED)
def drop_ending(*, actor: Person, license_id: uuid.UUID, reason: str) -> Ending:
    """Give up the ending that is proposed; the officer who proposed it, or another."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        ending = _proposed(license_)
        reason = sentence("reason", reason)
        ending.dropped_by, ending.dropped_at = actor, timezone.now()
        ending.save(update_fields=["dropped_by", "dropped_at"])
        record(license_, LicenseEvent.END_DROPPED, actor=actor, what=str(ending).lower(), reason=reason)
    return ending


def _proposed(license_: License) -> Ending:
    ending = license_.endings.proposed().first()
    if ending is None:
        raise NotNow("nothing_proposed", "No ending of this license waits for a second officer.")
    return ending


@refusals_logged(LicenseEvent.ENDED)
def surrender_license(*, actor: Person, license_id: uuid.UUID, reason: str) -> Ending:
    """The licensee gives the license up, at once and for good; one that has not begun is canceled.

    Raises `NotPermitted` for anybody but a certifying official of the licensee, `NotNow` when it has ended.
    """
    with transaction.atomic():
        license_ = locked(license_id)
        if not may_surrender(actor, license_):
            raise NotPermitted("not_the_licensee", "Only a certifying official of the licensee may give it up.")
        begun = license_.valid_from <= timezone.now()
        return _end_now(license_, actor, Ending.Kind.SURRENDERED if begun else Ending.Kind.CANCELLED, reason)


@refusals_logged(LicenseEvent.ENDED)
def cancel_license(*, actor: Person, license_id: uuid.UUID, reason: str) -> Ending:
    """Take a license back before it has begun; no right was in use. Raises `NotNow` when it has begun: revoke it instead."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        if license_.valid_from <= timezone.now():
            raise NotNow("license_begun", "The license has begun: it can be suspended, revoked or voided.")
        return _end_now(license_, actor, Ending.Kind.CANCELLED, reason)


def _end_now(license_: License, actor: Person, kind: str, reason: str) -> Ending:
    now = timezone.now()
    reason = sentence("reason", reason)
    _require_running(license_, now)
    license_.endings.proposed().update(dropped_at=now, dropped_by=actor)
    ending = _write_ending(
        license_, kind=kind, reason=reason, proposed_by=actor, proposed_at=now, confirmed_at=now, effective_at=now
    )
    _ended(license_, ending, actor)
    return ending


def _ended(license_: License, ending: Ending, actor: Person) -> None:
    record(
        license_, LicenseEvent.ENDED, actor=actor, what=str(ending).lower(), reason=ending.reason, from_when=ending.effective_at
    )  # fmt: skip
    if ending.kind in LETTERS:
        ending.letter = letters.write(
            license_, LETTERS[ending.kind], actor=actor, at=timezone.now(), reason=ending.reason, basis=ending.basis
        )  # fmt: skip
        ending.save(update_fields=["letter"])
    notices.standing(license_, f"is {ending.kind}", ending.reason)


@refusals_logged(LicenseEvent.RELIEF_PROPOSED)
def propose_reinstatement(*, actor: Person, license_id: uuid.UUID, reason: str) -> Ending:
    """Propose to set a revocation aside; nothing changes until a second officer does. What was voided is set aside on appeal alone."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        ending, reason = _revocation(license_), sentence("reason", reason)
        if ending.relief_proposed_at is not None:
            raise NotNow("proposed_already", "It is proposed already: another officer has to set the revocation aside.")
        _propose_relief(ending, timezone.now(), actor, reason)
        record(license_, LicenseEvent.RELIEF_PROPOSED, actor=actor, what=str(ending).lower(), reason=reason)
    return ending


@refusals_logged(LicenseEvent.REINSTATED)
def reinstate_license(*, actor: Person, license_id: uuid.UUID) -> Ending:
    """Set a revocation aside, as another officer has proposed; the license is reinstated from now on."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        ending = _revocation(license_)
        if ending.relief_proposed_at is None:
            raise NotNow("nothing_proposed", "Nobody has proposed to set the revocation aside: it takes two officers.")
        if ending.relief_proposed_by_id == actor.pk:
            raise NotPermitted("four_eyes", "You proposed it: another officer has to set the revocation aside.")
        set_aside(license_, ending, actor=actor, reason=ending.set_aside_reason, at=timezone.now())
    return ending


@refusals_logged(LicenseEvent.RELIEF_DROPPED)
def drop_reinstatement(*, actor: Person, license_id: uuid.UUID, reason: str) -> Ending:
    """Give the proposal up; the officer who proposed it, or another. The revocation stands as before."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        ending, reason = _revocation(license_), sentence("reason", reason)
        if ending.relief_proposed_at is None:
            raise NotNow("nothing_proposed", "Nobody has proposed to set the revocation aside.")
        _propose_relief(ending, None, None, "")
        record(license_, LicenseEvent.RELIEF_DROPPED, actor=actor, what=str(ending).lower(), reason=reason)
    return ending


def _revocation(license_: License) -> Ending:
    """The revocation that stands. Raises `NotNow` where there is none."""
    ending = queries.revocation(license_)
    if ending is None:
        raise NotNow("not_revoked", "No revocation of this license stands.")
    return ending


def _propose_relief(ending: Ending, at: datetime | None, by: Person | None, reason: str) -> None:
    ending.relief_proposed_at, ending.relief_proposed_by, ending.set_aside_reason = at, by, reason
    ending.save(update_fields=["relief_proposed_at", "relief_proposed_by", "set_aside_reason"])


def set_aside(license_: License, ending: Ending, *, actor: Person, reason: str, at: datetime, appeal: str = "") -> None:
    """Let an ending of a license that the caller has locked end nothing from now on, for an actor who may; `appeal` is its reference
    where one was decided.
    """
    ending.set_aside_at, ending.set_aside_by = at, actor
    ending.set_aside_reason, ending.set_aside_appeal = reason, appeal
    ending.save(update_fields=["set_aside_at", "set_aside_by", "set_aside_reason", "set_aside_appeal"])
    record(license_, LicenseEvent.REINSTATED, actor=actor, what=str(ending).lower(), reason=reason)
    notices.standing(license_, "is reinstated", reason)


def note_turn(key: str) -> None:
    """The effect `note_license_turn`: write down, once, that a license has begun or expired, or that a suspension has run out.

    The status follows from the records and changed by itself, to the minute; this tells the trail and the licensee.
    `key` is `begin:<license>`, `license:<id>` for its end, or `suspension:<id>`.
    """
    kind, _, row = key.partition(":")
    with transaction.atomic():
        if kind == "suspension":
            _note_ran_out(Suspension.objects.get(pk=row))
        elif kind == "begin":
            _note_begun(locked(uuid.UUID(row)))
        else:
            _note_expired(locked(uuid.UUID(row)))


def _note_ran_out(suspension: Suspension) -> None:
    license_ = locked(suspension.license_id)
    if suspension.lifted_at is None and not _told(license_, LicenseEvent.RAN_OUT, suspension=suspension.pk):
        record(license_, LicenseEvent.RAN_OUT, actor=SYSTEM, ordered_by=suspension.ordered_by, suspension=suspension.pk)
        notices.standing(license_, "is no longer suspended", "The suspension was for a time, which is over.")


def _note_begun(license_: License) -> None:
    """What it replaces is replaced from the same minute on."""
    if _told(license_, LicenseEvent.BEGUN) or queries.status(license_, license_.valid_from).for_good:
        return
    record(license_, LicenseEvent.BEGUN, actor=SYSTEM, at=license_.valid_from)
    now = queries.status(license_, timezone.now())
    allows = "What it licenses may be done from now on, under its conditions."
    notices.standing(
        license_, "has begun", allows if now.in_force else f"It is {now.value}: nothing may be done under it."
    )
    if license_.replaces_id is not None:
        note_replaced(locked(license_.replaces_id), license_)


def note_replaced(old: License, new: License) -> None:
    """Write down that a license has taken the place of another, and tell who held that."""
    record(old, LicenseEvent.REPLACED, actor=SYSTEM, number=new.number)
    if old.licensee_id != new.licensee_id:
        notices.standing(old, f"is replaced by {new.number}", "It was transferred.")


def _note_expired(license_: License) -> None:
    expired = queries.status(license_, timezone.now()) == Status.EXPIRED
    if expired and not _told(license_, LicenseEvent.EXPIRED):
        record(license_, LicenseEvent.EXPIRED, actor=SYSTEM, at=license_.valid_until)
        notices.standing(license_, "has expired", "Its validity is over.")


def _told(license_: License, event: str, **data: object) -> bool:
    return Event.objects.filter(
        subject_kind=kind_of(license_), subject_id=str(license_.pk), event=str(event), data__contains=data
    ).exists()
