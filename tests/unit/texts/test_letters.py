"""Putting letters together: what is replaced, what is refused, and that nothing else ever happens."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.texts import letters

LIBRARY = {"contact": "# Whom to ask\n\n{contact}", "appeal": "{appeal}"}
DENIAL = "{reason}\n\n{statutory_basis}\n\n{regulatory_basis}\n\n[[appeal]]"


def said(source: str, **values: str) -> list[str]:
    return [block.text for block in letters.compose(source, LIBRARY, values)]


def test_headings_paragraphs_and_words_come_in_their_order() -> None:
    values = {"control_number": "A000001", "reason": "So it is.", "contact": "Us"}
    blocks = letters.compose("# On {control_number}\n\n{reason}\n\n[[contact]]", LIBRARY, values)
    assert [(block.text, block.heading) for block in blocks] == [
        ("On A000001", True),
        ("So it is.", False),
        ("Whom to ask", True),
        ("Us", False),
    ]


def test_what_has_no_value_leaves_no_empty_paragraph() -> None:
    assert said("{reason}\n\n{items}\n\nEnd", reason="Why") == ["Why", "End"]


HOSTILE = [
    "{{ settings.SECRET_KEY }}",
    "{% load static %}",
    "{reason.__class__}",
    "{control_number!r}",
    "<script>alert(1)</script>",
    "[[contact]]",
    "{contact}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_is_put_in_as_it_is_and_never_read_again(text: str) -> None:
    assert said("{reason}", reason=text, contact="secret") == [text]


@pytest.mark.parametrize("source", ["{settings}", "{reason.__class__}", "{reason!r}", "{0}", "{}"])
def test_a_template_with_a_word_that_is_not_on_the_list_is_refused(source: str) -> None:
    found = letters.problems("inform", "{reason} " + source, LIBRARY)
    assert [(each.field, each.value) for each in found] == [("body", source)]
    assert "control_number" in found[0].mend


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(sorted(letters.WORDS)), st.text(max_size=50)))
def test_any_template_with_any_values_is_composed_to_plain_text(source: str, values: dict[str, str]) -> None:
    for block in letters.compose(source, LIBRARY, values):
        assert block.text == block.text.strip() != ""


def test_a_letter_that_leaves_out_what_it_must_say_is_refused() -> None:
    assert letters.problems("denial", DENIAL, LIBRARY) == []
    without = DENIAL.replace("[[appeal]]", "")
    assert [each.value for each in letters.problems("denial", without, LIBRARY)] == ["{appeal}"]


@pytest.mark.parametrize(
    "part", ["reason", "statutory_basis", "regulatory_basis", "considerations", "modifications", "contact", "appeal"]
)
def test_each_of_the_six_parts_of_an_intent_to_deny_is_asked_for(part: str) -> None:
    whole = " ".join("{" + name + "}" for name in letters.KINDS["intent-to-deny"].must)
    assert letters.problems("intent-to-deny", whole, {}) == []
    assert [each.value for each in letters.problems("intent-to-deny", whole.replace("{" + part + "}", ""), {})] == [
        "{" + part + "}"
    ]
    values = dict.fromkeys(letters.KINDS["intent-to-deny"].must, "said") | {part: " "}
    assert letters.unsaid("intent-to-deny", values) == [part]


def test_an_unknown_paragraph_is_named_with_those_there_are() -> None:
    (found,) = letters.problems("inform", "{reason}\n\n[[apeal]]", LIBRARY)
    assert found.value == "[[apeal]]"
    assert "appeal, contact" in found.mend


def test_every_word_and_every_kind_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "letters.md").read_text(encoding="utf-8")
    for word, what in letters.WORDS.items():
        assert f"| `{{{word}}}` | {what} |" in text
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert set(letters.KINDS) <= {kind for row in rows for kind in row.split(", ")}
