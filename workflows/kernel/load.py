"""Reading a definition: strict YAML, every mistake with its line, and what comes of it as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from workflows.kernel.definition import (
    CLOSED,
    Appeal,
    Claim,
    Clock,
    Decide,
    Definition,
    Expiry,
    Hold,
    Path,
    Rfi,
    Route,
    Rule,
    SeatPlan,
    Stage,
)
from workflows.kernel.shape import check_shape


@dataclass(frozen=True)
class Finding:
    """One mistake in a definition: the line (from 1), a stable code, what is wrong, and how to mend it."""

    line: int
    code: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.line}: {self.code} {self.message}; {self.mend}"


class BadDefinition(Exception):
    """The definition cannot be used; `findings` says why, every mistake at once."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


TAGS = {"tag:yaml.org,2002:str": str, "tag:yaml.org,2002:int": int}
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
MAX_SIZE = 1_000_000


def load(text: str) -> Definition:
    """A definition from YAML. Raises BadDefinition with every mistake in its form; static checks are `checks.check`."""
    if len(text) > MAX_SIZE:
        raise BadDefinition([Finding(1, "too-large", "the file has over a million characters", "split it")])
    lines: dict[Path, int] = {}
    findings: list[Finding] = []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        source = _value(node, (), lines, findings, depth=0)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark, what = getattr(error, "problem_mark", None), getattr(error, "problem", error)
        line = mark.line + 1 if mark else 1
        raise BadDefinition([Finding(line, "not-yaml", f"this is not YAML: {what}", "correct the syntax")]) from None
    findings += [Finding(_line(lines, path), "shape", message, mend) for path, message, mend in check_shape(source)]
    if findings:
        raise BadDefinition(sorted(findings, key=lambda finding: finding.line))
    return from_json(source, lines)


def _line(lines: Mapping[Path, int], path: Path) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _value(node: yaml.Node | None, path: Path, lines: dict[Path, int], findings: list[Finding], depth: int) -> Any:
    """A node as plain JSON. Only strings, whole numbers, true, false and null; no aliases, no duplicate keys."""
    if node is None:
        return None
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if depth > 20:
        findings.append(Finding(line, "too-deep", "this is nested too deeply", "flatten it"))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, findings, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, str(i)), lines, findings, depth + 1) for i, item in enumerate(node.value)]
    return _scalar(node, line, findings)


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], findings: list[Finding], depth: int
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    seen_nodes = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value
        if not isinstance(key, str) or not isinstance(key_node, yaml.ScalarNode):
            findings.append(Finding(line, "bad-key", "a key must be a word", "write it as plain text"))
            continue
        if key == "<<":
            findings.append(Finding(line, "alias", "merging is not allowed", "write the keys out"))
        if key in result:
            findings.append(Finding(line, "duplicate-key", f"{key!r} stands twice", "remove one of the two"))
        if id(value_node) in seen_nodes or value_node.start_mark.index < key_node.start_mark.index:
            findings.append(Finding(line, "alias", f"{key!r} refers to another place", "write its value out"))
            continue
        seen_nodes.add(id(value_node))
        lines[(*path, key)] = line
        result[key] = _value(value_node, (*path, key), lines, findings, depth + 1)
    return result


def _scalar(node: yaml.Node, line: int, findings: list[Finding]) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    if text in WORDS:
        return WORDS[text]
    if text.lstrip("-").isdigit() and text.isascii():
        if len(text) > 18 or (text.lstrip("-").startswith("0") and text not in ("0", "-0")):
            findings.append(
                Finding(
                    line, "bad-number", f"{text} is not a number that can be used", "write it without leading zeros"
                )
            )
            return 0
        return int(text)
    return text


def from_json(source: Mapping[str, Any], lines: Mapping[Path, int] | None = None) -> Definition:
    """A definition from its plain JSON, which has passed the shape check before."""
    anywhere = source.get("any_stage") or {}
    calendar = _calendar_of(source)
    hold = anywhere.get("hold")
    return Definition(
        key=source["key"],
        version=source["version"],
        start=source["start"],
        facts=source.get("facts") or {},
        favor=tuple(source.get("votes", {}).get("favor", ())),
        against=tuple(source.get("votes", {}).get("against", ())),
        clocks={key: _clock(data) for key, data in (source.get("clocks") or {}).items()},
        stages={key: _stage(key, data, calendar) for key, data in source["stages"].items()},
        withdraw=anywhere.get("withdraw", ""),
        hold=Hold(hold["max"], hold["unit"], hold.get("reasons", "")) if hold else None,
        source=source,
        lines=dict(lines or {}),
    )


def _clock(data: Mapping[str, Any], *, own: bool = False) -> Clock:
    expiry = data.get("at_expiry") or {}
    if isinstance(expiry, str):
        expiry = {"closed": True} if expiry == CLOSED else {"goto": expiry}
    return Clock(
        limit=data["limit"],
        unit=data["unit"],
        calendar=data.get("calendar", ""),
        starts=data.get("starts", ""),
        pauses_on=tuple(data["pauses_on"]) if "pauses_on" in data else (("rfi",) if own else ()),
        warn=tuple(data.get("warn", ())),
        at_expiry=Expiry(**expiry),
    )


def _calendar_of(source: Mapping[str, Any]) -> str:
    """The calendar that counts where a part counts working days and names none: the one that the definition's clocks name."""
    clocks = [
        *(source.get("clocks") or {}).values(),
        *(data["clock"] for data in source["stages"].values() if "clock" in data),
    ]
    return next((str(clock["calendar"]) for clock in clocks if clock.get("calendar")), "")


def _stage(key: str, data: Mapping[str, Any], calendar: str) -> Stage:
    rfi, appeal = data.get("rfi"), data.get("appeal")
    return Stage(
        key=key,
        seats=tuple(_seat(seat, plan) for seat, plan in (data.get("seats") or {}).items()),
        decide=_decide(data["decide"]) if "decide" in data else None,
        consolidate=data.get("consolidate") or {},
        route={outcome: _route(target) for outcome, target in (data.get("route") or {}).items()},
        actions=data.get("actions") or {},
        limits=data.get("limits") or {},
        at_limit=(data.get("at_limit") or {}).get("escalate", ""),
        clock=_clock(data["clock"], own=True) if "clock" in data else None,
        claim=_claim(data["claim"], calendar) if "claim" in data else None,
        rfi=_rfi(rfi, calendar) if rfi else None,
        appeal=_appeal(appeal, calendar) if appeal else None,
        visibility=data.get("visibility", "open"),
        effect=data.get("effect", ""),
        end=data.get("end", ""),
    )


def _seat(key: str, plan: Mapping[str, Any]) -> SeatPlan:
    return SeatPlan(
        key, plan["pool"], plan.get("when", ""), plan.get("after", ""), tuple(plan.get("not_same_person_as", ()))
    )


def _rfi(data: Mapping[str, Any], calendar: str) -> Rfi:
    return Rfi(
        data["to"], data["limit"], data["unit"], data["at_expiry"], data["max"], data.get("calendar", calendar),
        data.get("opens") == "on_entry",
    )  # fmt: skip


def _claim(data: Mapping[str, Any], calendar: str) -> Claim:
    return Claim(data["limit"], data["unit"], data.get("calendar", calendar))


def _appeal(data: Mapping[str, Any], calendar: str) -> Appeal:
    return Appeal(tuple(data["by"]), data["window"], data["unit"], data["to"], data.get("calendar", calendar))


def _decide(data: Mapping[str, Any]) -> Decide:
    rule = data["rule"]
    tie = data.get("tie", "")
    when: tuple[tuple[str, Rule], ...] = ()
    if isinstance(rule, str):
        default = Rule(rule, data.get("n", 0))
    elif "rule" in rule:
        default = Rule(rule["rule"], rule.get("n", 0))
    else:
        default = _rule(rule["default"])
        when = tuple((row["if"], _rule(row["then"])) for row in rule.get("when", ()))
    return Decide(
        default=default,
        when=when,
        chair=data.get("chair", ""),
        tie=tie if isinstance(tie, str) else "",
        tie_goto=tie["goto"] if isinstance(tie, dict) else "",
        on_split=data.get("on_split", ""),
    )


def _route(data: Any) -> Route:
    if isinstance(data, str):
        return Route(data)
    return Route(data["default"], tuple((row["if"], row["then"]) for row in data["when"]))


def _rule(data: Any) -> Rule:
    return Rule(data) if isinstance(data, str) else Rule(data["rule"], data.get("n", 0))
