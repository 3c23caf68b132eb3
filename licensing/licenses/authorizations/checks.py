"""What is wrong with a draft of an authorization, before anybody can publish it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation

import cel
from django.utils import timezone

from licensing.audit.refusals import Invalid, Problem
from licensing.cases.facts import FACTS, TYPES
from licensing.licenses.authorizations.catalog import TYPES as KINDS
from licensing.licenses.authorizations.catalog import compiled
from licensing.licenses.authorizations.duties import Duties
from licensing.policy.rulesets import DERIVED, EnforcementStatus, LegalStatus, asked_names, instant
from licensing.publishing import observers
from licensing.publishing.observers import Content
from licensing.publishing.shape import Shape, anything, listed, named, text_or_nothing
from licensing.publishing.shape import text as a_text
from licensing.texts.queries import text

WORDS = ("title", "summary", "citation")
TEXTS = ("registration", "certification")
WHOLE = ("notice_days", "report_months")
QUANTITIES = ("notice_from", "filing_from", "cap_per_year")


class Authorizations(observers.Plain):
    """An authorization may be published when it says what it covers, under which texts, and asks for duties that there are."""

    shape: Mapping[str, Shape] = {
        **dict.fromkeys((*WORDS, *TEXTS, "type", "legal_status", "enforcement_status"), text_or_nothing),
        **dict.fromkeys(("from", "until", "when"), text_or_nothing),
        "certified_facts": named(anything),
        "conditions": listed(a_text),
        "duties": named(anything),
    }

    def validate(self, key: str, content: Content) -> list[Problem]:
        found = list(_problems(content))
        if not found:
            compiled(key, 1, content)  # what is left now is a mistake of ours
        return found


def _problems(content: Content) -> Iterator[Problem]:
    for name in WORDS:
        if not str(content.get(name, "")).strip():
            yield Problem(name, "", f"Write the {name}.")
    for name, known in (
        ("type", list(KINDS)),
        ("legal_status", list(LegalStatus)),
        ("enforcement_status", list(EnforcementStatus)),
    ):
        if content.get(name) not in known:
            yield Problem(name, str(content.get(name, "")), f"Choose one of {', '.join(known)}.")
    for name in ("from", "until"):
        try:
            instant(content.get(name))
        except (ValueError, TypeError):
            yield Problem(
                name, str(content.get(name)), "Write a day such as 2026-01-31, or an instant with its offset."
            )
    yield from _condition(str(content.get("when") or ""))
    for fact in content.get("certified_facts", {}):
        if fact not in FACTS:
            yield Problem("certified_facts", fact, "There is no such fact.")
    conditions = content.get("conditions")
    if not isinstance(conditions, list):
        yield Problem("conditions", str(conditions), "List the keys of the texts, or an empty list.")
    else:
        yield from (
            Problem("conditions", key, "The library holds no such text.") for key in conditions if not _in_library(key)
        )
    yield from _duties(content.get("duties"))


def _condition(when: str) -> Iterator[Problem]:
    if not when:
        return
    try:
        names = asked_names(cel.compile(when), when)
    except ValueError as error:
        yield Problem("when", when[:200], f"It cannot be read: {error}.")
        return
    yield from (Problem("when", name, "There is no such fact.") for name in names if name not in {*TYPES, *DERIVED})


def _duties(given: object) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield Problem("duties", str(given), "Give the duties as a record, which may be empty.")
        return
    known = [field.name for field in fields(Duties)]
    for name, value in given.items():
        if name not in known:
            yield Problem(f"duties.{name}", str(value), f"There is no such duty; there are {', '.join(known)}.")
        elif name in TEXTS and not _in_library(str(value)):
            yield Problem(f"duties.{name}", str(value), "The library holds no such text.")
        elif name in WHOLE and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            yield Problem(f"duties.{name}", str(value), "Give a whole number.")
        elif name in QUANTITIES and not _is_quantity(value):
            yield Problem(f"duties.{name}", str(value), "Give a number above zero.")
    if any(name in given for name in QUANTITIES) and not given.get("unit"):
        yield Problem("duties.unit", "", "Say in which unit the quantities are.")


def _is_quantity(value: object) -> bool:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0


def _in_library(key: str) -> bool:
    try:
        text(key, timezone.now())
    except Invalid:
        return False
    return True
