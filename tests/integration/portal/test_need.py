"""*Do I need a license?*: only the questions that matter, one a page; nothing kept; an answer with its rules, also about the past."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from licensing.policy.models import DeterminationRecord
from tests.examples.story import seed

pytestmark = pytest.mark.django_db
URL = "/do-i-need-a-license/"


@pytest.fixture(autouse=True)
def rules() -> None:
    seed()


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def asked(text: str) -> str:
    """The topic that the page asks; "" on the page of the answer."""
    found = re.search(r'name="topic" value="(\w+)"', text)
    return found[1] if found else ""


ANSWERS = {
    "published": "published=no", "kind": "kind=export", "modes": "modes=hosting_abroad", "destination": "destination=NO",
    "model": "weights=closed&model=Meridian&developer=Meridian+Models", "operations": "operations=2.1e26", "level": "level=3",
    "classified": "entry=", "share": "share=10", "methods": "methods=hardware",
    "recipient": "recipient=Hospital&located=NO&headquarters=NO&parent=-&citizenship=&employer=",
    "site": "stored=yes&site_country=NO&site_headquarters=NO&site_parent=-&site_level=3",
    "military": "military=no", "weapons": "weapons=no",
    "rights": "rights=no", "people": "people=yes",
}  # fmt: skip


def walk(client: Client, **other: str) -> tuple[list[str], str, str]:
    """Answer whatever is asked; the topics in order, the page of the answer, its address."""
    query, topics, text = "", [], page(client)
    while topic := asked(text):
        assert topic not in topics, f"{topic} is asked again"
        topics.append(topic)
        query = f"{query}&{other.get(topic, ANSWERS[topic])}"
        text = page(client, f"{query}&topic={topic}")
    return topics, text, query


def test_published_weights_need_one_answer(client: Client) -> None:
    topics, text, _ = walk(client, published="published=yes")
    assert topics == ["published"]
    assert "No license is required" in text
    assert "15 CFR 734.7(a)" in text


def test_a_closed_model_needs_a_license_and_the_page_says_why(client: Client) -> None:
    topics, text, _ = walk(client)
    assert "A license is required" in text
    assert "ECCN 4E091" in text
    assert "EAR_740_SUPP5_A version" in text
    assert "What would change it" in text
    assert len(topics) == len(set(topics))


def test_a_question_that_cannot_matter_is_not_asked(client: Client) -> None:
    topics, text, _ = walk(client, operations="operations=1e22")
    assert "No license is required" in text
    assert not {"site", "people"} & set(topics), "they are about how an application is looked at"


def test_a_wrong_answer_is_told_on_its_page_and_nothing_is_lost(client: Client) -> None:
    text = page(client, "published=no&weapons=no&weights=closed&operations=lots&topic=operations")
    assert asked(text) == "operations"
    assert "There is a problem" in text
    assert "lots is no number of operations" in text
    assert 'name="weights" value="closed"' in text


def test_an_unknown_country_is_not_taken(client: Client) -> None:
    text = page(client, "published=no&destination=QQ&topic=destination")
    assert "Choose a country from the list." in text


@pytest.mark.parametrize(("parent", "answer"), [("-", "License"), ("NO", "License"), ("", "more"), ("CN", "required")])
def test_an_owner_that_is_not_known_is_not_one_that_there_is_not(client: Client, parent: str, answer: str) -> None:
    secure = ANSWERS["site"].replace("site_level=3", "site_level=5")
    _, text, _ = walk(client, recipient=ANSWERS["recipient"].replace("parent=-", f"parent={parent}"), site=secure)
    assert ("No license, under conditions" in text) == (answer == "License")
    assert ("A license is required" in text) == (answer == "required")
    assert ("owns each party" in text) == (answer == "more")


@pytest.mark.parametrize(("share", "answer"), [("10", "No license, under conditions"), ("30", "A license is required")])
def test_fine_tuning_is_measured_by_its_share(client: Client, share: str, answer: str) -> None:
    secure = ANSWERS["site"].replace("site_level=3", "site_level=5")
    topics, text, _ = walk(
        client, model=f"{ANSWERS['model']}&derivation=fine_tuned", share=f"share={share}", site=secure
    )
    assert "share" in topics
    assert answer in text


def test_each_answer_can_be_changed_with_the_others_kept(client: Client) -> None:
    _, text, query = walk(client)
    changed = page(client, f"{query}&change=people")
    assert asked(changed) == "people"
    assert 'name="weights" value="closed"' in changed
    assert "change=people" in text


@pytest.mark.parametrize("steering", ["topic", "change"])
def test_a_topic_that_does_not_exist_is_passed_over(client: Client, steering: str) -> None:
    assert asked(page(client, f"{steering}=bogus")) == "published"


def test_nothing_is_kept(client: Client) -> None:
    walk(client)
    assert not client.cookies
    assert Session.objects.count() == 0
    assert DeterminationRecord.objects.count() == 0


def test_anybody_may_ask_about_the_past(client: Client) -> None:
    _, _, query = walk(client)
    assert "As of 1 June 2026" in page(client, f"{query}&day=2026-06-01")
    assert "Nobody can say for that day" in page(client, f"{query}&day=1999-01-01")
    wrong = page(client, f"{query}&day=soon")
    assert "“soon” is no day" in wrong
    assert 'name="weights" value="closed"' in wrong


def test_contradicting_answers_come_back_to_a_question(client: Client) -> None:
    text = page(client, "published=yes&weights=closed&model=x&developer=y")
    assert "closed or open weights" in text
