"""How far a conversation has come: a table and the one function that moves it."""

from collections.abc import Mapping
from enum import StrEnum

from bot.errors import IllegalTransition


class Phase(StrEnum):
    """How far the conversation has come."""

    WAITING = "waiting"
    SETTLING = "settling"
    OPENING = "opening"
    QUESTIONS = "questions"
    FAREWELL = "farewell"
    ENDED = "ended"


_P = Phase
TRANSITIONS: Mapping[Phase, frozenset[Phase]] = {
    _P.WAITING: frozenset({_P.SETTLING, _P.ENDED}),
    _P.SETTLING: frozenset({_P.OPENING, _P.QUESTIONS, _P.ENDED}),  # questions: another bot had asked for consent
    _P.OPENING: frozenset({_P.QUESTIONS, _P.ENDED}),
    _P.QUESTIONS: frozenset({_P.FAREWELL, _P.ENDED}),
    _P.FAREWELL: frozenset({_P.QUESTIONS, _P.ENDED}),  # back: the last answer goes on
    _P.ENDED: frozenset(),
}


def advance(phase: Phase, to: Phase) -> Phase:
    """Return `to`, or raise `IllegalTransition` when no arrow leads there."""
    if to not in TRANSITIONS[phase]:
        raise IllegalTransition(phase, to)
    return to
