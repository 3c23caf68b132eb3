"""What stewards are offered for a case that is stuck."""

from tests.examples.workflow import us


def test_stewards_are_offered_what_is_accepted_and_nobody_else_is() -> None:
    case = us().in_review()
    offered = case.rescues("amara")
    assert ("reassign", "defense", "dick") in {(action.kind, action.seat, action.choice) for action in offered}
    assert {action.kind for action in offered} == {"reassign", "skip", "force", "cancel"}
    assert case.rescues("dana") == []
    case.do("force", "amara", stage="oc", reason="The agencies are at odds.")
    assert ("force", "oc") not in {(action.kind, action.choice) for action in case.rescues("amara")}
    assert ("force", "oc") in {(action.kind, action.choice) for action in case.rescues("henrik")}
    case.do("cancel", "amara", reason="Filed by mistake.")
    assert {action.kind for action in case.rescues("amara")} == {"reopen"}
    assert "issued" not in {action.choice for action in case.rescues("amara")}
