"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.audit.refusals import Problem
from licensing.countries.models import CountryList
from licensing.policy import checks, shape
from licensing.policy.events import ORDER_WORDING, WORDING, OrderEvent, PolicyEvent
from licensing.policy.order_versions import AuthorizedLists, is_in_library
from licensing.policy.queries import AUTHORIZED_PARTIES, KIND
from licensing.publishing import observers
from licensing.publishing.observers import Content


class Policies(observers.Plain):
    """A policy may be published when every fact, list and text that its rows name exists."""

    shape = shape.CONTENT

    def validate(self, key: str, content: Content) -> list[Problem]:
        return checks.problems(
            content, known_lists=CountryList.objects.values_list("key", flat=True), known_texts=is_in_library
        )

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


wording.register(PolicyEvent, WORDING)
wording.register(OrderEvent, ORDER_WORDING)
observers.register(KIND, Policies(), desk="Policies")
observers.register(AUTHORIZED_PARTIES, AuthorizedLists())
