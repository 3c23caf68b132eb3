"""What the applicant's pages show beyond the model: the task list and the summary of all answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from licensing.cases import wording
from licensing.cases.models import (
    AttachmentKind,
    DeliveryMode,
    PartyRole,
    Sector,
    TransactionKind,
)
from licensing.cases.rules import Filed, Missing

TASKS = (
    ("transaction", "The transaction", "Kind, delivery, destination"),
    ("items", "Models", "Which versions, and what may be done with them"),
    ("parties", "Parties", "Everybody who takes part"),
    ("sites", "Hosting sites", "Where the weights are stored or the model runs"),
    ("end_use", "End use", "What for, in which sector"),
    ("contact", "Contact person", "Who can answer questions"),
    ("documents", "Documents", "Statements, specifications, evaluations"),
    ("notes", "Further information", "Optional"),
)
ANCHORS = {"end_use": "end-use"}


@dataclass(frozen=True)
class Task:
    topic: str
    title: str
    hint: str
    status: str
    slug: str


@dataclass(frozen=True)
class Line:
    """One row of a summary: what was asked and what was answered."""

    label: str
    value: str


@dataclass(frozen=True)
class Section:
    title: str
    slug: str
    lines: tuple[Line, ...]


def tasks(filed: Filed, missing: Sequence[Missing]) -> list[Task]:
    """The task list: done when nothing of the topic is missing, not started when nothing was answered."""
    gaps = {gap.topic for gap in missing}
    return [
        Task(topic, title, hint, _task_status(topic, filed, gaps), ANCHORS.get(topic, topic))
        for topic, title, hint in TASKS
    ]


def _task_status(topic: str, filed: Filed, gaps: set[str]) -> str:
    if topic not in gaps:
        optional = {"documents": filed["attachments"], "notes": _notes(filed)}
        return "optional" if topic in optional and not optional[topic] else "completed"
    answered: Mapping[str, Any] = {
        "transaction": any(filed["transaction"].values()),
        "contact": any(filed["contact"].values()),
        "items": filed["items"],
        "parties": filed["parties"],
        "sites": filed["sites"],
        "end_use": filed["end_use"]["statement"],
    }
    return "in progress" if answered.get(topic) else "not started"


def _notes(filed: Filed) -> bool:
    fields = ("special_purpose", "additional_information", "resubmission_of", "replaces_license", "prior_authorization")
    return filed["application"]["emergency"] or any(filed["application"][name] for name in fields)


def gaps(missing: Sequence[Missing]) -> list[tuple[Missing, str]]:
    """All that is missing, each with the slug of the page where it is mended."""
    return [(gap, ANCHORS.get(gap.topic, gap.topic)) for gap in missing]


def sections(filed: Filed, countries: Mapping[str, str]) -> list[Section]:
    """The whole application as people read it. `countries` maps codes to names."""
    return [
        Section("Applicant", "organization", tuple(_applicant(filed["applicant"], countries))),
        Section("The transaction", "transaction", tuple(_transaction(filed, countries))),
        *(Section(f"Item {item['number']}", "items", tuple(_item(item))) for item in filed["items"]),
        *(
            Section(PartyRole(party["role"]).label, "parties", tuple(_party(party, countries)))
            for party in filed["parties"]
        ),
        *_ownership(filed, countries),
        *(Section("Hosting site", "sites", tuple(_site(site, countries))) for site in filed["sites"]),
        Section("End use", "end-use", tuple(_end_use(filed))),
        Section("Contact person", "contact", tuple(_contact(filed))),
        Section("Documents", "documents", tuple(_documents(filed))),
        Section("Further information", "notes", tuple(_further(filed))),
    ]


def said(value: bool | None) -> str:
    return {True: "Yes", False: "No", None: "Not answered"}[value]


def _transaction(filed: Filed, countries: Mapping[str, str]) -> Iterator[Line]:
    transaction = filed["transaction"]
    yield Line("Kind", TransactionKind(transaction["kind"]).label if transaction["kind"] else "Not answered")
    yield Line(
        "Delivery", ", ".join(DeliveryMode(mode).label for mode in transaction["delivery_modes"]) or "Not answered"
    )
    yield Line("Destination", countries.get(transaction["destination"], "Not answered"))
    months = filed["application"]["requested_months"]
    yield Line("Validity asked for", f"{months} months" if months else "The usual time")
    yield Line("All items or none", said(filed["application"]["all_or_nothing"]))


def _item(item: Mapping[str, Any]) -> Iterator[Line]:
    yield Line("Model", f"{item['model']} {item['version']}")
    yield Line("Weights", wording.WEIGHTS.get(item["weights"], item["weights"]))
    yield Line("Training operations", wording.training(item))
    yield Line("Weights manifest", item["model_hash"] or "Not given")
    yield Line("Description", item["technical_description"] or "Not answered")
    yield Line("Fine-tuning by the recipient", said(item["fine_tuning"]))
    yield Line("Use by others", said(item["sublicensing"]))


def _party(party: Mapping[str, Any], countries: Mapping[str, str]) -> Iterator[Line]:
    yield Line("Name", party["name"])
    yield Line("Country", countries.get(party["country"], party["country"]))
    yield from starmap(Line, wording.known_by(party))
    if party["kind"] == "person":
        yield Line("Citizenships", ", ".join(countries.get(code, code) for code in party["citizenships"]))
        yield Line("Permanent residence", countries.get(party["permanent_residence"], "None"))
        yield Line("Employer", party.get("employer") or "None")
    else:
        yield Line("Headquarters", countries.get(party["headquarters"], "Not answered"))
        yield Line("Ultimate parent", _parent(party, party["ultimate_parent_country"], countries))


def _applicant(applicant: Mapping[str, Any], countries: Mapping[str, str]) -> Iterator[Line]:
    yield Line("Name", applicant["name"])
    yield Line("Country", countries.get(applicant["country"], applicant["country"]))
    yield from starmap(Line, wording.known_by(applicant))


def _ownership(filed: Filed, countries: Mapping[str, str]) -> Iterator[Section]:
    for stake in wording.stake_blocks(filed, countries):
        lines = (
            Line("Owner", ", ".join(filter(None, (stake.owner, stake.country)))),
            Line("Share", f"{stake.share}, as of {stake.as_of:%-d %B %Y}"),
            *(Line(*note.split(": ", 1)) for note in stake.notes),
        )
        yield Section(f"Owner of {stake.owned}", "parties", lines)


def _parent(row: Mapping[str, Any], country: str, countries: Mapping[str, str]) -> str:
    if country:
        return ", ".join(filter(None, (row.get("ultimate_parent_name"), countries.get(country, country))))
    return "None: nobody else owns it" if row.get("independent") else "Not answered"


def _site(site: Mapping[str, Any], countries: Mapping[str, str]) -> Iterator[Line]:
    yield Line("Site", site["name"])
    yield Line("Location", countries.get(site["country"], site["country"]))
    yield Line("Operator", site["operator"] or "Not answered")
    yield Line("Operator's headquarters", countries.get(site["headquarters"], "Not answered"))
    yield Line("Operator's ultimate parent", _parent(site, site["ultimate_parent"], countries))
    yield Line("Keys held by", site["key_custody"].replace("_", " ") or "Not answered")


def _end_use(filed: Filed) -> Iterator[Line]:
    end_use = filed["end_use"]
    yield Line("End use", end_use["statement"] or "Not answered")
    yield Line("Sector", Sector(end_use["sector"]).label if end_use["sector"] else "Not answered")
    yield Line("Decisions about people", said(end_use["decides_about_people"]))
    if end_use["human_oversight"]:
        yield Line("Human oversight", end_use["human_oversight"])
    yield Line("Military end use", said(end_use["military_end_use"]))
    yield Line("Weapons of mass destruction", said(end_use["wmd_end_use"]))
    yield Line("Surveillance or human rights", said(end_use["human_rights_concern"]))
    yield Line("Nuclear relevance", said(end_use["nuclear_relevant"]))


def _contact(filed: Filed) -> Iterator[Line]:
    yield Line("Name", filed["contact"]["name"] or "Not answered")
    yield Line("E-mail", filed["contact"]["email"] or "None")
    yield Line("Telephone", filed["contact"]["phone"] or "None")


def _documents(filed: Filed) -> Iterator[Line]:
    for row in filed["attachments"]:
        yield Line(
            AttachmentKind(row["kind"]).label, f"{row['title']} ({row['filename']}, SHA-256 {row['sha256'][:12]}…)"
        )


def _further(filed: Filed) -> Iterator[Line]:
    application = filed["application"]
    yield Line("Emergency processing", said(application["emergency"]))
    for field, label in (
        ("special_purpose", "Special purpose"),
        ("resubmission_of", "Earlier application"),
        ("replaces_license", "Replaces license"),
        ("prior_authorization", "Earlier authorization"),
        ("additional_information", "Additional information"),
    ):
        if application[field]:
            yield Line(label, application[field])
