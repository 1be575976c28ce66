"""A transcript from elsewhere as what a bot would have reported of the call: turns, questions, and the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.importing import Said
from api.importing.aligning import Line, Part, Placed, align
from api.importing.clocks import WORDS_A_MINUTE, Timed, Times, timed
from api.importing.roles import Cast, Wanted, cast
from bot.interview import Role
from bot.interview.signals import signals_in
from bot.plan import Plan

ANSWERED, SKIPPED, NOT_REACHED = "answered", "skipped", "not_reached"
MOST_SEQS = 20  # turns that a note names
LONGEST_ASKED = 2_000  # characters of a follow-up that are kept as its text


@dataclass(frozen=True, slots=True)
class Event:
    """One event as a bot numbers it. at_ms: of the call."""

    type: str
    at_ms: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """A meeting as it is kept. turns: the data of its `turn.final` events; events: all, in order; report: its end's."""

    turns: tuple[dict[str, Any], ...]
    events: tuple[Event, ...]
    report: dict[str, Any]
    candidate: str

    @property
    def duration_ms(self) -> int:
        """How long the talk lasted."""
        return int(self.report["duration_ms"])


def imported(said: Sequence[Said], plan: Plan, wanted: Wanted, format: str) -> Imported:
    """Lay a transcript to a plan; raise `SpeakersUnclear`. format: what it was written as, for the record."""
    who = cast(said, plan, wanted)
    clock = timed(said)
    lines = [
        Line(
            one.text,
            asks=part in (Role.BOT, Role.INTERVIEWER),
            answers=part is Role.CANDIDATE,
            question_id=one.question_id,
        )
        for one in said
        for part in (who.parts.get(one.speaker),)
    ]
    places = align(plan, lines)
    ids = {name: f"speaker-{number}" for number, name in enumerate(who.parts, 1)}
    turns = tuple(
        _turn(number, one, who, ids, place)
        for number, (one, place) in enumerate(zip(clock.said, places, strict=True), 1)
    )
    questions = [_outcome(question.id, plan, turns, places) for question in plan.questions]
    end = max((turn["end_ms"] for turn in turns), default=0)
    about = _about(turns, places, questions, who, clock, format)
    report = {"questions": questions, "duration_ms": end, "imported": about}
    candidate = next(name for name, part in who.parts.items() if part is Role.CANDIDATE)
    return Imported(turns, tuple(_events(turns, places, questions, report)), report, candidate)


def _turn(seq: int, one: Said, who: Cast, ids: dict[str, str], place: Placed) -> dict[str, Any]:
    return {
        "seq": seq,
        "turn_id": f"imported-{seq}",
        "speaker_id": ids.get(one.speaker, "nobody"),
        "speaker": one.speaker or "?",
        "role": who.parts.get(one.speaker, Role.OBSERVER).value,
        "text": one.text,
        "start_ms": one.start_ms,
        "end_ms": one.end_ms,
        "confidence": one.confidence,
        "question_id": place.question_id,
        "interrupted": False,
    }


def _outcome(question_id: str, plan: Plan, turns: Sequence[dict[str, Any]], places: Sequence[Placed]) -> dict[str, Any]:
    own = [(turn, place) for turn, place in zip(turns, places, strict=True) if place.question_id == question_id]
    answer = [turn for turn, place in own if place.part is Part.ANSWERS]
    outcome, reason = (ANSWERED, None) if answer else (SKIPPED, "no_answer") if own else (NOT_REACHED, "not_asked")
    return {
        "question_id": question_id,
        "outcome": outcome,
        "reason": reason,
        "follow_ups": sum(place.part is Part.FOLLOWS_UP for _, place in own),
        "signals": sorted(signals_in(" ".join(turn["text"] for turn in answer), plan.language)),
        "answer_turns": [turn["seq"] for turn in answer],
    }


def _events(
    turns: Sequence[dict[str, Any]],
    places: Sequence[Placed],
    questions: Sequence[dict[str, Any]],
    report: dict[str, Any],
) -> Iterator[Event]:
    asked: dict[str, int] = {}
    for turn, place in zip(turns, places, strict=True):
        if place.question_id is not None and place.part in (Part.ASKS, Part.FOLLOWS_UP):
            number = asked[place.question_id] = asked.get(place.question_id, -1) + 1
            text = turn["text"][:LONGEST_ASKED]
            data = {"question_id": place.question_id, "follow_up": number, "text": text}
            yield Event("question.asked", turn["start_ms"], data)
        yield Event("turn.final", turn["end_ms"], turn)
    end = report["duration_ms"]
    for question in questions:
        yield Event("question.closed", end, question)
    yield Event("ended", end, {"reason": "completed", "report": report})


def _about(
    turns: Sequence[dict[str, Any]],
    places: Sequence[Placed],
    questions: Sequence[dict[str, Any]],
    who: Cast,
    clock: Timed,
    format: str,
) -> dict[str, Any]:
    """What is to be known of an import: who was taken for whom and why, whence the times, what belongs nowhere."""
    loose = [turn["seq"] for turn in turns if turn["role"] == Role.CANDIDATE and turn["question_id"] is None]
    follow_ups = [turn["seq"] for turn, place in zip(turns, places, strict=True) if place.part is Part.FOLLOWS_UP]
    return {
        "format": format,
        "times": clock.times.value,
        "words_a_minute": None if clock.times is Times.GIVEN else WORDS_A_MINUTE,
        "candidate_found_by": who.by.value,
        "speakers": [{"name": name, "role": part.value} for name, part in who.parts.items()],
        "unaligned_turns": loose,
        "notes": list(_notes(loose, questions, follow_ups, clock.times)),
    }


def _notes(
    loose: Sequence[int], questions: Sequence[dict[str, Any]], follow_ups: Sequence[int], times: Times
) -> Iterator[str]:
    unasked = [question["question_id"] for question in questions if question["outcome"] == NOT_REACHED]
    if len(unasked) == len(questions):
        yield "None of the plan's questions was found in it. Is it another interview, or in another language?"
    elif unasked:
        among = f"; put in other words it may be among the follow-ups, turns {_shown(follow_ups)}" if follow_ups else ""
        yield f"Not asked, as far as its words show: {', '.join(unasked)}{among}."
    if loose:
        yield f"Said by the candidate to no question of the plan: turns {_shown(loose)}."
    if times is not Times.GIVEN:
        which = "Its times are" if times is Times.DERIVED else "Times that it leaves out are"
        yield f"{which} derived, at {WORDS_A_MINUTE} words a minute."


def _shown(seqs: Sequence[int]) -> str:
    return ", ".join(map(str, seqs[:MOST_SEQS])) + (" and more" if len(seqs) > MOST_SEQS else "")
