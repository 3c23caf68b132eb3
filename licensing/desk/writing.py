"""Content as YAML that people write, and back: strict, so that nothing is read otherwise than it looks. Pure.

Only JSON's own kinds: `no` is a word and not false, `21:21` and `2026-06-12` are texts, a key stands once, and there are no aliases.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from licensing.audit.canonical import plain
from licensing.audit.refusals import Invalid

MOST = 500_000  # characters
DEEPEST = 30
PARTS = {
    "tag:yaml.org,2002:bool": (r"(?:true|false)", "tf"),
    "tag:yaml.org,2002:null": (r"(?:~|null|)", ["~", "n", ""]),
    "tag:yaml.org,2002:int": (r"(?:0|-?[1-9][0-9]*)", "-0123456789"),
    "tag:yaml.org,2002:float": (r"-?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?", "-0123456789"),
}


class _Loader(yaml.SafeLoader):
    """Fails where YAML would guess: at a key that stands twice, at an alias, and at what is nested without end."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _wrong("write it out instead of an alias", event)
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > DEEPEST:
            raise _wrong("this is nested too deeply", event)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen or key.value == "<<":
                problem = f"{key.value!r} stands twice" if key.value in seen else "a key must be a word"
                raise _wrong(problem, key)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _wrong(problem: str, place: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=place.start_mark)


for _tag, (_pattern, _first) in PARTS.items():
    _Loader.add_implicit_resolver(_tag, re.compile(f"^{_pattern}$"), list(_first))


class _Dumper(yaml.SafeDumper):
    """Longer texts stand in blocks."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    odd = any(not character.isprintable() and character != "\n" for character in value)
    odd = odd or any(re.fullmatch(pattern, value) for pattern, _ in PARTS.values())  # a text that reads as a number
    style = '"' if odd else "|" if "\n" in value else ">" if len(value) > 100 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def written(content: Mapping[str, Any]) -> str:
    """The content as YAML that `read` reads back as it was; keys in the order of the content."""
    if not content:
        return ""
    return yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def read(text: str) -> dict[str, Any]:
    """The content that YAML says. Raises `Invalid` with the line and what is wrong there."""
    if len(text) > MOST:
        raise Invalid.one("text", f"{len(text)} characters", f"At most {MOST} characters: leave something out.")
    try:
        content = plain(yaml.load(text, _Loader) or {})  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Invalid.one("text", "", f"{where}{error.problem}. Correct it; what you wrote is kept here.") from None
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise Invalid.one("text", "", f"This cannot be read: {error}. What you wrote is kept here.") from None
    if not isinstance(content, dict):
        raise Invalid.one("text", text[:80], "Begin with named parts, such as title: …")
    return content
