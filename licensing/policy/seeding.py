"""The policy, control list and past control orders that an installation starts with, from `fixtures`. Loading again changes nothing."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from licensing.accounts.models import Organization
from licensing.audit.actors import Actor
from licensing.audit.canonical import plain
from licensing.audit.commands import record
from licensing.policy.events import OrderEvent
from licensing.policy.models import ControlOrder, Disclosure, Service, ServiceMethod
from licensing.policy.queries import AUTHORIZED_PARTIES, CONTROL_LIST, KIND, ORDER
from licensing.policy.rulesets import instant
from licensing.publishing.commands import seed_published
from licensing.publishing.models import Publication

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor, jurisdiction: str) -> None:
    """The control list and policy of a jurisdiction, such as `us`, with the lists of authorized parties that the policy declares."""
    declared = yaml.safe_load((FIXTURES / "policies" / f"{jurisdiction}.yaml").read_text(encoding="utf-8")).get(
        "authorized_lists", ()
    )
    for path in sorted((FIXTURES / "authorized").glob("*.yaml")):
        if yaml.safe_load(path.read_text(encoding="utf-8"))["key"] in declared:
            _load_versions(AUTHORIZED_PARTIES, path, proposer, publisher)
    for kind, folder in ((CONTROL_LIST, "control"), (KIND, "policies")):
        path = FIXTURES / folder / f"{jurisdiction}.yaml"
        content: dict[str, Any] = plain(yaml.safe_load(path.read_text(encoding="utf-8")))
        seed_published(
            proposer=proposer, publisher=publisher, kind=kind, key=jurisdiction, content=content,
            note=f"From {path.name}", source=content["source"], effective_at=instant(content["holds_from"]),
        )  # fmt: skip


@transaction.atomic
def load_orders(*, proposer: Actor, publisher: Actor) -> None:
    """The orders of `fixtures/orders` on companies that are known here, with the lists that their reliefs name."""
    for path in sorted((FIXTURES / "authorized").glob("*.yaml")):
        _load_versions(AUTHORIZED_PARTIES, path, proposer, publisher)
    for path in sorted((FIXTURES / "orders").glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        company = Organization.objects.filter(name=document["versions"][0]["content"]["company"]).first()
        if company is None or ControlOrder.objects.filter(key=document["key"]).exists():
            continue
        opened_at = _moment(document["versions"][0]["published_at"])
        order = ControlOrder.objects.create(key=document["key"], organization=company, opened_at=opened_at)
        record(order, OrderEvent.OPENED, actor=proposer, key=order.key, company=company.name)
        _load_versions(ORDER, path, proposer, publisher)
        _tell(order, document, proposer, publisher)


def _load_versions(kind: str, path: Path, proposer: Actor, publisher: Actor) -> None:
    """Every version of a file, unless its key has one already: the file tells a whole story, not what stands."""
    document = plain(yaml.safe_load(path.read_text(encoding="utf-8")))
    if Publication.objects.filter(kind=kind, key=document["key"]).exists():
        return
    for row in document["versions"]:
        seed_published(
            proposer=proposer, publisher=publisher, kind=kind, key=document["key"], content=row["content"], note=f"From {path.name}",
            source=row["content"].get("source", ""), effective_at=instant(row["effective_at"]), published_at=instant(row["published_at"]),
        )  # fmt: skip


def _tell(order: ControlOrder, document: Mapping[str, Any], proposer: Actor, publisher: Actor) -> None:
    """On whom each version was served when it was published, and since when everybody may know of the order."""
    for version in Publication.objects.filter(kind=ORDER, key=order.key).order_by("version"):
        served_at = _moment(version.published_at)
        Service.objects.create(
            order=order, publication=version, method=ServiceMethod.ELECTRONIC, served_at=served_at,
            served_by_id=publisher.actor_id, served_by_label=publisher.actor_label,
        )  # fmt: skip
        record(
            order, OrderEvent.SERVED, actor=publisher, version=version.version, company=order.organization.name,
            served_at=f"{served_at:%Y-%m-%d %H:%M} UTC", method=ServiceMethod.ELECTRONIC,
        )  # fmt: skip
    disclosed_at = _moment(document["disclosed_at"])
    Disclosure.objects.create(
        order=order, proposed_by_id=proposer.actor_id, proposed_by_label=proposer.actor_label, proposed_at=disclosed_at,
        disclosed_by_id=publisher.actor_id, disclosed_by_label=publisher.actor_label, disclosed_at=disclosed_at,
    )  # fmt: skip
    record(order, OrderEvent.DISCLOSURE_PROPOSED, actor=proposer)
    record(order, OrderEvent.DISCLOSED, actor=publisher)


def _moment(value: str | datetime | None) -> datetime:
    """Raises ValueError where a file has no instant."""
    found = instant(value)
    if found is None:
        raise ValueError("an instant is missing")
    return found
