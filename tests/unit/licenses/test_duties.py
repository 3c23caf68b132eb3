"""The library of conditions, and the typed parameters of each kind of duty."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from licensing.audit.refusals import Invalid
from licensing.cases.models import PartyRole
from licensing.texts.duties import BOUND, PARAMETERS, Duty
from licensing.texts.queries import Text
from licensing.texts.wiring import Texts

FILES = sorted((settings.BASE_DIR / "fixtures" / "texts").glob("*.yaml"))


def library() -> dict[str, dict[str, Any]]:
    return {key: text for path in FILES for key, text in _texts(path).items()}


def _texts(path: Path) -> dict[str, dict[str, Any]]:
    texts: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["texts"]
    return texts


def test_every_text_of_the_library_is_whole_and_every_duty_has_one() -> None:
    found = library()
    assert {key: problems for key, text in found.items() if (problems := Texts().validate(key, text))} == {}
    assert {text.get("duty", "plain") for text in found.values()} == set(Duty) == set(PARAMETERS)


def test_whom_a_condition_may_bind_is_a_role_of_the_application() -> None:
    assert set(BOUND) - set(PartyRole.values) == {"licensee", "operator"}


def wrong(text: dict[str, Any]) -> set[str]:
    return {problem.field for problem in Texts().validate("condition:x", {"title": "T", "body": "B", **text})}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ({"duty": "magic"}, "duty"),
        ({"binds": ["the moon"]}, "binds"),
        ({"precedent": "yes"}, "precedent"),
        ({"duty": "seats", "body": "{seats}", "parameters": {"seats": -1}}, "parameters.seats"),
        ({"duty": "seats", "body": "none", "parameters": {"seats": 5}}, "parameters"),
        ({"duty": "seats", "body": "{seats} {more}", "parameters": {"seats": 5}}, "parameters"),
    ],
)
def test_a_text_that_is_not_whole_is_refused(text: dict[str, Any], field: str) -> None:
    assert wrong(text) == {field}


REGIONS = Text("condition:r", 1, "Regions", "In {countries} only.", {"countries": ["US"]}, duty=Duty.REGIONS)


def test_a_text_is_pinned_with_typed_parameters_and_names_in_words() -> None:
    pinned = REGIONS.pinned({"countries": "se, NO"}, {"NO": "Norway", "SE": "Sweden"})
    assert (pinned["parameters"], pinned["body"]) == ({"countries": ["NO", "SE"]}, "In Norway, Sweden only.")
    assert REGIONS.pinned()["body"] == "In US only."


@pytest.mark.parametrize(
    ("values", "mend"), [({"countries": "Norway"}, "country codes"), ({"seats": 5}, "no such parameter")]
)
def test_a_parameter_that_does_not_fit_says_how_to_mend_it(values: dict[str, Any], mend: str) -> None:
    with pytest.raises(Invalid, match=mend):
        REGIONS.pinned(values)


def test_what_somebody_types_into_a_blank_is_not_a_blank() -> None:
    text = Text("condition:q", 1, "Q", "{quantity} {unit}", {"quantity": 1, "unit": "x"}, duty=Duty.QUANTITY)
    assert text.pinned({"quantity": "2", "unit": "{quantity}"})["body"] == "2 {quantity}"
