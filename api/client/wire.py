"""Requests and answers: what is sent again and when, what is read, what is raised.

A GET is sent again when no answer came or the server is busy for a moment, and so is a POST, which carries an
`Idempotency-Key` of its own: what was done is answered again and not done again. A change or a deletion is sent once.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from api.client.errors import Refused, Unreachable, problem_of, untold
from api.interviews.schemas import Page, PageMeta

BACK_OFF_S = (0.2, 1.0)  # before the second and the third try
LONGEST_PAUSE_S = 5.0  # a server that asks for more patience than this is not asked again
SENT_AGAIN = frozenset({"GET", "POST"})
PASSING = frozenset({429, 502, 503, 504})
STILL_RUNNING = "request_in_progress"  # the first try of a POST, whose answer did not come in time
LARGEST_PAGE = 100

M = TypeVar("M", bound=BaseModel)
Body = BaseModel | Mapping[str, Any]


class _List(BaseModel):
    data: list[Any]
    meta: PageMeta


class Wire:
    """The way to one server. http: with the server's address and the caller's token."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Body | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Return a good answer; raise `Refused` or `Unreachable`. params: those that are None are left out."""
        key = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        request = self._http.build_request(
            method,
            path,
            json=None if body is None else plain(body),
            params={name: value for name, value in (params or {}).items() if value is not None},
            headers={**key, **(headers or {})},
            files=files,
        )
        for back_off_s in (*BACK_OFF_S, None) if method in SENT_AGAIN else (None,):
            try:
                answer = await self._http.send(request)
            except httpx.TransportError as why:
                if back_off_s is None:
                    raise Unreachable(self._http.base_url, why) from why
                pause_s = back_off_s
            else:
                patience_s = _pause_s(answer, back_off_s)
                if patience_s is None:
                    return _checked(answer)
                pause_s = patience_s
            await asyncio.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    async def read(self, model: type[M], method: str, path: str, **more: Any) -> M:
        """Ask, and return the answer as `model`. more: as `ask` takes it."""
        return understood(model, await self.ask(method, path, **more))

    async def page(self, model: type[M], path: str, page: int, limit: int, params: Mapping[str, Any]) -> Page[M]:
        """Return one page of a list."""
        told = await self.read(_List, "GET", path, params={**params, "page": page, "limit": limit})
        return Page(data=[_parsed(model, each) for each in told.data], meta=told.meta)

    async def each(self, model: type[M], path: str, params: Mapping[str, Any]) -> AsyncIterator[M]:
        """Yield everything in a list, page by page; what slips to the next page meanwhile comes twice."""
        number, pages = 1, 1
        while number <= pages:
            page = await self.page(model, path, number, LARGEST_PAGE, params)
            for each in page.data:
                yield each
            number, pages = number + 1, page.meta.pages

    async def all_of(self, model: type[M], path: str, filters: Mapping[str, Any] | None = None) -> list[M]:
        """Return a list that comes whole."""
        told = await self.read(_List, "GET", path, params=filters)
        return [_parsed(model, each) for each in told.data]

    @asynccontextmanager
    async def stream(self, path: str, **more: Any) -> AsyncIterator[httpx.Response]:
        """Get an answer piece by piece; raise `Refused` or `Unreachable`."""
        try:
            async with self._http.stream("GET", path, **more) as answer:
                if not answer.is_success:
                    await answer.aread()
                yield _checked(answer)
        except httpx.TransportError as why:
            raise Unreachable(self._http.base_url, why) from why


def understood(model: type[M], answer: httpx.Response) -> M:
    """Return what the server sent as `model`; raise `Refused` for what can't be read as such."""
    try:
        return _parsed(model, answer.json())
    except ValueError as why:  # no JSON
        raise _unreadable(why) from why


def _parsed(model: type[M], body: Any) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as why:
        raise _unreadable(why) from why


def _unreadable(why: Exception) -> Refused:
    return Refused(untold(502, f"the server's answer can't be read: {why}"))


def plain(body: Body) -> Any:
    """Return a body as the JSON values it stands for."""
    if isinstance(body, BaseModel):
        return body.model_dump(mode="json", exclude_unset=True, by_alias=True)
    return dict(body)


def _checked(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise Refused(problem_of(answer))
    return answer


def _pause_s(answer: httpx.Response, back_off_s: float | None) -> float | None:
    """Return how long to wait before the same request is sent again; None: not at all."""
    if back_off_s is None or answer.is_success:
        return None
    if problem_of(answer).code == STILL_RUNNING:
        return back_off_s
    if answer.status_code not in PASSING:
        return None
    told = answer.headers.get("Retry-After", "")
    pause_s = float(told) if told.isdecimal() else back_off_s
    return pause_s if pause_s <= LONGEST_PAUSE_S else None
