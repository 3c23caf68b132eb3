"""All parties that are watched, in segments in the var folder of a machine: kept up to date, and asked whom a list's change may concern.

A segment is never changed. What has come or changed since goes into a new one; of what a segment holds, that counts which still is as it
was (its mark). Small segments are made into one when they are many, and one of which most is gone is made anew.
"""

import contextlib
import fcntl
import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from licensing.screening import match
from licensing.screening.match import Entry
from licensing.screening.segments import Segment, Subject

WHOLE = 200_000  # parties in a segment: what is made within a minute, and asked at once
MOST_SMALL = 8  # segments with less than half of that
AT_ONCE = 2_000  # subjects that are loaded together
ENDING = ".segment"
Marks = Mapping[str, str]
Load = Callable[[Sequence[str]], Iterable[Subject]]


def near(folder: Path, basis: str, marks: Marks, load: Load, entries: Sequence[Entry], threshold: float) -> set[str]:
    """The ids of the subjects with a party near one of these entries, or with one that cannot be looked up.

    `marks` are all subjects, each with the version that it is in; `load` gives their parties. `basis` names what else these depend
    on: how parties are read out of a subject.
    """
    found: set[str] = set()
    for segment in up_to_date(folder, basis, marks, load):
        numbers = segment.near(entries, threshold)
        found.update(subject for number in numbers if (subject := segment.standing(number, marks)))
    return found


def up_to_date(folder: Path, basis: str, marks: Marks, load: Load) -> list[Segment]:
    """Segments that hold every subject in its version; one process of a machine at a time makes what is missing."""
    digest = hashlib.sha256(f"{match.ENGINE}\n{basis}".encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        place = _only(folder, f"parties-{digest}")
        kept, gone = _kept(place, marks)
        held = {subject for segment in kept for subject in segment.all_standing(marks)}
        missing = [subject for subject in marks if subject not in held]
        made = list(_made(place, _loaded(missing, load)))
        for path in gone:
            path.unlink(missing_ok=True)
    return [*kept, *made]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "parties.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _only(folder: Path, name: str) -> Path:
    """The folder of this basis; those of others are of no use any more."""
    for other in folder.glob("parties-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    place = folder / name
    place.mkdir(exist_ok=True, mode=0o700)
    return place


def _kept(place: Path, marks: Marks) -> tuple[list[Segment], list[Path]]:
    """The segments that stay, and the files of those that do not."""
    stay, small, gone = [], [], []
    for path in sorted(place.glob(f"*{ENDING}")):
        try:
            segment = _opened(path)
        except (OSError, ValueError):
            gone.append(path)
            continue
        standing = sum(1 for _ in segment.all_standing(marks))
        if standing < len(segment.subjects) / 2:
            gone.append(path)
        elif len(segment.parties) < WHOLE / 2:
            small.append((path, segment))
        else:
            stay.append(segment)
    if len(small) > MOST_SMALL:
        return stay, [*gone, *(path for path, _ in small)]
    return [*stay, *(segment for _, segment in small)], gone


@lru_cache(maxsize=64)
def _opened(path: Path) -> Segment:
    return Segment.read(path)


def _loaded(missing: Sequence[str], load: Load) -> Iterator[Subject]:
    for at in range(0, len(missing), AT_ONCE):
        yield from load(missing[at : at + AT_ONCE])


def _made(place: Path, subjects: Iterator[Subject]) -> Iterator[Segment]:
    """Segments of all of them, each kept as soon as it is whole: who is ended half way has less to do the next time."""
    while len((segment := Segment.build(subjects, WHOLE)).subjects):
        path = place / f"{uuid.uuid4().hex}{ENDING}"
        try:
            segment.write(path)
        except OSError:
            yield segment  # a full disk costs time and nothing else
        else:
            yield _opened(path)
