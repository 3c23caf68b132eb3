"""Recall at a budget of false alarms, and what a party costs: the engine, and its peers on the same questions."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from bench.screening.data import Question
from licensing.screening.engine.index import asked_names
from licensing.screening.match import Index, UnusableName

PEERS = Path(__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
SHIPPED = {
    "logic-v2": 0.70,
    "logic-v1": 0.70,
    "ofac": 0.80,
    "WRatio": 0.85,
    "token_set_ratio": 0.85,
}  # what their users set
ALGORITHMS = ("logic-v2", "logic-v1", "ofac")
LOW, LOOSE, MOST = (
    0.6,
    0.35,
    50,
)  # the least score that is asked for; for candidates of peers, about 26 a question, and how many at most
BUDGETS = (0.005, 0.01, 0.02, 0.05)


@dataclass
class Measured:
    """Of each question the best score of a right entity, or of any for a clean one; and CPU milliseconds."""

    what: str
    right: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def take(self, question: Question, scores: dict[str, float], seconds: float) -> None:
        self.spent.append(1000 * seconds)
        if question.right:
            self.right.append(max((score for ref, score in scores.items() if ref in question.right), default=0.0))
        else:
            self.wrong.append(max(scores.values(), default=0.0))

    def recall(self, budget: float) -> tuple[float, float]:
        """At the lowest threshold at which no more than this share of clean parties alerts; and that threshold."""
        alarms = sorted(self.wrong, reverse=True)
        threshold = float(np.nextafter(alarms[int(budget * len(alarms))], 2))
        return self.at(threshold)[0], threshold

    def at(self, threshold: float) -> tuple[float, float]:
        """Recall, and the share of clean parties that alert."""
        return float(np.mean(np.array(self.right) >= threshold)), float(np.mean(np.array(self.wrong) >= threshold))

    def line(self, shipped: float) -> str:
        """Milliseconds, recall at each budget, and recall and false alarms at the threshold that it is shipped with."""
        p50, p95, p99 = np.percentile(self.spent, [50, 95, 99])
        recalls = " ".join(f"{self.recall(budget)[0]:7.3f}" for budget in BUDGETS)
        met, alarms = self.at(shipped)
        times = f"{np.mean(self.spent):8.2f}{p50:8.2f}{p95:8.2f}{p99:8.2f}"
        return f"  {self.what:34}{times}   {recalls}   {shipped:9.3f}{met:8.3f}{alarms:8.2%}"


HEAD = (
    f"  {'':34}{'mean':>8}{'p50':>8}{'p95':>8}{'p99':>8}    "
    + " ".join(f"@{budget:<6.1%}" for budget in BUDGETS)
    + f"   {'threshold':>9}{'recall':>8}{'clean':>8}"
)


def ours(index: Index, questions: Sequence[Question], what: str, low: float = LOW, *, cold: bool = False) -> Measured:
    """`cold` forgets before each question every word that was asked before, of the lists too; only the index is there."""
    measured, caches = Measured(what), [*_caches()] if cold else []
    for question in questions:
        if cold:
            _forget(index, caches)
        began = time.process_time()
        try:
            found = index.search(question.query, threshold=low, limit=MOST)
        except UnusableName:
            found = []
        measured.take(question, {match.entity_id: match.score for match in found}, time.process_time() - began)
    return measured


def after(index: Index, others: Iterable[Question]) -> None:
    """A process that has answered these questions and no more: as peers, which keep what they remember, are at a new question."""
    _forget(index, _caches())
    ours(index, [*others], "")


def _caches() -> Iterator[Any]:
    """What the engine remembers of words and names; its tables, which are read once, stay."""
    for name in [name for name in sys.modules if name.startswith("licensing.screening.engine")]:
        for held in vars(sys.modules[name]).values():
            if hasattr(held, "cache_clear") and held.cache_parameters()["maxsize"] != 1:
                yield held


def _forget(index: Index, caches: Iterable[Any]) -> None:
    for cache in caches:
        cache.cache_clear()
    for lookup in (index.lookup, *index.places.lookups.values()):
        lookup.words.forget()
        lookup.runs.forget()


def nomenklatura(index: Index, questions: Sequence[Question]) -> list[Measured]:
    """Each algorithm on the same candidates, without the time to find them; nothing where its environment was not made."""
    if not PEERS.exists():
        return []
    lines = "".join(json.dumps(_task(index, question)) + "\n" for question in questions)
    return [_answers(algorithm, questions, lines) for algorithm in ALGORITHMS]


def _task(index: Index, question: Question) -> dict[str, object]:
    entries = {}
    for _, folded in asked_names(question.query):
        for number, _ in index.lookup.near(folded, LOOSE, question.query.kind):
            entries[index.names[number].entry.entity_id] = index.names[number].entry
    nearest = sorted(entries.values(), key=lambda entry: -_whole(question.query.name, [entry.name, *entry.aliases]))
    candidates = [(entry.entity_id, entry.kind, [entry.name, *entry.aliases]) for entry in nearest[:MOST]]
    return {"name": question.query.name, "kind": question.query.kind, "candidates": candidates}


def _whole(name: str, others: Iterable[str]) -> float:
    return max(fuzz.token_sort_ratio(name, other, processor=default_process) for other in others)


def _answers(algorithm: str, questions: Sequence[Question], lines: str) -> Measured:
    command = [str(PEERS), str(Path(__file__).with_name("peers.py")), algorithm]
    answered = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    measured = Measured(f"nomenklatura {algorithm}")
    for question, line in zip(questions, answered, strict=True):
        answer = json.loads(line)
        measured.take(question, answer["scores"], answer["seconds"])
    return measured


def rapidfuzz(index: Index, questions: Sequence[Question]) -> list[Measured]:
    """Two scorers against every listed name, as they are often used."""
    scorers: dict[str, Callable[..., float]] = {"WRatio": fuzz.WRatio, "token_set_ratio": fuzz.token_set_ratio}
    return [_brute(index, questions, name, scorer) for name, scorer in scorers.items()]


def _brute(index: Index, questions: Sequence[Question], name: str, scorer: Callable[..., float]) -> Measured:
    names = [default_process(" ".join(listed.folded().words)) for listed in index.names]
    ids = [listed.entry.entity_id for listed in index.names]
    measured = Measured(f"rapidfuzz {name}")
    for question in questions:
        asked = " ".join(next(asked_names(question.query))[1].words)
        began = time.process_time()
        scored = process.cdist([asked], names, scorer=scorer, score_cutoff=70, dtype=np.float32, workers=1)[0]
        near = np.flatnonzero(scored)
        scores: dict[str, float] = {}
        for at in near[np.argsort(scored[near])].tolist():
            scores[ids[at]] = float(scored[at]) / 100
        measured.take(question, scores, time.process_time() - began)
    return measured
