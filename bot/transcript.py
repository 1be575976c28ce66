"""The transcript as the bot writes it: text still changing, and final turns with rising numbers."""

from typing import Any, Protocol

from audio.heard import FinalTurn, Interim
from bot.interview import Role
from bot.platforms import Participant


class EventSink(Protocol):
    """Where events for the control plane go; `bot.uplink.Uplink` is one."""

    def emit(self, event: str, data: dict[str, Any]) -> None: ...

    def emit_ephemeral(self, event: str, data: dict[str, Any]) -> None: ...


class TranscriptWriter:
    """Writes turns to the control plane. Every final turn gets the next `seq`, whoever spoke it.

    epoch: which incarnation of the bot writes; turns: how many those before it wrote.
    """

    def __init__(self, events: EventSink, bot_name: str, *, epoch: int = 1, turns: int = 0) -> None:
        self._events, self._bot_name, self._epoch, self._seq = events, bot_name, epoch, turns

    def interim(self, participant: Participant, turn_id: str, event: Interim) -> None:
        """Show what somebody has said so far; not kept."""
        text = {"text": event.text, "stable": event.stable, "start_ms": event.start_ms}
        self._events.emit_ephemeral("turn.interim", {"turn_id": turn_id, **_speaker(participant), **text})

    def heard(self, participant: Participant, turn_id: str, event: FinalTurn, question_id: str | None) -> int:
        """Keep what somebody said; return the turn's number."""
        return self._final(
            turn_id,
            _speaker(participant),
            {"text": event.text, "start_ms": event.start_ms, "end_ms": event.end_ms, "confidence": event.confidence},
            question_id,
            interrupted=False,
        )

    def said(
        self, line: int, heard: str, start_ms: int, end_ms: int, question_id: str | None, *, interrupted: bool
    ) -> None:
        """Keep what was heard of one of the bot's lines."""
        self._final(
            f"bot-{self._epoch}-{line}",
            {"speaker_id": "bot", "speaker": self._bot_name, "role": Role.BOT.value},
            {"text": heard, "start_ms": start_ms, "end_ms": end_ms, "confidence": None},
            question_id,
            interrupted=interrupted,
        )

    def _final(
        self,
        turn_id: str,
        speaker: dict[str, Any],
        words: dict[str, Any],
        question_id: str | None,
        *,
        interrupted: bool,
    ) -> int:
        self._seq += 1
        turn = {"seq": self._seq, "turn_id": turn_id, **speaker, **words}
        self._events.emit("turn.final", {**turn, "question_id": question_id, "interrupted": interrupted})
        return self._seq


def _speaker(participant: Participant) -> dict[str, Any]:
    return {"speaker_id": participant.id, "speaker": participant.name, "role": participant.role.value}
