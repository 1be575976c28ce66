"""The panel's socket, `/v1/interviews/{interview_id}/copilot`, for the interview's named interviewers (JSON in text)::

    panel  {"ticket"}                                   first, from …/copilot/tickets (with an interviewer's join link)
                                                        or /v1/tickets (with a token); it opens the socket once
    api    {"type":"snapshot","data":{"interview","last_seq"}}
    api    {"seq","type","at","at_ms","data"}           the private line so far, then as it comes: `api.copilot.PRIVATE`
    panel  {"type":"feedback","id","verdict","text"?}   accepted, edited (into text), dismissed, used
    panel  {"type":"ask","id","question"}               id: the page's own; the line gets ask.request {"id","question",
                                                        "by"}, and ask.answer {"id","text","known","by_engine","quotes"}
                                                        within four seconds; sent again with its id, it is asked once
    panel  {"type":"quiet","on":bool}                   the quiet key: no cards while it is on, but warnings; the
                                                        line gets quiet.changed {"on","by"}, the snapshot says "quiet"
    panel  {"type":"floor","to","questions"?}           bot: it asks so many; interviewer: it hands back
    panel  {"type":"mode","to"}                         solo, copilot, shadow: who leads from here on
    api    {"type":"error","data":{"code","detail","id"?}}  what the panel sent can't be done (id: which question or
                                                        card); the socket stays open

The line also tells whisper.requested and whisper.played {"id","by"} (a card was read aloud to `by`, by `…/speech`) and
interviewer.removed and interviewer.changed {"participant_id","by"}, upon which the socket closes of who may not see it.

What copilots' event contracts often have and this line has not, and why:
suggestion.updated does not exist: a card is never changed under the reader's eyes, it expires and another is made.
suggestion.created has no priority and no channel: one card is open at a time, on this line alone (aloud, where whisper
is asked for). expires_in_s is in place of expires_at, as the bot's clock is not the page's; quotes (turn and words) of
evidence_ids, as a reader checks words, not ids; criterion_ids of criterion_id, as a question may ask about several;
question_id, strong and weak are added. guard.warning has no jurisdiction: an interview does not tell one to the bot, so
that what any place forbids is warned of. coverage.updated has evidence_turns and evidence (turn and words), no
evidence_ids.

Who is refused is sent an error that says why, then closed. So is, with 4401, whose token or link expires and whose API
key is revoked while the socket is open: it is looked at before each frame, either way, and whenever the line was quiet
for `STREAM_PING_S`. Close codes are those of the live stream (`api/interviews/live.py`): 4400 bad frame, 4401 no valid
ticket (unknown, used, expired) or over is what it was got with, 4403 no named interviewer, or not any more, 4404 no
such interview.
"""

import asyncio
import contextlib
from contextlib import aclosing
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query, WebSocket
from pydantic import ValidationError

from api.auth import Caller
from api.callers import by_ticket
from api.copilot.frames import FRAME, Ask, Feedback, First, Floor, Lead, PanelFrame, QuietFrame
from api.copilot.panel import PanelPast, channel
from api.errors import Conflict, Forbidden, NotFound, RateLimited, Unauthorised
from api.events import Event
from api.events.sse import frame_of
from api.events.stream import STOPPING, Finish, Quiet, follow
from api.interviews.live import BAD_FRAME, BAD_TOKEN, CLOSE_CODES, NOT_ALLOWED, NOT_FOUND, TOO_OFTEN, Seq
from api.leading.schemas import FloorIn, ModeIn
from api.services import Services, TheServices
from api.sockets import Gone, NotText, close, receive_text, send

log = structlog.get_logger(__name__)

router = APIRouter()
TICKET_WITHIN_S = 10.0


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
            first = First.model_validate_json(await receive_text(socket))
        caller = await by_ticket(socket, services, first.ticket, interview_id)
        await services.interviewers.let_in(caller, interview_id)
        past = PanelPast(services.database, caller.tenant, interview_id)
        await past.snapshot(after)
    except Forbidden as refusal:
        await _turn_away(socket, NOT_ALLOWED, refusal.reason, str(refusal))
    except Unauthorised as refusal:
        await _turn_away(socket, BAD_TOKEN, f"{refusal.what}_{refusal.reason}", str(refusal))
    except RateLimited as refusal:
        await _turn_away(socket, TOO_OFTEN, refusal.code, str(refusal))
    except NotFound as refusal:
        await _turn_away(socket, NOT_FOUND, refusal.code, str(refusal))
    except (NotText, ValidationError, TimeoutError):
        await _turn_away(socket, BAD_FRAME, "bad_frame", 'the first frame must be {"ticket": "…"}')
    except Gone:
        pass
    else:
        log.info("panel_open", interview=interview_id, subject=caller.subject)
        await _serve(socket, past, after, caller, services)


async def _turn_away(socket: WebSocket, close_code: int, code: str, detail: str) -> None:
    with contextlib.suppress(Gone):
        await send(socket, _error(code, detail))
    await close(socket, close_code, code)


async def _serve(socket: WebSocket, past: PanelPast, after: int, caller: Caller, services: Services) -> None:
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_show(socket, past, after, caller, services))
            tasks.create_task(_listen(socket, past, caller, services, tasks))
            tasks.create_task(_until_stopped(services))
    except* _Closed as ends:
        end = next(error for error in ends.exceptions if isinstance(error, _Closed))
    if end.finish is not None:
        await close(socket, end.code or CLOSE_CODES[end.finish.reason], end.finish.reason)


async def _show(socket: WebSocket, past: PanelPast, after: int, caller: Caller, services: Services) -> None:
    settings = services.settings
    pieces = follow(services.bus, past, channel(past.interview_id), after, settings.stream_ping_s)
    async with aclosing(pieces):
        async for piece in pieces:
            await _still_good(socket, caller, services)
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
            if isinstance(piece, Event) and piece.type in ("interviewer.removed", "interviewer.changed"):
                await _still_named(past.interview_id, caller, services)


async def _still_good(socket: WebSocket, caller: Caller, services: Services) -> None:
    try:
        await services.authenticator.still(caller)
    except Unauthorised as refusal:
        code = f"{refusal.what}_{refusal.reason}"
        await _refuse(socket, code, str(refusal))
        raise _Closed(Finish(code, str(refusal)), BAD_TOKEN) from None


async def _still_named(interview_id: str, caller: Caller, services: Services) -> None:
    try:
        await services.interviewers.require(caller, interview_id)
    except (Forbidden, NotFound) as refusal:
        raise _Closed(Finish(refusal.code, str(refusal)), NOT_ALLOWED) from None


async def _listen(
    socket: WebSocket, past: PanelPast, caller: Caller, services: Services, tasks: asyncio.TaskGroup
) -> None:
    """tasks: what takes its time is done there, so that the next frame need not wait."""
    while True:
        try:
            frame = FRAME.validate_json(await receive_text(socket))
            await _still_good(socket, caller, services)
            await _act(frame, past.interview_id, caller, services, tasks)
        except Gone:
            raise _Closed from None
        except NotText:
            raise _Closed(Finish("bad_frame", "frames are JSON in text"), BAD_FRAME) from None
        except ValidationError:
            await _refuse(socket, "bad_frame", "this is no frame of a panel's; see the documentation of the socket")
        except (Conflict, NotFound, RateLimited) as error:
            about = {"id": frame.id} if isinstance(frame, Ask | Feedback) else {}
            await _refuse(socket, error.code, str(error), **about)


async def _act(
    frame: PanelFrame, interview_id: str, caller: Caller, services: Services, tasks: asyncio.TaskGroup
) -> None:
    await _still_named(interview_id, caller, services)
    match frame:
        case Feedback():
            await services.verdicts.give(caller, interview_id, frame.id, frame.verdict, frame.text)
        case QuietFrame():
            await services.quiet_key.turn(caller, interview_id, on=frame.on)
        case Ask():
            if await services.asking.take(caller, interview_id, frame.id, frame.question):
                tasks.create_task(services.asking.answer(caller.tenant, interview_id, frame.id, frame.question))
        case Floor():
            await services.leading.floor(caller, interview_id, FloorIn(to=frame.to, questions=frame.questions))
        case Lead():
            await services.leading.mode(caller, interview_id, ModeIn(to=frame.to))


async def _refuse(socket: WebSocket, code: str, detail: str, **about: str) -> None:
    """about: the id of the question or card that it was about."""
    try:
        await send(socket, _error(code, detail, **about))
    except Gone:
        raise _Closed from None


def _error(code: str, detail: str, **about: str) -> dict[str, Any]:
    data = {"code": code, "detail": detail, **about}
    return {"seq": None, "type": "error", "at": None, "at_ms": None, "data": data}


async def _until_stopped(services: Services) -> None:
    await services.closing.wait()
    raise _Closed(STOPPING)
