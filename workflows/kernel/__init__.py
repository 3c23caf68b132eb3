"""The workflow kernel: plain Python, no database, the instant is an argument."""

from workflows.kernel.decide import allowed, decide, effects, migrated, rescues
from workflows.kernel.definition import Definition
from workflows.kernel.evolve import evolve, replay
from workflows.kernel.load import BadDefinition, Finding, load
from workflows.kernel.refusals import Code, Refused
from workflows.kernel.scrutiny import Broken, Scrutiny, scrutinize
from workflows.kernel.state import State
from workflows.kernel.timers import running, timers
from workflows.kernel.types import SYSTEM, SYSTEM_ACTOR, Action, Actor, Command, Effect, Event, Timer, World

__all__ = [
    "SYSTEM",
    "SYSTEM_ACTOR",
    "Action",
    "Actor",
    "BadDefinition",
    "Broken",
    "Code",
    "Command",
    "Definition",
    "Effect",
    "Event",
    "Finding",
    "Refused",
    "Scrutiny",
    "State",
    "Timer",
    "World",
    "allowed",
    "decide",
    "effects",
    "evolve",
    "load",
    "migrated",
    "replay",
    "rescues",
    "running",
    "scrutinize",
    "timers",
]
