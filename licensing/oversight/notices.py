"""What people are told when the rules have changed under a case or a license."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.permissions import is_cleared
from licensing.accounts.queries import members
from licensing.cases.models import Case
from licensing.cases.notices import filers
from licensing.licenses.models import License
from licensing.licenses.notices import holders
from licensing.notices.commands import tell
from licensing.oversight.models import Affected
from workflows.kernel.state import SeatStatus
from workflows.models import Seat

IN_WORK = (SeatStatus.OPEN, SeatStatus.CLAIMED, SeatStatus.VOTED)


def case_changed(case: Case, affected: Affected) -> None:
    """Tell the applicant that the rules have changed, and the units concerned what has."""
    about = f"cases.case:{case.pk}"
    for person in filers(case):
        path = reverse("applicant:case", args=[case.control_number])
        tell(person, "oversight/application_changed", {"case": case, "affected": affected, "path": path}, about=about)
    for person in told(reviewers(case), affected):
        path = reverse("reviewer:case", args=[case.control_number])
        tell(person, "oversight/case_changed", {"case": case, "affected": affected, "path": path}, about=about)


def told(people: Iterable[Person], affected: Affected) -> list[Person]:
    """Those who may know: what rests on a confidential order is for the cleared."""
    return [person for person in people if not affected.orders or is_cleared(person)]


def reviewers(case: Case) -> Iterable[Person]:
    """Everybody of the units that have, or have filled, a seat in this round, each once."""
    here = Seat.objects.filter(instance=case.workflow_id, stage=case.workflow.stage, round=case.workflow.round)
    pools = set(here.filter(status__in=IN_WORK).values_list("pool", flat=True))
    ids = {person for pool in pools for person in members(pool, timezone.now())}
    return Person.objects.filter(pk__in=ids, is_active=True).order_by("pk")


def license_changed(license_: License, affected: Affected) -> None:
    """Tell the two who decided; the licensee too, unless freezing or freeing it tells them."""
    about = f"licenses.license:{license_.pk}"
    context = {"license": license_, "affected": affected}
    if not affected.effect:
        path = reverse("applicant:license", args=[license_.number])
        for person in holders(license_):
            tell(person, "oversight/license_changed", {**context, "path": path}, about=about)
    path = reverse("reviewer:case", args=[license_.case.control_number])
    decided = filter(None, (license_.decision.officer, license_.decision.countersigned_by))
    for officer in told(decided, affected):
        tell(officer, "oversight/license_affected", {**context, "path": path}, about=about)
