"""The chat model's part: one line within the turn's budget, sentence by sentence; never a word that was not checked."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from audio.tts.sentences import sentences
from bot.chat import ChatClient
from bot.errors import ModelUnavailable
from bot.interview.commands import words
from bot.interview.facts import PASS_ON, is_grounded
from bot.interview.followups import NOTHING_TO_ASK
from bot.interview.off_limits import is_off_limits
from bot.interview.signals import asked_in
from bot.spec import ChatService
from prompts import load_prompt

log = structlog.get_logger(__name__)

MOST_WORDS = 50  # some twenty seconds of speech
MOST_SENTENCES = 2
LIKENESS = 0.8  # share of words in common from which a line counts as said before
FAILURES = 2  # in a row: from then on every reply would only be waited for
REST_S = 60.0
LEAK_WORDS = 8  # as many words in a row from the instructions are no coincidence

_ANSWERS = {"follow_up": NOTHING_TO_ASK, "candidate_question": PASS_ON}
_QUOTES = '"“”«» '

_FOR_THE_EYE = re.compile(r"[*_`<>{}\[\]|]|^#|https?:|^\s*(?:[-•]|\d+[.)])\s|^\s*\w+:\s")
_ABOUT_ITSELF = re.compile(
    r"\b(?:language model|as an ai|system prompt|my instructions|my prompt|i cannot|i can't|i'm sorry, but)\b"
)
_ASKS_NOTHING = "asks nothing"

Take = Callable[[str, bool], None]


class ChatModel(Protocol):
    """Where text comes from; `bot.chat.ChatClient` is one."""

    def stream(self, system: str, user: str) -> AsyncGenerator[str]:
        """Yield the reply piece by piece; raise `ModelUnavailable` when it does not come whole."""

    async def aclose(self) -> None:
        """Close the connections."""


class ChatBrain:
    """Asks a chat model for the next line and hands it on sentence by sentence.

    model: where text comes from, the service's server by default. rest_s: after `FAILURES` calls in a row without an
    answer the server is not asked for so long, and then once.
    """

    def __init__(self, service: ChatService, *, rest_s: float = REST_S, model: ChatModel | None = None) -> None:
        self._rest_s, self.budget_s = rest_s, service.budget_s
        self._failures = 0
        self._rests_until = 0.0
        self._prompts = {purpose: load_prompt(purpose) for purpose in _ANSWERS}
        self._model: ChatModel = model or ChatClient(service)

    @property
    def resting(self) -> bool:
        """Whether the model failed so often that it is not asked for a while."""
        return self._failures >= FAILURES and asyncio.get_running_loop().time() < self._rests_until

    async def compose(self, purpose: str, context: Mapping[str, Any]) -> str:
        """Return the whole line that `write` hands on in sentences; raises what it raises."""
        parts: list[str] = []
        await self.write(purpose, context, lambda text, more: parts.append(text))
        return " ".join(part for part in parts if part)

    async def write(
        self, purpose: str, context: Mapping[str, Any], take: Take, limit: "TimeLimit | None" = None
    ) -> None:
        """Hand the next line for `purpose` (a prompt of `prompts/model/`) to `take`, sentence by sentence as they come.

        take: called with a sentence that may be said, and whether more can follow; the last call may hold no words.
        limit: the budget, if the caller wants to move it. The line is one or two short spoken sentences, or the word
        with which the prompt says that there is nothing to say (`NOTHING_TO_ASK`, `PASS_ON`). A follow-up ends with its
        question: whatever the model adds is not even read. What the candidate said goes in as marked data.

        Raises `ModelUnavailable` when the model is late, can't be reached, breaks off, or begins with what must not be
        said; at once while it rests. A later sentence that must not be said is dropped.
        """
        if self.resting:
            raise ModelUnavailable(f"not asked: the chat model failed {self._failures} times in a row", resting=True)
        prompt = self._prompts[purpose]
        limit = limit or TimeLimit(self.budget_s)
        reply = _Reply(purpose, context, prompt.system)
        try:
            async with limit.held():
                await self._read(prompt.render(**context), reply, take)
        except _NotFit as error:
            raise ModelUnavailable(f"the chat model wrote what can't be said: {error}") from None
        except TimeoutError:
            self._failed()
            raise ModelUnavailable(f"no line within {self.budget_s:g} s") from None
        except ModelUnavailable:
            self._failed()
            raise
        self._failures = 0

    async def aclose(self) -> None:
        """Close the connections."""
        await self._model.aclose()

    async def _read(self, user: str, reply: "_Reply", take: Take) -> None:
        async with aclosing(self._model.stream(reply.system, user)) as pieces:
            async for piece in pieces:
                for sentence, more in reply.grow(piece):
                    take(sentence, more)
                if reply.over:
                    return
        for sentence, more in reply.grow("", last=True):
            take(sentence, more)

    def _failed(self) -> None:
        self._failures += 1
        self._rests_until = asyncio.get_running_loop().time() + self._rest_s


class TimeLimit:
    """How long one reply may take, from now; `renew` begins anew."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout: asyncio.Timeout | None = None
        self._due = asyncio.get_running_loop().time() + seconds

    def renew(self) -> None:
        """Give the whole time once more."""
        self._due = asyncio.get_running_loop().time() + self._seconds
        if self._timeout is not None:
            self._timeout.reschedule(self._due)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Raise `TimeoutError` where the time is over within."""
        try:
            async with asyncio.timeout_at(self._due) as self._timeout:
                yield
        finally:
            self._timeout = None


class _NotFit(Exception):
    """The model wrote what must not be said."""


@dataclass(slots=True)
class _Reply:
    """What the model has written so far. over: nothing that follows is said."""

    purpose: str
    context: Mapping[str, Any]
    system: str
    over: bool = False
    _text: str = ""
    _seen: int = 0
    _said: list[str] = field(default_factory=list)

    def grow(self, piece: str, *, last: bool = False) -> Iterator[tuple[str, bool]]:
        """Yield each sentence that may be said once it is whole, and whether more can follow; raise `_NotFit`."""
        self._text += piece
        found = [sentence.strip(_QUOTES) for sentence in sentences(" ".join(self._text.split()))]
        whole = len(found) if last or (found and found[-1].endswith("?")) else len(found) - 1
        for at in range(self._seen, whole):
            self._seen += 1
            yield self._checked(found[at], end=last and at == whole - 1)
            if self.over:
                return
        if last:
            if not self._said:
                raise _NotFit("nothing to say")
            self.over = True
            yield "", False

    def _checked(self, sentence: str, *, end: bool) -> tuple[str, bool]:
        if (fault := self._fault(sentence, end=end)) is None:
            self._said.append(sentence)
            asked = self.purpose == "follow_up" and "?" in sentence
            special = sentence.rstrip(".") == _ANSWERS[self.purpose]
            self.over = end or asked or special or len(self._said) == MOST_SENTENCES
            return (_ANSWERS[self.purpose] if special else sentence), not self.over
        if not self._said:
            raise _NotFit(fault)
        log.warning("model_sentence_dropped", fault=fault)
        self.over = True
        return "", False

    def _fault(self, sentence: str, *, end: bool) -> str | None:
        """Why the sentence must not be said, by itself or after what was said; the first need not ask yet."""
        if sentence.rstrip(".") == _ANSWERS[self.purpose]:
            return None if not self._said else "the reply for nothing to say, in passing"
        lead = not end and len(self._said) + 1 < MOST_SENTENCES
        texts = (sentence, " ".join([*self._said, sentence]))
        faults = [fault_of(text, self.purpose, self.context, instructions=self.system) for text in texts]
        return next((fault for fault in faults if fault and not (lead and fault == _ASKS_NOTHING)), None)


def fault_of(text: str, purpose: str, context: Mapping[str, Any], *, instructions: str = "") -> str | None:
    """Why `text` must not be spoken, in a few words; None when it may.

    context: what the model was given; instructions: what must not leak.
    """
    lowered = text.casefold().replace("’", "'")
    count = len(words(text))
    if count < 2:
        return "nothing to say"
    if count > MOST_WORDS:
        return f"{count} words"
    if len(re.findall(r"[.?!…]+(?:\s|$)", text)) > MOST_SENTENCES:
        return "more than two sentences"
    if _FOR_THE_EYE.search(text):
        return "written for the eye"
    if _ABOUT_ITSELF.search(lowered):
        return "speaks of itself"
    if any(answer.casefold() in lowered for answer in _ANSWERS.values()):
        return "the reply for nothing to say, in passing"
    if _leaks(text, instructions):
        return "repeats its instructions"
    if purpose == "candidate_question":
        grounded = is_grounded(text, tuple(context.get("facts", ())), context.get("language", "en"))
        return None if grounded else "not in the facts"
    if is_off_limits(text, context.get("language", "")):
        return "off limits"
    asked = asked_in(text, context.get("language", ""))
    if asked and not asked & set(context.get("missing", ())):
        return "asks for what is known or was asked for"
    if "?" not in text:
        return _ASKS_NOTHING
    if any(_alike(text, line) for line in (context.get("question", ""), *context.get("asked_before", ()))):
        return "said before"
    return None


def _alike(text: str, other: str) -> bool:
    one, two = set(words(text)), set(words(other))
    return bool(two) and len(one & two) / len(one | two) >= LIKENESS


def _leaks(text: str, instructions: str) -> bool:
    said, secret = words(text), " ".join(words(instructions))
    return any(" ".join(said[at : at + LEAK_WORDS]) in secret for at in range(len(said) - LEAK_WORDS + 1))
