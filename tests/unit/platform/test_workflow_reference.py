"""docs/workflows.md names every key, command, refusal, event and rule of the kernel, and none that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflows.kernel import Code, shape
from workflows.kernel.decide import COMMANDS
from workflows.kernel.load import load
from workflows.kernel.simulate import play, read

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
KERNEL = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflows").rglob("*.py"))


def section(title: str) -> str:
    return REFERENCE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """The words in code type in the first cell of every row."""
    cells = re.findall(r"^\|([^|]+)\|", text, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def keys_of(schema: Any) -> Iterator[str]:
    """Every fixed key that a definition may have, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else ()
        for part in schema.values():
            yield from keys_of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys_of(part)


def test_every_key_of_a_definition_is_explained() -> None:
    text = section("The file")
    assert {key for key in keys_of(shape.SCHEMA) if not re.search(rf"\b{key}\b", text)} == set()


def test_every_rule_is_explained() -> None:
    rules = REFERENCE.partition("### Rules")[2].partition("\n## ")[0]
    assert first_cells(rules) - {"rule"} == {*shape.RULE_NAME["enum"], "n_of_m"}


def test_the_commands_are_those_of_the_kernel() -> None:
    assert first_cells(section("Commands")) == {"start", *COMMANDS}


def test_the_codes_are_those_of_the_kernel() -> None:
    listed = section("Refusals").partition("never change:")[2]
    assert set(re.findall(r"`(\w+)`", listed)) == {code.value for code in Code}


def test_the_events_are_those_that_the_kernel_writes() -> None:
    written = set(re.findall(r"\b(?:emit|follow)\(\s*\"(\w+)\"", KERNEL)) | {"warned", "expired"}
    rows = section("Events").partition("|---|---|")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", rows)) == written


def codes_of_findings() -> Iterator[ast.expr]:
    """The second part of every `Finding(line, code, …)` and of every `yield path, code, message, mend`."""
    for node in ast.walk(ast.parse(KERNEL)):
        if isinstance(node, ast.Call) and re.fullmatch(r"(\w+\.)?Finding", ast.unparse(node.func)):
            yield node.args[1]
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 4:
            yield node.value.elts[1]


def test_the_findings_are_those_that_the_code_makes() -> None:
    made = {code.value for code in codes_of_findings() if isinstance(code, ast.Constant)}
    assert first_cells(section("Findings")) - {"code"} == made


def test_the_script_has_every_command_once_and_all_are_accepted() -> None:
    rows = read((ROOT / "docs" / "every-command.jsonl").read_text(encoding="utf-8").splitlines())
    definition = load((ROOT / "fixtures" / "workflows" / "us-interagency.yaml").read_text(encoding="utf-8"))
    told = list(play(definition, rows, {}))
    assert [line for line in told if "refused" in line] == []
    assert told[-1]["state"]["end"] == "cancelled"
    by_itself = {"complete", "expire"}  # an outcome, and time
    assert {row["command"] for row in rows if "command" in row} == COMMANDS.keys() - by_itself
