"""The status of a license at any instant, from its records."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from licensing.licenses.commands.using import BARRED
from licensing.licenses.rules import End, Facts, Status, Stop, first_bar, status

BEGINS = datetime(2026, 11, 25, 12, tzinfo=UTC)
ENDS = datetime(2028, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = BEGINS + 10 * DAY


def at(when: datetime, **facts: object) -> Status:
    return status(Facts(BEGINS, ENDS, **facts), when)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (BEGINS - timedelta(minutes=1), Status.NOT_BEGUN),
        (BEGINS, Status.VALID),
        (ENDS - timedelta(minutes=1), Status.VALID),
        (ENDS, Status.EXPIRED),
    ],
)
def test_validity_holds_to_the_minute(when: datetime, expected: Status) -> None:
    assert at(when) == expected


def test_every_status_and_every_refusal_of_use_is_documented() -> None:
    told = (settings.BASE_DIR / "docs" / "licenses.md").read_text(encoding="utf-8")
    table = told.split("## Status")[1].split("## ")[0]
    words = {"not_begun": "not yet in force", "cancelled": "canceled"}
    assert [each for each in Status if f"| {words.get(each, each)} |" not in table] == []
    codes = {
        "over_use",
        "condition_precedent",
        "reference_taken",
        "license_ended",
        *(code for code, _ in BARRED.values()),
    }
    assert [code for code in codes if f"`{code}`" not in told] == []


def test_a_suspension_stops_until_it_is_lifted_or_runs_out() -> None:
    lifted = (Stop(LATER, LATER + DAY, lifted=True),)
    assert at(LATER - DAY, suspensions=lifted) == Status.VALID
    assert at(LATER, suspensions=lifted) == Status.SUSPENDED
    assert at(LATER + DAY, suspensions=lifted) == Status.REINSTATED
    assert at(LATER + DAY, suspensions=(Stop(LATER, LATER + DAY),)) == Status.VALID
    assert at(LATER + DAY, suspensions=(*lifted, Stop(LATER))) == Status.SUSPENDED


def test_a_revocation_that_is_set_aside_is_reinstated_from_then_on() -> None:
    revoked = (End(LATER, LATER + DAY, lifted=True, kind="revoked"),)
    assert [at(LATER + each * DAY, endings=revoked).value for each in (-1, 0, 1)] == ["valid", "revoked", "reinstated"]


def test_what_is_void_never_held() -> None:
    assert at(BEGINS, endings=(End(BEGINS, kind="void"),)) == Status.VOID


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"replaced_at": LATER}, Status.REPLACED),
        ({"exhausted": (Stop(LATER),)}, Status.EXHAUSTED),
        ({"endings": (End(LATER, kind="surrendered"),), "replaced_at": LATER}, Status.SURRENDERED),
        ({"exhausted": (Stop(LATER),), "suspensions": (Stop(LATER),)}, Status.EXHAUSTED),
    ],
)
def test_what_ended_it_stands_before_what_stops_it(facts: dict[str, object], expected: Status) -> None:
    assert at(LATER, **facts) == expected
    assert at(LATER - timedelta(minutes=1), **facts) == Status.VALID


def test_a_period_of_use_is_barred_by_what_begins_within_it() -> None:
    facts = Facts(BEGINS, ENDS, suspensions=(Stop(LATER, LATER + DAY, lifted=True),))
    assert first_bar(facts, BEGINS, LATER) is None
    assert first_bar(facts, BEGINS, LATER + 5 * DAY) == (LATER, Status.SUSPENDED)
    assert first_bar(facts, LATER + DAY, LATER + 2 * DAY) is None
    assert first_bar(facts, ENDS - DAY, ENDS) is None
    assert first_bar(facts, ENDS - DAY, ENDS + DAY) == (ENDS, Status.EXPIRED)


def test_a_stay_gives_the_rights_back_for_as_long_as_it_stands() -> None:
    stay = (LATER + DAY, LATER + 2 * DAY)
    for stopped, bar in (
        ({"suspensions": (Stop(LATER, stays=(stay,)),)}, Status.SUSPENDED),
        ({"endings": (End(LATER, stays=(stay,), kind="revoked"),)}, Status.REVOKED),
    ):
        assert [at(LATER + each * DAY, **stopped) for each in (0, 1, 2)] == [bar, Status.STAYED, bar]
        facts = Facts(BEGINS, ENDS, **stopped)  # type: ignore[arg-type]
        assert first_bar(facts, LATER + DAY, LATER + 2 * DAY) is None
        assert first_bar(facts, LATER + DAY, LATER + 3 * DAY) == (LATER + 2 * DAY, bar)
    other = (Stop(LATER, stays=(stay,)), Stop(LATER))
    assert at(LATER + DAY, suspensions=other) == Status.SUSPENDED, "another order has not been stayed"
    assert Status.STAYED.in_force
    assert not Status.STAYED.for_good
