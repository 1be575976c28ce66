"""A chat model within the process, for what is done with its answers; `tests/fakes/chat.py` has servers.

ScriptedModel({"rating_level": {"level": 4, "relies_on": ["q1"], "reason": "…"}})
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from api.errors import ModelFailed
from api.model import Answer, Check, Provenance, T, nothing_more
from api.model.reading import read
from prompts import Prompt, Value

Scripted: TypeAlias = Mapping[str, Any] | ModelFailed
Script: TypeAlias = Scripted | Callable[[Mapping[str, Value]], Scripted]


class ScriptedModel:
    """Answers each prompt with what its script says: JSON that is checked as any other, or a failure.

    asked: each prompt's id with the values and the message that it was rendered to.
    """

    name = "scripted"

    def __init__(self, script: Mapping[str, Script]) -> None:
        self._script = script
        self.asked: list[tuple[str, Mapping[str, Value], str]] = []

    async def ask(
        self, prompt: Prompt, shape: type[T], /, *, check: Check[T] = nothing_more, **values: Value
    ) -> Answer[T]:
        """Answer by the script; there is no second try."""
        assert prompt.output == shape.__name__
        self.asked.append((prompt.id, values, prompt.render(**values)))
        script = self._script[prompt.id]
        answer = script(values) if callable(script) else script
        if isinstance(answer, ModelFailed):
            raise answer
        provenance = Provenance(self.name, prompt.reference, prompt.hash, tokens_in=10, tokens_out=5)
        return Answer(read(json.dumps(answer), shape, check), provenance)

    async def aclose(self) -> None:
        """Nothing is open."""
