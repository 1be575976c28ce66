"""Whole calls on the real product: WebRTC, Whisper and voice, measured at the simulated candidate's ear."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.bench import BenchOptions, BenchResult, Row, percentile
from api.demo.call import CallHolder, Guest, HeldCall
from api.demo.figures import barge_ins, call_minutes, cost, responses, turns_with_latency
from api.demo.server import Server, serving
from api.demo.usage import Meter, Usage
from api.demo.verdict import answers as answers_check
from bot.candidate.answers import Answers, Clip, Phrases, spoken, usual_phrases
from bot.candidate.mind import Manners
from bot.plan import Plan

ANSWERS = (
    "I have worked as a backend engineer for six years, mostly on payment systems.",
    "Last year I moved our orders to a new database. It took three months and nothing was lost.",
    "I measured first, found the slow query, and added the missing index.",
    "My part was the design of the queue and the way we retried failed messages.",
    "We talked it through over lunch, and in the end we kept his version because it was easier to test.",
    "I would ask the customer what they really need, and then write down the two or three cases that matter.",
    "The biggest mistake I made was to release on a Friday evening. Since then we only release in the morning.",
    "I learned that a short message every day is better than a long report at the end of the week.",
    "I split the work into small steps, and each of them could be taken back within a minute.",
    "It reduced the waiting time from four seconds to three hundred milliseconds.",
)
QUESTIONS = (
    "Could you tell me a little about the work you have been doing in recent years?",
    "Which change to a running system are you proud of, and how did it go?",
    "How do you find out why something is slow, when nobody can tell you where to look?",
    "What was your own part in the project that you remember best?",
    "Tell me about a time when you and a colleague did not agree on a design.",
    "What do you do when the requirements of a piece of work are not clear?",
    "Which mistake have you learned the most from, and what do you do differently now?",
    "How do you keep other people informed while you work on something long?",
    "How do you make a large change to a system without stopping it?",
    "What was the result of the last improvement that you made to a product?",
)
# What each question asks for; an answer that holds it is a whole one.
EXPECTS = (
    "own_part",
    "situation action",
    "action",
    "own_part",
    "action result",
    "action",
    "action own_part",
    "action",
    "action",
    "result",
)


@dataclass(frozen=True, slots=True)
class Voices:
    """What a simulated candidate says."""

    answers: Sequence[Clip]
    phrases: Phrases

    def guest(self, manners: Manners) -> Guest:
        """Return a candidate who behaves like that."""
        return Guest(Answers(in_order=self.answers), self.phrases, manners)


async def run(options: BenchOptions) -> BenchResult:
    """Hold some seven short interviews, one after the other and three at once, and return the figures."""
    questions = 3 if options.quick else len(QUESTIONS)
    plan = plan_of(questions)
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-", ignore_cleanup_errors=True) as folder:
        async with serving(Path(folder), options.tell) as server:
            voices = await voices_of(server)
            meter = Meter(server.pid)
            meter.read()
            single = []
            for number in range(1 if options.quick else 2):
                options.tell(f"call {number + 1}: {questions} questions, ordinary answers")
                single.append(await hold_one(server, plan, voices.guest(Manners())))
                meter.read()
            usage = meter.usage()
            options.tell(f"call {len(single) + 1}: the candidate speaks over every question")
            interrupted = await hold_one(server, plan, voices.guest(Manners(interrupt_every=1)))
            options.tell("three calls at once")
            three = await calls_at_once(server, plan_of(min(questions, 5)), voices, 3)
    rows = (*_single_rows(single, usage), *_barge_in_rows(interrupted), *_join_rows([*single, interrupted, *three]))
    return BenchResult(
        "call",
        (*rows, *_three_rows(three)),
        {
            "single": [_details(held) for held in single],
            "interrupted": _details(interrupted),
            "three": [_details(held) for held in three],
            "usage_of_single": asdict(usage),
        },
    )


def plan_of(questions: int) -> Plan:
    """Return a plan of so many questions without follow-ups."""
    asked = [
        {"id": f"q{number}", "text": text, "expects": expects.split(), "max_followups": 0, "minutes": 1}
        for number, (text, expects) in enumerate(zip(QUESTIONS[:questions], EXPECTS, strict=False), 1)
    ]
    sections = [{"id": "work", "name": "your work", "questions": asked}]
    return Plan.model_validate({"title": "Benchmark", "minutes": questions + 5, "sections": sections})


async def voices_of(server: Server) -> Voices:
    """Have the answers and phrases of a candidate spoken."""
    async with server.voice() as speech:
        return Voices([await spoken(text, speech) for text in ANSWERS], await usual_phrases(speech))


async def hold_one(server: Server, plan: Plan, guest: Guest) -> HeldCall:
    """Hold one call."""
    async with server.client() as client:
        return await CallHolder(client).hold(HeldCall(plan), guest)


async def calls_at_once(server: Server, plan: Plan, voices: Voices, count: int) -> list[HeldCall]:
    """Hold so many calls at once."""
    async with asyncio.TaskGroup() as tasks:
        # A third of an exchange apart, so that the talkers meet in every combination.
        calls = [tasks.create_task(_later(2.0 * index, server, plan, voices)) for index in range(count)]
    return [call.result() for call in calls]


async def _later(wait_s: float, server: Server, plan: Plan, voices: Voices) -> HeldCall:
    await asyncio.sleep(wait_s)
    return await hold_one(server, plan, voices.guest(Manners()))


def _single_rows(calls: Sequence[HeldCall], usage: Usage) -> list[Row]:
    heard = [float(one) for held in calls for one in responses(held)]
    said = [answer for held in calls if held.candidate for answer in held.candidate.answers]
    cut = sum(answer.cut_off for answer in said)
    how = f"last voiced sample of an answer → first sound back, {len(heard)} answers in {len(calls)} calls, WebRTC"
    minutes = sum(call_minutes(held) or 0.0 for held in calls)
    spent = {part: round(seconds / minutes, 2) for part, seconds in usage.cpu_s.items()} if minutes else {}
    bots = [cost(held, Usage())["bot"] or {} for held in calls]
    bot_cpu = [bot["cpu_s"] / (bot["call_s"] / 60) for bot in bots if bot.get("call_s")]
    bot_pss = [bot["pss_mb"] for bot in bots if "pss_mb" in bot]
    seconds, alone = "CPU-s/call-min", "one call at a time"
    return [
        Row.at_most("response at the ear p50", percentile(heard, 50), 600, "ms", how),
        Row.at_most("response at the ear p95", percentile(heard, 95), 900, "ms", how),
        Row(
            "answers cut off by the bot", cut, "", "0", cut == 0, f"sound before the last voiced sample; of {len(said)}"
        ),
        _transcribed(calls, "answers transcribed, one call at a time"),
        Row("cost of a bot", percentile(bot_cpu, 50), seconds, method="getrusage of its process, with RTP and Opus"),
        Row("cost of speech", spent.get("speech"), seconds, method=f"processor time of its processes, {alone}"),
        Row("cost of the control plane", spent.get("api"), seconds, method=f"processor time of the API, {alone}"),
        Row("memory of a bot", percentile(bot_pss, 50), "MB", method="proportional set size, end of a call"),
    ]


def _barge_in_rows(held: HeldCall) -> list[Row]:
    silences = [float(one) for one in barge_ins(held)]
    tried = len(held.candidate.barge_ins) if held.candidate else 0
    how = f"first voiced sample of an interruption → last sound before silence, {len(silences)} of {tried} measured"
    return [
        Row.at_most("barge-in p50", percentile(silences, 50), 250, "ms", how),
        Row("barge-in p95", percentile(silences, 95), "ms", method=how),
    ]


def _join_rows(calls: Sequence[HeldCall]) -> list[Row]:
    took = [float(held.join_ms) for held in calls if held.join_ms is not None]
    how = f"POST start sent → event `state: waiting` received, {len(took)} of {len(calls)} calls, warm speech server"
    return [
        Row.at_most("start request → bot in the room p50", percentile(took, 50), 1500, "ms", how),
        Row.at_most("start request → bot in the room, worst", max(took, default=None), 1500, "ms", how),
    ]


def _three_rows(calls: Sequence[HeldCall]) -> list[Row]:
    heard = [float(one) for held in calls for one in responses(held)]
    texts = [float(turn["text_ms"]) for held in calls for turn in turns_with_latency(held)]
    lags = [float(usage["loop_lag_ms"]) for held in calls for usage in held.of("usage") if "loop_lag_ms" in usage]
    gaps = [float(gap.ms) for held in calls if held.candidate for gap in held.candidate.gaps]
    how = f"three calls at once, {len(heard)} answers"
    late = f"packets over 60 ms late inside a sound; longest {max(gaps, default=0):.0f} ms"
    final = f"`text_ms` of {len(texts)} turns: end of turn decided → final text there; three calls at once"
    return [
        Row("three calls: response at the ear p50", percentile(heard, 50), "ms", method=how),
        Row("three calls: response at the ear p95", percentile(heard, 95), "ms", method=how),
        Row.at_most("three calls: final after decision p50", percentile(texts, 50), 60, "ms", final),
        Row.at_most("three calls: final after decision p95", percentile(texts, 95), 400, "ms", final),
        _transcribed(calls, "three calls: answers transcribed"),
        Row("three calls: event loop late, worst", max(lags, default=None), "ms", method="a 200 ms timer in a bot"),
        Row("three calls: gaps at the ear", len(gaps), "", method=late),
    ]


def _transcribed(calls: Sequence[HeldCall], metric: str) -> Row:
    checks = [answers_check(held) for held in calls]
    missing = "; ".join(check.detail for check in checks if not check.ok)
    whole = sum(check.ok for check in checks)
    how = missing or "every spoken answer overlaps final turns with words, by time"
    return Row(metric, f"{whole} of {len(calls)} calls", "", "all", whole == len(calls), how)


def _details(held: HeldCall) -> dict[str, Any]:
    return {
        "status": held.body.get("status"),
        "join_ms": held.join_ms,
        "response_ms": responses(held),
        "barge_in_ms": barge_ins(held),
        "turns": turns_with_latency(held),
        "usage": held.of("usage"),
        "candidate": asdict(held.candidate) if held.candidate else None,
    }
