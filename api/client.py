"""A client of the `/v1` API in Python: create, start and follow interviews.

Errors: `Refused` when the server says no (with its own words), `Unreachable` when there is no answer (retryable).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from api.errors import ControlPlaneError
from api.events.publisher import STATUS_EVENT
from api.interviews.schemas import InterviewOut, LinkOut
from api.interviews.states import TERMINAL

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
GONE_FOR_S = 60.0  # how long a stream waits for a server that restarts
SILENT_FOR_S = 60.0  # the server says something more often than that, if only a comment

_M = TypeVar("_M", bound=BaseModel)


class Refused(ControlPlaneError):
    """The server said no. status: HTTP; errors: what is wrong where, for a body that was refused."""

    code = "refused"

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        detail = str(problem.get("detail") or problem.get("title") or f"the server answered {status}")
        errors = [error for error in problem.get("errors") or () if isinstance(error, dict)]
        super().__init__("\n".join([detail, *(_sentence(error) for error in errors)]))
        self.status, self.problem, self.errors = status, problem, errors


class Unreachable(ControlPlaneError):
    """No answer from the server."""

    code = "unreachable"
    retryable = True


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream. at_ms: on the call's clock; heard_s: when it came, on the event loop's clock."""

    seq: int | None
    type: str
    at_ms: int | None
    heard_s: float
    data: dict[str, Any] = field(default_factory=dict)


class Client:
    """The API at `base_url`, as the holder of `token` (made by `vivavoce token`); use it in an `async with`.

    transport: how requests travel, where it is not the network (an ASGI application).
    """

    def __init__(self, base_url: str, token: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(30.0, connect=10.0),
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def create(self, plan: dict[str, Any], *, candidate: str, **more: Any) -> InterviewOut:
        """Create an interview. more: title, mode, organisation, limits and the like."""
        body = {"plan": plan, "candidate": {"name": candidate}, **more}
        return _read(InterviewOut, await self._ask("POST", "/v1/interviews", body))

    async def get(self, interview_id: str) -> InterviewOut:
        """Return one interview as it stands."""
        return _read(InterviewOut, await self.body(interview_id))

    async def body(self, interview_id: str) -> dict[str, Any]:
        """Return one interview as the server put it, unread."""
        return dict(await self._ask("GET", f"/v1/interviews/{interview_id}"))

    async def start(self, interview_id: str) -> None:
        """Send a bot to the interview's room."""
        await self._ask("POST", f"/v1/interviews/{interview_id}/start")

    async def cancel(self, interview_id: str) -> None:
        """End the interview."""
        await self._ask("POST", f"/v1/interviews/{interview_id}/cancel")

    async def link(self, interview_id: str, role: str, name: str, *, expires_in_s: int = 3600) -> LinkOut:
        """Make a join link for one person."""
        body = {"role": role, "name": name, "expires_in_s": expires_in_s}
        return _read(LinkOut, await self._ask("POST", f"/v1/interviews/{interview_id}/links", body))

    async def save_recording(self, interview_id: str, path: Path) -> None:
        """Write the recording to `path`."""
        try:
            async with self._http.stream("GET", f"/v1/interviews/{interview_id}/recording") as answer:
                await _check(answer)
                with path.open("wb") as file:
                    async for piece in answer.aiter_bytes():
                        file.write(piece)
        except httpx.TransportError as why:
            raise Unreachable(_silence(self._http, why)) from why

    async def events(self, interview_id: str, *, after: int | None = None) -> AsyncIterator[StreamEvent]:
        """Yield the interview's events, numbered ones from `after` on, until it is over; resumes by itself.

        Raises `Refused`, and `Unreachable` when the server was away for a minute.
        """
        loop = asyncio.get_running_loop()
        last, tries, alive = after, 0, loop.time()
        while True:
            try:
                async for event in self._stream(interview_id, last):
                    tries, alive = 0, loop.time()
                    last = event.seq if event.seq is not None else last
                    yield event
                    if event.type == STATUS_EVENT and event.data.get("status") in TERMINAL:
                        return
                if (await self.get(interview_id)).status in TERMINAL:
                    return
            except (httpx.TransportError, Unreachable) as why:
                if loop.time() - alive > GONE_FOR_S:
                    raise Unreachable(_silence(self._http, why)) from why
            await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
            tries += 1

    async def _stream(self, interview_id: str, last: int | None) -> AsyncIterator[StreamEvent]:
        headers = {"Accept": "text/event-stream"} | ({} if last is None else {"Last-Event-ID": str(last)})
        url, timeout = f"/v1/interviews/{interview_id}/events", httpx.Timeout(10.0, read=SILENT_FOR_S)
        async with self._http.stream("GET", url, headers=headers, timeout=timeout) as answer:
            await _check(answer)
            data: list[str] = []
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    data.append(line.removeprefix("data:").removeprefix(" "))
                elif not line and data:  # the message is whole (WHATWG HTML 9.2.6)
                    yield _event("\n".join(data))
                    data.clear()

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.TransportError as why:
            raise Unreachable(_silence(self._http, why)) from why
        await _check(answer)
        return answer.json() if answer.content else {}


def _event(text: str) -> StreamEvent:
    body = json.loads(text)
    return StreamEvent(
        seq=body.get("seq"),
        type=str(body.get("type")),
        at_ms=body.get("at_ms"),
        heard_s=asyncio.get_running_loop().time(),
        data=body.get("data") or {},
    )


async def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    await answer.aread()
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    raise Refused(answer.status_code, problem if isinstance(problem, dict) else {})


def _read(model: type[_M], body: Any) -> _M:
    try:
        return model.model_validate(body)
    except ValidationError as why:
        raise Refused(502, {"detail": f"the server's answer can't be read: {why}"}) from why


def _sentence(error: dict[str, Any]) -> str:
    where = error.get("loc") or error.get("pointer") or error.get("field") or ""
    place = ".".join(str(part) for part in where) if isinstance(where, list | tuple) else str(where)
    return f"  {place}: {error.get('detail') or error.get('msg') or error.get('what') or error}"


def _silence(http: httpx.AsyncClient, why: Exception) -> str:
    return f"no answer from {http.base_url}: {why or type(why).__name__}"
