"""How an appeal is made is published: against which letters, and where each case is opened again."""

from typing import Any

import pytest
import yaml
from django.conf import settings

from licensing.cases.practice import APPEALABLE, Practices, appeal_rule
from licensing.texts.letters import KINDS

SEED = settings.BASE_DIR / "fixtures" / "practice"


def content_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((SEED / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def test_what_may_be_appealed_differs_by_jurisdiction() -> None:
    us, uk = (appeal_rule(content_of(name)["appeal"]) for name in ("us-interagency", "uk-individual"))
    assert set(us.against) == set(APPEALABLE) <= set(KINDS)
    assert set(us.against) - set(uk.against) == {"return", "hold", "void"}
    assert all((us.never, uk.never))


@pytest.mark.parametrize(
    ("against", "where"),
    [
        ({}, "appeal.against"),
        ({"question": ""}, "appeal.against.question"),
        ({"denial": ""}, "appeal.against.denial"),
        ({"suspension": "decision"}, "appeal.against.suspension"),
    ],
)
def test_a_letter_that_cannot_be_appealed_or_a_wrong_stage_is_named(against: dict[str, str], where: str) -> None:
    content = content_of("us-interagency")
    content["appeal"]["against"] = against
    assert [problem.field for problem in Practices().validate("us-interagency", content)] == [where]


def test_a_practice_of_an_earlier_shape_speaks_of_denials_alone() -> None:
    earlier = {**content_of("us-interagency")["appeal"], "returns_to": "decision"}
    del earlier["against"]
    assert appeal_rule(earlier).against == {"denial": "decision"}
