"""Where the time went between the candidate's last word and the bot's first sound, by name."""

from dataclasses import dataclass
from typing import Any

from audio.heard import FinalTurn


@dataclass(slots=True)
class LatencyBook:
    """Follows one answer from its end to the first frame of the reply. All times in ms of the call.

    wait: silence until the turn was held to be over (turn_model is inside it); text: from there to the final text;
    brain: to the decision what to say; first_sound: to the first frame out; wire: half of the media's round trip.
    model_ahead: for how long the chat model had been writing when it was asked, 0 when it began then; None: not asked.
    """

    turn_id: str = ""
    turn: FinalTurn | None = None
    said_ms: float = 0.0
    model_ahead_ms: float | None = None

    def answered(self, turn_id: str, turn: FinalTurn) -> None:
        self.turn_id, self.turn, self.said_ms, self.model_ahead_ms = turn_id, turn, 0.0, None

    def forget(self) -> None:
        """What is said next answers nobody: somebody else spoke, or had the bot speak."""
        self.turn = None

    def model_asked(self, ahead_ms: float) -> None:
        self.model_ahead_ms = ahead_ms

    def line_decided(self, now_ms: float) -> None:
        if self.turn is not None and not self.said_ms:
            self.said_ms = now_ms

    def first_sound(self, now_ms: float, round_trip_ms: float | None) -> dict[str, Any] | None:
        """Close the account; None when this line answers nothing."""
        turn, self.turn = self.turn, None
        if turn is None or not self.said_ms:
            return None
        wire = None if round_trip_ms is None else round(round_trip_ms / 2, 1)
        return {
            "turn_id": self.turn_id,
            "wait_ms": turn.decided_ms - turn.end_ms,
            "turn_model_ms": round(turn.turn_model_ms, 1),
            "text_ms": max(0, turn.text_ms - turn.decided_ms),
            "brain_ms": round(max(0.0, self.said_ms - turn.text_ms), 1),
            "model_ahead_ms": None if self.model_ahead_ms is None else round(self.model_ahead_ms, 1),
            "first_sound_ms": round(now_ms - self.said_ms, 1),
            "wire_ms": wire,
            "total_ms": round(now_ms - turn.end_ms + (wire or 0), 1),
        }
