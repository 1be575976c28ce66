"""The figures of one held interview: named latencies, the response at the ear, barge-in, cost."""

from dataclasses import asdict
from typing import Any

from api.bench import machine, percentile
from api.demo.call import HeldCall
from api.demo.usage import Usage
from bot.candidate.report import AnswerReport
from bot.interview import Role

PARTS = ("wait_ms", "turn_model_ms", "text_ms", "brain_ms", "first_sound_ms", "wire_ms", "total_ms")
EAR = "response_ms"


def call_offset_ms(held: HeldCall) -> float | None:
    """Return what to add to a time of the call to get this process's clock in ms, or None when no event tells.

    An event says when it happened on the call's clock and is seen here a little later: the one that came quickest tells
    best how the two clocks lie.
    """
    lags = [event.heard_s * 1000 - event.at_ms for event in held.events if event.at_ms is not None]
    return min(lags, default=None)


def spans_of_answers(held: HeldCall) -> list[tuple[AnswerReport, float, float]]:
    """Return everything with a voice that was said to its end, with its start and end on the call's clock (ms)."""
    offset = call_offset_ms(held)
    if held.candidate is None or offset is None:
        return []
    shift = held.origin_s * 1000 - offset
    return [
        (answer, answer.speech_start_ms + shift, answer.speech_end_ms + shift)
        for answer in held.candidate.answers
        if answer.voiced and answer.speech_start_ms is not None and answer.speech_end_ms is not None
    ]


def candidate_turns(held: HeldCall) -> list[dict[str, Any]]:
    """Return the candidate's final turns that hold words."""
    return [turn for turn in held.turns if turn["role"] == Role.CANDIDATE and turn["text"].strip()]


def answer_turns(held: HeldCall, question_id: str) -> list[dict[str, Any]]:
    """Return the turns that answer a question: those that the bot's report names, else those that lie under it."""
    for data in reversed(held.of("ended")):
        for entry in data.get("report", {}).get("questions") or ():
            if entry["question_id"] == question_id:
                return [turn for turn in candidate_turns(held) if turn["seq"] in entry["answer_turns"]]
    return [turn for turn in candidate_turns(held) if turn["question_id"] == question_id]


def turns_within(held: HeldCall, start_ms: float, end_ms: float) -> list[dict[str, Any]]:
    """Return the candidate's turns that lie in a stretch of the call with at least half of their length."""
    return [
        turn
        for turn in candidate_turns(held)
        if 2 * overlap_ms(turn, start_ms, end_ms) >= max(1, turn["end_ms"] - turn["start_ms"])
    ]


def cut_off(held: HeldCall) -> list[AnswerReport]:
    """Return what was said while the bot began to speak over it."""
    return [answer for answer in held.candidate.answers if answer.cut_off] if held.candidate else []


def overlap_ms(turn: dict[str, Any], start_ms: float, end_ms: float) -> float:
    """Return for how long a turn and a stretch of the call go together."""
    return max(0.0, min(end_ms, float(turn["end_ms"])) - max(start_ms, float(turn["start_ms"])))


def turns_with_latency(held: HeldCall) -> list[dict[str, Any]]:
    """Return the named latencies of each answered turn, with `response_ms` as the candidate's ear measured it.

    Of an answer that the bot heard as several turns, the last one gets the ear's figure.
    """
    turns = {turn["turn_id"]: turn for turn in held.turns}
    rows = [{**account, **_place(turns.get(account.get("turn_id", "")))} for account in held.of("latency")]
    for answer, start, end in spans_of_answers(held):
        heard = [row for row in rows if "end_ms" in row and overlap_ms(row, start, end) > 0]
        if heard and answer.response_ms is not None:
            max(heard, key=lambda row: int(row["end_ms"]))[EAR] = answer.response_ms
    return rows


def responses(held: HeldCall) -> list[int]:
    """Return every response time at the candidate's ear, ms."""
    answers = held.candidate.answers if held.candidate else ()
    return [answer.response_ms for answer in answers if answer.response_ms is not None]


def barge_ins(held: HeldCall) -> list[int]:
    """Return the times from the onset of an interruption to silence at the ear, ms."""
    interruptions = held.candidate.barge_ins if held.candidate else ()
    return [one.silence_ms for one in interruptions if one.silence_ms is not None]


def spread(samples: list[float]) -> dict[str, float | int | None]:
    """Return the middle, the slow end and how many there are."""
    return {"p50": percentile(samples, 50), "p95": percentile(samples, 95), "n": len(samples)}


def latencies(held: HeldCall) -> dict[str, dict[str, float | int | None]]:
    """Return the spread of each named part, and of the response at the ear."""
    rows = turns_with_latency(held)
    parts = {part: spread([float(row[part]) for row in rows if row.get(part) is not None]) for part in PARTS}
    return parts | {EAR: spread([float(one) for one in responses(held)])}


def call_minutes(held: HeldCall) -> float | None:
    """Return how long the call was."""
    seconds = sum(float(usage.get("call_s") or 0.0) for usage in held.of("usage"))
    return seconds / 60 if seconds else None


def cost(held: HeldCall, usage: Usage) -> dict[str, Any]:
    """Return processor seconds per call-minute and memory, by part of the product; `bot` is the bot's own process."""
    minutes = call_minutes(held)
    bot = [float(one["cpu_s"]) for one in held.of("usage") if "cpu_s" in one]
    spent = {part: seconds for part, seconds in usage.cpu_s.items() if part != "bots"}
    if bot:
        spent["bot"] = sum(bot)
    per_minute = {part: round(seconds / minutes, 2) for part, seconds in spent.items()} if minutes else {}
    product = [seconds for part, seconds in per_minute.items() if part != "candidate"]
    return {
        "cpu_s_per_call_minute": per_minute | ({"total": round(sum(product), 2)} if product else {}),
        "memory_pss_mb": usage.pss_mb,
        "bot": held.of("usage")[-1] if held.of("usage") else None,
    }


def metrics(held: HeldCall, usage: Usage) -> dict[str, Any]:
    """Return everything that `metrics.json` holds."""
    parts = latencies(held)
    broken = barge_ins(held)
    return {
        "turns": turns_with_latency(held),
        "p50": {part: values["p50"] for part, values in parts.items()},
        "p95": {part: values["p95"] for part, values in parts.items()},
        "barge_in_ms": percentile([float(one) for one in broken], 50),
        "barge_ins_ms": broken,
        "join_ms": held.join_ms,
        **cost(held, usage),
        "gaps": [asdict(gap) for gap in held.candidate.gaps] if held.candidate else [],
        "candidate": asdict(held.candidate) if held.candidate else None,
        "machine": machine(),
    }


def _place(turn: dict[str, Any] | None) -> dict[str, Any]:
    if turn is None:
        return {}
    return {key: turn[key] for key in ("seq", "question_id", "start_ms", "end_ms")}
