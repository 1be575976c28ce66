"""The same work for several callers in one go: whoever comes while it is being done waits, and is then done together
with everybody else who waits. The busier, the less each costs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MOST = 100  # items at once


@dataclass(eq=False, slots=True)
class _Wish(Generic[Item, Answer]):
    item: Item
    answer: asyncio.Future[Answer]


class Together(Generic[Item, Answer]):
    """Hands what several callers want to `work`, all of it at once.

    work: returns an answer for each item, or an error that is this one's alone, and does it all or, raising, nothing.
    What it raises for several is not told: each is then tried by itself. An item may be tried twice.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._work = work
        self._waiting: list[_Wish[Item, Answer]] = []
        self._turn = asyncio.Lock()

    async def do(self, item: Item) -> Answer:
        """Have one item done, and return its answer or raise its error."""
        wish = _Wish[Item, Answer](item, asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        try:
            async with self._turn:
                while not wish.answer.done():
                    await self._next()
            return wish.answer.result()
        finally:
            self._forget(wish)

    def _forget(self, wish: _Wish[Item, Answer]) -> None:
        """Nobody asks for its answer any more."""
        if wish in self._waiting:
            self._waiting.remove(wish)
        if not wish.answer.cancel() and not wish.answer.cancelled():
            wish.answer.exception()  # so that it does not count as one that was never looked at

    async def _next(self) -> None:
        """Do what waits now. If its caller is cancelled meanwhile, the others wait for whoever has the next turn."""
        wishes, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            if len(wishes) == 1 or not await self._done(wishes):
                for wish in wishes:
                    await self._done([wish])
        finally:
            self._waiting[:0] = [wish for wish in wishes if not wish.answer.done()]

    async def _done(self, wishes: Sequence[_Wish[Item, Answer]]) -> bool:
        """Do it and tell the answers; return False, with nothing told, when there is an error of which it isn't known
        whose it is."""
        try:
            answers = await self._work([wish.item for wish in wishes])
        except Exception as error:  # noqa: BLE001 - it is raised where the item came from
            if len(wishes) > 1:
                return False
            answers = [error]
        for wish, answer in zip(wishes, answers, strict=True):
            if wish.answer.done():
                continue  # cancelled
            if isinstance(answer, Exception):
                wish.answer.set_exception(answer)
            else:
                wish.answer.set_result(answer)
        return True
