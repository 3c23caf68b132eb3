"""Serving an order on its company, and the company's acknowledgement."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Person, Role
from licensing.accounts.queries import members_of
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.notices.commands import tell
from licensing.policy.commands.ordering import require_cleared
from licensing.policy.events import OrderEvent
from licensing.policy.models import Acknowledgement, ControlOrder, Service, ServiceMethod
from licensing.policy.permissions import may_acknowledge
from licensing.policy.queries import ORDER
from licensing.publishing.models import Publication, PublicationState
from licensing.publishing.observers import takes_hold

READERS = (Role.PREPARER, Role.CERTIFYING_OFFICIAL)


@refusals_logged(OrderEvent.SERVED)
def serve_order(*, actor: Person, publication_id: int, method: str, served_at: datetime | None = None) -> Service:
    """Serve a published version on its company, or record that it was served; from then on the company's people know of the order.

    `served_at` is now, or an instant that has passed since the version was published.
    """
    require_cleared(actor)
    with transaction.atomic():
        version = Publication.objects.get(pk=publication_id, kind=ORDER)
        order = ControlOrder.objects.select_for_update(of=("self",)).select_related("organization").get(key=version.key)
        now = timezone.now()
        served_at = served_at or now
        _require_servable(version, method, served_at, now)
        service = Service.objects.create(
            order=order, publication=version, method=method, served_at=served_at, served_by_id=actor.actor_id,
            served_by_label=actor.actor_label,
        )  # fmt: skip
        record(
            order, OrderEvent.SERVED, actor=actor, version=version.version, company=order.organization.name,
            served_at=f"{served_at:%Y-%m-%d %H:%M} UTC", method=method.replace("_", " "),
        )  # fmt: skip
        takes_hold(version, max(now, version.effective_at or now))  # it binds the company from now on
        _tell(service)
    return service


def _require_servable(version: Publication, method: str, served_at: datetime, now: datetime) -> None:
    if version.state != PublicationState.PUBLISHED or version.published_at is None:
        raise NotNow("not_published", "Only a published version can be served.")
    if Service.objects.filter(publication=version).exists():
        raise NotNow("served", f"Version {version.version} has been served already.")
    if method not in ServiceMethod.values:
        raise Invalid.one("method", method, f"Choose one of {', '.join(ServiceMethod.values)}.")
    if not version.published_at <= served_at <= now:
        mend = f"Give an instant since the version was published ({version.published_at:%Y-%m-%d %H:%M} UTC) that has passed."
        raise Invalid.one("served_at", served_at.isoformat(), mend)


def _tell(service: Service) -> None:
    """A message says that there is something to read, and nothing of what it says: mail is read by others too."""
    path = reverse("applicant:order", args=[service.pk])
    for person in members_of(service.order.organization, READERS):
        context = {"organization": service.order.organization, "path": path}
        tell(person, "policy/served", context, about=f"policy.service:{service.pk}")


@refusals_logged(OrderEvent.ACKNOWLEDGED)
def acknowledge_order(*, actor: Person, service_id: int, content_hash: str) -> Acknowledgement:
    """Record that the company has received a version: by somebody who certifies for it, of the very content that they were shown."""
    with transaction.atomic():
        service = Service.objects.select_related("publication").get(pk=service_id)
        order = (
            ControlOrder.objects.select_for_update(of=("self",)).select_related("organization").get(pk=service.order_id)
        )
        if not may_acknowledge(actor, order):
            raise NotPermitted(
                "not_an_official", "Only an official who certifies for the company may acknowledge this."
            )
        if Acknowledgement.objects.filter(service=service).exists():
            raise NotNow("acknowledged", "This has been acknowledged already.")
        if content_hash != service.publication.content_hash:
            raise Invalid.one(
                "content_hash", content_hash, "This is not what was served: open the page again and read it."
            )
        done = Acknowledgement.objects.create(
            service=service, person=actor, acknowledged_at=timezone.now(), content_hash=content_hash
        )
        record(
            order, OrderEvent.ACKNOWLEDGED, actor=actor, version=service.publication.version, content_hash=content_hash
        )
    return done
