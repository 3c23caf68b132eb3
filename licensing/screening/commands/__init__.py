"""Every change of state of this room."""

from licensing.screening.commands.deciding import confirm_hit, decide_hit
from licensing.screening.commands.loading import import_list, settle_list
from licensing.screening.commands.running import screen

__all__ = ["confirm_hit", "decide_hit", "import_list", "screen", "settle_list"]
