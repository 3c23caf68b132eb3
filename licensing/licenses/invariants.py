"""What must hold between cases and licenses (I9): at most one license for a case, and none before its decision."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from licensing.licenses.models import License
from workflows.models import Instance
from workflows.verification import History

EFFECT = "issue_license"


def one_license_after_the_decision(histories: Sequence[History]) -> Iterator[tuple[Instance, str, str]]:
    """`I9` for each case with two licenses (revisions of one count as one), or with one that nobody had decided. One query."""
    licenses: dict[object, list[tuple[datetime, str]]] = defaultdict(list)
    rows = License.objects.filter(case__workflow__in=[history.instance.pk for history in histories])
    for workflow, issued_at, number in rows.values_list("case__workflow_id", "issued_at", "number"):
        licenses[workflow].append((issued_at, number))
    for history in histories:
        found = sorted(licenses[history.instance.pk])
        if len({_serial(number) for _, number in found}) > 1:
            numbers = ", ".join(sorted(number for _, number in found))
            yield history.instance, "I9", f"has the licenses {numbers}"
        asked = [
            line.event.at
            for line in history.lines
            if line.event.kind == "effect_requested" and line.event.data["effect"] == EFFECT
        ]
        if found and not (asked and min(asked) <= found[0][0]):
            yield history.instance, "I9", f"{found[0][1]} was issued before anybody had decided"


def _serial(number: str) -> str:
    """A number without its revision and check character."""
    return number.rsplit("-", 2)[0]
