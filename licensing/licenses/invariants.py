"""What must hold between cases and licenses (I9): at most one license for a case, and none before its decision."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from licensing.licenses.models import License
from workflows.models import Instance

EFFECT = "issue_license"


def one_license_after_the_decision(instances: Sequence[Instance]) -> Iterator[tuple[Instance, str, str]]:
    """`I9` for each case with two licenses (revisions of one count as one), or with one that nobody had decided."""
    licenses: dict[object, list[License]] = defaultdict(list)
    rows = (
        License.objects.filter(case__workflow__in=instances)
        .select_related("case")
        .only("number", "issued_at", "case__workflow")
    )
    for row in rows.order_by("issued_at"):
        licenses[row.case.workflow_id].append(row)
    for instance in instances:
        found = licenses[instance.pk]
        if len({_serial(row.number) for row in found}) > 1:
            yield instance, "I9", f"has the licenses {', '.join(sorted(row.number for row in found))}"
        asked = [
            event.at
            for event in instance.events.all()
            if event.kind == "effect_requested" and event.data["effect"] == EFFECT
        ]
        if found and not (asked and min(asked) <= found[0].issued_at):
            yield instance, "I9", f"{found[0].number} was issued before anybody had decided"


def _serial(number: str) -> str:
    """A number without its revision and check character."""
    return number.rsplit("-", 2)[0]
