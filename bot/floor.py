"""Whose turn it is, as the page and the candidate's side see it. Published when it changes, never kept."""

from enum import StrEnum
from typing import Any

from bot.interview import Expecting, Leader, Listen
from bot.plan import Plan
from bot.spec import Mode
from bot.transcript import EventSink


class FloorState(StrEnum):
    """What the bot is doing."""

    WAITING = "waiting"  # for the candidate
    ALONE = "alone"  # the candidate waits for an interviewer, and nobody hears them
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    ENDED = "ended"


class FloorBoard:
    """Tells the room who has the floor, which question is open, in which mode the call is, and who asks now.

    The room is the candidate, too: of the questions that people put, what the bot recognises is no news to it.
    """

    def __init__(self, events: EventSink, plan: Plan) -> None:
        self._events = events
        self._questions = [question.id for question in plan.questions]
        self._shown: dict[str, Any] = {}

    def show(self, state: FloorState, listen: Listen, mode: Mode, leads: Leader) -> None:
        """Publish the floor if it is not what was shown last."""
        asks = leads is Leader.BOT
        at = listen.question_id if asks else None
        floor = {
            "floor": state.value,
            "expecting": (listen.expecting if asks and state is FloorState.LISTENING else Expecting.NOTHING).value,
            "question_id": at,
            "number": self._questions.index(at) + 1 if at in self._questions else None,
            "of": len(self._questions),
            "mode": mode.value,
            "leads": leads.value,
        }
        if floor != self._shown:
            self._shown = floor
            self._events.emit_ephemeral("floor", floor)
