"""What a reviewer does besides voting and deciding: step aside, lend the work, put on hold. The page offers what the engine allows."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.cases.models import Case
from licensing.cases.queries import trail_shown
from licensing.screening.queries import hits
from tests.examples.story import Story, person, seed

pytestmark = pytest.mark.django_db
REASON = "My brother works for the applicant."


@pytest.fixture
def case() -> Case:
    """A case in intake, where two officers of the licensing unit may sit."""
    seed()
    return Story().checked()


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def offered(login: str, case: Case) -> set[str]:
    page = client_of(login).get(reverse("reviewer:case", args=[case.control_number])).content.decode()
    return set(re.findall(rf"{case.control_number}/acts/(\w+)/", page))


def send(login: str, case: Case, *where: str, **data: str) -> str:
    path = reverse("reviewer:act", args=[case.control_number, *where])
    return client_of(login).post(path, data, follow=True).content.decode()


def test_work_is_lent_and_given_back(case: Case) -> None:
    omar = client_of("omar.haddad")
    assert offered("omar.haddad", case) == {"recuse", "hold"}
    omar.post(reverse("reviewer:claim", args=[case.control_number, "officer"]))
    assert offered("omar.haddad", case) == {"recuse", "hold", "delegate"}
    form = omar.get(reverse("reviewer:act", args=[case.control_number, "delegate", "officer"])).content.decode()
    assert "Grace Whitfield" in form
    assert "Omar Haddad</option>" not in form

    grace = person("grace.whitfield")
    assert "Your colleague holds the seat now" in send(
        "omar.haddad", case, "delegate", "officer", choice=grace.actor_id
    )
    assert offered("omar.haddad", case) == {"recuse", "hold"}
    assert "The seat is back" in send("grace.whitfield", case, "hand_back", "officer")
    case.refresh_from_db()
    acted = case.workflow.state.acted["intake.officer"]
    assert set(acted) == {grace.actor_id, person("omar.haddad").actor_id}


def test_who_steps_aside_is_out_for_good(case: Case) -> None:
    assert "There is a problem" in send("omar.haddad", case, "recuse", reason="mine")
    assert "You have stepped aside." in send("omar.haddad", case, "recuse", reason=REASON)
    assert offered("omar.haddad", case) == set()
    case.refresh_from_db()
    assert f"somebody steps aside: {REASON}" in [line.sentence for line in trail_shown(case, person("grace.whitfield"))]
    assert "You stepped aside in this case." in send("omar.haddad", case, "hold", reason=REASON)


def test_a_hold_stops_the_clock_until_it_is_ended(case: Case) -> None:
    assert "The case is on hold." in send("omar.haddad", case, "hold", reason="The model card is being translated.")
    case.refresh_from_db()
    assert case.workflow.state.on_hold
    assert "resume" in offered("grace.whitfield", case)
    assert "The hold has ended." in send("grace.whitfield", case, "resume", reason="The translation is here.")


def test_what_is_no_act_is_no_page(case: Case) -> None:
    path = reverse("reviewer:act", args=[case.control_number, "vote"])
    assert client_of("omar.haddad").get(path).status_code == 404


def test_conditions_are_chosen_with_their_parameters(case: Case) -> None:
    omar = client_of("omar.haddad")
    omar.post(reverse("reviewer:claim", args=[case.control_number, "officer"]))
    path = reverse("reviewer:propose", args=[case.control_number, "officer"])
    assert "Seats at most" in omar.get(path).content.decode()
    choice = {
        "seat": "officer", "action": "approve", "reason": "Nothing stands against an approval.", "valid_months": "24",
        "conditions": ["condition:seats", "condition:regions-allowed"], "condition:regions-allowed.countries": "NO, SE",
    }  # fmt: skip
    refused = omar.post(path, {**choice, "condition:seats.seats": "many"}).content.decode()
    assert "Give a whole number" in refused
    shown = omar.post(path, {**choice, "condition:seats.seats": "250"}).content.decode()
    assert "At most 250 persons" in shown
    assert "in these countries only: Norway, Sweden." in shown
    begins = timezone.now().replace(second=0, microsecond=0) + timedelta(days=30)
    choice |= {"condition:seats.seats": "250"}
    assert "Emergency: from its issue" in omar.post(path, {**choice, "emergency": "on"}).content.decode()
    choice["valid_from"] = f"{begins:%Y-%m-%d %H:%M}"
    assert f"24 months, from {begins.day} {begins:%B %Y, %H:%M} UTC" in omar.post(path, choice).content.decode()
    omar.post(path, {**choice, "confirmed": "1"})
    decision = case.decisions.get()
    assert (decision.valid_months, decision.valid_from, decision.emergency) == (24, begins, False)
    pinned = {row["key"]: row["parameters"] for row in decision.conditions}
    assert pinned == {"condition:seats": {"seats": 250}, "condition:regions-allowed": {"countries": ["NO", "SE"]}}


def test_a_decision_about_a_hit_is_taken_back_on_its_page(case: Case) -> None:
    hit = hits("case", str(case.pk))[0]
    page = reverse("reviewer:hit", args=[case.control_number, hit.pk])
    omar, grace = client_of("omar.haddad"), client_of("grace.whitfield")

    def post(client: Client, **data: str) -> str:
        return client.post(page, data, follow=True).content.decode()

    assert "Say why, in at least" in post(omar, sentence="oops")
    assert "the hit is undecided again" in post(omar, sentence=REASON)
    assert "What was decided before is taken back." in omar.get(page).content.decode()
    post(omar, status="true_match", sentence="The registration number is the same.", scope="party")
    grace.post(reverse("reviewer:hit_confirm", args=[case.control_number, hit.pk]))
    assert "A second person has to agree" in post(omar, sentence=REASON)
    assert "somebody else has to confirm it" in post(omar, agreed="yes")
    assert "The true match stands." in post(omar, agreed="no")
    post(omar, sentence=REASON)
    assert "the hit is undecided again" in post(grace, agreed="yes")
