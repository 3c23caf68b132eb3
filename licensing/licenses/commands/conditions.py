"""Conditions after the issue: acknowledged by those whom they bind, met before the first use, lapsed."""

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.queries import token_digest
from licensing.audit.actors import SYSTEM, Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.cases.commands.reviewing import sentence
from licensing.licenses import notices, queries
from licensing.licenses.commands.standing import locked, locked_for_ruling
from licensing.licenses.commands.using import settle_exhaustion
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import Acknowledgment, License, LicenseText
from licensing.licenses.permissions import may_use
from licensing.texts.duties import Duty
from workflows import outbox

SEND_LINK = "send_acknowledgment_link"
LINK_HOLDS = timedelta(days=14)
MOST_LINKS_A_DAY = 5
MOST_WORDS = 200


@dataclass(frozen=True)
class BoundParty:
    """Somebody without an account, who acts for a party of a license."""

    acknowledgment: Acknowledgment

    @property
    def actor_id(self) -> str:
        return f"acknowledgment:{self.acknowledgment.pk}"

    @property
    def actor_label(self) -> str:
        return f"{self.acknowledgment.name}, {self.acknowledgment.party_name}"


@refusals_logged(LicenseEvent.ASKED_TO_ACKNOWLEDGE)
def ask_to_acknowledge(*, actor: Person, license_id: uuid.UUID, party_name: str, email: str) -> Acknowledgment:
    """Send a party that a condition binds a link, good once and for 14 days; an earlier link of the party stops working.

    Raises `Invalid` for a party that no condition binds, `NotNow` after five links in a day or when it has acknowledged.
    """
    with transaction.atomic():
        license_ = locked(license_id)
        if not may_use(actor, license_):
            raise NotPermitted("not_the_licensee", "Only the licensee asks the parties to acknowledge.")
        now = timezone.now()
        party = _bound(license_, party_name)
        _check_email(license_, email)
        mine = license_.acknowledgments.filter(party_name=party.name)
        if party.acknowledged:
            raise NotNow("acknowledged_already", f"{party.name} has acknowledged these conditions already.")
        if mine.filter(sent_at__gt=now - timedelta(days=1)).count() >= MOST_LINKS_A_DAY:
            raise NotNow(
                "too_many_links", f"{MOST_LINKS_A_DAY} links were sent to {party.name} today: try again tomorrow."
            )
        mine.filter(acknowledged_at__isnull=True, expires_at__gt=now).update(expires_at=now)
        asked = Acknowledgment.objects.create(
            license=license_, party_name=party.name, sent_to=email, sent_at=now, sent_by=actor, expires_at=now + LINK_HOLDS,
            token_digest=token_digest(secrets.token_urlsafe(32)), texts=_shown(party), texts_digest=party.digest,
        )  # fmt: skip
        outbox.put(effect=SEND_LINK, key=f"acknowledgment:{asked.pk}")
        record(license_, LicenseEvent.ASKED_TO_ACKNOWLEDGE, actor=actor, party=party.name)
    return asked


def _shown(party: queries.Bound) -> list[dict[str, Any]]:
    names = ("number", "key", "version", "title")
    return [{**{name: getattr(text, name) for name in names}, "sha256": text.digest} for text in party.texts]


def _bound(license_: License, party_name: str) -> queries.Bound:
    parties = {party.name: party for party in queries.bound_parties(license_)}
    if party_name not in parties:
        raise Invalid.one(
            "party_name",
            party_name[:80],
            f"No condition binds such a party; bound are: {', '.join(parties) or 'none'}.",
        )
    return parties[party_name]


def _check_email(license_: License, email: str) -> None:
    """An address of somebody else than the licensee, who cannot acknowledge to itself in the name of another."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid.one("email", email[:80], "Give an e-mail address, such as name@example.org.") from error
    if license_.licensee.memberships.filter(person__email__iexact=email).exists():
        raise Invalid.one(
            "email", email[:80], "This is one of the licensee's own people: give an address of the party."
        )


def send_link(key: str) -> None:
    """The effect `send_acknowledgment_link`: make the token, keep its digest, mail the link. No row ever holds the token.

    An attempt after a crash makes another token; the link that arrives last is the one that works.
    """
    token = secrets.token_urlsafe(32)
    pk = key.removeprefix("acknowledgment:")
    asked = Acknowledgment.objects.select_related("license__licensee").get(pk=pk)
    if not Acknowledgment.objects.filter(pk=pk, acknowledged_at__isnull=True).update(token_digest=token_digest(token)):
        return  # by an earlier link, while this attempt was owed
    context = {
        "asked": asked, "link": settings.BASE_URL + reverse("acknowledge", args=[token]), "base_url": settings.BASE_URL,
    }  # fmt: skip
    EmailMessage(
        subject=f"Conditions of export license {asked.license.number} that bind {asked.party_name}",
        body=render_to_string("notices/licenses/acknowledge.txt", context),
        to=[asked.sent_to],
    ).send()


def acknowledge(
    *, token: str, name: str, title: str, email: str, identity_shown_by: str, agreed: bool
) -> Acknowledgment:
    """A bound party acknowledges the conditions, once, with who it was that did and how their identity was shown.

    Raises `NotNow` for a link that is unknown, used, or too old, or whose conditions have changed since; `Invalid` for what is missing.
    """
    with transaction.atomic():
        asked = queries.acknowledgment_by(token)
        if asked is None:
            raise NotNow("link_unknown", "This link does not work: ask the licensee for a new one.")
        license_ = locked(asked.license_id)
        asked.refresh_from_db()
        now = timezone.now()
        if asked.acknowledged_at is not None:
            raise NotNow("link_used", "This link was used already: it works once.")
        if now >= asked.expires_at:
            raise NotNow("link_expired", "This link is too old: ask the licensee for a new one.")
        if _bound(license_, asked.party_name).digest != asked.texts_digest:
            raise NotNow("texts_changed", "The conditions have changed since: ask the licensee for a new link.")
        given = {"name": name, "title": title, "email": email, "identity_shown_by": identity_shown_by}
        _check_identity(license_, given, agreed=agreed)
        for field, value in given.items():
            setattr(asked, field, value.strip())
        asked.acknowledged_at = now
        asked.save(update_fields=["acknowledged_at", *given])
        actor = BoundParty(asked)
        record(
            license_, LicenseEvent.ACKNOWLEDGED, actor=actor, party=asked.party_name, texts=asked.texts_digest,
            identity_shown_by=asked.identity_shown_by,
        )  # fmt: skip
        _meet_if_all(license_, actor)
    return asked


def _check_identity(license_: License, given: dict[str, str], *, agreed: bool) -> None:
    problems = [
        Problem(field, value[:80], f"Write between 1 and {MOST_WORDS} characters.")
        for field, value in given.items()
        if not 0 < len(value.strip()) <= MOST_WORDS
    ]
    if not agreed:
        problems.append(Problem("agreed", "", "Tick the box: without it nothing is acknowledged."))
    if problems:
        raise Invalid(problems)
    _check_email(license_, given["email"].strip())


def _meet_if_all(license_: License, actor: Actor) -> None:
    """What waited for everybody's acknowledgment is met when nobody's is missing any more."""
    if all(party.acknowledged for party in queries.bound_parties(license_)):
        for text in license_.texts.filter(
            duty=Duty.ACKNOWLEDGMENT, precedent=True, met_at__isnull=True, lapsed_at__isnull=True
        ):
            _meet(text, license_, actor, "Every bound party has acknowledged.", None)


@refusals_logged(LicenseEvent.CONDITION_MET)
def meet_condition(*, actor: Person, license_id: uuid.UUID, number: int, evidence: str) -> LicenseText:
    """An officer finds that a condition precedent is met, and on what evidence; use may begin when none is left."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        text = _condition(license_, number)
        if not text.precedent or text.met_at is not None:
            raise NotNow("nothing_to_meet", "This condition does not wait for anything.")
        return _meet(text, license_, actor, sentence("evidence", evidence), actor)


def _meet(text: LicenseText, license_: License, actor: Actor, evidence: str, person: Person | None) -> LicenseText:
    text.met_at, text.met_by, text.met_evidence = timezone.now(), person, evidence
    text.save(update_fields=["met_at", "met_by", "met_evidence"])
    record(license_, LicenseEvent.CONDITION_MET, actor=actor, number=text.number, title=text.title, evidence=evidence)
    return text


@refusals_logged(LicenseEvent.CONDITION_LAPSED)
def lapse_condition(*, actor: Actor, license_id: uuid.UUID, number: int, reason: str) -> LicenseText:
    """A condition binds no more, because what it is about needs no license any more (15 CFR 750.7(i))."""
    with transaction.atomic():
        license_ = locked_for_ruling(actor, license_id)
        text = _condition(license_, number)
        if text.lapsed_at is not None:
            raise NotNow("lapsed_already", "This condition has lapsed already.")
        _lapse(license_, [text], actor, sentence("reason", reason))
    return text


def lapse_decontrolled(*, license_id: uuid.UUID, numbers: Collection[int]) -> list[LicenseText]:
    """The system lets conditions lapse whose items need no license any more, once each (15 CFR 750.7(i))."""
    with transaction.atomic():
        license_ = locked(license_id)
        standing = license_.texts.filter(kind=LicenseText.Kind.CONDITION, number__in=numbers, lapsed_at__isnull=True)
        texts = list(standing)
        if texts:
            _lapse(license_, texts, SYSTEM, "What it is about needs no license any more.")
    return texts


def _lapse(license_: License, texts: Sequence[LicenseText], actor: Actor, reason: str) -> None:
    for text in texts:
        text.lapsed_at, text.lapse_reason = timezone.now(), reason
        text.lapsed_by = actor if isinstance(actor, Person) else None
        text.save(update_fields=["lapsed_at", "lapsed_by", "lapse_reason"])
        record(
            license_, LicenseEvent.CONDITION_LAPSED, actor=actor, number=text.number, title=text.title, reason=reason
        )  # fmt: skip
    _free_caps(license_, {text.duty for text in texts}, actor)
    named = ", ".join(f"{text.number} ({text.title})" for text in texts)
    notices.standing(license_, "has a condition that binds no more", f"Condition {named}: {reason}")
    _meet_if_all(license_, actor)


def _free_caps(license_: License, duties: Collection[str], actor: Actor) -> None:
    """What only lapsed conditions capped is capped no more; what was drawn stays in the history of use."""
    standing = license_.texts.filter(kind=LicenseText.Kind.CONDITION, lapsed_at__isnull=True).values("duty")
    freed = license_.case.allowances.filter(measure__in=duties).exclude(measure__in=standing)
    if freed.delete()[0]:
        settle_exhaustion(license_, actor, timezone.now())


def _condition(license_: License, number: int) -> LicenseText:
    found = license_.texts.filter(kind=LicenseText.Kind.CONDITION, number=number).first()
    if found is None:
        raise Invalid.one("number", number, "The license has no condition of this number.")
    return found
