"""What is determined and recorded under the versions in force, and how a published change moves it."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.models import Refusal
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.countries import seeding as countries
from licensing.policy import seeding
from licensing.policy.commands import record_determination
from licensing.policy.models import DeterminationRecord
from licensing.policy.queries import ruleset
from licensing.policy.rules import determine
from licensing.publishing import queries as publications
from licensing.publishing.commands import edit_draft, open_draft, propose, publish
from licensing.publishing.models import Publication
from licensing.texts import seeding as texts
from tests.examples import people

pytestmark = pytest.mark.django_db

NORWAY = {"country": "NO", "headquarters": "NO", "ultimate_parent": "NO"}
FACTS: Mapping[str, Any] = {
    "transaction_kind": "export",
    "delivery_modes": ["hosting_abroad"],
    "destinations": ["NO"],
    "items": [
        {
            "model": "Meridian 2",
            "weights": "closed",
            "operations": 2.1e26,
            "modalities": ["text"],
            "control_entry": "4E091",
            "derivation": "",
            "security_level": 3,
        }
    ],
    "parties": [{"role": "end_user", "kind": "company", "citizenships": [], **NORWAY}],
    "sites": [{"key_custody": "exporter", "security_level": 3, **NORWAY}],
    "sector": "health_care",
    "all_published": False,
    "control_entries": ["4E091"],
    "military_end_use": False,
    "wmd_end_use": False,
    "human_rights_concern": False,
    "decides_about_people": False,
}


@pytest.fixture
def administrators() -> tuple[Person, Person]:
    kim, lou = people.government().administrators
    countries.load(proposer=kim, publisher=lou)
    texts.load(proposer=kim, publisher=lou)
    seeding.load(proposer=kim, publisher=lou, jurisdiction="us")
    return kim, lou


def determined(facts: Mapping[str, Any] = FACTS) -> DeterminationRecord:
    return record_determination(subject_kind="case", subject_id="1", facts=facts, at=timezone.now(), actor=SYSTEM)


def watch_norway(actor: Person) -> Publication:
    draft = open_draft(actor=actor, kind="country_list", key="AUTHORITY_WATCH", note="Look at Norway with care")
    content = {**draft.content, "members": [{"code": "NO", "note": ""}]}
    return edit_draft(actor=actor, publication_id=draft.pk, content=content)


def test_a_determination_names_its_rules_and_every_version(administrators: tuple[Person, Person]) -> None:
    kept = determined()
    kept.refresh_from_db()
    assert (kept.requirement, kept.review_policy, kept.workflow) == (
        "required",
        "presumption_of_approval",
        "us-interagency",
    )
    assert {"id", "citation", "version"} <= kept.answer["rules"][0].keys()
    assert kept.answer["rules"][0]["id"] == "control-4E091"
    assert kept.answer["destination_embargoed"] is False
    assert (kept.policy_key, kept.policy_version, kept.control_list_version) == ("us", 1, 1)
    assert kept.list_versions == dict.fromkeys(
        ("EAR_740_SUPP5_A", "EAR_D5", "EAR_E1", "EAR_E2", "EU27", "AUTHORITY_WATCH"), 1
    )
    assert trail(kept)[0].sentence.startswith(
        "Determined: required, under policy us version 1; lists AUTHORITY_WATCH 1"
    )
    assert verify() == []


def test_an_embargoed_destination_is_said_to_be_one(administrators: tuple[Person, Person]) -> None:
    kept = determined({**FACTS, "destinations": ["CU"]})
    assert kept.answer["destination_embargoed"] is True
    assert kept.review_policy == "policy_of_denial"


def test_the_list_of_a_draft_changes_the_answer_before_and_after_it_is_published(
    administrators: tuple[Person, Person],
) -> None:
    kim, lou = administrators
    before = determined()
    draft = watch_norway(kim)
    tried = determine(ruleset(instead=draft), FACTS, timezone.now())
    assert (tried.review_policy, before.review_policy) == ("presumption_of_denial", "presumption_of_approval")
    assert determined().review_policy == "presumption_of_approval"
    propose(actor=kim, publication_id=draft.pk)
    with pytest.raises(NotPermitted):
        publish(actor=kim, publication_id=draft.pk)
    publish(actor=lou, publication_id=draft.pk)
    after = determined()
    assert after.review_policy == "presumption_of_denial"
    assert "condition:quarterly-report" in after.answer["conditions"]
    cited = [
        {row["key"]: (row["version"], row["matched"]) for row in kept.answer["lists"]}["AUTHORITY_WATCH"]
        for kept in (before, after)
    ]
    assert cited == [(1, []), (2, ["NO"])]


def test_the_ruleset_of_an_earlier_instant_and_of_what_was_known_then(administrators: tuple[Person, Person]) -> None:
    kim, lou = administrators
    then = timezone.now()
    draft = propose(actor=kim, publication_id=watch_norway(kim).pk)
    published = publish(actor=lou, publication_id=draft.pk, effective_at=timezone.now() + timedelta(days=30))
    later = timezone.now() + timedelta(days=31)
    versions = [
        ruleset(at, known_at).lists["AUTHORITY_WATCH"].version
        for at, known_at in ((then, None), (later, None), (later, then))
    ]
    assert versions == [1, 2, 1]
    assert published.effective_at is not None
    assert ruleset(later) is ruleset(later)


def test_without_a_policy_or_one_of_its_lists_nothing_is_determined(administrators: tuple[Person, Person]) -> None:
    with pytest.raises(NotNow, match="No policy 'us' is in force"):
        ruleset(timezone.now() - timedelta(days=3650))
    other = Publication(kind="policy", key="us", version=2, state="draft", content=deepcopy(_policy().content))
    other.content["lists"].append("EAR_D6")
    with pytest.raises(Invalid, match="Did you mean"):
        ruleset(instead=other)
    connection.cursor().execute("SET LOCAL session_replication_role = replica")
    Publication.objects.filter(kind="country_list", key="EAR_E1").update(
        effective_at=timezone.now() + timedelta(days=1)
    )
    connection.cursor().execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(NotNow, match="EAR_E1, of which no version is in force"):
        determined()
    assert Refusal.objects.latest("id").code == "no_list"
    assert not DeterminationRecord.objects.exists()


def _policy() -> Publication:
    found = publications.in_force("policy", "us", timezone.now())
    assert found is not None
    return found


def test_a_draft_with_mistakes_is_not_proposed_and_says_which_row(administrators: tuple[Person, Person]) -> None:
    kim, _ = administrators
    draft = open_draft(actor=kim, kind="policy", key="us", note="A mistake")
    content = deepcopy(draft.content)
    content["tables"]["requirement"][1]["when"] = "wmd_end_uze"
    content["tables"]["exception"][0]["then"]["conditions"] = ["condition:no-such-text"]
    draft = edit_draft(actor=kim, publication_id=draft.pk, content=content)
    assert publications.changes(draft) == [
        "exception: AIA changes",
        "requirement: weapons-terrorist-supporting changes",
    ]
    with pytest.raises(Invalid) as refused:
        propose(actor=kim, publication_id=draft.pk)
    assert {problem.field: problem.mend for problem in refused.value.problems} == {
        "facts (tables.requirement[weapons-terrorist-supporting].when)": (
            "'wmd_end_uze' is not known in facts (tables.requirement[weapons-terrorist-supporting].when). "
            "Did you mean wmd_end_use?"
        ),
        "tables.exception[AIA].then.conditions": (
            "There is no text 'condition:no-such-text' in force: publish it first."
        ),
    }
    broken = edit_draft(actor=kim, publication_id=draft.pk, content={"tables": [1]})
    assert "tables changes" in publications.changes(broken)


def test_facts_of_the_wrong_type_are_refused_by_name(administrators: tuple[Person, Person]) -> None:
    with pytest.raises(Invalid) as refused:
        determined({**FACTS, "destinations": ["Norway"], "military_end_use": "no"})
    assert [problem.field for problem in refused.value.problems] == ["military_end_use", "destinations"]


def test_the_database_refuses_to_rewrite_a_determination(administrators: tuple[Person, Person]) -> None:
    kept = determined()
    for change in (
        "UPDATE policy_determinationrecord SET requirement = 'not_required'",
        "DELETE FROM policy_determinationrecord",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(change)
    kept.refresh_from_db()
    assert kept.requirement == "required"


def test_loading_the_seed_again_publishes_nothing(administrators: tuple[Person, Person]) -> None:
    kim, lou = administrators
    seeding.load(proposer=kim, publisher=lou, jurisdiction="us")
    assert _policy().version == 1
