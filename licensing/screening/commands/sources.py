"""Where a list is fetched from, and fetching it. A worker does it; what goes wrong is tried again, or is an incident."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from licensing.audit.actors import SYSTEM, Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, Problem
from licensing.screening import fetching, formats
from licensing.screening.commands.loading import check, import_list, require_administrator
from licensing.screening.events import ScreeningEvent
from licensing.screening.models import CheckOutcome, ListSnapshot, RestrictedList
from workflows import outbox

FETCH = "fetch_list"
FETCH_SECONDS = 240  # to fetch and load a list; below the time after which the broker gives a message out again
MOST_URLS = 10


@refusals_logged(ScreeningEvent.LIST_CONFIGURED)
def configure_list(
    *, actor: Actor, key: str, name: str, format_: str, urls: Sequence[str], every_hours: int, most_shrinkage: float
) -> RestrictedList:
    """Say what a list is and where its files come from, or change that. A list that has been loaded keeps its format.

    `most_shrinkage` is a share from 0 to 1. Raises `Invalid` with every answer that cannot be right.
    """
    require_administrator(actor)
    urls = [url.strip() for url in urls if url.strip()]
    with transaction.atomic():
        restricted = RestrictedList.objects.select_for_update(of=("self",)).filter(key=key).first()
        restricted = restricted or RestrictedList(key=key)
        problems = list(_problems(restricted, name, format_, urls, every_hours, most_shrinkage))
        if problems:
            raise Invalid(problems)
        if restricted.urls != urls:
            restricted.validators = {}
        restricted.name, restricted.format, restricted.urls = name.strip(), format_, urls
        restricted.every_hours, restricted.most_shrinkage = every_hours, most_shrinkage
        restricted.save()
        source = ", ".join(urls) or "files by hand"
        record(restricted, ScreeningEvent.LIST_CONFIGURED, actor=actor, key=key, source=source, hours=every_hours)
    return restricted


def _problems(
    restricted: RestrictedList, name: str, format_: str, urls: Sequence[str], every_hours: int, most_shrinkage: float
) -> Sequence[Problem]:
    found = []
    if not restricted.key or len(restricted.key) > 40 or not restricted.key.replace("-", "").isalnum():
        found.append(Problem("key", restricted.key, "Give a key of letters, digits and hyphens, such as ofac-sdn."))
    if not name.strip():
        found.append(Problem("name", name, "Give the list a name."))
    if format_ not in formats.FORMATS or (restricted.current_id and format_ != restricted.format):
        known = restricted.format if restricted.current_id else ", ".join(formats.FORMATS)
        found.append(Problem("format", format_, f"The format is one of: {known}."))
    if len(urls) > MOST_URLS or len(set(urls)) != len(urls):
        found.append(Problem("urls", ", ".join(urls), f"Give each address once, and at most {MOST_URLS}."))
    found += [Problem("urls", url, said) for url in urls if (said := fetching.problem(url, settings.LIST_HOSTS))]
    if not 1 <= every_hours <= 24 * 31:
        found.append(Problem("every_hours", str(every_hours), "Fetch it every 1 to 744 hours."))
    if not 0 <= most_shrinkage <= 1:
        found.append(Problem("most_shrinkage", str(most_shrinkage), "Give a share from 0 to 1."))
    return found


@refusals_logged(ScreeningEvent.LIST_CONFIGURED)
def request_fetch(*, actor: Actor, key: str, at: datetime) -> None:
    """Have a worker fetch a list now. Raises `Invalid` for a list that has no address."""
    require_administrator(actor)
    with transaction.atomic():
        restricted = RestrictedList.objects.get(key=key)
        if not restricted.urls:
            raise Invalid.one("urls", key, "This list has no address: give it one first.")
        outbox.put(effect=FETCH, key=f"{key}:asked:{at.isoformat()}", payload={"list": key})


def owe_fetches(at: datetime) -> int:
    """Owe a fetch of every list that has addresses, once for each of its intervals; returns how many lists have any."""
    rows = RestrictedList.objects.exclude(urls=[]).values_list("key", "every_hours")
    with transaction.atomic():
        for key, hours in rows:
            interval = int(at.timestamp() // (hours * 3600))
            outbox.put(effect=FETCH, key=f"{key}:{hours}h:{interval}", payload={"list": key})
    return len(rows)


def fetch_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler."""
    try:
        fetch_list(actor=SYSTEM, key=payload["list"])
    except Invalid as invalid:
        raise outbox.PermanentFailure(invalid.sentence) from None


def fetch_list(*, actor: Actor, key: str) -> ListSnapshot | None:
    """Fetch a list as far as it has changed, and load it; None when nothing has.

    Raises `fetching.Unreachable` for what may work later, and `Invalid` for what will not before somebody changes something; both
    are noted as a check that found nothing.
    """
    restricted = RestrictedList.objects.select_related("current").get(key=key)
    source = ", ".join(restricted.urls)
    try:
        fetched = fetching.fetch(restricted.urls, restricted.validators, hosts=settings.LIST_HOSTS)
    except (fetching.Unreachable, fetching.BadSource) as error:
        check(restricted, actor, source, "", CheckOutcome.UNREACHABLE, sentence=str(error))
        if isinstance(error, fetching.BadSource):
            raise Invalid.one("urls", source, str(error)) from None
        raise
    if not fetched.files:
        current = restricted.current
        check(restricted, actor, source, current.sha256 if current else "", CheckOutcome.UNCHANGED, current)
        return None
    day = fetching.published_on(fetched.validators)
    snapshot = import_list(
        actor=actor, key=key, name=restricted.name, source=source[:500], content=formats.pack(fetched.files), format_=restricted.format,
        published_on=date.fromisoformat(day) if day else timezone.localdate(),
    )  # fmt: skip
    RestrictedList.objects.filter(pk=restricted.pk, urls=restricted.urls).update(validators=fetched.validators)
    return snapshot
