"""Recall at a budget of false alarms, and what a party costs: the engine, and its peers on the same questions."""

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from bench.screening.data import Question
from licensing.screening.engine.index import asked_names
from licensing.screening.match import Index, UnusableName

PEERS = Path(__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
ALGORITHMS = ("logic-v2", "logic-v1", "ofac")
LOW, LOOSE, MOST = 0.6, 0.45, 50  # the least score that is asked for; for candidates of peers, and how many
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

    def line(self) -> str:
        p50, p95, p99 = np.percentile(self.spent, [50, 95, 99])
        recalls = " ".join(f"{self.recall(budget)[0]:7.3f}" for budget in BUDGETS)
        return f"  {self.what:34}{np.mean(self.spent):8.2f}{p50:8.2f}{p95:8.2f}{p99:8.2f}   {recalls}   {self.recall(0.01)[1]:.3f}"


HEAD = (
    f"  {'':34}{'mean':>8}{'p50':>8}{'p95':>8}{'p99':>8}    "
    + " ".join(f"@{budget:<6.1%}" for budget in BUDGETS)
    + "  threshold @1%"
)


def ours(index: Index, questions: Sequence[Question], what: str, low: float = LOW) -> Measured:
    measured = Measured(what)
    for question in questions:
        began = time.process_time()
        try:
            found = index.search(question.query, threshold=low, limit=MOST)
        except UnusableName:
            found = []
        measured.take(question, {match.entity_id: match.score for match in found}, time.process_time() - began)
    return measured


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
