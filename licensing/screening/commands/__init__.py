"""Every change of state of this room."""

from licensing.screening.commands.checks import check_parties, start_batch
from licensing.screening.commands.deciding import answer_taking_back, confirm_hit, decide_hit, take_back
from licensing.screening.commands.loading import import_list, settle_list
from licensing.screening.commands.running import screen
from licensing.screening.commands.sources import configure_list, fetch_list, request_fetch

__all__ = [
    "answer_taking_back",
    "check_parties",
    "configure_list",
    "confirm_hit",
    "decide_hit",
    "fetch_list",
    "import_list",
    "request_fetch",
    "screen",
    "settle_list",
    "start_batch",
    "take_back",
]
