"""No page shows a status that has no words of its own."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.template.loader import render_to_string

from licensing.cases.gates import Light
from licensing.cases.progress import OUTCOMES, REVIEW, STAGES
from licensing.licenses.rules import Status as LicenseStatus
from licensing.portal.statuses import STATUSES, status_of
from licensing.publishing.models import PublicationState
from licensing.screening.models import HitStatus
from workflows.kernel.state import SeatStatus

COLORS = {"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"}
DEFINITIONS = sorted((settings.BASE_DIR / "fixtures" / "workflows").glob("*.yaml"))


def spoken() -> set[str]:
    """Every status that the rooms can hand to a page."""
    told = {status for status, *_ in (*OUTCOMES.values(), *STAGES.values(), REVIEW)}
    return {
        *told,
        "waiting for you",
        "open",
        *OUTCOMES,
        *Light,
        *LicenseStatus,
        *PublicationState,
        *HitStatus,
        *SeatStatus,
    }


def test_every_status_is_registered() -> None:
    assert {str(name) for name in spoken()} - STATUSES.keys() == set()


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_what_a_workflow_votes_and_ends_with_is_registered(path: Path) -> None:
    definition = yaml.safe_load(path.read_text(encoding="utf-8"))
    votes = {vote for side in definition.get("votes", {}).values() for vote in side}
    ends = {stage["end"] for stage in definition["stages"].values() if "end" in stage}
    assert (votes | ends) - STATUSES.keys() == set()


def test_every_status_has_a_meaning_and_a_color_that_there_is() -> None:
    assert [name for name, status in STATUSES.items() if not status.meaning or status.color not in COLORS] == []


def test_a_tag_says_its_words_and_meaning() -> None:
    tag = render_to_string("components/status_tag.html", {"status": "false_match"})
    assert '<strong class="govuk-tag govuk-tag--green" title="It is another party.">False match</strong>' in tag
    assert status_of("never_heard_of").words == "Never heard of"
