"""What follows from what the authority says to a notice: pure, and in order."""

import pytest

from licensing.licenses.authorizations.answers import Said, bars, may_say, standing

WHY = "The owner makes them for an army."


@pytest.mark.parametrize(
    ("said", "status", "barred"),
    [
        ("", "received", False),
        ("acknowledged", "noted", False),
        ("objected", "objected", True),
        ("objected withdrawn", "received", False),
        ("objected voided", "voided", False),
        ("objected informed", "license_informed", True),
        ("informed asked answered", "license_informed", True),
        ("informed voided", "license_informed", True),
        ("informed voided withdrawn", "voided", False),
        ("asked", "asked", False),
        ("asked answered", "answered", False),
    ],
)
def test_where_a_record_stands(said: str, status: str, barred: bool) -> None:
    now = standing((word, WHY) for word in said.split())
    assert (now.status, bool(now.bar)) == (status, barred)


def test_an_objection_is_about_one_model_and_a_license_is_required_for_the_recipient() -> None:
    objected, informed = (
        standing([("objected", WHY)]),
        standing([("informed", WHY), ("asked", WHY), ("answered", "Ours.")]),
    )
    assert bars([(False, objected)]) == []
    assert bars([(True, objected)]) == [f"The authority objects: {WHY}"]
    assert bars([(False, informed)]) == [f"The authority requires a license: {WHY}"]
    assert bars([(True, standing([("asked", WHY)]))]) == ["Answer the question of the authority first."]


def test_what_may_be_said_next() -> None:
    assert Said.OBJECTED not in may_say(standing([]), notice=True, in_time=False, report=False)
    assert may_say(standing([("voided", WHY)]), notice=True, in_time=True, report=False) == []
    assert may_say(standing([("informed", WHY), ("voided", WHY)]), notice=True, in_time=True, report=False) == [
        Said.WITHDRAWN
    ]
    assert Said.VOIDED not in may_say(standing([]), notice=False, in_time=False, report=True)
