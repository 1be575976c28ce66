"""The chat model's part: one line within the turn's budget, or a named refusal; never a word that was not checked."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx2
from openai import AsyncOpenAI, OpenAIError

from bot.errors import ModelUnavailable
from bot.interview.commands import words
from bot.interview.facts import PASS_ON, is_grounded
from bot.interview.followups import NOTHING_TO_ASK
from bot.spec import ChatService
from prompts import load_prompt

MAX_TOKENS = 160
MOST_WORDS = 50  # some twenty seconds of speech
MOST_SENTENCES = 2
LIKENESS = 0.8  # share of words in common from which a line counts as said before
FAILURES = 2  # in a row: from then on every reply would only be waited for
REST_S = 60.0
LEAK_WORDS = 8  # as many words in a row from the instructions are no coincidence

_ANSWERS = {"follow_up": NOTHING_TO_ASK, "candidate_question": PASS_ON}

# English; the prompt forbids the same in every language.
_OFF_LIMITS = re.compile(
    r"\b(?:how old|your age|date of birth|born|birth(?:day|place)|pregnan\w*|children|kids|married|marriage|spouse|"
    r"husband|wife|girlfriend|boyfriend|divorc\w*|family (?:plans?|status)|religio\w*|church|mosque|synagogue|pray\w*|"
    r"ethnic\w*|nationality|citizenship|native language|mother tongue|skin colou?r|your race|racial|gender|sexual\w*|"
    r"disabilit\w*|illness|disease|(?:your|mental|physical) health|medical (?:history|condition|leave)|"
    r"politic\w* (?:view|part|opinion|belief)\w*|who did you vote|trade union|union member\w*|military service|"
    r"criminal record|arrest\w*|salary|wage|(?:current|previous|last) pay|how much (?:do|did) you earn|"
    r"where do you live)\b"
)
_FOR_THE_EYE = re.compile(r"[*_`<>{}\[\]|]|^#|https?:|^\s*(?:[-•]|\d+[.)])\s|^\s*\w+:\s")
_ABOUT_ITSELF = re.compile(
    r"\b(?:language model|as an ai|system prompt|my instructions|my prompt|i cannot|i can't|i'm sorry, but)\b"
)


class ChatBrain:
    """Asks any server that speaks OpenAI's `/v1/chat/completions` for the next line, streamed.

    rest_s: after `FAILURES` calls in a row without an answer the server is not asked for so long, and then once.
    """

    def __init__(self, service: ChatService, *, rest_s: float = REST_S) -> None:
        self._service, self._rest_s = service, rest_s
        self._failures = 0
        self._rests_until = 0.0
        self._prompts = {purpose: load_prompt(purpose) for purpose in _ANSWERS}
        self._client = AsyncOpenAI(
            base_url=service.url,
            api_key=service.key.get_secret_value(),
            max_retries=0,  # a second try would not fit into the turn
            timeout=httpx2.Timeout(service.budget_s),
        )

    async def compose(self, purpose: str, context: Mapping[str, Any]) -> str:
        """Return the next line for `purpose` (a prompt of `prompts/model/`), at most `budget_s` after the call.

        The reply is one or two short spoken sentences, or the word with which the prompt says that there is nothing
        to say (`NOTHING_TO_ASK`, `PASS_ON`). What the candidate said goes in as marked data.

        Raises `ModelUnavailable` when the model is late, can't be reached, breaks off, or writes what must not be said;
        at once while it rests.
        """
        prompt = self._prompts[purpose]
        text = await self._ask(prompt.system, prompt.render(**context))
        if text.rstrip(".") == _ANSWERS.get(purpose):
            return text.rstrip(".")
        fault = fault_of(text, purpose, context, instructions=prompt.system)
        if fault is not None:
            raise ModelUnavailable(f"the chat model wrote what can't be said: {fault}")
        return text

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _ask(self, system: str, user: str) -> str:
        """Return what the model writes within the budget, whatever it is; count the times that it writes nothing."""
        loop = asyncio.get_running_loop()
        if self._failures >= FAILURES and loop.time() < self._rests_until:
            raise ModelUnavailable(f"not asked: the chat model failed {self._failures} times in a row")
        try:
            text = await self._answer(system, user)
        except ModelUnavailable:
            self._failures += 1
            self._rests_until = loop.time() + self._rest_s
            raise
        self._failures = 0
        return text

    async def _answer(self, system: str, user: str) -> str:
        try:
            async with asyncio.timeout(self._service.budget_s):
                return await self._stream(system, user)
        except TimeoutError:
            raise ModelUnavailable(f"no line within {self._service.budget_s} s") from None
        except (OpenAIError, httpx2.HTTPError) as error:
            raise ModelUnavailable(f"the chat model can't be used: {type(error).__name__}") from error
        except (ValueError, AttributeError, TypeError, LookupError) as error:
            # The client takes a server's word for the shape of its events; a server that sends others ends up here.
            raise ModelUnavailable(f"the chat model's answer has the wrong shape: {type(error).__name__}") from error

    async def _stream(self, system: str, user: str) -> str:
        stream = await self._client.chat.completions.create(
            model=self._service.model,
            messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
            max_completion_tokens=MAX_TOKENS,
            stream=True,
        )
        pieces: list[str] = []
        finished: str | None = None
        async with stream:
            async for chunk in stream:
                for choice in chunk.choices[:1]:
                    pieces.append(choice.delta.content or "")
                    finished = choice.finish_reason or finished
        if finished != "stop":
            raise ModelUnavailable(f"the chat model's answer is not whole (finish reason {finished or 'missing'})")
        return " ".join("".join(pieces).split()).strip('"“”«» ')


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
        return None if is_grounded(text, tuple(context.get("facts", ()))) else "not in the facts"
    if _OFF_LIMITS.search(lowered):
        return "off limits"
    if "?" not in text:
        return "asks nothing"
    if any(_alike(text, line) for line in (context.get("question", ""), *context.get("asked_before", ()))):
        return "said before"
    return None


def _alike(text: str, other: str) -> bool:
    one, two = set(words(text)), set(words(other))
    return bool(two) and len(one & two) / len(one | two) >= LIKENESS


def _leaks(text: str, instructions: str) -> bool:
    said, secret = words(text), " ".join(words(instructions))
    return any(" ".join(said[at : at + LEAK_WORDS]) in secret for at in range(len(said) - LEAK_WORDS + 1))
