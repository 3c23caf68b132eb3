"""Why the kernel says no: a stable code and a sentence for people."""

from enum import StrEnum


class Code(StrEnum):
    """Every code of a refusal. They are part of the public face and never change."""

    UNKNOWN_COMMAND = "unknown_command"
    BAD_DATA = "bad_data"
    CLOSED_CASE = "closed_case"
    NOT_STARTED = "not_started"
    ALREADY_STARTED = "already_started"
    WRONG_STAGE = "wrong_stage"
    UNKNOWN_SEAT = "unknown_seat"
    SEAT_NOT_OPEN = "seat_not_open"
    NOT_IN_POOL = "not_in_pool"
    CLAIMED_BY_ANOTHER = "claimed_by_another"
    NOT_THE_HOLDER = "not_the_holder"
    SEPARATION_OF_DUTIES = "separation_of_duties"
    NOT_A_STEWARD = "not_a_steward"
    RECUSED = "recused"
    UNKNOWN_VOTE = "unknown_vote"
    UNKNOWN_ACTION = "unknown_action"
    SIGNATURE_STALE = "signature_stale"
    LIMIT_REACHED = "limit_reached"
    NO_QUESTIONS = "no_questions"
    UNKNOWN_QUESTION = "unknown_question"
    QUESTION_CLOSED = "question_closed"
    ON_HOLD = "on_hold"
    NOT_ON_HOLD = "not_on_hold"
    NOT_DUE = "not_due"
    UNKNOWN_TIMER = "unknown_timer"
    NO_APPEAL = "no_appeal"
    NOT_AUTOMATED = "not_automated"
    STALE_EFFECT = "stale_effect"
    NO_INCIDENT = "no_incident"
    SECOND_PERSON = "second_person"
    UNDECLARED_FACT = "undeclared_fact"


class Refused(Exception):
    """The command is not accepted and nothing has changed."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
