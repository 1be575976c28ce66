"""What every chat model of a call keeps to: the client of OpenAI's API at a local server, and the scripted one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import pytest
from pydantic import SecretStr

from bot.brain import ChatModel
from bot.chat import ChatClient
from bot.errors import ModelUnavailable
from bot.spec import ChatService
from tests.fakes.chat import HEAD, PromptChat, event
from tests.fakes.model import Breaks, SlowModel

WORD_S = 0.05
ASKS = "Which part of the queue did you write yourself?"
TELLS = "The team has six engineers."
HALF = "And what came"


@dataclass
class Bench:
    """A model, and what reached it from those who asked it."""

    model: ChatModel
    asked: Callable[[], list[str]]


MakeBench: TypeAlias = Callable[[Sequence[str]], AbstractAsyncContextManager[Bench]]


class UnhurriedChat(PromptChat):
    """Writes a word every `WORD_S`; the connection is lost after `HALF`."""

    async def reply(self) -> AsyncIterator[bytes]:
        text = self.lines[(len(self.asked) - 1) % len(self.lines)]
        yield HEAD
        for word in text.split():
            yield event({"content": f" {word}"})
            await asyncio.sleep(WORD_S)
        if text != HALF:
            yield event({}, "stop") + b"data: [DONE]\n\n"


@pytest.fixture(params=["openai", "scripted"])
def bench(request: pytest.FixtureRequest) -> MakeBench:
    """How to make a model that gives the replies in turn; one of them may be `HALF`, and no more of it comes."""

    @asynccontextmanager
    async def openai(replies: Sequence[str]) -> AsyncIterator[Bench]:
        async with UnhurriedChat(replies) as server:
            client = ChatClient(ChatService(url=server.url, model="any", key=SecretStr("sesame")))
            yield Bench(client, lambda: [body["messages"][-1]["content"] for body in server.asked])
            await client.aclose()

    @asynccontextmanager
    async def scripted(replies: Sequence[str]) -> AsyncIterator[Bench]:
        script = [(HALF, Breaks()) if reply == HALF else reply for reply in replies]
        model = SlowModel(script, first_s=0, word_s=WORD_S)
        yield Bench(model, lambda: model.asked)
        await model.aclose()

    return {"openai": openai, "scripted": scripted}[request.param]


async def read(model: ChatModel, user: str = "What now?") -> str:
    """Return a reply in whole."""
    pieces = [piece async for piece in model.stream("You are brief.", user)]
    return " ".join("".join(pieces).split())


async def test_a_reply_comes_whole_and_while_it_is_being_written(bench: MakeBench) -> None:
    loop = asyncio.get_running_loop()
    async with bench([ASKS]) as here:
        stream = here.model.stream("You are brief.", "What now?")
        pieces = [(loop.time(), piece) async for piece in stream]
    assert " ".join("".join(piece for _, piece in pieces).split()) == ASKS
    times = [at for at, piece in pieces if piece]
    assert times[-1] - times[0] > WORD_S * len(ASKS.split()) / 2, "it was held back until it was whole"


async def test_what_is_asked_reaches_it(bench: MakeBench) -> None:
    async with bench([ASKS, TELLS]) as here:
        replies = [await read(here.model, user) for user in ("Größe?", "<b>& more")]
        assert here.asked() == ["Größe?", "<b>& more"]
    assert replies == [ASKS, TELLS]


async def test_a_reply_that_breaks_off_is_an_error_after_what_came_of_it_and_the_next_one_comes(
    bench: MakeBench,
) -> None:
    came = ""
    async with bench([HALF, TELLS]) as here:
        with pytest.raises(ModelUnavailable):
            async for piece in here.model.stream("You are brief.", "What now?"):
                came += piece
        assert await read(here.model) == TELLS
    assert came.split() == HALF.split()


async def test_two_who_ask_at_once_each_get_a_reply_of_their_own(bench: MakeBench) -> None:
    async with bench([ASKS, TELLS]) as here, asyncio.TaskGroup() as group:
        asking = [group.create_task(read(here.model)) for _ in range(2)]
        await asyncio.wait(asking)
    assert sorted(task.result() for task in asking) == sorted([ASKS, TELLS])


async def test_whoever_stops_reading_may_ask_again_at_once(bench: MakeBench) -> None:
    async with bench([" ".join([ASKS] * 50), TELLS]) as here:
        async with aclosing(here.model.stream("You are brief.", "What now?")) as pieces:
            async for piece in pieces:
                if piece:
                    break
        async with asyncio.timeout(10):
            assert await read(here.model) == TELLS


async def test_a_reply_that_is_given_up_leaves_it_usable(bench: MakeBench) -> None:
    async with bench([" ".join([ASKS] * 50), TELLS]) as here, asyncio.TaskGroup() as group:
        given_up = group.create_task(read(here.model))
        while not here.asked():
            await asyncio.sleep(0.01)
        given_up.cancel()
        assert await read(here.model) == TELLS
