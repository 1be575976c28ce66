"""The room's WebSocket: one reader and one writer per connection, and what is refused. And the card, before that."""

import asyncio
import json
from dataclasses import asdict
from typing import Protocol

import structlog
from fastapi import APIRouter, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from starlette.types import Message

from api.room.frames import MAX_FRAME_BYTES, BadFrame, ControlFrame, Leave, NoticeShown, parse_frame, parse_hello
from api.room.hub import WITHDRAW, Hub
from api.room.members import BAD_FRAME, BAD_LINK, NO_HELLO, TOO_MANY, Card, Closing, Member, Refused, RoomSeat

log = structlog.get_logger(__name__)

HELLO_WITHIN_S = 5.0
BURST = 200  # frames: a browser trickles some twenty candidates to each of a dozen peers
PER_SECOND = 40.0
NO_STORE = {"Cache-Control": "no-store"}


class RoomDoor(Protocol):
    """Decides who may sit in which room."""

    async def admit(self, interview_id: str, token: str) -> tuple[RoomSeat, Card]:
        """Return the seat a join link names and the interview's card; raise `Refused`."""
        ...

    async def agreed(self, interview_id: str, seat: RoomSeat, notice: NoticeShown | None) -> None:
        """Keep that somebody who comes in agreed to being recorded. notice: what they were shown."""
        ...

    async def withdrew(self, interview_id: str, seat: RoomSeat) -> None:
        """Keep that the candidate takes that back."""
        ...


class Allowance:
    """A token bucket over the frames of one connection. Times in seconds."""

    def __init__(self, now: float, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._left = float(burst)
        self._burst = burst
        self._per_second = per_second
        self._at = now

    def take(self, now: float) -> None:
        """Count one frame; raise `Refused` when there were too many."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            raise Refused(TOO_MANY, "too_many_frames", f"More than {self._per_second:.0f} frames a second.")
        self._left -= 1


def room_router(hub: Hub, door: RoomDoor, hello_within_s: float = HELLO_WITHIN_S) -> APIRouter:
    """Return the router with the room's signalling socket."""
    router = APIRouter()

    @router.websocket("/room/{interview_id}/signal")
    async def signal(socket: WebSocket, interview_id: str) -> None:
        await socket.accept()
        try:
            member = await _seat(socket, interview_id, hub, door, hello_within_s)
        except Refused as refused:
            log.info("room.refused", interview=interview_id, code=refused.code)
            await _refuse(socket, refused)
        except WebSocketDisconnect:
            pass  # gone before it said who it was
        else:
            await _attend(socket, hub, door, member)

    @router.get("/room/{interview_id}/card", include_in_schema=False)
    async def card(request: Request, interview_id: str) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Refused(BAD_LINK, "no_link", "Send the token of the join link as a bearer token.")
            seat, shown = await door.admit(interview_id, token.strip())
        except Refused as refused:
            return _problem(refused)
        you = {"participant_id": seat.participant_id, "name": seat.name, "role": seat.role}
        return JSONResponse({**asdict(shown), "you": you}, headers=NO_STORE)

    return router


async def _seat(socket: WebSocket, interview_id: str, hub: Hub, door: RoomDoor, within_s: float) -> Member:
    try:
        async with asyncio.timeout(within_s):
            message = await socket.receive()
    except TimeoutError:
        raise Refused(NO_HELLO, "no_hello", f"No hello came within {within_s:.0f} seconds.") from None
    try:
        hello = parse_hello(_text(message))
    except BadFrame as bad:
        raise Refused(BAD_FRAME, bad.code, bad.detail) from None
    seat, card = await door.admit(interview_id, hello.token)
    if hello.consented:
        await door.agreed(interview_id, seat, hello.notice)
    member = await hub.join(interview_id, seat, hello, card)
    try:
        await door.admit(interview_id, hello.token)  # who was removed a moment ago was not in the room to be put out
    except Refused:
        hub.leave(member, dropped=False)
        raise
    return member


async def _attend(socket: WebSocket, hub: Hub, door: RoomDoor, member: Member) -> None:
    """Read and write until either side is done. Whichever ends first ends the other."""
    names = {"interview": member.interview_id, "participant": member.seat.participant_id, "peer": member.peer_id}
    log.info("room.joined", role=member.seat.role, **names)
    dropped = True
    try:
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(_read(socket, hub, door, member))
            writer = tasks.create_task(_write(socket, member))
            writer.add_done_callback(lambda _: reader.cancel())
        dropped = reader.cancelled() or reader.result()
    finally:
        hub.leave(member, dropped=dropped)
        log.info("room.left", dropped=dropped, **names)


async def _read(socket: WebSocket, hub: Hub, door: RoomDoor, member: Member) -> bool:
    """Take frames until the connection ends; return whether it dropped, rather than being left by choice."""
    clock = asyncio.get_running_loop().time
    allowance = Allowance(clock())
    try:
        while True:
            text = _text(await socket.receive())
            allowance.take(clock())
            frame = parse_frame(text)
            if isinstance(frame, Leave):
                member.close(1000)
                return False
            hub.take(member, frame)
            if isinstance(frame, ControlFrame) and frame.control == WITHDRAW:
                await door.withdrew(member.interview_id, member.seat)
    except WebSocketDisconnect:
        member.close(None)
    except BadFrame as bad:
        _dismiss(member, Refused(BAD_FRAME, bad.code, bad.detail))
    except Refused as refused:
        _dismiss(member, refused)
    return True


async def _write(socket: WebSocket, member: Member) -> None:
    while True:
        frame = await member.queue.get()
        try:
            if not isinstance(frame, Closing):
                await socket.send_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
                continue
            if frame.code is not None:
                await socket.close(frame.code, _reason(frame.reason))
        except (WebSocketDisconnect, RuntimeError):  # Starlette raises either, depending on who closed first
            pass  # the reader learns it too
        return


def _text(message: Message) -> str:
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006), message.get("reason"))
    text = message.get("text")
    if text is None:
        raise BadFrame("bad_frame", "Frames are JSON in text, not binary.")
    if len(text) > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large", f"A frame may hold at most {MAX_FRAME_BYTES} bytes.")
    return str(text)


def _dismiss(member: Member, refused: Refused) -> None:
    log.info("room.dismissed", interview=member.interview_id, peer=member.peer_id, code=refused.code)
    member.send({"type": "error", "code": refused.code, "detail": refused.detail})
    member.close(refused.close, refused.code)


def _problem(refused: Refused) -> Response:
    """The same refusal over HTTP: close codes are HTTP's statuses above 4000 (RFC 9457)."""
    status = refused.close - 4000
    body = {"type": "about:blank", "status": status, "code": refused.code, "detail": refused.detail}
    if refused.role is not None:
        body["role"] = refused.role
    return JSONResponse(body, status, headers=NO_STORE, media_type="application/problem+json")


async def _refuse(socket: WebSocket, refused: Refused) -> None:
    try:
        await socket.send_json({"type": "error", "code": refused.code, "detail": refused.detail})
        await socket.close(refused.close, _reason(refused.code))
    except (WebSocketDisconnect, RuntimeError):
        pass


def _reason(text: str) -> str:
    return text.encode()[:120].decode(errors="ignore")  # RFC 6455: a close reason holds at most 123 bytes
