"""What must hold between the histories of cases and the trail (I10): every command's last hash stands there, and no other."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from licensing.audit.commands import kind_of
from licensing.audit.models import Event as TrailEvent
from licensing.cases.models import Case
from workflows.models import Event, Instance

Breach = tuple[Instance, str, str]


def trail_holds_the_history(instances: Sequence[Instance]) -> Iterator[Breach]:
    """`I10` for each case whose history and trail do not tie together. Three queries, however many cases."""
    cases = dict(Case.objects.filter(workflow__in=instances).values_list("workflow_id", "pk"))
    subjects = [str(case) for case in cases.values()]
    kept: dict[str, set[str]] = defaultdict(set)
    for subject, hash_ in (
        TrailEvent.objects.filter(subject_kind=kind_of(Case), subject_id__in=subjects)
        .exclude(workflow_hash="")
        .values_list("subject_id", "workflow_hash")
    ):
        kept[subject].add(hash_)
    for instance in instances:
        if instance.pk in cases:
            for sentence in _untied(sorted(instance.events.all(), key=_place), kept[str(cases[instance.pk])]):
                yield instance, "I10", sentence


def _place(event: Event) -> int:
    return event.sequence


def _untied(events: Sequence[Event], kept: set[str]) -> Iterator[str]:
    last = {event.command: event for event in events}  # the last of each command
    for event in last.values():
        if event.hash not in kept:
            yield f"the trail knows nothing of event {event.sequence}, {event.kind}"
    if unknown := kept - {event.hash for event in events}:
        yield f"the trail holds {len(unknown)} hashes that are no event's, such as {min(unknown)[:12]}…"
