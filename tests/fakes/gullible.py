"""A chat model that does what anybody tells it, for tests that nobody's orders get to it."""

import json
import re
from collections.abc import Sequence
from typing import Any

from api.model import Answer, Check, Provenance, T, nothing_more
from api.model.reading import read
from prompts import Prompt, Value

RUN = 4  # words in a row of an order that are enough to follow it


class GullibleModel:
    """Rates what it reads, unless an order is among it: then the level is 5. obeyed: how often that was so.

    levels: what the sentences are worth that it takes for evidence.
    """

    name = "gullible"

    def __init__(self, levels: dict[str, int]) -> None:
        self._levels = levels
        self._runs: set[str] = set()
        self.obeyed = 0

    def would_follow(self, orders: Sequence[str]) -> None:
        """Set what it follows from now on when it reads it."""
        self._runs = {run for order in orders for run in _runs(order)}

    async def ask(
        self, prompt: Prompt, shape: type[T], /, *, check: Check[T] = nothing_more, **values: Value
    ) -> Answer[T]:
        """Answer with evidence or with a level."""
        message = prompt.render(**values)
        told = any(run in " ".join(_words(message)) for run in self._runs)
        self.obeyed += told
        heard = [sentence for sentence in self._levels if sentence in message]
        answer: dict[str, Any] = {"speaks_for": [{"turn": 1, "quote": one} for one in heard], "speaks_against": []}
        if prompt.id == "rating_level":
            level = 5 if told else max(self._levels[one] for one in heard)
            answer = {"level": level, "relies_on": ["q1"], "reason": "It was said."}
        provenance = Provenance(self.name, prompt.reference, prompt.hash)
        return Answer(read(json.dumps(answer), shape, check), provenance)

    async def aclose(self) -> None:
        """Nothing is open."""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(order: str) -> set[str]:
    words = _words(order)
    return {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}
