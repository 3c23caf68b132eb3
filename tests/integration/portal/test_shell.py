"""The frame around every page: who is let in where, what a refusal looks like, what every answer carries."""

import re

import pytest
from django.test import Client

from licensing.accounts.models import Person
from tests.examples import people

pytestmark = pytest.mark.django_db

HOMES = {"/applicant/": "Ada", "/review/": "Rui", "/administration/": "Kim"}


@pytest.fixture
def somebody() -> dict[str, Person]:
    """One person of every role, and Nel, who has none."""
    kim, _ = people.government().administrators
    return {
        "Ada": people.applicant().preparer,
        "Rui": people.reviewer("Rui", "commerce.licensing"),
        "Kim": kim,
        "Nel": people.person("Nel"),
    }


def signed_in(person: Person) -> Client:
    client = Client()
    client.post("/account/sign-in/", {"login": person.email, "password": people.PASSWORD})
    return client


@pytest.mark.parametrize(("home", "name"), HOMES.items())
def test_the_start_page_leads_everybody_to_their_own(home: str, name: str, somebody: dict[str, Person]) -> None:
    assert signed_in(somebody[name]).get("/").headers["Location"] == home


def test_somebody_without_a_role_is_told_so(somebody: dict[str, Person]) -> None:
    page = signed_in(somebody["Nel"]).get("/")
    assert "your account has no role today" in page.content.decode()


@pytest.mark.parametrize("path", [*HOMES, "/applicant/applications/new/", "/account/tokens/"])
def test_a_visitor_is_asked_to_sign_in(path: str) -> None:
    answer = Client().get(path)
    assert answer.headers["Location"] == f"/account/sign-in/?next={path}"


def test_a_page_that_is_not_theirs_says_whose_it_is_and_what_to_do(somebody: dict[str, Person]) -> None:
    page = signed_in(somebody["Ada"]).get("/administration/")
    assert page.status_code == 403
    assert "These pages are for administrators." in page.content.decode()
    assert "ask whoever manages your organization" in page.content.decode()


@pytest.mark.parametrize("path", ["applications", "models", "parties", "sites"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_acts_for_no_applicant_prepares_nothing(path: str, method: str, somebody: dict[str, Person]) -> None:
    rui = signed_in(somebody["Rui"])
    page = getattr(rui, method)(f"/applicant/{path}/new/", {"name": "Anything"})
    assert page.status_code == 403
    assert "You do not prepare applications for any organization." in page.content.decode()


@pytest.mark.parametrize("path", ["/", "/verify/", "/account/sign-in/", "/nowhere/"])
def test_every_page_forbids_scripts_and_styles_of_others(path: str) -> None:
    answer = Client().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "camera=()" in answer.headers["Permissions-Policy"]
    page = answer.content.decode()
    assert re.findall(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", page) == []


def test_a_form_from_elsewhere_is_refused_in_our_words() -> None:
    page = Client(enforce_csrf_checks=True).post("/verify/", {})
    assert page.status_code == 403
    assert "This form is no longer good" in page.content.decode()


def test_an_error_names_its_field_and_leads_to_it() -> None:
    page = Client().get("/verify/", {"number": ""}).content.decode()
    assert '<a href="#id_number">License number: this field is required.</a>' in page
    assert "<title>Error: Verify a license" in page
    assert 'aria-describedby="id_number_helptext id_number_error"' in page


def test_the_short_address_leads_to_the_sign_in_page() -> None:
    answer = Client().get("/sign-in/?next=/review/")
    assert answer.headers["Location"] == "/account/sign-in/?next=/review/"
