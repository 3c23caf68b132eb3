"""Every change of state of this room."""

from licensing.policy.commands.determining import record_determination
from licensing.policy.commands.ordering import (
    disclose_order,
    draft_version,
    edit_version,
    open_authorized_list,
    open_order,
    propose_disclosure,
    propose_version,
    publish_version,
    withdraw_version,
)
from licensing.policy.commands.serving import acknowledge_order, serve_order

__all__ = [
    "acknowledge_order",
    "disclose_order",
    "draft_version",
    "edit_version",
    "open_authorized_list",
    "open_order",
    "propose_disclosure",
    "propose_version",
    "publish_version",
    "record_determination",
    "serve_order",
    "withdraw_version",
]
