"""What a letter may say: its kinds, the words that stand for something, and putting it together. Pure: words in, words out.

A template is plain text. A blank line begins a paragraph, one that begins with `# ` is a heading, one that is `[[name]]` a paragraph of
the library, and `{name}` stands for something of the case. Nothing in it is ever run: a name that is not on the list is refused, a
value is put in as it is, once, and never read again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from licensing.audit.refusals import Problem

NAME = re.compile(r"\{([^{}\n]*)\}")
PARAGRAPH = re.compile(r"^\[\[([^\[\]\n]*)\]\]$")
LONGEST = 20_000  # characters of a template

WORDS = {
    "authority": "the office that writes",
    "applicant": "the organization that is written to",
    "application": "the applicant's own name for the application",
    "control_number": "the application control number",
    "license_number": "the number of the license",
    "date": "the day of the letter",
    "reason": "what was decided and why, as the officer wrote it",
    "statutory_basis": "the statute that it rests on",
    "regulatory_basis": "the regulation that it rests on",
    "criteria": "the criteria that were applied, a line each",
    "considerations": "the facts that weighed, as far as security allows",
    "modifications": "what would have to change for another answer",
    "contact": "whom to ask",
    "answer_until": "the last day for an answer",
    "final_on": "the day on which the denial becomes final",
    "appeal": "to whom, by when and how an appeal is made",
    "return_reason": "the reason of the closed list for returning an application",
    "items": "the items that it is about, a line each",
    "question": "what is asked",
    "outcome": "the outcome of an appeal, or what the authority says to a notice",
    "authorization": "the authorization without a case that it is about",
    "record": "what was received under it: a notice, a certification, a report",
    "recipient": "the recipient that was named",
    "received": "the day on which it was received",
}
ABOUT_ALL = frozenset({"authority", "applicant", "date", "contact", "reason"})
ABOUT_CASE = ABOUT_ALL | {"application", "control_number", "items"}
GROUNDS = frozenset({"statutory_basis", "regulatory_basis", "criteria"})


@dataclass(frozen=True)
class Kind:
    """One kind of letter: what people call it, the words it may use, and those that it may not go without."""

    name: str
    may: frozenset[str]
    must: frozenset[str] = frozenset()


_SIX_PARTS = frozenset(
    {"reason", "statutory_basis", "regulatory_basis", "considerations", "modifications", "contact", "appeal"}
)
_LICENSE = ABOUT_ALL | {"license_number", "application", "control_number", "appeal"} | GROUNDS
_RECEIVED = frozenset({"authorization", "record", "recipient", "received"})
KINDS: Mapping[str, Kind] = {
    "question": Kind("Question", ABOUT_CASE | {"question", "answer_until"}, frozenset({"question"})),
    "hold": Kind("Hold", ABOUT_CASE | {"appeal"}, frozenset({"reason"})),
    # The six parts: 15 CFR 750.6(a). The basis is two of the words.
    "intent-to-deny": Kind(
        "Intent to deny", ABOUT_CASE | GROUNDS | _SIX_PARTS | {"answer_until", "final_on"}, _SIX_PARTS | {"answer_until", "final_on"}
    ),
    "denial": Kind(
        "Denial", ABOUT_CASE | GROUNDS | {"considerations", "appeal"}, GROUNDS - {"criteria"} | {"reason", "appeal"}
    ),
    "items": Kind("Items without a license", ABOUT_CASE | {"appeal"}, frozenset({"items"})),
    "return": Kind(
        "Return without action", ABOUT_CASE | {"return_reason", "appeal"}, frozenset({"return_reason"})
    ),
    "no-license": Kind("No license required", ABOUT_CASE | GROUNDS, frozenset({"reason"})),
    "inform": Kind("Information", ABOUT_CASE | GROUNDS, frozenset({"reason"})),
    "appeal": Kind("Decision on an appeal", ABOUT_CASE | {"outcome"}, frozenset({"outcome", "reason"})),
    "suspension": Kind("Suspension", _LICENSE, frozenset({"license_number", "reason"})),
    "revocation": Kind("Revocation", _LICENSE, frozenset({"license_number", "reason"})),
    "partial-revocation": Kind(
        "Revocation in part", _LICENSE | {"items"}, frozenset({"license_number", "reason", "items"})
    ),
    "void": Kind("Void", _LICENSE, frozenset({"license_number", "reason"})),
    "authorization": Kind(
        "Answer under an authorization",
        (ABOUT_ALL - {"contact"}) | _RECEIVED | {"outcome"},
        _RECEIVED - {"recipient"} | {"outcome", "reason"},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph, fully worded."""

    text: str
    heading: bool = False


def problems(kind: str, source: str, library: Mapping[str, str]) -> list[Problem]:
    """Everything that is wrong with a template of this kind; `library` holds the paragraphs by name."""
    if kind not in KINDS:
        return [Problem("kind", kind, f"Choose one of {', '.join(KINDS)}.")]
    if len(source) > LONGEST:
        return [Problem("body", f"{len(source)} characters", f"Write at most {LONGEST:,} characters.")]
    found = [
        Problem(
            "body", f"[[{name}]]", f"The library has no such paragraph; it has {', '.join(sorted(library)) or 'none'}."
        )
        for name in _paragraphs(source)
        if name not in library
    ]
    used, may = set(NAME.findall(source)), KINDS[kind].may
    found += [
        Problem("body", "{" + name + "}", f"A letter of this kind knows {', '.join(sorted(may))}.")
        for name in sorted(used - may)
    ]
    for name in _paragraphs(source):
        used.update(NAME.findall(library.get(name, "")))
    found += [
        Problem("body", "{" + name + "}", f"The letter must say {WORDS[name]}: put this word where it belongs.")
        for name in sorted(KINDS[kind].must - used)
    ]
    return found


def paragraph_problems(body: str) -> list[Problem]:
    """A paragraph of the library may use every word; what a letter of some kind lacks is left out of it."""
    return [
        Problem("body", "{" + name + "}", f"A paragraph knows {', '.join(sorted(WORDS))}.")
        for name in sorted(set(NAME.findall(body)) - set(WORDS))
    ]


def unsaid(kind: str, values: Mapping[str, str]) -> list[str]:
    """The words that a letter of this kind must have and for which there is no value."""
    return sorted(name for name in KINDS[kind].must if not values.get(name, "").strip())


def compose(source: str, library: Mapping[str, str], values: Mapping[str, str]) -> tuple[Block, ...]:
    """The letter: paragraphs of the library in their place, every word replaced once.

    An empty paragraph is left out, and one of the library whole when none of its words has a value.
    """
    blocks: list[Block] = []
    for part in re.split(r"\n\s*\n", source.strip()):
        named = PARAGRAPH.match(part.strip())
        used = NAME.findall(library.get(named[1], "")) if named else []
        if used and not any(values.get(name, "").strip() for name in used):
            continue
        for text in re.split(r"\n\s*\n", library.get(named[1], "").strip()) if named else (part.strip(),):
            heading = text.startswith("# ")
            said = NAME.sub(lambda word: values.get(word[1], ""), " ".join(text.removeprefix("# ").split())).strip()
            if said:
                blocks.append(Block(said, heading))
    return tuple(blocks)


def named_paragraphs(source: str) -> list[str]:
    """The paragraphs of the library that a template uses, in their order."""
    return list(dict.fromkeys(_paragraphs(source)))


def _paragraphs(source: str) -> list[str]:
    return [found[1] for part in re.split(r"\n\s*\n", source) if (found := PARAGRAPH.match(part.strip()))]
