"""What every request and socket gets: an id in answer and log, and headers that keep a page to itself."""

import re
import secrets
from collections.abc import Callable, Mapping
from time import perf_counter
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Complaint, Invalid
from api.problems import SECURITY, answer, refuse
from api.telemetry import Caused, Spans, one_request

log = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST_LENGTH = 18  # digits of a Content-Length
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/v1/health", "/metrics"})  # asked every few seconds by supervisors


class RequestIds:
    """Gives each request an id: the caller's own `X-Request-ID` if it is a plain word, else a new one.

    answered: told of each answer: method, route as it was declared, status, seconds. spans: told of it, too.
    """

    def __init__(
        self, app: ASGIApp, answered: Callable[[str, str, int, float], None], spans: Spans | None = None
    ) -> None:
        self._app = app
        self._answered, self._spans = answered, spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"
        scope["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = perf_counter()
        status = 0

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with one_request() as caused:
            try:
                await self._app(scope, receive, stamped)
            finally:
                self._tell(scope, status, perf_counter() - began, caused)

    def _tell(self, scope: Scope, status: int, took_s: float, caused: Caused) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            return
        self._answered(_method(scope), _route(scope), status, took_s)
        if self._spans is not None:
            self._spans.requested(_method(scope), _route(scope), status, took_s, caused)
        ms = round(took_s * 1000, 1)
        log.info("request", method=scope["method"], path=scope["path"], status=status, ms=ms)


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in METHODS else "other"


def _route(scope: Scope) -> str:
    """Return the declared path that answered: paths as they are asked for are without number."""
    return str(getattr(scope.get("route"), "path", "none"))


class BodyLimit:
    """Refuses bodies of more than `largest` bytes, announced or not, before they are in memory.

    uploads: paths that take files → how many bytes their bodies may hold.
    """

    def __init__(self, app: ASGIApp, largest: int, uploads: Mapping[re.Pattern[str], int] | None = None) -> None:
        self._app = app
        self._largest = largest
        self._uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._largest_for(scope)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or len(announced) > LONGEST_LENGTH or int(announced) > largest:
            await self._refusal(scope, largest)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise HTTPException(413, self._detail(largest))
            return message

        try:
            await self._app(scope, counted, send)
        except HTTPException as error:  # read by another middleware, outside the handlers of errors
            if error.status_code != 413:
                raise
            await self._refusal(scope, largest)(scope, receive, send)

    def _largest_for(self, scope: Scope) -> int:
        fitting = (size for path, size in self._uploads.items() if path.fullmatch(scope["path"]))
        return max([self._largest, *fitting]) if scope["method"] == "POST" else self._largest

    @staticmethod
    def _detail(largest: int) -> str:
        return f"A body may hold at most {largest} bytes."

    def _refusal(self, scope: Scope, largest: int) -> Response:
        return answer(scope, 413, "content_too_large", self._detail(largest))


class PlainUrls:
    """Refuses a NUL in the path or the query, which PostgreSQL would refuse as a value later, less politely."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = self._nul(scope) if scope["type"] == "http" else ()
        if place:
            refusal = Invalid(Complaint(place, "holds a NUL character", "send plain text"))
            await refuse(scope, refusal)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _nul(self, scope: Scope) -> tuple[str, ...]:
        if "\x00" in scope["path"]:
            return ("path",)
        query: bytes = scope["query_string"]
        if b"%00" not in query:
            return ()
        name = next((name for name, value in parse_qsl(query.decode("latin-1"), True) if "\x00" in name + value), "")
        return ("query", name.replace("\x00", "\ufffd"))


class SecurityHeaders:
    """Sets the headers an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)
