"""What a worker pays for the index of the lists: time to read it, memory, and how much of that is shared after a fork."""

import gc
import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from bench.screening.data import Question
from licensing.screening.match import Index, UnusableName, from_bytes

MB = 10**6


def say(path: Path, questions: Sequence[Question]) -> None:
    """In a process of its own, which has nothing but the engine, and forks one that is asked these questions."""
    said, telling = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.get_context("spawn").Process(target=_worker, args=(path, questions, telling))
    worker.start()
    spent, grown, whole = said.recv()
    of_child, own = said.recv()
    worker.join()
    size, shared = path.stat().st_size / MB, f"{own:.0f} of it its own, the rest shared"
    print(
        f"  {size:.0f} MB as bytes; a worker reads it in {spent:.2f} s of CPU, and grows by {grown:.0f} to {whole:.0f} MB"
    )
    print(f"  one forked from it, after {len(questions)} questions: {of_child:.0f} MB, {shared}\n", flush=True)


def _worker(path: Path, questions: Sequence[Question], telling: Connection) -> None:
    before, began = psutil.Process().memory_info().rss, time.process_time()
    index = from_bytes(path.read_bytes())
    spent, whole = time.process_time() - began, psutil.Process().memory_info().rss
    telling.send((spent, (whole - before) / MB, whole / MB))
    gc.freeze()
    child = multiprocessing.get_context("fork").Process(target=_child, args=(index, questions, telling))
    child.start()
    child.join()


def _child(index: Index, questions: Sequence[Question], telling: Connection) -> None:
    for question in questions:
        try:
            index.search(question.query)
        except UnusableName:
            continue
    own = sum(region.private_dirty for region in psutil.Process().memory_maps(grouped=True))
    telling.send((psutil.Process().memory_info().rss / MB, own / MB))
