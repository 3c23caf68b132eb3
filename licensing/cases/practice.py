"""How an authority works beyond the stages of its workflow: published data, one file for each workflow.

What an act of the decision stage means and needs, which criteria a denial cites, the closed list of reasons for a return, how an appeal
is made, and how long a license holds (15 CFR 750.6, 750.7(g), 756.2, 772.1; the United Kingdom's criteria; Regulation (EU) 2021/821,
articles 12 and 15).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from licensing.audit.refusals import Problem
from licensing.cases import validity
from licensing.cases.validity import Validity
from licensing.publishing import observers
from licensing.publishing.observers import Content
from licensing.publishing.queries import in_force

KIND = "practice"
ACTS = ("intent-to-deny", "denial", "return", "no-license")  # what an unfavorable act of a workflow can be
UNITS = ("calendar_days", "working_days")
ENDING = ("denial", "items", "return")  # letters that tell of the end of a case
# Letters against which a practice may allow an appeal.
APPEALABLE = (*ENDING, "hold", "suspension", "revocation", "partial-revocation", "void")


@dataclass(frozen=True)
class Criterion:
    code: str
    title: str
    citation: str

    def __str__(self) -> str:
        return f"{self.title} ({self.citation})"


@dataclass(frozen=True)
class AppealRule:
    """By when an appeal is to be filed, counted from the date on the letter, and the workflow that decides it.

    `against` names the kinds of letter that can be appealed, each with the stage in which its case is opened again when the decision is
    set aside; "" where there is no case to open. `never` says in words what cannot be appealed.
    """

    within: int
    unit: str
    workflow: str
    citation: str
    how: str
    against: Mapping[str, str]
    never: Sequence[str] = ()
    calendar: str = ""


@dataclass(frozen=True)
class Practice:
    """`by_itself` is the reason of a return that nobody decided, by its cause: `withdrawn`, `no_answer`, or an outcome of the checks.

    `full_review` is the stage whose votes decide about a party on a list that refers.
    """

    key: str
    version: int
    acts: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""
    criteria: Mapping[str, Criterion] = field(default_factory=dict)
    return_reasons: Mapping[str, str] = field(default_factory=dict)
    by_itself: Mapping[str, str] = field(default_factory=dict)
    appeal: AppealRule | None = None
    full_review: str = ""
    validity: Validity = field(default_factory=Validity)


def practice(workflow: str, at: datetime) -> Practice:
    """The practice in force for a workflow; an empty one where none is published: then acts need a reason and nothing else."""
    found = in_force(KIND, workflow, at)
    if found is None:
        return Practice(workflow, 0)
    content = found.content
    return Practice(
        key=workflow,
        version=found.version,
        acts=content["acts"],
        contact=content["contact"],
        criteria={code: Criterion(code, **row) for code, row in content["criteria"].items()},
        return_reasons=content["return_reasons"],
        by_itself=content.get("by_itself", {}),
        appeal=appeal_rule(content["appeal"]) if content.get("appeal") else None,
        full_review=content.get("full_review", ""),
        validity=validity.read(content.get("validity")),
    )


def appeal_rule(content: Mapping[str, Any]) -> AppealRule:
    """From what was published; of an earlier shape, which named one stage (`returns_to`), for denials alone."""
    rule = dict(content)
    stage = rule.pop("returns_to", "")
    return AppealRule(**{"against": {"denial": stage}, **rule})


class Practices(observers.Plain):
    """Every part is there and of its kind, and an act means one of the things that an act can mean."""

    def validate(self, key: str, content: Content) -> list[Problem]:
        problems = [
            Problem(name, str(content.get(name, "")), f"Give {what}.")
            for name, kind, what in (
                ("acts", dict, "what each act means"),
                ("contact", str, "whom an applicant may ask"),
                ("criteria", dict, "the criteria of a denial, each with title and citation"),
                ("return_reasons", dict, "the reasons for a return"),
            )
            if not isinstance(content.get(name), kind) or not content[name]
        ]
        if problems:
            return problems
        problems += [
            Problem(f"acts.{act}", str(means), f"Choose one of {', '.join(ACTS)}.")
            for act, means in content["acts"].items()
            if means not in ACTS
        ]
        problems += [
            Problem(f"criteria.{code}", str(row), "Give its title and its citation.")
            for code, row in content["criteria"].items()
            if not isinstance(row, dict) or set(row) != {"title", "citation"} or not all(row.values())
        ]
        problems += [
            Problem(f"by_itself.{cause}", str(reason), f"Choose one of {', '.join(content['return_reasons'])}.")
            for cause, reason in content.get("by_itself", {}).items()
            if reason not in content["return_reasons"]
        ]
        if not isinstance(content.get("full_review", ""), str):
            problems.append(Problem("full_review", str(content["full_review"]), "Name a stage of the workflow."))
        problems += validity.problems(content["validity"]) if "validity" in content else []
        return problems + _appeal_problems(content.get("appeal"))


def _appeal_problems(appeal: Any) -> list[Problem]:
    if appeal is None:
        return []
    names = {"within", "unit", "workflow", "citation", "how", "against"}
    if not isinstance(appeal, dict) or not names <= set(appeal) <= names | {"calendar", "never"}:
        return [Problem("appeal", str(appeal), f"Give {', '.join(sorted(names))}, or leave it out.")]
    problems = []
    if not isinstance(appeal["within"], int) or appeal["within"] < 1:
        problems.append(Problem("appeal.within", str(appeal["within"]), "Give a number of days, 1 or more."))
    if appeal["unit"] not in UNITS:
        problems.append(Problem("appeal.unit", str(appeal["unit"]), f"Choose one of {', '.join(UNITS)}."))
    if not isinstance(appeal["against"], dict) or not appeal["against"]:
        what = f"Name letters that can be appealed, among {', '.join(APPEALABLE)}, each with the stage that its case returns to."
        return [*problems, Problem("appeal.against", str(appeal["against"]), what)]
    for letter, stage in appeal["against"].items():
        if letter not in APPEALABLE:
            problems.append(Problem(f"appeal.against.{letter}", str(stage), f"Choose among {', '.join(APPEALABLE)}."))
        elif bool(stage) != (letter in ENDING):
            mend = "Name the stage in which the case is opened again." if letter in ENDING else "Leave the stage empty."
            problems.append(Problem(f"appeal.against.{letter}", str(stage), mend))
    return problems
