"""The red team against the engines that rate: no score moves, no order is followed, each attempt is flagged, none is
punished. An engine is what takes a plan and turns and returns levels; a new one joins `ENGINES`."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from api.evaluation.evaluator import assess
from api.evaluation.facts import facts
from api.evaluation.rubric import rubric_of
from api.evaluation.transcript import read_turns
from bot.plan import Plan
from prompts import load_bank, load_prompt
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


def structured(of: Plan, answer: Answer) -> Rated:
    """What the engine of rules makes of an answer in turns."""
    turns = [
        {"seq": n, "role": "candidate", "text": text, "start_ms": n, "end_ms": n + 1, "question_id": "figure"}
        for n, text in enumerate(answer, 1)
    ]
    found = assess(of, rubric_of(of, BANK), read_turns(turns), facts(of, turns)["qa"])
    quotes = [one.quote.text for one in found.evidence]
    rated: Rated = json.loads(json.dumps(found.result)) | {"quotes": quotes}
    return rated


ENGINES: dict[str, Callable[[Plan, Answer], Rated]] = {"structured": structured}


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
def test_an_attempt_moves_no_score_and_is_flagged_and_not_punished(engine: str, attempt: Attempt) -> None:
    rate = ENGINES[engine]
    for honest, level in ((GOOD, 3), (POOR, None)):
        before = judged(rate(plan(), [" ".join(honest)]))
        assert before["criteria"][0]["level"] == level
        for answer in with_attempt(honest, attempt):
            rated = rate(plan(), answer)
            assert judged(rated) == before
            flagged = " ".join(flag["quote"] for flag in rated["injection_flags"])
            assert flagged
            assert all(sentence not in flagged for sentence in honest)
            assert not any(text in quote for text in attempt.texts for quote in rated["quotes"])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("attempt", attempts("job", "knowledge"), ids=lambda attempt: attempt.id)
def test_what_stands_in_a_job_or_in_its_facts_moves_no_score(engine: str, attempt: Attempt) -> None:
    rate = ENGINES[engine]
    (text,) = attempt.texts
    answer = [" ".join(GOOD)]
    assert judged(rate(plan(text, [text]), answer)) == judged(rate(plan(), answer))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_attempt_alone_is_no_answer(engine: str) -> None:
    for attempt in attempts("transcript"):
        rated = ENGINES[engine](plan(), attempt.texts)
        assert (rated["overall"], rated["criteria"][0]["level"]) == (None, None)


@pytest.mark.parametrize("attempt", attempts(), ids=lambda attempt: attempt.id)
def test_a_chat_model_in_a_call_never_sees_an_attempt(attempt: Attempt) -> None:
    other = {"language": "en", "section": "s", "question": "q", "missing": ["result"], "asked_before": []}
    honest = load_prompt("follow_up").render(answer=" ".join(GOOD), **other)
    for answer in with_attempt(GOOD, attempt):
        message = load_prompt("follow_up").render(answer="\n".join(answer), **other)
        assert message.replace("[…]", "").split() == honest.split()
