"""What this room brings to the others, done once when the applications are ready."""

from collections.abc import Mapping

from django.utils import timezone

from licensing.audit.refusals import Problem
from licensing.publishing import observers
from licensing.publishing.observers import Content
from licensing.publishing.shape import Shape, anything, listed, named, text
from licensing.texts import commands, duties, letters
from licensing.texts.duties import BOUND, LICENSEE, Duty
from licensing.texts.queries import KIND, KINDS, LETTER, paragraphs
from workflows import outbox


class Texts(observers.Plain):
    """A text says something, has a title, and fills every blank that it leaves."""

    shape: Mapping[str, Shape] = {
        **dict.fromkeys(("title", "body", "source", "duty"), text),
        "parameters": named(anything),
        "binds": listed(text),
    }

    def validate(self, key: str, content: Content) -> list[Problem]:
        problems = [
            Problem(name, "", f"Write the {name}.")
            for name in ("title", "body")
            if not str(content.get(name, "")).strip()
        ]
        if key.partition(":")[0] not in KINDS:
            problems.append(Problem("key", key, f"A key begins with one of {', '.join(KINDS)} and a colon."))
        return problems + _duty_problems(content)


def _duty_problems(content: Content) -> list[Problem]:
    """A duty that there is, its own parameters and no others, defaults that fit, everybody bound known, every blank filled."""
    defaults, duty = content.get("parameters", {}), content.get("duty", Duty.PLAIN)
    if duty not in list(Duty):
        return [Problem("duty", str(duty), f"Choose one of {', '.join(Duty)}.")]
    problems = [
        Problem("binds", str(who), f"Choose among {', '.join(BOUND)}.")
        for who in content.get("binds", (LICENSEE,))
        if who not in BOUND
    ]
    if not isinstance(content.get("precedent", False), bool):
        problems.append(Problem("precedent", str(content["precedent"]), "Say true or false."))
    _, wrong = duties.read(duty, defaults, defaults)
    problems += [Problem(f"parameters.{name}", str(value), mend) for name, (value, mend) in sorted(wrong.items())]
    left = set(duties.BLANK.findall(content.get("body", "")))
    taken = set(duties.blanks(duty, defaults))
    problems += [
        Problem("parameters", name, "The body leaves this blank: give its default.") for name in sorted(left - taken)
    ]
    problems += [Problem("parameters", name, "The body has no such blank: remove it.") for name in sorted(taken - left)]
    return problems


class LetterTexts(observers.Plain):
    """Templates of letters and their paragraphs: only words that stand for something, and none missing that a letter needs."""

    shape: Mapping[str, Shape] = dict.fromkeys(("title", "body", "source"), text)

    def validate(self, key: str, content: Content) -> list[Problem]:
        kind, _, name = key.partition(":")
        problems = [
            Problem(part, "", f"Write the {part}.")
            for part in ("title", "body")
            if not str(content.get(part, "")).strip()
        ]
        body = str(content.get("body", ""))
        if kind == "paragraph":
            return problems + letters.paragraph_problems(body)
        if kind != "letter":
            return [*problems, Problem("key", key, "A key begins with letter: or paragraph:.")]
        library = {found: text.body for found, text in paragraphs(timezone.now()).items()}
        return problems + letters.problems(name, body, library)


observers.register(KIND, Texts(), desk="Texts")
observers.register(LETTER, LetterTexts(), desk="Letters")
outbox.register(commands.RENDER, commands.seal_effect, "documents")
