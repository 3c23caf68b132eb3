"""A definition as a picture: SVG and plain text, with where a case is, what is done and what was skipped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from workflows.kernel.definition import Definition, Stage

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 190, 62, 70, 26, 24
COLORS = {"": "#ffffff", "done": "#e6f2ea", "current": "#fff3d6", "skipped": "#f1f1f1"}


@dataclass(frozen=True)
class Marks:
    """What a case has done: how each stage stands (`done`, `current`) and a line for it, such as the time spent."""

    stages: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)


def layers(definition: Definition) -> list[list[str]]:
    """Stages by their distance from the start; what nothing leads to stands last."""
    distance = {definition.start: 0}
    waiting = [definition.start]
    while waiting:
        here = waiting.pop(0)
        for _, target in definition.stages[here].targets():
            if target not in distance and target in definition.stages:
                distance[target] = distance[here] + 1
                waiting.append(target)
    last = max(distance.values()) + 1
    depth = {key: distance.get(key, last) for key in definition.stages}
    return [[key for key in definition.stages if depth[key] == number] for number in sorted(set(depth.values()))]


def text(definition: Definition, marks: Marks | None = None) -> str:
    """The stages in order, each with its seats and where it leads."""
    marks = marks or Marks()
    lines = [f"{definition.key} {definition.version}"]
    for layer in layers(definition):
        for key in layer:
            stage = definition.stages[key]
            sign = {"current": ">", "done": "x"}.get(marks.stages.get(key, ""), " ")
            lines.append(f"{sign} {key:14} {summary(stage)}{'  ' + marks.lines[key] if key in marks.lines else ''}")
            lines += [f"      {'.'.join(path)} -> {target}" for path, target in stage.targets()]
    return "\n".join(lines)


def summary(stage: Stage) -> str:
    if stage.end:
        return f"end: {stage.end}"
    if stage.effect:
        return f"automated: {stage.effect}"
    seats = ", ".join(seat.key + ("?" if seat.when else "") for seat in stage.seats)
    rule = (
        " / ".join(f"{rule.name} {rule.n or ''}".strip() for rule in stage.decide.rules())
        if stage.decide
        else "actions"
    )
    return f"{rule}: {seats}"


def svg(definition: Definition, marks: Marks | None = None) -> str:
    """A standing picture: layers from left to right, ends on the right."""
    marks = marks or Marks()
    columns = layers(definition)
    place = {
        key: (MARGIN + column * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
        for column, keys in enumerate(columns)
        for row, key in enumerate(keys)
    }
    width = 2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + max(len(keys) for keys in columns) * (HEIGHT + GAP_Y) - GAP_Y
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(definition.key)}, version {definition.version}" '
        'font-family="Source Sans 3, Arial, sans-serif" font-size="13">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#8a6d2f"/></marker></defs>',
    ]
    parts += [
        _edge(place[key], place[target])
        for key in place
        for target in sorted({to for _, to in definition.stages[key].targets()})
    ]
    parts += [_box(definition.stages[key], *place[key], marks) for key in place]
    return "\n".join([*parts, "</svg>"])


def _edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x1, y1), (x2, y2) = start, end
    if x2 > x1:
        left, right, bend = (x1 + WIDTH, y1 + HEIGHT // 2), (x2, y2 + HEIGHT // 2), GAP_X // 2
        path = f"M{left[0]} {left[1]}C{left[0] + bend} {left[1]} {right[0] - bend} {right[1]} {right[0]} {right[1]}"
    else:
        here, there, low = x1 + WIDTH // 2, x2 + WIDTH // 2, max(y1, y2) + HEIGHT + GAP_Y
        path = f"M{here} {y1 + HEIGHT}C{here} {low} {there} {low} {there} {y2 + HEIGHT}"
    return f'<path d="{path}" fill="none" stroke="#8a6d2f" stroke-width="1.2" marker-end="url(#tip)"/>'


def _box(stage: Stage, x: int, y: int, marks: Marks) -> str:
    mark = marks.stages.get(stage.key, "")
    line = marks.lines.get(stage.key, "") or summary(stage)
    shown = line if len(line) <= 30 else line[:29] + "…"
    middle, corner, weight = x + WIDTH / 2, HEIGHT // 2 if stage.end else 5, 3 if mark == "current" else 1.4
    return (
        f"<g><title>{escape(stage.key)}: {escape(line)}{f' ({mark})' if mark else ''}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{corner}" fill="{COLORS[mark]}" '
        f'stroke="#14233b" stroke-width="{weight}"/>'
        f'<text x="{middle}" y="{y + 26}" text-anchor="middle" font-weight="700" fill="#14233b">{escape(stage.key)}</text>'
        f'<text x="{middle}" y="{y + 45}" text-anchor="middle" fill="#4b5768" font-size="11">{escape(shown)}</text></g>'
    )
