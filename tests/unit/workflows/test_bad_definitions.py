"""Whatever a definition file holds, the loader answers with findings, each with its line and its mend, and never falls over."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.kernel import BadDefinition, load
from workflows.kernel.checks import check
from workflows.kernel.explore import explore

TEXT = (Path(__file__).parents[3] / "fixtures" / "workflows" / "us-interagency.yaml").read_text(encoding="utf-8")
LINES = TEXT.splitlines()
WORDS = sorted({word.strip("{}[],:'\"") for word in TEXT.split()} - {""})
WHOLE = yaml.safe_load(TEXT)
PLACES = [(key,) for key in WHOLE] + [
    ("stages", stage, key) for stage in ("checks", "oc", "decision", "rebuttal") for key in WHOLE["stages"][stage]
]
LEAVES = st.one_of(
    st.sampled_from(WORDS), st.integers(-5, 400), st.booleans(), st.none(), st.text(max_size=12), st.floats()
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.integers(), inner, max_size=4)
    ),
    max_leaves=25,
)


def read(text: str) -> None:
    """Load and check; what is wrong must be told in full."""
    definition, findings = None, []
    try:
        definition = load(text)
    except BadDefinition as bad:
        findings = bad.findings
    for finding in findings:
        assert 1 <= finding.line <= text.count("\n") + 2
        assert all((finding.code, finding.message, finding.mend))
    if definition is None:
        assert findings
    elif not check(definition):
        explore(definition, most=50)  # what is called sound can be walked


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_shipped_definition_with_any_slip_of_the_hand(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        slip = data.draw(st.sampled_from(["drop", "twice", "swap", "word", "cut", "type", "indent"]))
        line = lines[at]
        if slip == "drop" and len(lines) > 1:
            del lines[at]
        elif slip == "twice":
            lines.insert(at, line)
        elif slip == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], line
        elif slip == "word" and line.split():
            lines[at] = line.replace(data.draw(st.sampled_from(line.split())), data.draw(st.sampled_from(WORDS)), 1)
        elif slip == "cut":
            lines[at] = line[: data.draw(st.integers(0, len(line)))]
        elif slip == "type":
            place = data.draw(st.integers(0, len(line)))
            lines[at] = line[:place] + data.draw(st.text(max_size=3)) + line[place:]
        else:
            lines[at] = data.draw(st.sampled_from(["  ", "\t", "- ", "? ", "&a ", "*a ", "!!int ", "%"])) + line
    read("\n".join(lines))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES, st.sampled_from(PLACES))
def test_any_tree_in_the_place_of_any_part(tree: Any, place: tuple[str, ...]) -> None:
    whole = part = yaml.safe_load(TEXT)
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = tree
    read(yaml.safe_dump(whole))


@settings(max_examples=60, deadline=None)
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_at_all(text: str) -> None:
    read(text)


@pytest.mark.parametrize("nested", ["[" * 5000, "{a: " * 3000, "- " * 5000])
def test_a_file_that_nests_without_end(nested: str) -> None:
    with pytest.raises(BadDefinition):
        load(nested)
