"""A run as an inspector reads it: everything it rested on, what it found, and who decided what."""

import json
from typing import Any

from licensing.audit.canonical import plain
from licensing.countries.sheets import table
from licensing.screening.models import Disposition, Hit, ScreeningRun

COLUMNS = (
    "run", "party_ref", "party_role", "party_name", "list", "snapshot", "snapshot_sha256", "entity_id", "listed_name", "score",
    "explanation", "status", "reason", "sentence", "scope", "expires_on", "decided_at", "reviewer", "second_reviewer", "reopened_because",
)  # fmt: skip


def record_of(run: ScreeningRun) -> dict[str, Any]:
    """The whole record as plain JSON."""
    hits = run.hits.select_related("disposition", "listed_party").order_by("pk")
    kept: dict[str, Any] = plain(
        {
            "run": run.pk, "subject": {"kind": run.subject_kind, "id": run.subject_id}, "at": run.at, "finished_at": run.finished_at,
            "state": run.state, "error": run.error, "engine": run.engine_version, "thresholds": run.thresholds,
            "snapshots": run.snapshots, "queries": run.queries, "stakes": run.stakes, "result_sha256": run.result_sha256,
            "screened_by": run.actor_label, "hits": [_hit(hit) for hit in hits],
        }
    )  # fmt: skip
    return kept


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "party_ref": hit.party_ref, "party_role": hit.party_role, "party_name": hit.query_name, "list": hit.list_key,
        "entity_id": hit.entity_id, "listed_name": hit.listed_name, "listed_fingerprint": hit.listed_party.fingerprint,
        "license_requirement": hit.listed_party.license_requirement, "license_policy": hit.listed_party.license_policy,
        "score": hit.score, "features": hit.features, "status": hit.status, "reopened_because": hit.reopened_because,
        "decision": _decision(hit.disposition) if hit.disposition else None,
    }  # fmt: skip


def _decision(row: Disposition) -> dict[str, Any]:
    return {
        "status": row.status, "reason": row.reason, "sentence": row.sentence, "question": row.question, "scope": row.scope,
        "expires_on": row.expires_on, "decided_at": row.decided_at, "reviewer": row.reviewer_label,
        "second_reviewer": row.second_reviewer_label,
    }  # fmt: skip


def as_json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def as_csv(record: dict[str, Any]) -> bytes:
    """A line for each hit, with its decision; a run without hits is its heading alone."""
    snapshots = {row["list"]: row for row in record["snapshots"]}
    return table(
        [COLUMNS, *(_line(record["run"], hit, snapshots.get(hit["list"], {})) for hit in record["hits"])]
    ).encode()


def _line(run: int, hit: dict[str, Any], snapshot: dict[str, Any]) -> list[str]:
    decision = hit["decision"] or {}
    said = ("reason", "sentence", "scope", "expires_on", "decided_at", "reviewer", "second_reviewer")
    cells = [
        run, hit["party_ref"], hit["party_role"], hit["party_name"], hit["list"], snapshot.get("number"), snapshot.get("sha256"),
        hit["entity_id"], hit["listed_name"], hit["score"], hit["features"].get("sentence"), hit["status"],
        *(decision.get(name) for name in said), hit["reopened_because"],
    ]  # fmt: skip
    return ["" if cell is None else str(cell) for cell in cells]
