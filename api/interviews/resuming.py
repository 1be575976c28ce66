"""Where a call stands, read from its record: what a bot needs that takes up another's place."""

from collections.abc import Sequence
from typing import Any

from api.interviews.tables import AttemptRow, EventRow, InterviewRow
from bot.interview import Leader, Role
from bot.resume import AnswerPart, Asked, QuestionSoFar, Resume
from bot.state import BotState, EndReason

TELLING = (
    "state", "consent", "disclosure", "turn.final", "question.asked", "question.closed",
    "floor.changed", "mode.changed",
)  # fmt: skip

_ENDS = frozenset(EndReason)  # what a call's end left open is open again when the call goes on


def so_far(interview: InterviewRow, attempt: AttemptRow, events: Sequence[EventRow]) -> Resume | None:
    """Return where the attempt's call stands; None when nobody had come yet, and a bot may as well begin.

    events: the attempt's of the kinds `TELLING`, in the order they were stored.
    """
    if not any(one.type == "state" and one.data.get("state") == BotState.IN_CALL for one in events):
        return None
    record = _Record()
    for event in events:
        record.take(event)
    last = max(events, key=lambda event: event.at_ms or 0)
    return Resume(
        reached_ms=last.at_ms or 0,
        reached_at=last.at,
        turns=record.turns,
        candidate_name=interview.candidate_name,
        consent=record.consent.get("given"),
        consent_method=record.consent.get("method"),
        disclosed=record.disclosed,
        lent=record.lent,
        questions=tuple(QuestionSoFar.model_validate(question) for question in record.questions.values()),
    )


class _Record:
    """Reads events one after the other."""

    def __init__(self) -> None:
        self.questions: dict[str, dict[str, Any]] = {}
        self.consent: dict[str, Any] = {}
        self.turns = 0
        self.disclosed = False
        self.lent: int | None = None
        self._announcing = False  # a change of mode is to be said, and has not been
        self._last_turn: dict[str, Any] = {}

    def take(self, event: EventRow) -> None:
        data = event.data
        match event.type:
            case "consent":
                self.consent = data
            case "disclosure":
                self.disclosed = True
            case "mode.changed":
                self._announcing = bool(data.get("announced"))
                self.lent = None
            case "floor.changed":
                self.lent = data.get("questions") if data.get("to") == Leader.BOT else None
            case "turn.final":
                self._turn(data)
            case "question.asked":
                question = self._question(data["question_id"])
                question["asked"].append(Asked(text=data["text"], signal=data.get("missing")))
                question["asked_at_ms"] = event.at_ms if question["asked_at_ms"] is None else question["asked_at_ms"]
                # Whoever answers before the question is at its end is written down first.
                question["answered"] = self._answers(self._last_turn, data["question_id"])
                if self.lent and not data.get("follow_up") and data.get("by") != Leader.INTERVIEWER:
                    self.lent -= 1
            case "question.closed" if data.get("reason") not in _ENDS:
                self._question(data["question_id"]).update(outcome=data["outcome"], reason=data.get("reason"))

    def _turn(self, turn: dict[str, Any]) -> None:
        self.turns = max(self.turns, turn["seq"])
        self._last_turn = turn
        if self._announcing and turn.get("role") == Role.BOT.value and not turn.get("interrupted"):
            self._announcing, self.disclosed = False, True
        if turn["question_id"] is not None and self._answers(turn, turn["question_id"]):
            question = self._question(turn["question_id"])
            question["parts"].append(AnswerPart(turn=turn["seq"], text=turn["text"]))
            question["answered"] = True

    def _question(self, question_id: str) -> dict[str, Any]:
        fresh: dict[str, Any] = {"id": question_id, "asked": [], "asked_at_ms": None, "parts": [], "answered": False}
        return self.questions.setdefault(question_id, fresh)

    @staticmethod
    def _answers(turn: dict[str, Any], question_id: str) -> bool:
        return turn.get("role") == Role.CANDIDATE.value and turn.get("question_id") == question_id
