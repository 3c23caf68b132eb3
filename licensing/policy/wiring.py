"""What this room brings to the others, done once when the applications are ready."""

from django.utils import timezone

from licensing.audit import wording
from licensing.audit.refusals import Problem
from licensing.countries.models import CountryList
from licensing.policy import checks, shape
from licensing.policy.events import ORDER_WORDING, WORDING, OrderEvent, PolicyEvent
from licensing.policy.order_versions import AuthorizedLists, is_in_library
from licensing.policy.queries import AUTHORIZED_PARTIES, CONTROL_LIST, KIND
from licensing.publishing import observers
from licensing.publishing.models import Publication
from licensing.publishing.observers import Content
from licensing.publishing.queries import in_force


class Policies(observers.Plain):
    """A policy may be published when every fact, list and text that its rows name exists."""

    shape = shape.CONTENT

    def validate(self, key: str, content: Content) -> list[Problem]:
        control = in_force(CONTROL_LIST, key, timezone.now())
        return checks.problems(
            content, known_lists=CountryList.objects.values_list("key", flat=True), known_texts=is_in_library,
            known_entries=[row["entry"] for row in control.content["entries"]] if control else None,
            known_authorized=_published(content.get("authorized_lists")),
        )  # fmt: skip

    def diff(self, before: Content, after: Content) -> list[str]:
        told = []
        for table in sorted({*before.get("tables", {}), *after.get("tables", {})}):
            old = {row.get("id"): row for row in before.get("tables", {}).get(table, ())}
            new = {row.get("id"): row for row in after.get("tables", {}).get(table, ())}
            told += [f"{table}: {row} is added" for row in new if row not in old]
            told += [f"{table}: {row} is removed" for row in old if row not in new]
            told += [f"{table}: {row} changes" for row in new if row in old and new[row] != old[row]]
        others = {name: value for name, value in after.items() if name != "tables"}
        return told + super().diff({name: value for name, value in before.items() if name != "tables"}, others)


def _published(named: object) -> set[str]:
    """Which of these lists of authorized parties exist. Others are never named: some stand in confidence."""
    keys = [key for key in named if isinstance(key, str)] if isinstance(named, list) else []
    rows = Publication.objects.filter(kind=AUTHORIZED_PARTIES, key__in=keys, published_at__isnull=False)
    return set(rows.values_list("key", flat=True))


wording.register(PolicyEvent, WORDING)
wording.register(OrderEvent, ORDER_WORDING)
observers.register(KIND, Policies(), desk="Policies")
observers.register(AUTHORIZED_PARTIES, AuthorizedLists())
