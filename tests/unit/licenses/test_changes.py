"""Which changes of a license need nothing, which a request, which a new application (15 CFR 750.7(c), 750.10)."""

import pytest

from licensing.licenses.changes import CHANGES, FILED, NOTHING_NEEDED, Route, route
from licensing.licenses.rules import next_revision, normalized_number


def test_eleven_changes_need_nothing_alone_or_together() -> None:
    assert len(NOTHING_NEEDED) == 11
    assert {route([each]).route for each in NOTHING_NEEDED} == {Route.NOTHING}
    assert route(list(NOTHING_NEEDED)).route == Route.NOTHING


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"validity"}, Route.EXTENSION),
        ({"validity", "address"}, Route.EXTENSION),
        ({"licensee_name"}, Route.NAME_CHANGE),
        ({"licensee_name_and_owner"}, Route.REPLACEMENT),
        ({"licensee"}, Route.TRANSFER),
        ({"licensee", "licensee_name"}, Route.REPLACEMENT),
        ({"party"}, Route.REPLACEMENT),
    ],
)
def test_what_a_change_needs(changes: set[str], expected: Route) -> None:
    assert route(changes).route == expected


def test_more_time_with_anything_else_is_no_extension_and_says_why() -> None:
    for other in FILED.keys() - {"validity"}:
        answer = route({"validity", other})
        assert (answer.route, "the date and nothing else" in answer.sentence) == (Route.REPLACEMENT, True)


def test_every_change_cites_its_paragraph_and_an_unknown_one_is_refused() -> None:
    assert all(route([each]).citation.startswith("15 CFR 750.") for each in CHANGES)
    for wrong in ([], ["magic"]):
        with pytest.raises(ValueError, match="Choose among"):
            route(wrong)


def test_a_revision_has_the_next_letter_and_its_own_check_character() -> None:
    assert next_revision("AIX-US-IND-2026-0000001-A-Z") == normalized_number(
        next_revision("AIX-US-IND-2026-0000001-A-Z")
    )
    assert next_revision("AIX-US-IND-2026-0000001-A-Z").startswith("AIX-US-IND-2026-0000001-B-")
    with pytest.raises(ValueError, match="last revision"):
        next_revision("AIX-US-IND-2026-0000001-Z-4")
