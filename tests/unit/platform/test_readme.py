"""What README.md says of Celery is what the code does, and every link between the documents leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app

from licensing import queues
from workflows import outbox

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OURS = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^(```|~~~).*?^\1|^(?: {4}|\t).*?$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LARGEST_IMAGE = 150_000  # bytes


def rows() -> dict[str, str]:
    """Queue by task, as the table of README.md has them."""
    return dict(re.findall(r"^\|[^|]+\| `([\w.]+)` \| `(\w+)` \|", README, re.MULTILINE))


def test_the_table_names_every_effect_of_the_outbox_and_its_queue() -> None:
    written = {task: queue for task, queue in rows().items() if not task.partition(".tasks.")[2]}
    assert written == {f"workflows.{effect}": queue for effect, queue in outbox._queues.items()}
    assert written.keys() <= current_app.tasks.keys()


def test_the_table_names_everything_that_beat_rings() -> None:
    written = {task for task in rows() if task.partition(".tasks.")[2]}
    assert written == {entry["task"] for entry in queues.SCHEDULE.values()}
    for task in written:
        routed = next(
            route for pattern, route in queues.ROUTES.items() if re.fullmatch(pattern.replace("*", ".*"), task)
        )
        assert rows()[task] == routed["queue"]


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"within {queues.SWEEP_SECONDS:.0f} s" in README
    assert f"lease for {outbox.LEASE.total_seconds():.0f} s" in README
    assert outbox.MOST_ATTEMPTS == 8  # "After eight attempts"
    assert queues.CHECKPOINT_SECONDS == 60  # "a minute later"


def links() -> Iterator[tuple[Path, str]]:
    for document in OURS:
        for target in LINK.findall(FENCED.sub("", document.read_text(encoding="utf-8"))):
            if "://" not in target and not target.startswith("mailto:"):
                yield document, target


def headings(document: Path) -> set[str]:
    """The anchors of a document, as GitHub makes them."""
    lines = [line.lstrip("#").strip() for line in document.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize(
    ("document", "target"), [pytest.param(*link, id=f"{link[0].name}-{link[1]}") for link in links()]
)
def test_every_link_leads_somewhere(document: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    found = (document.parent / path).resolve() if path else document
    assert found.is_relative_to(ROOT)
    assert found.exists()
    if anchor:
        assert anchor in headings(found)


def test_every_image_is_shown_and_small() -> None:
    shown = {(document.parent / target).resolve() for document, target in links()}
    images = set((ROOT / "docs" / "images").iterdir())
    assert images <= shown
    assert [image.name for image in images if image.stat().st_size > LARGEST_IMAGE] == []


def test_no_document_names_a_place_on_the_machine_of_its_author() -> None:
    for document in OURS:
        assert not re.search(r"(?<![\w.-])/(work|home|root|Users)/", document.read_text(encoding="utf-8")), document
