"""Any server that speaks OpenAI's `/v1/chat/completions`, as a stream of text."""

from collections.abc import AsyncGenerator

import httpx2
from openai import AsyncOpenAI, OpenAIError

from bot.errors import ModelUnavailable
from bot.spec import ChatService

MAX_TOKENS = 160


class ChatClient:
    """Asks one server for one reply at a time or several; `aclose` closes its connections."""

    def __init__(self, service: ChatService) -> None:
        self._model = service.model
        self._client = AsyncOpenAI(
            base_url=service.url,
            api_key=service.key.get_secret_value(),
            max_retries=0,  # a second try would not fit into the turn
            timeout=httpx2.Timeout(service.budget_s),
        )

    async def stream(self, system: str, user: str) -> AsyncGenerator[str]:
        """Yield the reply piece by piece, as it is written.

        Raises `ModelUnavailable` when the server can't be reached, breaks off or sends what is no reply; after the last
        piece when the reply is not whole.
        """
        finished: str | None = None
        try:
            stream = await self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                max_completion_tokens=MAX_TOKENS,
                stream=True,
            )
            async with stream:
                async for chunk in stream:
                    for choice in chunk.choices[:1]:
                        finished = choice.finish_reason or finished
                        yield choice.delta.content or ""
        except (OpenAIError, httpx2.HTTPError) as error:
            raise ModelUnavailable(f"the chat model can't be used: {type(error).__name__}") from error
        except (ValueError, AttributeError, TypeError, LookupError) as error:
            # The client takes a server's word for the shape of its events; a server that sends others ends up here.
            raise ModelUnavailable(f"the chat model's answer has the wrong shape: {type(error).__name__}") from error
        if finished != "stop":
            raise ModelUnavailable(f"the chat model's answer is not whole (finish reason {finished or 'missing'})")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()
