"""Which listed names are the name of a party: the faces of the engine (`licensing.screening.engine`). Pure: no database, no clock.

`Index.build(entries).search(query)` is the search; after a list has changed, `segments` says whose search finds
anything new. The score of a pair depends on the pair alone, and on `ENGINE`.
"""

from licensing.screening.engine import ENGINE, THRESHOLD
from licensing.screening.engine.index import LIMIT, Index
from licensing.screening.engine.parties import Entry, Match, ScreeningQuery, UnusableName, listed
from licensing.screening.engine.storage import OtherEngine, from_bytes, to_bytes

__all__ = [
    "ENGINE",
    "LIMIT",
    "THRESHOLD",
    "Entry",
    "Index",
    "Match",
    "OtherEngine",
    "ScreeningQuery",
    "UnusableName",
    "from_bytes",
    "listed",
    "to_bytes",
]
