"""Asking what a draft would change, and owing what a version has changed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.models import Case
from licensing.cases.standing import rules_at
from licensing.oversight.events import AskEvent
from licensing.oversight.models import ImpactRun
from licensing.oversight.permissions import may_see_impact
from licensing.oversight.rules import turning_points
from licensing.policy.queries import KINDS
from licensing.publishing.models import OPEN, Publication
from workflows import outbox

EFFECT = "assess_impact"


@refusals_logged(AskEvent.ASKED)
def ask_impact(*, actor: Person, publication_id: int, at: datetime | None = None) -> ImpactRun:
    """Have a draft compared with what is in force, as of an instant, in the background. No case and no license is touched.

    Raises `NotPermitted`, `NotNow` for what is no draft any more or while no policy is in force, `Invalid` for an instant that
    has passed and for a draft that could not be published as it stands.
    """
    with transaction.atomic():
        draft = Publication.objects.select_for_update(of=("self",)).get(pk=publication_id)
        now = timezone.now()
        if not may_see_impact(actor, draft):
            raise NotPermitted("not_an_administrator", "Only an administrator may ask what a draft changes.")
        if draft.state not in OPEN or draft.kind not in KINDS:
            raise NotNow(
                "no_draft", f"Version {draft.version} of {draft.key} is no draft of rules: there is nothing to try out."
            )
        if at is not None and at < now:
            raise Invalid.one(
                "at", at.isoformat(), "Give an instant in the future, or none: a version cannot hold from the past."
            )
        rules_at(at or now, instead=draft)  # raises what is wrong with it
        run = ImpactRun.objects.create(
            publication=draft, purpose=ImpactRun.Purpose.PREVIEW, content_hash=draft.content_hash, at=at or now,
            asked_by=actor, asked_at=now,
        )  # fmt: skip
        outbox.put(effect=EFFECT, key=f"{run.pk}:0")
    return run


def owe_impact(publication: Publication, at: datetime) -> None:
    """What follows when a version takes hold: a run then, and one for each date in it. Called in the transaction that has it do so.

    A version that holds at once touches nothing where no application was ever filed.
    """
    now = timezone.now()
    if publication.kind in KINDS:
        for each in turning_points(publication.content, at):
            if each > now or Case.objects.exists():
                _owe(publication, each, now)


def _owe(publication: Publication, at: datetime, now: datetime) -> None:
    run, new = ImpactRun.objects.get_or_create(
        publication=publication, at=at, purpose=ImpactRun.Purpose.PUBLISHED,
        defaults={"content_hash": publication.content_hash, "asked_at": now},
    )  # fmt: skip
    if new:
        outbox.put(effect=EFFECT, key=f"{run.pk}:0", due_at=at)
