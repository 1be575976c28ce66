"""A chat model for work outside calls: asked once for one answer of a shape that a program can check.

A call's own use of a model, streamed and within a turn, is in `bot/brain.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

from prompts import Prompt, Value

T = TypeVar("T", bound=BaseModel)
Check: TypeAlias = Callable[[T], Sequence[str]]


def nothing_more(answer: BaseModel) -> Sequence[str]:
    """Complain about nothing: what fits the schema is good enough."""
    return ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from. model: its name as set; prompt: `id@version`; prompt_hash: SHA-256 in hex.

    tokens_in, tokens_out: as the server counts them, over both tries; None where it does not say.
    repaired: whether the first answer could not be used.
    """

    model: str
    prompt: str
    prompt_hash: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A checked answer and where it comes from."""

    value: T
    provenance: Provenance


class Model(Protocol):
    """A chat model that answers in JSON."""

    @property
    def name(self) -> str:
        """Its name, as set."""
        ...

    async def ask(
        self, prompt: Prompt, shape: type[T], /, *, check: Check[T] = nothing_more, **values: Value
    ) -> Answer[T]:
        """Return what the model answers to `prompt` with these values, as one `shape`.

        shape: the pydantic model that the prompt names as its `output`. check: what else is wrong with an answer, one
        sentence for each thing, for what a schema can't say. An answer that does not fit is asked for once more, with
        what is wrong with it. The answer is the work of a model that reads what people said: data to be checked.

        Raises `ModelUnavailable` when no answer came in time, `ModelAnswerUnusable` when the second one does not fit
        either, `BadInputs` when the values are not those of the prompt.
        """
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...
