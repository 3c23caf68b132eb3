"""Who takes a license over is screened before, and for as long as the license is in force, as the parties of its case are."""

import uuid
from typing import Any

from licensing.accounts.models import Organization
from licensing.audit.actors import SYSTEM, Actor
from licensing.cases import screened
from licensing.cases.queries import applicant_as_filed, ownership_of
from licensing.licenses.models import ChangeRequest
from licensing.screening.commands.running import screen
from licensing.screening.models import HitStatus
from licensing.screening.queries import hits

SUBJECT = "transfer"


def screen_transferee(*, actor: Actor, request_id: int, transferee: Organization) -> list[str]:
    """The listed names that a transferee comes near now and was not cleared of, in order; it is asked for as an applicant is."""
    known: dict[str, Any] = {"applicant": applicant_as_filed(transferee), "ownership": ownership_of(set(), transferee)}
    queries = [screened.organization(known["applicant"], "transferee"), *screened.owners(known)]
    screen(
        actor=actor, subject_kind=SUBJECT, subject_id=str(request_id), queries=queries, stakes=screened.stakes(known)
    )
    return sorted(_near(request_id))


def new_near_transferee(*, case_id: uuid.UUID) -> list[str]:
    """Screen again who has taken over the license of a case; the listed names that were not near the last time."""
    request = (
        ChangeRequest.objects.select_related("transferee").filter(case=case_id, granted=True, kind="transfer").first()
    )
    if request is None or request.transferee is None:
        return []
    before = _near(request.pk)
    now = screen_transferee(actor=SYSTEM, request_id=request.pk, transferee=request.transferee)
    return [name for name in now if name not in before]


def _near(request_id: int) -> set[str]:
    found = hits(SUBJECT, str(request_id)).exclude(status=HitStatus.FALSE_MATCH)
    return {hit.listed_name for hit in found if not hit.of_owner_alone}
