"""What may stand in the trail of screening, and one sentence for each."""

from enum import StrEnum


class ScreeningEvent(StrEnum):
    LIST_LOADED = "screening:list:loaded"
    LIST_HELD = "screening:list:held"
    LIST_SETTLED = "screening:list:settled"
    LIST_CONFIGURED = "screening:list:configured"
    RUN_DONE = "screening:run:done"
    RUN_FAILED = "screening:run:failed"
    BATCH_STARTED = "screening:batch:started"
    HIT_DECIDED = "screening:hit:decided"
    HIT_CONFIRMED = "screening:hit:confirmed"
    HIT_TAKEN_BACK = "screening:hit:taken_back"


WORDING: dict[ScreeningEvent, str] = {
    ScreeningEvent.LIST_LOADED: "List {key} loaded as number {number}: {rows} parties",
    ScreeningEvent.LIST_HELD: "List {key}, number {number}, held for a person: {because}",
    ScreeningEvent.LIST_SETTLED: "List {key}, number {number}, {outcome}: {reason}",
    ScreeningEvent.LIST_CONFIGURED: "List {key} comes from {source}, every {hours} hours",
    ScreeningEvent.RUN_DONE: "Screened {names} names; hits: {hits}",
    ScreeningEvent.RUN_FAILED: "Screening failed: {error}",
    ScreeningEvent.BATCH_STARTED: "{filename} is screened: {parties} parties",
    ScreeningEvent.HIT_DECIDED: "{listed_name}: {status}; {sentence}",
    ScreeningEvent.HIT_CONFIRMED: "{listed_name}: true match confirmed by a second person",
    ScreeningEvent.HIT_TAKEN_BACK: "{listed_name}, taking back: {status}; {sentence}",
}
