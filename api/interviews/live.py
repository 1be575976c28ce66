"""Following one interview live, by server-sent events or by WebSocket."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Query, Response, WebSocket
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.auth import Caller
from api.callers import Follower, by_ticket, by_token
from api.errors import Forbidden, IssuerUnavailable, NotFound, RateLimited, Unauthorised
from api.events import Event
from api.events.sse import EventStream, frame_of
from api.events.stream import STOPPING, Finish, Piece, Quiet, Snapshot, follow
from api.interviews.service import InterviewService
from api.interviews.states import TERMINAL
from api.problems import responses
from api.services import Services, TheServices
from api.sockets import Gone, NotText, close, receive_text, send

log = structlog.get_logger(__name__)

router = APIRouter(tags=["live"])

Seq = Annotated[int, Field(ge=0, le=2**53)]
CLOSE_CODES = {"interview_over": 1000, "slow_reader": 1013, "bus_unavailable": 1011, "server_stopping": 1012}
BAD_FRAME, BAD_TOKEN, NOT_ALLOWED, NOT_FOUND, TOO_OFTEN, TRY_LATER = 4400, 4401, 4403, 4404, 4429, 1013
TOKEN_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class StoredPast:
    """What the database holds of one tenant's interview."""

    interviews: InterviewService
    tenant: str
    interview_id: str

    async def snapshot(self, after: int) -> Snapshot:
        """Return how the interview stands now; a reader that claims to be ahead of it is not believed."""
        body = await self.interviews.get(self.tenant, self.interview_id)
        return Snapshot(body.model_dump(mode="json"), body.last_seq, body.status in TERMINAL, min(after, body.last_seq))

    async def after(self, seq: int) -> Sequence[Event]:
        """Return the next events after number `seq`."""
        return await self.interviews.events_after(self.tenant, self.interview_id, seq)


class _TokenFrame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    token: Annotated[str, Field(min_length=1, max_length=8192)]


class _TicketFrame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    ticket: Annotated[str, Field(min_length=1, max_length=128)]


_FIRST: TypeAdapter[_TokenFrame | _TicketFrame] = TypeAdapter(_TokenFrame | _TicketFrame)


@router.get(
    "/v1/interviews/{interview_id}/events",
    status_code=200,
    response_class=EventStream,
    responses=responses(401, 403, 404, 422)
    | {
        200: {"description": "The stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        204: {"description": "The interview is over and the reader has had everything; don't come back"},
    },
)
async def events(
    interview_id: str,
    caller: Follower,
    services: TheServices,
    after: Annotated[Seq | None, Query(description="Send only events numbered above this")] = None,
    last_event_id: Annotated[
        Seq | None, Header(description="What a reconnecting reader had last; wins over after")
    ] = None,
) -> Response:
    """Follow an interview: a snapshot, every event so far, then each as it happens.

    Numbered events carry their number as the SSE id. Interim text and the floor carry none and are never repeated.
    `stream.end` says why a stream is over, and whether to come back: not once the key or token is revoked or expired.
    """
    past = StoredPast(services.interviews, caller.tenant, interview_id)
    had = last_event_id if last_event_id is not None else after or 0
    now = await past.snapshot(had)  # another tenant's id is refused before the stream begins
    if now.over and last_event_id is not None and last_event_id >= now.last_seq:
        return Response(status_code=204)
    settings = services.settings
    pieces = _while_good(follow(services.bus, past, interview_id, had, settings.stream_ping_s), caller, services)
    return EventStream(pieces, send_s=settings.stream_send_s, closing=services.closing)


@router.websocket("/v1/interviews/{interview_id}/stream")
async def stream(
    socket: WebSocket, interview_id: str, services: TheServices, after: Annotated[Seq, Query()] = 0
) -> None:
    """Follow an interview by WebSocket: a token in the Authorization header, or it or a ticket as the first frame."""
    await socket.accept()
    try:
        caller = await _caller(socket, interview_id, services)
        caller.require("transcript:read")
        past = StoredPast(services.interviews, caller.tenant, interview_id)
        await past.snapshot(after)
    except (Forbidden, Unauthorised) as refusal:
        await close(socket, NOT_ALLOWED if isinstance(refusal, Forbidden) else BAD_TOKEN, refusal.reason)
    except RateLimited as refusal:
        await close(socket, TOO_OFTEN, refusal.code)
    except IssuerUnavailable as refusal:
        await close(socket, TRY_LATER, refusal.code)
    except NotFound:
        await close(socket, NOT_FOUND, "there is no such interview")
    except (NotText, ValidationError, TimeoutError):
        await close(socket, BAD_FRAME, "the first frame must be {token} or {ticket}")
    except Gone:
        pass
    else:
        await _stream(socket, past, after, caller, services)


async def _while_good(
    pieces: AsyncGenerator[Piece, None], caller: Caller, services: Services
) -> AsyncGenerator[Piece, None]:
    """Pass pieces on until the key, token or link of who reads them is good no more; the last then says why."""
    async with aclosing(pieces):
        async for piece in pieces:
            try:
                await services.authenticator.still(caller)
            except Unauthorised as refusal:
                yield Finish(f"{refusal.what}_{refusal.reason}", str(refusal), resume=False)
                return
            yield piece


async def _caller(socket: WebSocket, interview_id: str, services: Services) -> Caller:
    if "authorization" in socket.headers:
        return await by_token(socket, services)
    async with asyncio.timeout(TOKEN_WITHIN_S):
        frame = _FIRST.validate_json(await receive_text(socket))
    if isinstance(frame, _TicketFrame):
        return await by_ticket(socket, services, frame.ticket, interview_id)
    return await by_token(socket, services, frame.token)


async def _stream(socket: WebSocket, past: StoredPast, after: int, caller: Caller, services: Services) -> None:
    async with asyncio.TaskGroup() as tasks:
        pump = tasks.create_task(_pump(socket, past, after, caller, services))
        watchers = [tasks.create_task(_until_gone(socket)), tasks.create_task(services.closing.wait())]
        await asyncio.wait([pump, *watchers], return_when=asyncio.FIRST_COMPLETED)
        finish = pump.result() if pump.done() else None
        for task in (pump, *watchers):
            task.cancel()
    if finish is None and services.closing.is_set():
        finish = STOPPING
        try:
            await send(socket, frame_of(finish))
        except Gone:
            return
    if finish is not None:
        await close(socket, CLOSE_CODES.get(finish.reason, BAD_TOKEN), finish.reason)


async def _pump(socket: WebSocket, past: StoredPast, after: int, caller: Caller, services: Services) -> Finish | None:
    settings = services.settings
    line = follow(services.bus, past, past.interview_id, after, settings.stream_ping_s)
    pieces = _while_good(line, caller, services)
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, Quiet):
                continue  # the server's own WebSocket pings keep the line alive
            try:
                async with asyncio.timeout(settings.stream_send_s):
                    await send(socket, frame_of(piece))
            except TimeoutError:
                log.info("stream_cut_off", reason="slow_reader", interview=past.interview_id)
                return Finish("slow_reader", "nothing was read for too long")
            except Gone:
                return None
            if isinstance(piece, Finish):
                return piece
    return None


async def _until_gone(socket: WebSocket) -> None:
    try:
        while True:
            await receive_text(socket)  # nothing is expected from a reader, and nothing it sends matters
    except (Gone, NotText):
        return
