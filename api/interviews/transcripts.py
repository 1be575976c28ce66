"""A transcript as captions (WebVTT, W3C) and as plain text."""

from collections.abc import Sequence
from enum import StrEnum
from html import escape

from api.interviews.schemas import TurnOut


class TranscriptFormat(StrEnum):
    """What a transcript can be read as."""

    JSON = "json"
    VTT = "vtt"
    TEXT = "text"


_TYPES = {
    "application/json": TranscriptFormat.JSON,
    "text/vtt": TranscriptFormat.VTT,
    "text/plain": TranscriptFormat.TEXT,
}


def accepted(accept: str) -> TranscriptFormat:
    """Return what an `Accept` header likes best of what there is; JSON where it likes nothing of it."""
    best, liked = TranscriptFormat.JSON, 0.0
    for part in accept.split(","):
        type_, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = _weight(parameters)
        if type_ in _TYPES and weight > liked:
            best, liked = _TYPES[type_], weight
    return best


def as_vtt(turns: Sequence[TurnOut]) -> str:
    """Return captions: a cue per turn, its speaker as the voice. Cues begin in the order of time, as they must."""
    cues = ["WEBVTT"]
    for turn in sorted(turns, key=lambda turn: (turn.start_ms, turn.seq)):
        start = max(0, turn.start_ms)
        end = max(start + 1, turn.end_ms)  # a cue must last
        voice = f"<v {_cue_text(turn.speaker)}>{_cue_text(turn.text)}</v>"
        cues.append(f"{turn.seq}\n{_clock(start)} --> {_clock(end)}\n{voice}")
    return "\n\n".join(cues) + "\n"


def as_text(turns: Sequence[TurnOut]) -> str:
    """Return a line per turn: when it began in the call, who spoke, what was said."""
    return "".join(
        f"[{_clock(max(0, turn.start_ms)).split('.')[0]}] {_one_line(turn.speaker)}: {_one_line(turn.text)}\n"
        for turn in turns
    )


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{ms:03}"


def _cue_text(text: str) -> str:
    return escape(_one_line(text), quote=False)  # an empty line would end the cue, and --> can't stand in one


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())
