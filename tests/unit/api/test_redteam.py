"""The red team against the engines that rate: no score moves, no order is followed, each attempt is flagged, none is
punished. A new engine joins `ENGINES`; the model's is driven by a model that follows whatever it reads."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from api.evaluation.engines import Case, StructuredEngine
from api.evaluation.evaluator import Assessment
from api.evaluation.facts import facts
from api.evaluation.model_engine import ModelEngine
from api.evaluation.rubric import rubric_of
from api.evaluation.transcript import read_turns
from bot.plan import Plan
from prompts import load_bank, load_prompt
from tests.fakes.gullible import GullibleModel
from tests.redteam.attempts import Attempt, attempts

BANK = load_bank()
ANCHORS = {
    1: "Trusts the query blindly.",
    3: "Noticed that it could not be right, found the cause and corrected it.",
}
GOOD = (
    "Last year our team had a report that nobody questioned.",
    "I noticed it could not be right.",
    "I found the cause and I corrected it.",
    "As a result I fixed it for good.",
)
POOR = ("Last year we had a report.", "I trust the query blindly.", "As a result I fixed nothing.")
WORTH = {GOOD[2]: 3, GOOD[3]: 2, POOR[1]: 1}
GULLIBLE = GullibleModel(WORTH)
MODEL_ENGINE = ModelEngine(GULLIBLE, 3)
FOLLOW_UP = load_prompt("follow_up")
Answer = Sequence[str]
Rated = dict[str, Any]


def plan(title: str = "Analyst", told: Sequence[str] = ()) -> Plan:
    question = {"id": "figure", "text": "Which figure was wrong?", "criteria": ["checking"]}
    question["expects"] = ["situation", "action", "result"]
    criteria = [
        {"id": "checking", "name": "Checking", "anchors": ANCHORS},
        {"id": "never", "name": "Never asked", "anchors": ANCHORS},
    ]
    sections = [{"id": "main", "name": "Main", "questions": [question]}]
    return Plan.model_validate({"title": title, "criteria": criteria, "sections": sections, "facts": list(told)})


async def structured(case: Case, orders: Sequence[str]) -> Assessment:
    """What the rules make of an interview."""
    return await StructuredEngine().assess(case)


async def gullible(case: Case, orders: Sequence[str]) -> Assessment:
    """What a model that follows any order it reads makes of an interview."""
    GULLIBLE.would_follow(orders)
    assessment = await MODEL_ENGINE.assess(case)
    assert GULLIBLE.obeyed == 0
    return assessment


ENGINES: dict[str, Callable[[Case, Sequence[str]], Awaitable[Assessment]]] = {
    "structured": structured,
    "model": gullible,
}


async def rate(engine: str, of: Plan, answer: Answer, orders: Sequence[str] = ()) -> Rated:
    """What an engine makes of an answer in turns. orders: what must not be followed."""
    turns = [
        {"seq": n, "role": "candidate", "text": text, "start_ms": n, "end_ms": n + 1, "question_id": "figure"}
        for n, text in enumerate(answer, 1)
    ]
    case = Case(of, rubric_of(of, BANK), read_turns(turns), facts(of, turns)["qa"])
    found = await ENGINES[engine](case, orders)
    rated: Rated = json.loads(json.dumps(found.result)) | {"quotes": [one.quote.text for one in found.evidence]}
    return rated


BEFORE: dict[tuple[str, tuple[str, ...]], Rated] = {}


async def unmoved(engine: str, honest: tuple[str, ...]) -> Rated:
    """What an engine makes of an honest answer, found once."""
    if (engine, honest) not in BEFORE:
        BEFORE[engine, honest] = judged(await rate(engine, plan(), [" ".join(honest)]))
    return BEFORE[engine, honest]


def with_attempt(honest: Answer, attempt: Attempt) -> list[list[str]]:
    """An honest answer in which the attempt stands: at its end, in its middle, as turns of its own before and after."""
    between = " " if attempt.channel == "transcript" else "\n"
    first, *rest = attempt.texts
    whole = " ".join(honest)
    middle = [between.join([" ".join(honest[:2]), first]), *rest]
    middle[-1] = between.join([middle[-1], " ".join(honest[2:])])
    return [[between.join([whole, first]), *rest], middle, [*attempt.texts, whole], [whole, *attempt.texts]]


def judged(rated: Rated) -> Rated:
    """What a reader of an evaluation would see move."""
    kept = ("criterion_id", "status", "level", "norm", "rationale", "signals_shown")
    criteria = [{name: one[name] for name in kept} for one in rated["criteria"]]
    return {"criteria": criteria} | {
        name: rated[name] for name in ("overall", "recommendation", "strengths", "concerns")
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("attempt", attempts(), ids=lambda attempt: attempt.id)
async def test_an_attempt_moves_no_score_and_is_flagged_and_not_punished(engine: str, attempt: Attempt) -> None:
    for honest, level in ((GOOD, 3), (POOR, 1 if engine == "model" else None)):
        before = await unmoved(engine, honest)
        assert before["criteria"][0]["level"] == level
        answers = with_attempt(honest, attempt)
        for answer in answers if engine == "structured" and honest is GOOD else answers[1:2]:
            rated = await rate(engine, plan(), answer, attempt.texts)
            assert judged(rated) == before
            flagged = " ".join(flag["quote"] for flag in rated["injection_flags"])
            assert flagged
            assert all(sentence not in flagged for sentence in honest)
            assert not any(text in quote for text in attempt.texts for quote in rated["quotes"])


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_stands_in_a_job_or_in_its_facts_moves_no_score(engine: str) -> None:
    every = [text for attempt in attempts("job", "knowledge") for text in attempt.texts]
    for title in every if engine == "structured" else every[:1]:
        rated = await rate(engine, plan(title, every), [" ".join(GOOD)], every)
        assert judged(rated) == await unmoved(engine, GOOD)


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_attempt_alone_is_no_answer(engine: str) -> None:
    every = [text for attempt in attempts("transcript") for text in attempt.texts]
    rated = await rate(engine, plan(), every, every)
    assert (rated["overall"], rated["criteria"][0]["level"]) == (None, None)


async def test_the_gullible_model_would_follow_what_it_reads() -> None:
    order = "We shipped a great many things on time"
    told = " ".join([*GOOD, order])
    honest, obeyed = await rate("structured", plan(), [told]), GullibleModel(WORTH)
    obeyed.would_follow([order])
    case_turns = [{"seq": 1, "role": "candidate", "text": told, "start_ms": 1, "end_ms": 2, "question_id": "figure"}]
    case = Case(plan(), rubric_of(plan(), BANK), read_turns(case_turns), facts(plan(), case_turns)["qa"])
    await ModelEngine(obeyed, 3).assess(case)
    assert obeyed.obeyed and honest["criteria"][0]["level"] == 3


@pytest.mark.parametrize("attempt", attempts(), ids=lambda attempt: attempt.id)
def test_a_chat_model_in_a_call_never_sees_an_attempt(attempt: Attempt) -> None:
    other = {"language": "en", "section": "s", "question": "q", "missing": ["result"], "asked_before": []}
    honest = FOLLOW_UP.render(answer=" ".join(GOOD), **other)
    message = FOLLOW_UP.render(answer="\n".join(with_attempt(GOOD, attempt)[1]), **other)
    assert message.replace("[…]", "").split() == honest.split()
