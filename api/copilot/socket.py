"""The panel's socket, `/v1/interviews/{interview_id}/copilot`, for callers with `copilot:use` (JSON in text frames)::

    panel  {"ticket"}                                   first, from /v1/tickets; it opens the socket once
    api    {"type":"snapshot","data":{"interview","last_seq"}}
    api    {"seq","type","at","at_ms","data"}           the private line so far, then as it comes: `api.copilot.PRIVATE`
    panel  {"type":"feedback","id","verdict"}           accepted, edited, dismissed, used
    api    {"type":"error","data":{"code","detail"}}    what the panel sent can't be done; the socket stays open

Close codes are those of the live stream (`api/interviews/live.py`): 4400 bad frame, 4401 no valid ticket, 4403 not
allowed, 4404 no such interview.
"""

import asyncio
from contextlib import aclosing
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Query, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.auth import Caller
from api.callers import by_ticket
from api.copilot.panel import PanelPast, Verdict, channel
from api.errors import Forbidden, NotFound, RateLimited, Unauthorised
from api.events.sse import frame_of
from api.events.stream import STOPPING, Finish, Quiet, follow
from api.interviews.live import BAD_FRAME, BAD_TOKEN, CLOSE_CODES, NOT_ALLOWED, NOT_FOUND, TOO_OFTEN, Seq
from api.services import Services, TheServices
from api.sockets import Gone, NotText, close, receive_text, send

log = structlog.get_logger(__name__)

router = APIRouter()
TICKET_WITHIN_S = 10.0


class _First(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket: Annotated[str, Field(min_length=1, max_length=128)]


class _Feedback(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["feedback"]
    id: Annotated[str, Field(min_length=1, max_length=64)]
    verdict: Verdict


class _Closed(Exception):
    """The socket ends. finish: why, None where the other side has gone."""

    def __init__(self, finish: Finish | None = None, code: int | None = None) -> None:
        super().__init__(finish.reason if finish else "gone")
        self.finish, self.code = finish, code


@router.websocket("/v1/interviews/{interview_id}/copilot")
async def panel(
    socket: WebSocket, interview_id: str, services: TheServices, after: Annotated[Seq, Query()] = 0
) -> None:
    """Show the private line to one interviewer."""
    await socket.accept()
    try:
        async with asyncio.timeout(TICKET_WITHIN_S):
            first = _First.model_validate_json(await receive_text(socket))
        caller = await by_ticket(socket, services, first.ticket, interview_id)
        caller.require("copilot:use")
        past = PanelPast(services.database, caller.tenant, interview_id)
        await past.snapshot(after)
    except (Forbidden, Unauthorised) as refusal:
        await close(socket, NOT_ALLOWED if isinstance(refusal, Forbidden) else BAD_TOKEN, refusal.reason)
    except RateLimited as refusal:
        await close(socket, TOO_OFTEN, refusal.code)
    except NotFound:
        await close(socket, NOT_FOUND, "there is no such interview")
    except (NotText, ValidationError, TimeoutError):
        await close(socket, BAD_FRAME, "the first frame must be {ticket}")
    except Gone:
        pass
    else:
        log.info("panel_open", interview_id=interview_id, subject=caller.subject)
        await _serve(socket, past, after, caller, services)


async def _serve(socket: WebSocket, past: PanelPast, after: int, caller: Caller, services: Services) -> None:
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_show(socket, past, after, services))
            tasks.create_task(_listen(socket, past, caller, services))
            tasks.create_task(_until_stopped(services))
    except* _Closed as ends:
        end = next(error for error in ends.exceptions if isinstance(error, _Closed))
    if end.finish is not None:
        await close(socket, end.code or CLOSE_CODES[end.finish.reason], end.finish.reason)


async def _show(socket: WebSocket, past: PanelPast, after: int, services: Services) -> None:
    settings = services.settings
    pieces = follow(services.bus, past, channel(past.interview_id), after, settings.stream_ping_s)
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, Quiet):
                continue
            try:
                async with asyncio.timeout(settings.stream_send_s):
                    await send(socket, frame_of(piece))
            except TimeoutError:
                raise _Closed(Finish("slow_reader", "nothing was read for too long")) from None
            except Gone:
                raise _Closed from None
            if isinstance(piece, Finish):
                raise _Closed(piece)


async def _listen(socket: WebSocket, past: PanelPast, caller: Caller, services: Services) -> None:
    while True:
        try:
            wish = _Feedback.model_validate_json(await receive_text(socket))
            await services.panel.feedback(caller, past.interview_id, wish.id, wish.verdict)
        except Gone:
            raise _Closed from None
        except NotText:
            raise _Closed(Finish("bad_frame", "frames are JSON in text"), BAD_FRAME) from None
        except ValidationError:
            await _refuse(socket, "bad_frame", "send {type: feedback, id, verdict}; see the documentation")
        except NotFound as error:
            await _refuse(socket, "not_found", str(error))


async def _refuse(socket: WebSocket, code: str, detail: str) -> None:
    try:
        await send(
            socket, {"seq": None, "type": "error", "at": None, "at_ms": None, "data": {"code": code, "detail": detail}}
        )
    except Gone:
        raise _Closed from None


async def _until_stopped(services: Services) -> None:
    await services.closing.wait()
    raise _Closed(STOPPING)
