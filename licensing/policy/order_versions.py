"""Control orders and lists of authorized parties as publications: their check, their differences, the duties that a version brings."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from licensing.audit.refusals import Invalid, Problem
from licensing.countries.queries import names
from licensing.policy.models import ControlOrder, Undertaking
from licensing.policy.order_checks import Known, list_problems, order_problems
from licensing.policy.order_wording import Line, list_lines, order_lines
from licensing.policy.orders import undertakings_of
from licensing.policy.queries import AUTHORIZED_PARTIES
from licensing.publishing.models import Publication, PublicationState
from licensing.publishing.observers import Content, Plain, observer_of
from licensing.texts.queries import library, text


def is_in_library(key: str) -> bool:
    try:
        text(key, timezone.now())
    except Invalid:
        return False
    return True


class ControlOrders(Plain):
    """`kinds` and `modes` are the codes that facts use for transactions and deliveries, and what they are called."""

    def __init__(self, *, kinds: Mapping[str, str], modes: Mapping[str, str]) -> None:
        self.kinds, self.modes = kinds, modes

    def lines(self, content: Content) -> list[Line]:
        titles = {each.key: each.title for each in library("condition")}
        return list(order_lines(content, {**names(), **self.kinds, **self.modes, **titles}))

    def validate(self, key: str, content: Content) -> list[Problem]:
        published = Publication.objects.filter(kind=AUTHORIZED_PARTIES, state=PublicationState.PUBLISHED)
        lists = set(published.values_list("key", flat=True))
        known = Known(self.kinds, self.modes, names(), lists, is_in_library)
        problems = list(order_problems(key, content, known))
        company = ControlOrder.objects.filter(key=key).values_list("organization__name", flat=True).first()
        if content.get("company") and content["company"] != company:
            problems.append(Problem("company", str(content["company"]), f"The order is one on {company or 'nobody'}."))
        return problems

    def diff(self, before: Content, after: Content) -> list[str]:
        told = []
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name), after.get(name)
            if old == new:
                continue
            if isinstance(old or new, list):
                told += [f"{_words(name)}: {_said(row)} is added" for row in new or () if row not in (old or ())]
                told += [f"{_words(name)}: {_said(row)} is removed" for row in old or () if row not in (new or ())]
            else:
                told.append(f"{_words(name)}: {_said(old)} becomes {_said(new)}")
        return told

    def published(self, publication: Publication) -> None:
        Undertaking.objects.bulk_create(
            Undertaking(
                publication=publication, relief=duty.relief, text=duty.text, owed_by=duty.owed_by,
                due_on=date.fromisoformat(duty.due) if duty.due else None,
            )
            for duty in undertakings_of(publication.content)
        )  # fmt: skip


class AuthorizedLists(Plain):
    def lines(self, content: Content) -> list[Line]:
        return list(list_lines(content, names()))

    def validate(self, key: str, content: Content) -> list[Problem]:
        return list(list_problems(content, names()))

    def diff(self, before: Content, after: Content) -> list[str]:
        old, new = ({row.get("name"): row for row in content.get("parties", ())} for content in (before, after))
        told = [f"{name} is added" for name in new if name not in old]
        told += [f"{name} is removed" for name in old if name not in new]
        told += [f"{name} changes" for name in new if name in old and new[name] != old[name]]
        rest = [{name: value for name, value in content.items() if name != "parties"} for content in (before, after)]
        return told + super().diff(*rest)


def lines_of(version: Publication) -> list[Line]:
    """What a version of an order or of a list says, in words. Raises LookupError for another kind."""
    observer = observer_of(version.kind)
    if not isinstance(observer, ControlOrders | AuthorizedLists):
        raise LookupError(version.kind)
    return observer.lines(version.content)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("id") or value.get("text") or "")
    return str(value).replace("_", " ") if value not in (None, "") else "nothing"
