"""What an unfavorable decision rests on, and what each kind of it may not go without. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from licensing.audit.refusals import Problem
from licensing.cases.practice import Practice

MIN_SENTENCE = 10


@dataclass(frozen=True)
class Grounds:
    """The bases of a decision. `criteria` and `return_reason` are codes of the practice in force."""

    statutory_basis: str = ""
    regulatory_basis: str = ""
    criteria: tuple[str, ...] = ()
    considerations: str = ""
    modifications: str = ""
    contact: str = ""
    return_reason: str = ""

    @classmethod
    def read(cls, kept: dict[str, Any]) -> "Grounds":
        """From what `kept` made of it."""
        return cls(**{**kept, "criteria": tuple(kept.get("criteria", ()))})

    @property
    def kept(self) -> dict[str, Any]:
        """As plain JSON, without what is empty."""
        return {name: list(value) if name == "criteria" else value for name, value in asdict(self).items() if value}


BASES = {"statutory_basis": "the statutory basis", "regulatory_basis": "the regulatory basis"}
# What each act needs besides its reason. The six parts of an intent to deny: 15 CFR 750.6(a); the decision is the reason itself, and
# the way of appeal is the practice's. A basis for a denial: 15 CFR 750.4(d)(2).
NEEDS = {
    "intent-to-deny": BASES
    | {
        "considerations": "what weighed, as far as security allows",
        "modifications": "what would permit reconsideration",
        "contact": "whom the applicant may ask",
    },
    "denial": BASES,
    "no-license": {"regulatory_basis": "the regulatory basis"},
    "return": {},
}


def problems(means: str, grounds: Grounds, practice: Practice, where: str = "") -> Iterator[Problem]:
    """What is missing or unknown for an act that means this (`practice.ACTS`); `where` is put before the field's name."""
    for name, what in NEEDS[means].items():
        value = getattr(grounds, name).strip()
        if len(value) < MIN_SENTENCE:
            yield Problem(where + name, value, f"Give {what}, in at least {MIN_SENTENCE} characters.")
    if means in ("denial", "intent-to-deny") and practice.criteria and not grounds.criteria:
        yield Problem(where + "criteria", "", f"Name at least one criterion: {', '.join(practice.criteria)}.")
    for code in grounds.criteria:
        if code not in practice.criteria:
            yield Problem(where + "criteria", code, f"Choose among {', '.join(practice.criteria) or 'none'}.")
    if means == "return" and grounds.return_reason not in practice.return_reasons:
        yield Problem(
            where + "return_reason", grounds.return_reason, f"Choose one of {', '.join(practice.return_reasons)}."
        )
    if means == "intent-to-deny" and practice.appeal is None:
        yield Problem(where + "appeal", "", "The practice in force names no way of appeal: publish one first.")
