"""What the applicant is told, and on what: intents, denials, returns, questions, holds, and the letters of officers."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.cases.commands import deciding, drafting, reviewing
from licensing.cases.commands.proposals import ItemChoice, Proposal
from licensing.cases.commands.writing import inform_applicant
from licensing.cases.grounds import NEEDS, Grounds
from licensing.cases.models import Case, ItemDecision
from licensing.documents.queries import content_of, latest
from licensing.documents.verify import verify
from licensing.licenses.document import license_context
from licensing.licenses.models import License
from licensing.texts.commands import seal, write_letter
from licensing.texts.letters import KINDS, WORDS
from licensing.texts.models import Letter
from licensing.texts.queries import letters_about
from tests.examples.story import Story, person, seed, work_off
from workflows import engine
from workflows.kernel import SYSTEM_ACTOR
from workflows.models import Timer

pytestmark = pytest.mark.django_db
BASES = {
    "statutory_basis": "50 U.S.C. 4813(a)",
    "regulatory_basis": "15 CFR 742.6(b)(14)",
    "criteria": ("headquarters",),
}
SIX = Grounds(
    **BASES,  # type: ignore[arg-type]
    considerations="The operator belongs to a group outside supplement no. 5.",
    modifications="Host the model with an operator of a listed country.",
    contact="Grace Whitfield's desk, (202) 555-0100",
)
INTENT = Proposal(action="intend_to_deny", reason="The weights would be within reach of the group.", grounds=SIX)


@pytest.fixture
def story() -> Story:
    seed()
    return Story()


def letters_of(case: Case) -> list[Letter]:
    return list(letters_about("case", str(case.pk)))


def text_of(letter: Letter) -> str:
    return "\n".join(block["text"] for block in letter.blocks)


def intend(case: Case, proposal: Proposal = INTENT) -> None:
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=proposal)
    deciding.countersign(actor=person("grace.whitfield"), case_id=case.pk, seat="countersign")


@pytest.mark.parametrize(
    "part", ["statutory_basis", "regulatory_basis", "considerations", "modifications", "contact", "criteria"]
)
def test_an_intent_to_deny_without_one_of_its_parts_is_refused_by_name(story: Story, part: str) -> None:
    case = story.reviewed()
    kept = SIX.kept
    del kept[part]
    with pytest.raises(Invalid) as refused:
        intend(case, Proposal(action="intend_to_deny", reason=INTENT.reason, grounds=Grounds.read(kept)))
    assert [problem.field for problem in refused.value.problems] == [part]
    assert not case.decisions.exclude(action="refer").exists()


def test_an_intent_is_told_in_six_parts_and_is_final_on_day_45_without_another_word(story: Story) -> None:
    case = story.reviewed()
    intend(case)
    case.refresh_from_db()
    (intent,) = letters_of(case)
    said = text_of(intent)
    assert intent.kind == "intent-to-deny"
    for part in (INTENT.reason, *(getattr(SIX, name) for name in NEEDS["intent-to-deny"]), "within 45 calendar days"):
        assert part in said
    rfi, final = Timer.objects.filter(instance=case.workflow).order_by("due_at")[:2]
    assert ((rfi.due_at - intent.written_at).days, (final.due_at - intent.written_at).days) == (20, 45)
    for timer in (rfi, final):
        engine.execute(
            instance_id=case.workflow_id, kind="expire", actor=SYSTEM_ACTOR, data={"timer": timer.key}, at=timer.due_at
        )
    case.refresh_from_db()
    assert (case.outcome, case.closed_at) == ("denied", final.due_at)
    denial = letters_of(case)[-1]
    assert denial.kind == "denial"
    assert SIX.regulatory_basis in text_of(denial)


def test_a_letter_is_sealed_and_read_by_the_applicant_and_by_nobody_else(story: Story) -> None:
    case = story.checked()
    inform_applicant(actor=person("omar.haddad"), case_id=case.pk, reason="A second agency reads it. <b>Wait</b>")
    work_off()
    (letter,) = letters_of(case)
    document = latest(kind="letter", subject_kind="letter", subject_id=str(letter.pk))
    assert document is not None
    assert verify(content_of(document)).genuine
    page, file = reverse("letter", args=[letter.pk]), reverse("letter_document", args=[letter.pk])
    for login, code in (("noa.feld", 200), ("omar.haddad", 200), ("tomas.reyes", 404)):
        client = Client()
        client.force_login(person(login))
        assert (client.get(page).status_code, client.get(file).status_code) == (code, code)
    client.force_login(person("noa.feld"))
    assert b"&lt;b&gt;Wait&lt;/b&gt;" in client.get(page).content
    assert letter.title in client.get(reverse("applicant:case", args=[case.control_number])).content.decode()


def test_an_officers_own_text_may_use_the_words_and_no_others(story: Story) -> None:
    case = story.checked()
    with pytest.raises(Invalid) as refused:
        inform_applicant(
            actor=person("omar.haddad"), case_id=case.pk, reason="The review goes on.", source="{reason} {secret}"
        )
    assert refused.value.problems[0].value == "{secret}"
    with pytest.raises(NotPermitted):
        inform_applicant(actor=person("noa.feld"), case_id=case.pk, reason="The review goes on.")
    letter = inform_applicant(
        actor=person("omar.haddad"),
        case_id=case.pk,
        reason="The review goes on.",
        source="On {control_number}: {reason}",
    )
    assert text_of(letter) == f"On {case.control_number}: The review goes on."


def test_a_return_has_a_reason_of_the_closed_list_and_a_withdrawal_its_own(story: Story) -> None:
    case = story.checked()
    for reason in ("", "too_late"):
        with pytest.raises(Invalid) as refused:
            deciding.decide_case(
                actor=person("omar.haddad"), case_id=case.pk, seat="officer",
                proposal=Proposal(action="return", reason="It cannot go on like this.", grounds=Grounds(return_reason=reason)),
            )  # fmt: skip
        assert "documents_missing" in refused.value.problems[0].mend
    reviewing.withdraw_application(actor=person("noa.feld"), case_id=case.pk, reason="We found another way.")
    (letter,) = letters_of(case)
    assert (letter.kind, "The applicant asked for it." in text_of(letter)) == ("return", True)


def test_a_question_and_a_hold_come_with_their_letters(story: Story) -> None:
    case = story.checked()
    reviewing.ask_applicant(
        actor=person("omar.haddad"), case_id=case.pk, seat="officer", question="Who holds the keys?"
    )
    reviewing.act_on_case(
        actor=person("omar.haddad"), case_id=case.pk, kind="hold", reason="multilateral review is under way"
    )
    assert [letter.kind for letter in letters_of(case)] == ["question", "hold"]


def test_items_are_decided_each_by_itself_with_grounds_and_conditions_of_their_own(story: Story) -> None:
    case = story.reviewed()
    item = case.application.items.get()
    deny = {1: ItemChoice("deny", "It is within reach of the group.", Grounds(statutory_basis="50 U.S.C. 4813(a)"))}
    with pytest.raises(Invalid) as refused:
        propose(case, items=deny)
    assert {problem.field for problem in refused.value.problems} == {"items.1.regulatory_basis", "items.1.criteria"}
    with pytest.raises(Invalid) as refused:
        propose(case, items={1: ItemChoice("approve_with_conditions")})
    assert refused.value.problems[0].field == "items.1"
    condition = {"key": "condition:access-logging", "items": [item.number]}
    decision = propose(case, items={1: ItemChoice("approve_with_conditions")}, conditions=[condition])
    assert [row["items"] for row in decision.conditions if "items" in row] == [[1]]
    assert ItemDecision.objects.get(decision=decision).outcome == "approve_with_conditions"
    deciding.countersign(actor=person("ruth.calloway"), case_id=case.pk, seat="countersign")
    work_off()
    conditions = license_context(License.objects.get(case=case)).conditions
    assert [text.applies_to.endswith("item 1") for text in conditions] == [False, True]


def propose(case: Case, **more: object) -> deciding.Decision:
    proposal = Proposal(action="issue", reason="All agencies recommend approval.", valid_months=24, **more)  # type: ignore[arg-type]
    return deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=proposal)


def test_the_applicant_is_told_which_items_a_license_leaves_out_and_why(story: Story) -> None:
    application = story.draft()
    second = Story(version_name="3.2").version()
    drafting.add_item(
        actor=story.preparer, application_id=application.pk, model_version_id=second.pk,
        technical_description="Weights for another ward", fine_tuning=False, sublicensing=False,
    )  # fmt: skip
    case = story.reviewed(story.checked(story.file(application)))
    deny = ItemChoice("deny", "It is within reach of the group.", Grounds(**BASES))  # type: ignore[arg-type]
    propose(case, items={2: deny})
    deciding.countersign(actor=person("ruth.calloway"), case_id=case.pk, seat="countersign")
    work_off()
    license_ = License.objects.get(case=case)
    assert [item.number for item in license_.items.all()] == [1]
    (letter,) = letters_of(case)
    said = text_of(letter)
    assert letter.kind == "items"
    for part in (
        "Item 2: Meridian Large 3.2: deny. It is within reach",
        "50 U.S.C. 4813(a); 15 CFR 742.6",
        "Headquarters",
    ):
        assert part in said
    assert "Item 1" not in said


def test_every_kind_of_letter_is_sealed_and_kept_as_it_went_out(story: Story) -> None:
    """Each from the seeded template, with every word that it may use; the other tests take each on its own way."""
    for kind in KINDS:
        values = {word: f"{WORDS[word]}, said for {kind}" for word in KINDS[kind].may}
        letter = write_letter(
            actor=SYSTEM, kind=kind, subject_kind="case", subject_id="x", reference="A000001", addressee={"name": "Meridian"},
            values=values, at=timezone.now(),
        )  # fmt: skip
        content = content_of(seal(letter_id=letter.pk))
        checked = verify(content)
        text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        said = [block["text"] for block in letter.blocks]
        assert checked.genuine, kind
        assert [part for part in said if "".join(part.split())[:40] not in "".join(text.split())] == [], kind


def test_no_license_required_is_told_by_letter(story: Story) -> None:
    case = story.checked()
    grounds = Grounds(regulatory_basis="15 CFR 742.6(b)(14)")
    proposal = Proposal(action="no_license_required", reason="The model is below every threshold.", grounds=grounds)
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=proposal)
    (letter,) = letters_of(case)
    assert (letter.kind, "below every threshold" in text_of(letter)) == ("no-license", True)
