"""Which listed names are the name of a party: the faces of the engine (`licensing.screening.engine`). Pure: no database, no clock.

`Index.build(entries).search(query)` is the forward search, `PartyIndex.build(queries).search_back(entries)` the one after a list has
changed; both give the same. The score of a pair depends on the pair alone, and on `ENGINE`.
"""

from licensing.screening.engine.index import LIMIT, THRESHOLD, Index, PartyIndex
from licensing.screening.engine.parties import Entry, Match, ScreeningQuery, UnusableName, listed

ENGINE = "aligned-words 3"  # changes whenever a score or an explanation may change

__all__ = [
    "ENGINE",
    "LIMIT",
    "THRESHOLD",
    "Entry",
    "Index",
    "Match",
    "PartyIndex",
    "ScreeningQuery",
    "UnusableName",
    "listed",
]
