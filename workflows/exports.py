"""Histories for other tools: CSV for spreadsheets, XES (IEEE 1849) for process mining."""

import csv
import json
from collections.abc import Iterable
from typing import TextIO
from xml.sax.saxutils import quoteattr

from workflows.models import Event, Instance

COLUMNS = ("reference", "definition", "version", "sequence", "at", "event", "actor", "stage", "seat", "data", "hash")


def _events(instance: Instance) -> Iterable[tuple[Event, str]]:
    """The events with the stage in which each happened."""
    stage = ""
    for row in instance.events.order_by("sequence"):
        stage = row.data["stage"] if row.kind == "stage_entered" else stage
        yield row, stage


def to_csv(instances: Iterable[Instance], out: TextIO) -> None:
    """One row for each event."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for instance in instances:
        for row, stage in _events(instance):
            writer.writerow(
                [
                    instance.reference, instance.definition.key, instance.definition.version, row.sequence, row.at.isoformat(), row.kind,
                    row.actor, stage, row.data.get("seat", ""), json.dumps(row.data, sort_keys=True), row.hash,
                ]
            )  # fmt: skip


def to_xes(instances: Iterable[Instance], out: TextIO) -> None:
    """One trace for each case, one event for each of its events."""
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">\n'
    )
    for prefix, name in (("concept", "Concept"), ("time", "Time"), ("org", "Organizational")):
        out.write(f'  <extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n')
    for instance in instances:
        out.write(f'  <trace>\n    <string key="concept:name" value={quoteattr(instance.reference)}/>\n')
        for row, stage in _events(instance):
            name = ".".join(filter(None, (stage, str(row.data.get("seat", "")), row.kind)))
            out.write(
                f'    <event><string key="concept:name" value={quoteattr(name)}/><date key="time:timestamp" value="{row.at.isoformat()}"/>'
                f'<string key="org:resource" value={quoteattr(row.actor)}/></event>\n'
            )
        out.write("  </trace>\n")
    out.write("</log>\n")
