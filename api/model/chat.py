"""A chat model behind OpenAI's `/v1/chat/completions`, as OpenAI, vLLM, llama.cpp, Ollama and others serve it.

The answer's schema goes along as a `response_format`. A server that refuses that (400, 422 or 501) is asked for any
JSON object, then for text, with the schema in the prompt; what it took is remembered.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import httpx2
import structlog
from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, OpenAIError
from pydantic import BaseModel

from api.errors import ModelAnswerUnusable, ModelFailed, ModelUnavailable
from api.model import Answer, Check, Provenance, T, nothing_more
from api.model.reading import read
from bot.spec import ChatService
from prompts import Prompt, Value, load_prompt

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

log = structlog.get_logger(__name__)

LONGEST = 100_000  # characters of an answer; a whole plan of forty questions has a quarter of them
LONGEST_SHOWN = 20_000  # of an answer that is shown to its author again
NOT_THIS_WAY = frozenset({400, 422, 501})  # statuses of servers that don't know a `response_format`


class Form(StrEnum):
    """How a server is told what the answer looks like, the strictest first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


@dataclass(slots=True)
class _Heard:
    """What came of one answer so far. tokens: as the server counts them, 0 while it does not."""

    text: str = ""
    finished: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0

    def take(self, chunk: "ChatCompletionChunk") -> None:
        if chunk.usage is not None:
            self.tokens_in, self.tokens_out = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
        for choice in chunk.choices[:1]:
            if choice.delta.refusal:
                raise ModelUnavailable("refused", "The chat model declined to answer.")
            self.text += choice.delta.content or ""
            self.finished = choice.finish_reason or self.finished
        if len(self.text) > LONGEST:
            raise ModelUnavailable("too_long", f"The chat model's answer is longer than {LONGEST} characters.")

    def require_whole(self) -> None:
        if self.finished == "content_filter":
            raise ModelUnavailable("refused", "The chat model's server held the answer back.")
        if self.finished != "stop":
            raise ModelUnavailable(
                "half", f"The chat model's answer is not whole (finish reason {self.finished or 'missing'})."
            )


class ChatModel:
    """Asks a server for one answer at a time; may be asked by many at once.

    budget_s: what one question may take, its second try included.
    """

    def __init__(self, service: ChatService, budget_s: float) -> None:
        self._service, self._budget_s = service, budget_s
        self._forms = list(Form)
        self._json, self._repair = load_prompt("json_answer"), load_prompt("json_repair")
        self._client = AsyncOpenAI(
            base_url=service.url,
            api_key=service.key.get_secret_value(),
            max_retries=0,  # whoever asks has something to fall back on
            timeout=httpx2.Timeout(budget_s),
        )

    @property
    def name(self) -> str:
        """The model's name, as set."""
        return self._service.model

    async def ask(
        self, prompt: Prompt, shape: type[T], /, *, check: Check[T] = nothing_more, **values: Value
    ) -> Answer[T]:
        """Return what the model answers, as `Model.ask` says."""
        if prompt.output != shape.__name__:
            raise TypeError(f"prompt {prompt.reference} has the output {prompt.output}, not {shape.__name__}")
        user = prompt.render(**values)
        try:
            async with asyncio.timeout(self._budget_s):
                answer = await self._checked(prompt, user, shape, check)
        except TimeoutError:
            log.warning("model_failed", prompt=prompt.reference, cause="late")
            raise ModelUnavailable("late", f"The chat model gave no answer within {self._budget_s:g} s.") from None
        except ModelFailed as failure:
            log.warning("model_failed", prompt=prompt.reference, cause=failure.cause)
            raise
        log.info("model_answered", prompt=prompt.reference, repaired=answer.provenance.repaired)
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _checked(self, prompt: Prompt, user: str, shape: type[T], check: Check[T]) -> Answer[T]:
        """Ask, and if the answer does not fit once more with what is wrong with it."""
        rules = f"{prompt.system}\n\n{self._json.system}"
        talk: list[ChatCompletionMessageParam] = [{"role": "user", "content": user}]
        first = await self._whole(rules, talk, shape)
        try:
            return self._answer(prompt, read(first.text, shape, check), [first])
        except ModelAnswerUnusable as unusable:
            complaints = unusable.complaints
        talk += [
            {"role": "assistant", "content": first.text[:LONGEST_SHOWN] or "{}"},
            {"role": "user", "content": self._repair.render(complaints=complaints)},
        ]
        second = await self._whole(f"{rules}\n\n{self._repair.system}", talk, shape)
        return self._answer(prompt, read(second.text, shape, check), [first, second])

    def _answer(self, prompt: Prompt, value: T, heard: Sequence[_Heard]) -> Answer[T]:
        provenance = Provenance(
            model=self.name,
            prompt=prompt.reference,
            prompt_hash=prompt.hash,
            tokens_in=sum(one.tokens_in for one in heard) or None,
            tokens_out=sum(one.tokens_out for one in heard) or None,
            repaired=len(heard) > 1,
        )
        return Answer(value, provenance)

    async def _whole(self, rules: str, talk: "Sequence[ChatCompletionMessageParam]", shape: type[BaseModel]) -> _Heard:
        """Return one whole answer, in the strictest form the server takes."""
        for form in self._forms:
            try:
                with _named():
                    heard = await self._stream(form, rules, talk, shape)
            except _NotThisWay as refusal:
                if form is self._forms[-1]:
                    raise ModelUnavailable("refused", _status(refusal.status)) from None
            else:
                self._forms = self._forms[self._forms.index(form) :]
                heard.require_whole()
                return heard
        raise AssertionError("the last form answers or raises")

    async def _stream(
        self, form: Form, rules: str, talk: "Sequence[ChatCompletionMessageParam]", shape: type[BaseModel]
    ) -> _Heard:
        schema = shape.model_json_schema()
        if form is not Form.SCHEMA:
            rules += "\n\n" + self._json.render(schema=json.dumps(schema, separators=(",", ":")))
        stream = await self._client.chat.completions.create(
            model=self.name,
            messages=[{"role": "system", "content": rules}, *talk],
            stream=True,
            extra_body=_asked(form, shape.__name__, schema),
        )
        heard = _Heard()
        async with stream:
            async for chunk in stream:
                heard.take(chunk)
        return heard


class _NotThisWay(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


@contextmanager
def _named() -> Iterator[None]:
    """Give the client's errors our names. A server's own words may repeat the key, so they are left out."""
    try:
        yield
    except (APITimeoutError, httpx2.TimeoutException):
        raise TimeoutError from None
    except APIStatusError as error:
        if error.status_code in NOT_THIS_WAY:
            raise _NotThisWay(error.status_code) from None
        raise ModelUnavailable("refused", _status(error.status_code)) from None
    except APIConnectionError:
        raise ModelUnavailable("unreachable", "The chat model's server can't be reached.") from None
    except httpx2.HTTPError as error:
        raise ModelUnavailable("half", f"The chat model's answer broke off: {type(error).__name__}.") from None
    except OpenAIError as error:
        raise ModelUnavailable("refused", f"The chat model's server failed: {type(error).__name__}.") from None
    except (ValueError, AttributeError, TypeError, LookupError) as error:
        # The client takes a server's word for the shape of its events; a server that sends others ends up here.
        raise ModelUnavailable(
            "odd", f"The chat model's server does not speak as OpenAI's does: {type(error).__name__}."
        ) from None


def _status(status: int) -> str:
    return f"The chat model's server answered with status {status}."


def _asked(form: Form, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a request says of its answer; the plainest form says nothing that a simple server might not know."""
    if form is Form.TEXT:
        return {}
    asked: dict[str, Any] = {"type": form.value}
    if form is Form.SCHEMA:
        asked["json_schema"] = {"name": name, "schema": schema}
    return {"response_format": asked, "stream_options": {"include_usage": True}}
