"""A real chat model on this machine, small and none too clever: what is taken from it, and that it can be given up."""

from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from api.errors import ModelUnavailable as NoAnswer
from api.evaluation.engines import Case
from api.evaluation.facts import facts
from api.evaluation.model_engine import ModelEngine
from api.evaluation.rubric import rubric_of
from api.evaluation.transcript import read_turns
from api.model.chat import ChatModel
from bot.brain import ChatBrain
from bot.chat import ChatClient
from bot.errors import ModelUnavailable
from bot.interview.facts import PASS_ON, is_grounded
from bot.plan import Plan
from bot.spec import ChatService
from prompts import Prompt, load_bank, load_prompt
from tests.running_model import running_model

pytestmark = pytest.mark.models

ANSWER_S = 120.0  # no aim: so long may a few dozen words take on cores that others use
NO_TIME_S = 0.05
QUESTION: dict[str, Any] = {
    "language": "en",
    "question": "How many people are in the team?",
    "facts": ("The team has 9 people.",),
}


class Basket(BaseModel):
    """A little to write."""

    pears: Annotated[int, Field(ge=1, le=5)]
    ripe: bool


class Saga(BaseModel):
    """More than the model can write in the time of this test, or at all."""

    chapters: Annotated[list[bool], Field(min_length=2000)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_model(tmp_path_factory.mktemp("model")) as url:
        yield url


def prompt(folder: Path, output: str) -> Prompt:
    (folder / "model").mkdir(exist_ok=True)
    front = f"id: told\nversion: 1\ninputs:\n  said: {{source: people}}\noutput: {output}"
    text = f"---\n{front}\n---\n\n# System\n\nRead it.\n\n# User\n\nSaid: {{{{said}}}}\n"
    (folder / "model" / "told.md").write_text(text)
    return load_prompt("told", folder)


def model(url: str, budget_s: float = ANSWER_S) -> ChatModel:
    return ChatModel(ChatService(url=url, model="gemma"), budget_s)


async def test_it_answers_in_the_shape_that_was_asked_for(url: str, tmp_path: Path) -> None:
    asked = model(url)
    answer = await asked.ask(prompt(tmp_path, "Basket"), Basket, said="I have three pears, and they are ripe.")
    await asked.aclose()
    assert 1 <= answer.value.pears <= 5
    told = answer.provenance
    assert told.tokens_in is not None and told.tokens_out is not None and not told.repaired


async def test_an_answer_that_is_given_up_is_not_written_on(url: str, tmp_path: Path) -> None:
    hasty, patient = model(url, 1.0), model(url)
    with pytest.raises(NoAnswer) as caught:
        await hasty.ask(prompt(tmp_path, "Saga"), Saga, said="Tell me a very long story.")
    assert caught.value.cause == "late"
    # The server writes one answer at a time; it would be busy for minutes.
    await patient.ask(prompt(tmp_path, "Basket"), Basket, said="I have three pears.")
    await hasty.aclose()
    await patient.aclose()


async def test_a_line_comes_in_pieces_and_is_not_written_on_when_nobody_listens(url: str, tmp_path: Path) -> None:
    client, patient = ChatClient(ChatService(url=url, model="gemma", budget_s=10)), model(url)
    heard: list[str] = []
    async with aclosing(client.stream("You tell stories.", "Tell me a long story about a queue.")) as pieces:
        async for piece in pieces:
            heard += [piece] if piece else []
            if len(heard) == 3:
                break
    assert len(heard) == 3
    await patient.ask(prompt(tmp_path, "Basket"), Basket, said="I have three pears.")
    await client.aclose()
    await patient.aclose()


async def test_the_brain_says_what_may_be_said_or_why_it_says_nothing(url: str) -> None:
    brain = ChatBrain(ChatService(url=url, model="gemma", budget_s=10))
    try:
        line = await brain.compose("candidate_question", QUESTION)
    except ModelUnavailable as refusal:
        assert any(why in str(refusal) for why in ("what can't be said", "is not whole", "no line within"))
    else:
        assert line == PASS_ON or is_grounded(line, QUESTION["facts"])
    await brain.aclose()


async def test_in_no_time_the_brain_gives_up_and_the_rules_rate(url: str) -> None:
    brain = ChatBrain(ChatService(url=url, model="gemma", budget_s=NO_TIME_S))
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="no line within"):
            await brain.compose("candidate_question", QUESTION)
    assert brain.resting
    await brain.aclose()
    hasty = model(url, NO_TIME_S)
    result = (await ModelEngine(hasty, 3).assess(case())).result
    await hasty.aclose()
    (criterion,) = result["criteria"]
    assert criterion["engine"] == "structured"
    assert "gave no answer within" in criterion["note"]


def case() -> Case:
    """An interview with one short answer."""
    criterion = {
        "id": "checking",
        "name": "Checking figures",
        "anchors": {"1": "Trusts the query.", "4": "Found the cause."},
    }
    question = {"id": "figure", "text": "Which figure was wrong?", "criteria": ["checking"], "expects": ["action"]}
    sections = [{"id": "main", "name": "Main", "questions": [question]}]
    plan = Plan.model_validate({"title": "Analyst", "criteria": [criterion], "sections": sections})
    turn = {"seq": 1, "role": "candidate", "text": "I found the cause.", "start_ms": 1, "end_ms": 900}
    turns = [turn | {"question_id": "figure", "confidence": 0.9}]
    return Case(plan, rubric_of(plan, load_bank()), read_turns(turns), facts(plan, turns, None, [])["qa"])
