"""What docs/operations.md says of settings and schedules is what the code does."""

from pathlib import Path

import pytest

from licensing import env, queues
from licensing.local.processes import parts
from workflows import outbox

OPERATIONS = (Path(__file__).resolve().parents[3] / "docs" / "operations.md").read_text()


def test_the_table_of_settings_is_that_of_the_code() -> None:
    expected = [f"| `{each.name}` | {each.absent} | {each.about} |" for each in env.described()]
    table = OPERATIONS.partition("## Settings")[2].partition("\n## ")[0]
    assert [line for line in table.splitlines() if line.startswith("| `")] == expected


@pytest.mark.parametrize("name", [*parts(), *queues.ALL])
def test_every_process_and_queue_is_described(name: str) -> None:
    assert f"`{name}`" in OPERATIONS


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"rings the sweep every {queues.SWEEP_SECONDS:.0f} s" in OPERATIONS
    assert queues.CHECKPOINT_SECONDS == 60  # "every minute"
    assert f"leases last {outbox.LEASE.total_seconds():.0f} s" in OPERATIONS
    assert outbox.MOST_ATTEMPTS == 8  # "fails eight times"
