"""The search of a run, and the same search again, years later: it says what is missing before it says what it found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from licensing.audit.refusals import Invalid
from licensing.parties.rules import Stake
from licensing.screening import fingerprints, match
from licensing.screening.engine import seal
from licensing.screening.match import Index, Match, ScreeningQuery
from licensing.screening.models import ListSnapshot, RunState, ScreeningRun
from licensing.screening.ownership import Found, owned_by_listed
from licensing.screening.queries import SEPARATOR, index_of


@dataclass(frozen=True)
class Replay:
    """`missing` says in sentences what is needed and not there; without any, the digests are SHA-256 of canonical JSON."""

    missing: tuple[str, ...]
    expected: str = ""
    found: str = ""

    @property
    def same(self) -> bool:
        return not self.missing and self.expected == self.found


def replay(run: ScreeningRun) -> Replay:
    """Search for the run's parties in the lists as they stood for it, with its threshold. Writes nothing."""
    snapshots, missing = _snapshots_of(run)
    if run.state != RunState.DONE:
        missing.append(f"The run has no result: it is {run.get_state_display().lower()}.")
    elif not run.result_sha256:
        missing.append("The digest of the result: the run is older than digests are.")
    if run.engine_version != match.ENGINE:
        missing.append(seal.where(run.engine_version, match.ENGINE))
    if missing:
        return Replay(tuple(missing))
    try:
        asked = once_each([query_of(row) for row in run.queries])
        found = searched(asked, snapshots, run.thresholds, stakes_of(run.stakes))
    except (LookupError, match.UnusableName) as error:
        return Replay((str(error),))
    return Replay((), run.result_sha256, result_digest(found))


def _snapshots_of(run: ScreeningRun) -> tuple[list[ListSnapshot], list[str]]:
    known = {
        (row.restricted_list.key, row.number, row.sha256): row
        for row in ListSnapshot.objects.filter(sha256__in=[row["sha256"] for row in run.snapshots])
        .select_related("restricted_list")
        .defer("data")
    }
    wanted = [(row["list"], row["number"], row["sha256"]) for row in run.snapshots]
    missing = [
        f"Number {number} of the list {key}." for key, number, digest in wanted if (key, number, digest) not in known
    ]
    return [known[row] for row in wanted if row in known], missing


def query_of(row: dict[str, Any]) -> ScreeningQuery:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return ScreeningQuery(**given)


def stakes_of(rows: Sequence[Sequence[str | None]]) -> list[Stake]:
    """The stakes as a run keeps them: owner, owned, percent."""
    return [Stake(owner, owned, None if percent is None else Decimal(percent)) for owner, owned, percent in rows]


def searched(
    queries: Sequence[ScreeningQuery],
    snapshots: list[ListSnapshot],
    thresholds: Mapping[str, Any],
    stakes: Sequence[Stake] = (),
) -> Found:
    """Everything above the threshold of its list, and what listed parties own: a hit beyond a limit would be one that nobody decides."""
    index = index_of(snapshots)
    found = [(query, hit) for query in queries for hit in above(index, query, thresholds)]
    rule = thresholds.get("ownership")
    if not rule:
        return found  # a run that is older than the rule
    owned = owned_by_listed(queries, found, stakes, limit=Decimal(rule["limit"]), lists=rule["lists"])
    return list({(query.ref, hit.entity_id): (query, hit) for query, hit in found + owned}.values())


def above(index: Index, query: ScreeningQuery, thresholds: Mapping[str, Any]) -> list[Match]:
    """What the index finds for a party, at the threshold of each list."""
    score, own = thresholds["score"], thresholds.get("lists", {})
    found = index.search(query, limit=max(1, len(index.names)), threshold=min([score, *own.values()]))
    return (
        [hit for hit in found if hit.score >= own.get(hit.entity_id.partition(SEPARATOR)[0], score)] if own else found
    )


def result_digest(found: Found) -> str:
    return fingerprints.of_result(
        {
            "ref": query.ref, "entity_id": hit.entity_id, "listed_name": hit.listed_name, "query_name": hit.query_name,
            "score": hit.score, "features": hit.features,
        }
        for query, hit in found
    )  # fmt: skip


def once_each(queries: Sequence[ScreeningQuery]) -> list[ScreeningQuery]:
    """Each party once, with all its roles: a party may be end user and consignee. Blank aliases say nothing and are left out."""
    once: dict[str, ScreeningQuery] = {}
    for query in queries:
        said = replace(query, aliases=tuple(alias for alias in query.aliases if alias.strip()))
        known = once.setdefault(query.ref, said)
        if fingerprints.of_query(known) != fingerprints.of_query(said):
            raise Invalid.one("queries", query.ref, f"{query.ref} stands for two parties: give each its own.")
        if said.role not in known.role.split(", "):
            once[query.ref] = replace(known, role=f"{known.role}, {said.role}")
    if not once:
        raise Invalid.one("queries", "", "Name the parties to screen.")
    return list(once.values())
