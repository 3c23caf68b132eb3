"""Content as YAML: what is written is read back as it was, and what is read is what stands there."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from licensing.audit.canonical import plain
from licensing.audit.refusals import Invalid
from licensing.desk.writing import read, written

WORDS = st.text(max_size=130).filter(lambda word: "\0" not in word)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=6,
)


@settings(max_examples=60)
@example({"0.E0": None, "1.": "1.e5"})
@given(st.dictionaries(WORDS, VALUES, max_size=5))
def test_what_is_written_is_read_back_as_it_was(content: dict[str, object]) -> None:
    assert read(written(content)) == plain(content)


def test_nothing_is_read_otherwise_than_it_looks() -> None:
    text = "a: NO\nb: no\nc: 21:21\nd: 2026-06-12\ne: 010\nf: 1e26\ng: true\nh: 1.5\ni: ~\nj: 7\nk: 0x10"
    assert read(text) == {
        "a": "NO", "b": "no", "c": "21:21", "d": "2026-06-12", "e": "010", "f": "1e26", "g": True, "h": 1.5, "i": None, "j": 7, "k": "0x10",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\na: 2", "Line 2, column 1: 'a' stands twice"), ("a: &x 1\nb: *x", "Line 2, column 4: write it out"),
        ("a: [", "Line 1, column 5"), ("[" * 50, "nested too deeply"), ("- 1", "Begin with named parts"),
        ("1: 2", "a key must be a string"),
        ("? [a]\n: 1", "what you wrote is kept"), ("<<: {a: 1}", "a key must be a word"), ("a: !!python/object:os.system x", "Line 1"),
        ('a: "\\0"', "NUL"), ("a: \x07", "special characters"), ("x: " + "9" * 5000, "cannot be read"), ("x" * 500_001, "At most 500000"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert told.casefold() in refused.value.problems[0].mend.casefold()
