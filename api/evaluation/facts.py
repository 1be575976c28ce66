"""Phase 1 of an evaluation: what was asked, what was said to it, what the plan's criteria heard of. No judgement.

Everything said is quoted: each quote is an exact part of a turn and carries that turn's number and times.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.evaluation.injection import flags, found_in, meant_for_people
from api.evaluation.transcript import ASKING, Quote, Turn, count_words, key_points, read_turns, timing
from bot.interview import Role
from bot.interview.signals import signals_in
from bot.plan import Criterion, Plan, Question
from prompts import Found

ENOUGH_SIGNALS = 2 / 3  # of what a question expects: from there on it counts as covered
FEW_WORDS, MANY_WORDS = 12, 60  # an answer below is thin; from there on it is not where only its length is known
HEARD_SHARE = 0.6  # of the words of a follow-up: so much of it must stand in the bot's turn that asked it


@dataclass(frozen=True, slots=True)
class _FollowUp:
    text: str
    asked: Turn | None  # the bot's turn that asked it, where it is found
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class _Answered:
    """One question of the plan and what came of it.

    answer: the candidate's turns to it; passages: its sentences, without words that are meant for whoever rates it.
    """

    question: Question
    outcome: str
    reason: str | None
    asked_at_ms: int | None
    answer: tuple[Turn, ...]
    passages: tuple[Quote, ...]
    points: tuple[Quote, ...]
    follow_ups: tuple[_FollowUp, ...]
    signals: tuple[str, ...]

    @property
    def text(self) -> str:
        return _text(self.answer)

    @property
    def ms(self) -> int:
        return sum(turn.ms for turn in self.answer)

    @property
    def was_asked(self) -> bool:
        """Whether the candidate heard it, or passed on it; what fell to the clock was not asked."""
        passed = self.outcome == "skipped" and self.reason != "time"
        return self.asked_at_ms is not None or bool(self.answer) or passed


def facts(
    plan: Plan,
    turns: Iterable[Mapping[str, Any]],
    report: Mapping[str, Any] | None = None,
    events: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the facts of one attempt as plain values, ready for JSON.

    turns: the data of its `turn.final` events. report: the one in `ended`; without it (a crash) outcomes are read off
    the turns; `imported` in it, of a meeting that no bot heard, is told too. events: in order, each with `type` (or
    `event`), `data` and, where known, `at_ms`; `question.asked` names the follow-ups a chat model wrote, and without it
    only the plan's own probes are known of.
    """
    transcript = read_turns(turns)
    happened = list(events)
    orders = found_in(transcript)
    answered = [_answered(question, plan, transcript, report or {}, happened, orders) for question in plan.questions]
    duration = (report or {}).get("duration_ms")
    longest = max((one.ms for one in answered), default=0)
    times = timing(transcript, duration if isinstance(duration, int) else None, longest)
    coverage = [_coverage(criterion, answered, plan.language) for criterion in plan.criteria]
    told = {
        "phase": 1,
        "qa": [_told(one) for one in answered],
        "outcomes": _outcomes(answered),
        "coverage": coverage,
        "timing": times,
        "injection_flags": [quote.told() for quote in flags(transcript, orders)],
        "tasks": [
            {"kind": data.get("kind"), "text": data.get("text"), "question": data.get("question"), "at_ms": at_ms}
            for at_ms, data in _tasks(happened)
        ],
        "text_summary": "\n".join([_summary(answered, coverage, times), *_notes(report)]),
    }
    imported = (report or {}).get("imported")
    return told | {"imported": imported} if imported else told


def _answered(
    question: Question,
    plan: Plan,
    turns: Sequence[Turn],
    report: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    orders: Mapping[int, Sequence[Found]],
) -> _Answered:
    own = [turn for turn in turns if turn.question_id == question.id]
    closed = _closed(question.id, report, events)
    if "answer_turns" in closed:
        numbers = set(closed["answer_turns"])
        answer = tuple(turn for turn in turns if turn.seq in numbers and turn.role == Role.CANDIDATE)
    else:
        given = () if closed.get("outcome") in ("skipped", "not_reached") else own
        answer = tuple(turn for turn in given if turn.role == Role.CANDIDATE)
    bot = [turn for turn in own if turn.role in ASKING]
    asked = [data for kind, data in _events(events, question.id) if kind == "question.asked"]
    outcome, reason = closed.get("outcome"), closed.get("reason")
    if outcome is None:
        outcome = "answered" if answer else "skipped" if bot or asked else "not_reached"
        reason = None if answer else "call_ended"
    heard = next((turn for turn in bot if _holds(turn.text, question.text)), bot[0] if bot else None)
    first = next((data.get("at_ms") for data in asked if not data.get("follow_up")), None)
    passages = tuple(passage for turn in answer for passage in meant_for_people(turn, orders))
    signals = closed.get("signals")
    if signals is None:
        signals = sorted(signals_in(_text(passages), plan.language))
    return _Answered(
        question=question,
        outcome=str(outcome),
        reason=reason,
        asked_at_ms=heard.start_ms if heard else first,
        answer=answer,
        passages=passages,
        points=tuple(key_points(passages, plan.language)),
        follow_ups=_follow_ups(question, bot, answer, asked),
        signals=tuple(str(signal) for signal in signals),
    )


def _closed(question_id: str, report: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the bot says became of a question: in its report, else when it closed it."""
    for entry in report.get("questions") or ():
        if entry.get("question_id") == question_id:
            return dict(entry)
    closed = [data for kind, data in _events(events, question_id) if kind == "question.closed"]
    return closed[-1] if closed else {}


def _events(events: Iterable[Mapping[str, Any]], question_id: str) -> Iterable[tuple[str, dict[str, Any]]]:
    for event in events:
        data = event.get("data") or {}
        if data.get("question_id") == question_id:
            yield str(event.get("type") or event.get("event")), {"at_ms": event.get("at_ms"), **data}


def _tasks(events: Iterable[Mapping[str, Any]]) -> Iterable[tuple[int | None, dict[str, Any]]]:
    for event in events:
        if (event.get("type") or event.get("event")) == "task":
            yield event.get("at_ms"), event.get("data") or {}


# ---- follow-ups ---------------------------------------------------------------------------------------------------


def _follow_ups(
    question: Question, bot: Sequence[Turn], answer: Sequence[Turn], asked: Sequence[Mapping[str, Any]]
) -> tuple[_FollowUp, ...]:
    numbered: dict[int, tuple[str, int | None]] = {}
    for data in asked:
        if number := data.get("follow_up"):
            numbered.setdefault(number, (str(data.get("text") or ""), data.get("at_ms")))
    known = list(numbered.values())
    if not asked and answer:
        later = [turn for turn in bot if turn.seq > answer[0].seq]
        probes = question.probes.values()
        heard = [(probe, turn.start_ms) for turn in later for probe in probes if _holds(turn.text, probe)]
        known = [(probe, at_ms) for index, (probe, at_ms) in enumerate(heard) if probe not in dict(heard[:index])]
    found: list[_FollowUp] = []
    after = 0
    for text, at_ms in known:
        turn = next((turn for turn in bot if turn.seq > after and _holds(turn.text, text)), None)
        after = turn.seq if turn else after
        found.append(_FollowUp(text, turn, at_ms))
    return tuple(found)


def _holds(line: str, text: str) -> bool:
    """Whether a line says a text, or as much of it as counts as heard when it was interrupted."""
    words = text.split()
    begin = " ".join(words[: max(1, round(HEARD_SHARE * len(words)))])
    return bool(words) and begin in " ".join(line.split())


def _told_follow_ups(one: _Answered) -> list[dict[str, Any]]:
    """Each follow-up with what was said after it and before the next one."""
    told = []
    for index, follow_up in enumerate(one.follow_ups):
        later = one.follow_ups[index + 1 :]
        said = [
            t for t in one.answer if _came_after(t, follow_up) and not any(_came_after(t, next_) for next_ in later)
        ]
        told.append({"text": follow_up.text, "answer": _text(said), "answer_turns": [turn.seq for turn in said]})
    return told


def _came_after(turn: Turn, follow_up: _FollowUp) -> bool:
    if follow_up.asked is not None:
        return turn.seq > follow_up.asked.seq
    return follow_up.at_ms is not None and turn.end_ms > follow_up.at_ms


# ---- telling ------------------------------------------------------------------------------------------------------


def _text(said: Iterable[Turn | Quote]) -> str:
    return " ".join(one.text for one in said)


def _told(one: _Answered) -> dict[str, Any]:
    return {
        "question_id": one.question.id,
        "question": one.question.text,
        "outcome": one.outcome,
        "reason": one.reason,
        "asked_at_ms": one.asked_at_ms,
        "answer": one.text,
        "answer_turns": [turn.seq for turn in one.answer],
        "key_points": [quote.told() for quote in one.points],
        "follow_ups": _told_follow_ups(one),
        "signals": list(one.signals),
        "words": count_words(one.text),
        "seconds": round(one.ms / 1000, 1),
    }


def _coverage(criterion: Criterion, answered: Sequence[_Answered], language: str) -> dict[str, Any]:
    """What the interview heard of one criterion: `covered`, `thin`, `asked` and not answered, or `not_asked`."""
    about = [one for one in answered if criterion.id in one.question.criteria]
    if any(_covers(one, language) for one in about):
        state = "covered"
    elif any(one.answer for one in about):
        state = "thin"
    elif any(one.was_asked for one in about):
        state = "asked"
    else:
        state = "not_asked"
    return {
        "criterion_id": criterion.id,
        "name": criterion.name,
        "state": state,
        "question_ids": [one.question.id for one in about],
        "quotes": [{"question_id": one.question.id, **quote.told()} for one in about for quote in one.points],
    }


def _covers(one: _Answered, language: str) -> bool:
    words, expected = count_words(_text(one.passages)), one.question.expects
    if words < FEW_WORDS:
        return False
    if language != "en" or not expected:
        return words >= MANY_WORDS
    return len(set(expected) & set(one.signals)) >= ENOUGH_SIGNALS * len(expected)


def _summary(answered: Sequence[_Answered], coverage: Sequence[Mapping[str, Any]], times: Mapping[str, Any]) -> str:
    """The facts as a short text: counts, then each question with the candidate's own words."""
    given = sum(bool(one.answer) for one in answered)
    lines = [f"{given} of {len(answered)} questions were answered in a call of {_clock(times['call_ms'])}."]
    if times["talk_ratio"] is not None:
        lines[0] += (
            f" The candidate spoke for {_clock(times['candidate_ms'])}, {times['talk_ratio']:.0%} of what was said."
        )
    for one in answered:
        lines.append(one.question.text)
        if one.points:
            cut_short = f" (cut short: {one.reason.replace('_', ' ')})" if one.reason else ""
            lines.append("  " + " […] ".join(f"“{quote.text}”" for quote in one.points) + cut_short)
        else:
            state = one.outcome.replace("_", " ")
            lines.append(f"  No answer: {state} ({one.reason.replace('_', ' ')})." if one.reason else f"  {state}.")
    states = {
        state: [one["name"] for one in coverage if one["state"] == state] for state in ("thin", "asked", "not_asked")
    }
    notes = {"thin": "Little was said about", "asked": "Asked without an answer", "not_asked": "Not asked about"}
    lines += [f"{notes[state]}: {', '.join(names)}." for state, names in states.items() if names]
    return "\n".join(lines)


def _outcomes(answered: Sequence[_Answered]) -> dict[str, int]:
    """How many questions there were, were asked, and came to what."""
    counts = Counter(one.outcome for one in answered)
    return {"questions": len(answered), "asked": sum(one.was_asked for one in answered), **counts}


def _notes(report: Mapping[str, Any] | None) -> list[str]:
    """What an import has to say about itself."""
    imported = (report or {}).get("imported")
    return [str(note) for note in imported.get("notes") or ()] if isinstance(imported, Mapping) else []


def _clock(ms: int) -> str:
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
