"""`python -m bench.screening`: the engine beside its peers on the same lists, questions and budget; pairs, scripts, changes of a list.

Weights and thresholds were tuned on one half of the questions; the other half was held out. CPU time, one process.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
import psutil

from bench.screening import data, memory, quality
from bench.screening.data import Question, party
from licensing.screening import formats
from licensing.screening.engine.alignment import align
from licensing.screening.engine.dates import iso_date
from licensing.screening.engine.index import require_usable
from licensing.screening.engine.names import fold
from licensing.screening.engine.parties import UnusableName
from licensing.screening.match import (
    ENGINE,
    THRESHOLD,
    Entry,
    Index,
    ScreeningQuery,
    listed,
    to_bytes,
)
from licensing.screening.segments import Segment

EACH = 1_000  # clean parties of each file
PEER, BRUTE = 250, 60  # right and wrong questions of each half that peers are asked
CROWD, COMPARED = 100_000, 100_000  # parties in the index of them, or as many as `--parties` says; asked forward too
FORKED = 100  # questions to a forked process


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-screening", description=__doc__)
    parser.add_argument(
        "--parties", type=int, default=CROWD, help="how many parties a change of a list is looked up in"
    )
    asked = parser.parse_args()
    if not data.FOLDER.exists():
        sys.exit(
            "The bench needs the lists and pairs in ../shared/data/screening: there are none, so nothing was measured."
        )
    index = _built()
    _quality(index)
    _pairs()
    _scripts()
    _changes(asked.parties)


def _say(text: str) -> None:
    print(text, flush=True)


def _built() -> Index:
    began = time.process_time()
    index = Index.build(data.entries())
    _say(
        f"{ENGINE}: {len(index.entries)} entities, {len(index.names)} names, built in {time.process_time() - began:.1f} s"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        path.write_bytes(to_bytes(index))
        memory.say(path, data.clean(FORKED)[:FORKED])
    return index


def _quality(index: Index) -> None:
    asked = [*data.positives(), *data.clean(EACH)]
    _say(
        f"CPU ms a party; recall at a budget of clean parties that alert, and at the threshold shipped\n{quality.HEAD}"
    )
    for name, held_out in (("half tuned on", False), ("half held out", True)):
        questions = [question for question in asked if question.held_out is held_out]
        some, few = _some(questions, PEER), _some(questions, BRUTE)
        _say(f"{name}: {len(questions)} questions; peers are asked {len(some)} of them, rapidfuzz {len(few)}")
        others = [question for question in asked if question.held_out is not held_out]
        _say(quality.ours(index, questions, "Entente, nothing remembered", cold=True).line(THRESHOLD))
        quality.after(index, others)
        _say(quality.ours(index, questions, "Entente, never asked").line(THRESHOLD))
        _say(quality.ours(index, questions, "Entente, asked before").line(THRESHOLD))
        quality.after(index, others)
        _say(quality.ours(index, some, "Entente, never asked, as the peers", THRESHOLD).line(THRESHOLD))
        for measured in (*quality.nomenklatura(index, some), *quality.rapidfuzz(index, few)):
            _say(measured.line(quality.SHIPPED[measured.what.split()[-1]]))
        _kinds(index, questions)
    if not quality.PEERS.exists():
        _say("nomenklatura is not there: make bench-setup\n")


def _some(questions: Sequence[Question], each: int) -> list[Question]:
    chance = random.Random(3)  # noqa: S311 - a sample, no secret
    right = [question for question in questions if question.right]
    wrong = [question for question in questions if not question.right]
    return [*chance.sample(right, each), *chance.sample(wrong, min(len(wrong), 2 * each))]


def _kinds(index: Index, questions: Sequence[Question]) -> None:
    found: dict[str, list[bool]] = {}
    for question in questions:
        if question.right:
            hits = index.search(question.query, limit=100)
            found.setdefault(question.kind, []).append(any(hit.entity_id in question.right for hit in hits))
    shares = sorted(((kind, float(np.mean(met))) for kind, met in found.items()), key=itemgetter(1))
    _say(f"  at {THRESHOLD}: " + ", ".join(f"{kind} {share:.3f}" for kind, share in shares) + "\n")


def _pairs() -> None:
    pairs = data.pairs()
    strong = [pair for pair in pairs if pair.get("quality") == "STRONG" and pair["label"] is not None]
    right = sum(_alerts(pair) == pair["label"] for pair in strong)
    people = [pair for pair in pairs if pair["types"][0] == "ofac_distinct_persons"]
    known, unknown = (float(np.mean([_person(pair, dated) for pair in people])) for dated in (True, False))
    _say(f"Labelled pairs\n  strong cases right: {right} of {len(strong)}")
    _say(
        f"  {len(people)} pairs of different people: {known:.2%} alert with their dates of birth, {unknown:.2%} without\n"
    )


def _alerts(pair: dict[str, str]) -> bool:
    kind = "person" if pair["schema"] == "Person" else "company"
    return align(fold(pair["query"], kind == "person"), fold(pair["listed"], kind == "person"), kind).score >= THRESHOLD


def _person(pair: dict[str, list[str]], dated: bool) -> bool:
    entry = Entry("e", str(pair["listed"]), kind="person", birth_dates=[iso_date(text) for text in pair["listed_dob"]])
    born = iso_date(pair["query_dob"][0]) if dated else None
    return bool(Index.build([entry]).search(party("p", "person", str(pair["query"]), birth_date=born)))


def _scripts() -> None:
    index = Index.build(data.entries(latin_only=True))
    _say(f"People in another script, no name of the list in it; recall at {THRESHOLD}")
    for name, questions in (("Cyrillic", data.cyrillic()), ("Arabic", data.arabic())):
        for half in (False, True):
            measured = quality.ours(index, [each for each in questions if each.held_out is half], name)
            met = float(np.mean(np.array(measured.right) >= THRESHOLD))
            _say(f"  {name:9} {'held out' if half else 'tuned on':9} {met:.3f} of {len(measured.right)}")
    _say("")


def _changes(count: int) -> None:
    delta = _delta()
    began = time.process_time()
    parties = _segment(data.crowd(count))
    _say(
        f"{count:,} parties, indexed in {time.process_time() - began:.0f} s, {psutil.Process().memory_info().rss / 10**6:.0f} MB"
    )
    for name, entries in (("median update", delta[:7]), ("largest update", delta)):
        began = time.process_time()
        found = parties.near(entries, THRESHOLD)
        _say(f"  {name}, {len(entries)} entities: {time.process_time() - began:.2f} s, {len(found)} parties")
    del parties
    crowd = [query for query in data.crowd(COMPARED) if _usable(query)]
    index, parties = Index.build(delta), _segment(crowd)
    forward = {query.ref for query in crowd if index.search(query, limit=1)}
    back = {parties.subjects[number] for number in parties.near(delta, THRESHOLD)}
    if forward != back:
        sys.exit(f"  {COMPARED:,} parties forward and back: NOT the same, {sorted(forward ^ back)}")
    _say(f"  {COMPARED:,} parties forward and back: the same {len(forward)}")


def _segment(crowd: Iterable[ScreeningQuery]) -> Segment:
    return Segment.build((query.ref, "", [query]) for query in crowd)


def _usable(query: ScreeningQuery) -> bool:
    """Whether it has a name at all; one without is an incident and never searched."""
    try:
        require_usable(query)
    except UnusableName:
        return False
    return True


def _delta() -> list[Entry]:
    """What OFAC changed from 2024-02-20 to 2024-02-23."""
    before, after = (_sdn(day) for day in ("2024-02-20", "2024-02-23"))
    return [listed(ref, row) for ref, row in after.items() if before.get(ref) != row]


def _sdn(day: str) -> dict[str, dict[str, object]]:
    content = (data.FOLDER / "ofac" / f"sdn_{day}.csv").read_bytes()
    return {row["entity_id"]: row for row in formats.read("ofac", {"sdn.csv": content}).rows}


if __name__ == "__main__":
    main()
