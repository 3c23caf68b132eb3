"""Counts that may be published: small ones are withheld, and so many others that none of them follows from the total. Pure."""

from collections.abc import Mapping


def published(cells: Mapping[str, int], smallest: int) -> dict[str, int | None] | None:
    """The cells of a table whose total is published too, None in place of what is withheld; None when the total itself would tell.

    A count below `smallest` is withheld. Who knows the total and the other cells knows the sum of those withheld; so there are
    always two or more of them, and their sum leaves each of them open.
    """
    held = {name for name, count in cells.items() if 0 < count < smallest}
    others = sorted((count, name) for name, count in cells.items() if count >= smallest)
    while held and not _open(cells, held):
        if not others:
            return None
        held.add(others.pop(0)[1])
    return {name: None if name in held else count for name, count in cells.items()}


def _open(cells: Mapping[str, int], held: set[str]) -> bool:
    """Whether each withheld cell, of which everybody knows that it is at least one, may have more than one value."""
    return len(held) > 1 and sum(cells[name] for name in held) > len(held)
