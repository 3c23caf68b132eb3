"""A true match on a list that refers: no license before the agencies have reviewed it."""

import pytest
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import NotNow
from licensing.cases import gates
from licensing.cases.commands import deciding
from licensing.cases.models import Case
from licensing.publishing.commands import edit_draft, open_draft, propose, publish
from licensing.screening import policies
from licensing.screening.commands import confirm_hit, decide_hit
from licensing.screening.models import Hit
from licensing.screening.queries import open_hits
from tests.examples.story import Story, person, seed, work_off

pytestmark = pytest.mark.django_db
REQUIREMENT = "Nordlys Computing AS (All items subject to control; Presumption of denial)"


@pytest.fixture
def story() -> Story:
    seed()
    draft = open_draft(actor=SYSTEM, kind=policies.KIND, key=policies.KEY, note="Test")
    edit_draft(actor=SYSTEM, publication_id=draft.pk, content={"ownership_limit": 50, "default": {"effect": "refer"}})
    propose(actor=SYSTEM, publication_id=draft.pk)
    publish(actor=person("ruth.calloway"), publication_id=draft.pk)
    return Story()


def match_truly(case: Case) -> None:
    for hit in open_hits("case", str(case.pk)):
        said = {"status": "true_match", "reason": "", "sentence": "The registration number is the same."}
        decide_hit(actor=person("omar.haddad"), hit_id=hit.pk, **said)
        confirm_hit(actor=person("grace.whitfield"), hit_id=hit.pk)


def screening(case: Case) -> tuple[str, str]:
    found = gates.look(case.pk, timezone.now())["screening"]
    return found.light.value, found.reason


def test_it_is_not_approved_without_the_full_review(story: Story) -> None:
    case = story.file()
    work_off()
    match_truly(case)
    approve = deciding.Proposal(action="approve", reason="The entry asks for no license here.", valid_months=24)
    with pytest.raises(NotNow, match="has to go through the stage review first"):
        deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=approve)
    assert REQUIREMENT in screening(case)[1]
    story.reviewed(Case.objects.get(pk=case.pk))
    assert screening(case)[0] == "clear"
    story.decided(Case.objects.get(pk=case.pk))
    work_off()
    assert Case.objects.get(pk=case.pk).outcome == "approved"


def test_what_is_found_after_the_review_goes_back_to_it(story: Story) -> None:
    case = story.reviewed()
    Hit.objects.filter(run=case.screening_run).update(status="potential", disposition=None)
    match_truly(case)
    assert screening(case)[0] == "pending"
