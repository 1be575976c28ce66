"""Which engine drafts, and what takes its place when it can't."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from api.drafting import Drafter
from api.drafting.schemas import DraftIn, DraftingEngine, DraftOut, GeneratedOut, GenerateIn, MadeOut, Wishes
from api.drafting.suggesting import require_language
from api.errors import Complaint, Invalid, ModelAnswerUnusable, ModelFailed
from api.interviews.library import Library
from api.planning.lint import lint

NO_MODEL = "No chat model is set."

log = structlog.get_logger(__name__)
Made = TypeVar("Made", bound=MadeOut)


class Structured:
    """The structured engine as the seam has it: its work is done beside the event loop."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def draft(self, wanted: DraftIn) -> DraftOut:
        """Return a whole interview; raise `Invalid`."""
        return await asyncio.to_thread(lambda: self._library.drafter.draft(wanted))

    async def generate(self, wanted: GenerateIn) -> GeneratedOut:
        """Return questions for a job; raise `Invalid`."""
        return await asyncio.to_thread(lambda: self._library.drafter.generate(wanted))


class Drafting:
    """Drafts with the engine that is asked for; where the model fails, by rules, and the result says so.

    model: None where no chat model is set; it is what drafts unless somebody asks for the other.
    """

    def __init__(self, structured: Drafter, model: Drafter | None) -> None:
        self._structured = structured
        self._model = model

    async def draft(self, wanted: DraftIn) -> DraftOut:
        """Return a whole interview; raise `Invalid`."""
        model = None if self._model is None else self._model.draft
        return await _looked_over(await _made(wanted, model, self._structured.draft))

    async def generate(self, wanted: GenerateIn) -> GeneratedOut:
        """Return questions for a job; raise `Invalid`."""
        model = None if self._model is None else self._model.generate
        return await _looked_over(await _made(wanted, model, self._structured.generate))


async def _looked_over(made: Made) -> Made:
    return made.model_copy(update={"plan_warnings": list(await asyncio.to_thread(lint, made.plan))})


Wanted = TypeVar("Wanted", bound=Wishes)


async def _made(
    wanted: Wanted,
    model: Callable[[Wanted], Awaitable[Made]] | None,
    structured: Callable[[Wanted], Awaitable[Made]],
) -> Made:
    if wanted.engine is DraftingEngine.STRUCTURED or (model is None and wanted.engine is None):
        return await structured(wanted)
    if model is None:
        return await _instead(wanted, structured, NO_MODEL)
    try:
        return await model(wanted)
    except ModelFailed as failure:
        log.warning("draft_fell_back", cause=failure.cause)
        return await _instead(wanted, structured, _reason(failure))


def _reason(failure: ModelFailed) -> str:
    """Why there is no draft of the model's, without a word of what it wrote."""
    if isinstance(failure, ModelAnswerUnusable):
        return f"The chat model's answer can't be used: {len(failure.complaints)} things are wrong with it."
    return str(failure)


async def _instead(wanted: Wanted, structured: Callable[[Wanted], Awaitable[Made]], reason: str) -> Made:
    try:
        require_language(wanted.language)
    except Invalid as error:
        only = error.complaints[0]
        raise Invalid(Complaint(only.loc, f"{only.what}; {reason[:1].lower()}{reason[1:]}", only.todo)) from None
    made = await structured(wanted)
    return made.model_copy(update={"fallback_reason": reason})
