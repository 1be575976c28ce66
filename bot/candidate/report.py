"""What a candidate tells afterwards: what it said, when, and how soon it heard something."""

import json
from dataclasses import asdict, dataclass

from bot.candidate.answers import UnplayedFile
from bot.candidate.ear import Listener
from bot.candidate.microphone import Purpose, Utterance


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """One thing said; ms on the candidate's clock.

    response_ms: from the last sample of the voice to the first sound at the ear; None when the interviewer had begun to
    speak before (`cut_off`), or said nothing more.
    """

    purpose: str
    file: str | None
    text: str | None
    question_id: str | None
    started_ms: int
    speech_start_ms: int | None
    speech_end_ms: int | None
    response_ms: int | None
    cut_off: bool
    voiced: bool
    finished: bool


@dataclass(frozen=True, slots=True)
class BargeInReport:
    """One interruption of the interviewer. silence_ms: from the onset of the voice to silence at the ear; None when the
    interviewer went on, or was silent already."""

    question_id: str | None
    started_ms: int
    silence_ms: int | None
    response_ms: int | None


@dataclass(frozen=True, slots=True)
class GapReport:
    """Sound that broke off for `ms` because packets came late."""

    at_ms: int
    ms: int


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """The whole call from the candidate's seat.

    join_ms: from asking for the seat until sound could go both ways with the interviewer; heard_ms: how long there was
    sound; unplayed: files that were not asked for; ended: why it was over (`completed` and the like from the room, else
    `removed`, `no_bot`, `left`).
    """

    answers: tuple[AnswerReport, ...]
    barge_ins: tuple[BargeInReport, ...]
    gaps: tuple[GapReport, ...]
    join_ms: int | None
    heard_ms: int
    disconnects: int
    ended: str
    detail: str = ""
    unplayed: tuple[UnplayedFile, ...] = ()

    def json(self) -> str:
        """Return the report as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def answers_of(said: list[Utterance], origin: float) -> tuple[AnswerReport, ...]:
    """Report everything that was said, but for the interruptions."""
    return tuple(
        AnswerReport(
            purpose=str(one.purpose),
            file=one.clip.file,
            text=one.clip.text,
            question_id=one.question_id,
            started_ms=_ms(one.begun, origin) or 0,
            speech_start_ms=_ms(one.onset, origin),
            speech_end_ms=_ms(one.end, origin),
            response_ms=_between(one.end, one.reply),
            cut_off=one.cut_off is not None,
            voiced=one.clip.voiced,
            finished=one.done is not None,
        )
        for one in said
        if one.purpose is not Purpose.INTERRUPTION and one.begun is not None
    )


def barge_ins_of(said: list[Utterance], origin: float) -> tuple[BargeInReport, ...]:
    """Report the interruptions; one that fell into a silence measured nothing."""
    return tuple(
        BargeInReport(
            question_id=one.question_id,
            started_ms=_ms(one.onset, origin) or 0,
            silence_ms=(_between(one.onset, one.silence) or None),
            response_ms=_between(one.end, one.reply),
        )
        for one in said
        if one.purpose is Purpose.INTERRUPTION and one.onset is not None
    )


def gaps_of(listener: Listener, origin: float) -> tuple[GapReport, ...]:
    """Report the gaps in what was heard."""
    return tuple(GapReport(round((gap.at - origin) * 1000), gap.ms) for gap in listener.gaps)


def _ms(at: float | None, origin: float) -> int | None:
    return None if at is None else round((at - origin) * 1000)


def _between(start: float | None, end: float | None) -> int | None:
    return None if start is None or end is None else round((end - start) * 1000)
