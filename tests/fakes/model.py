"""Chat models without a network, which write on a script; with them `ChatBrain` runs in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from bot.brain import ChatBrain
from bot.errors import ModelUnavailable
from bot.spec import ChatService


@dataclass(frozen=True, slots=True)
class Breaks:
    """In a script: the connection is lost here."""


@dataclass
class SlowModel:
    """Writes its replies in turn, a word every `word_s`, the first after `first_s`; a reply may end in `Breaks`.

    `asked` holds what it was asked; `hung_up` counts the replies that nobody read to the end.
    """

    replies: Sequence[str | Sequence[str | Breaks]]
    first_s: float = 0.4
    word_s: float = 0.1
    asked: list[str] = field(default_factory=list)
    hung_up: int = 0

    async def stream(self, system: str, user: str) -> AsyncGenerator[str]:
        self.asked.append(user)
        reply = self.replies[(len(self.asked) - 1) % len(self.replies)]
        whole = False
        try:
            await asyncio.sleep(self.first_s)
            for part in [reply] if isinstance(reply, str) else reply:
                if isinstance(part, Breaks):
                    whole = True
                    raise ModelUnavailable("the connection broke off")
                for word in part.split():
                    yield f" {word}"
                    await asyncio.sleep(self.word_s)
            whole = True
        finally:
            self.hung_up += not whole

    async def aclose(self) -> None:
        pass

    def brain(self, budget_s: float = 1.5, rest_s: float = 60.0) -> ChatBrain:
        return ChatBrain(ChatService(url="http://model/v1", model="slow", budget_s=budget_s), rest_s=rest_s, model=self)
