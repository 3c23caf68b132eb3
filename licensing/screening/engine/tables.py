"""The tables of the engine: `data/`, part of its version. Pure."""

import csv
from pathlib import Path

DATA = Path(__file__).with_name("data")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").split()
