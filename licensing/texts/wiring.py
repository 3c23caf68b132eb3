"""What this room brings to the others, done once when the applications are ready."""

import re

from licensing.audit.refusals import Problem
from licensing.publishing import observers
from licensing.publishing.observers import Content
from licensing.texts.queries import KIND, KINDS

BLANK = re.compile(r"\{(\w+)\}")


class Texts(observers.Plain):
    """A text says something, has a title, and fills every blank that it leaves."""

    def validate(self, key: str, content: Content) -> list[Problem]:
        problems = [
            Problem(name, "", f"Write the {name}.")
            for name in ("title", "body")
            if not str(content.get(name, "")).strip()
        ]
        if key.partition(":")[0] not in KINDS:
            problems.append(Problem("key", key, f"A key begins with one of {', '.join(KINDS)} and a colon."))
        blanks, filled = set(BLANK.findall(content.get("body", ""))), set(content.get("parameters", {}))
        problems += [
            Problem("parameters", name, "The body leaves this blank: give its default.")
            for name in sorted(blanks - filled)
        ]
        problems += [
            Problem("parameters", name, "The body has no such blank: remove it.") for name in sorted(filled - blanks)
        ]
        return problems


observers.register(KIND, Texts())
