"""What must hold between the histories of cases and the trail (I10): every command's last hash stands there, and no other."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from licensing.audit.commands import kind_of
from licensing.audit.models import Event as TrailEvent
from licensing.cases.models import Case
from workflows.models import Instance
from workflows.verification import History, Line


def trail_holds_the_history(histories: Sequence[History]) -> Iterator[tuple[Instance, str, str]]:
    """`I10` for each case whose history and trail do not tie together. Two queries, however many cases."""
    workflows = [history.instance.pk for history in histories]
    cases = dict(Case.objects.filter(workflow__in=workflows).values_list("workflow_id", "pk"))
    subjects = [str(case) for case in cases.values()]
    trail = TrailEvent.objects.filter(subject_kind=kind_of(Case), subject_id__in=subjects).exclude(workflow_hash="")
    kept: dict[str, set[str]] = defaultdict(set)
    for subject, hash_ in trail.values_list("subject_id", "workflow_hash"):
        kept[subject].add(hash_)
    for history in histories:
        case = cases.get(history.instance.pk)
        for sentence in _untied(history.lines, kept[str(case)]) if case else ():
            yield history.instance, "I10", sentence


def _untied(lines: Sequence[Line], kept: set[str]) -> Iterator[str]:
    for line in {line.command: line for line in lines}.values():  # the last of each command
        if line.hash not in kept:
            yield f"the trail knows nothing of event {line.sequence}, {line.event.kind}"
    if unknown := kept - {line.hash for line in lines}:
        yield f"the trail holds {len(unknown)} hashes that are no event's, such as {min(unknown)[:12]}…"
