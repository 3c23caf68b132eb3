"""What cannot be told of a hit is asked of the applicant, where the officer may ask; a name that says nothing is an incident."""

import pytest

from licensing.audit.queries import trail
from licensing.audit.refusals import NotNow
from licensing.cases import gates
from licensing.cases.commands import drafting
from licensing.cases.commands.adjudicating import decide_case_hit
from licensing.cases.commands.deciding import Proposal, decide_case
from licensing.cases.grounds import Grounds
from licensing.cases.models import Case
from licensing.parties.commands import record_stake
from licensing.parties.models import Party
from licensing.screening.queries import hits, latest_run, open_hits
from tests.examples.story import Story, person, seed, work_off
from workflows.models import Instance

pytestmark = pytest.mark.django_db
QUESTION = "Where is the company registered, and under which number?"
UNCLEAR = {
    "status": "inconclusive",
    "reason": "details_missing",
    "sentence": "The number is missing.",
    "question": QUESTION,
}


@pytest.fixture
def story() -> Story:
    seed()
    return Story()


def ask(case: Case, login: str) -> bool:
    hit = hits("case", str(case.pk))[0]
    return decide_case_hit(actor=person(login), case_id=case.pk, hit_id=hit.pk, **UNCLEAR) is not None  # type: ignore[arg-type]


def test_a_question_waits_with_the_hit_where_the_officer_has_no_seat_that_asks(story: Story) -> None:
    case = story.file()
    work_off()
    assert ask(case, "lena.ortiz") is False
    kept = hits("case", str(case.pk)).get(status="inconclusive").disposition
    assert kept is not None
    assert kept.question == QUESTION
    assert QUESTION in trail(Case.objects.get(pk=case.pk))[-1].sentence


def test_a_question_is_sent_where_the_officer_may_ask(story: Story) -> None:
    case = story.file()
    work_off()
    assert ask(case, "omar.haddad") is True
    assert case.questions.get().text == QUESTION


def test_a_name_that_says_nothing_is_an_incident_of_the_application_and_no_pass(story: Story) -> None:
    draft = story.draft()
    Party.objects.filter(name="Fjordhelse Sykehus HF").update(name="---")
    case = story.file(draft)
    work_off()
    assert Instance.objects.get(case=case).state.incident == "effect_failed"
    run = latest_run("case", str(case.pk))
    assert run is not None
    assert (run.state, "'---' is no name" in run.error) == ("failed", True)
    assert gates.closed(case.pk, run.at)["screening"].light == "pending"


def test_owners_are_filed_and_screened(story: Story) -> None:
    draft = story.draft()
    owned = Party.objects.get(name="Fjordhelse Sykehus HF")
    owner = Party.objects.get(name="Nordlys Compute AS")
    record_stake(
        actor=story.preparer, owner_id=owner.pk, owned_id=owned.pk, percent=None, as_of=draft.created_at.date()
    )
    case = story.file(draft)
    work_off()
    case = Case.objects.get(pk=case.pk)
    assert [row["owned"] for row in case.as_filed["ownership"]] == [str(owned.pk)]
    flagged = [hit for hit in open_hits("case", str(case.pk)) if hit.features.get("rule")]
    assert [(hit.query_name, hit.features["rule"]) for hit in flagged] == [(owned.name, "ownership_not_known")]


def test_a_case_that_needs_no_license_waits_while_a_party_may_be_on_a_list(story: Story) -> None:
    application, story.version_name = story.draft(), "0.1"
    drafting.remove_item(actor=story.preparer, application_id=application.pk, item_id=application.items.get().pk)
    drafting.add_item(
        actor=story.preparer, application_id=application.pk, model_version_id=story.version(operations="1e20").pk,
        technical_description="Weights of a small model", fine_tuning=False, sublicensing=False,
    )  # fmt: skip
    case = story.file(application)
    work_off()
    case.refresh_from_db()
    assert case.determination is not None
    assert (case.determination.in_full["requirement"], case.workflow.stage) == ("not_required", "intake")
    grounds = Grounds(regulatory_basis="ECCN 4E091 does not reach the model")
    proposal = Proposal(action="no_license_required", reason="The model is below every threshold.", grounds=grounds)
    with pytest.raises(NotNow, match="screening hit"):
        decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=proposal)
    story.checked(case)
    decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=proposal)
    assert Case.objects.get(pk=case.pk).workflow.stage == "nlr"
