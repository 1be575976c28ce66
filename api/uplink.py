"""The bots' socket, `/bots/{interview_id}/uplink`: events up, stored before they are acknowledged; commands down.

The protocol (JSON in text frames)::

    bot  {"type":"hello","attempt_id","epoch","last_n"}          its token is in the Authorization header
    api  {"type":"welcome","acked":N}                            the bot sends everything numbered above N again
    bot  {"type":"event","n":int|null,"at","at_ms","event","data"}     n null: passed on, never stored
    api  {"type":"ack","n":N}                                    everything up to N is committed; a numbered event that
                                                                 can't be understood is kept as an `incident`
    api  {"type":"command","id","command","reason","data"}       again after every welcome until done; see `bot/orders`
    bot  {"type":"command.done","id"}                            done with, at once or when its moment had come
    bot  {"type":"renew","at"}                                    may it stay? at: its own clock
    api  {"type":"renewed","at"}                                  it may, its lease is held; no answer: nobody knows

Close codes: 4400 bad frame, 4401 bad token, 4409 a newer incarnation exists, 4410 the attempt is over. After any other
close the bot comes back with back-off.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

import structlog
from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from api.auth import Uplink, bearer
from api.copilot import PRIVATE, SHARED, STANDS
from api.errors import AttemptOver, Superseded, Unauthorised
from api.events import Event
from api.events.nudges import Nudges
from api.interviews.leases import Leases
from api.interviews.receiver import BotEvent, Receiver, understood
from api.interviews.tables import CommandRow
from api.leading import WISHED
from api.leading.wishes import wished
from api.moments import utc_now
from api.services import Services, TheServices
from api.sockets import Gone, NotText, close, receive_text, send

log = structlog.get_logger(__name__)

PANEL = PRIVATE | SHARED | {STANDS}  # what the private line of an interview gets
BAD_FRAME, BAD_TOKEN, NEWER, OVER, BROKEN, REPLACED = 4400, 4401, 4409, 4410, 1011, 1012
HELLO_WITHIN_S = 10.0
AT_ONCE = 256  # events stored in one transaction
WAITING = 1024  # events read ahead of the database; beyond it the bot's socket is not read

router = APIRouter()

_T = TypeVar("_T")


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Hello(_Frame):
    type: Literal["hello"]
    attempt_id: str
    epoch: int
    last_n: Annotated[int, Field(ge=0)] = 0


class _Done(_Frame):
    type: Literal["command.done"]
    id: Annotated[str, Field(max_length=64)]


class _Renew(_Frame):
    type: Literal["renew"]
    at: float


_HELLO: TypeAdapter[_Hello] = TypeAdapter(_Hello)
_FRAME: TypeAdapter[BotEvent | _Done | _Renew] = TypeAdapter(
    Annotated[BotEvent | _Done | _Renew, Field(discriminator="type")]
)


class _Closed(Exception):
    """The line ends. code: the close code to say so with; None when the other side has closed it."""

    def __init__(self, code: int | None = None, why: str = "") -> None:
        super().__init__(why)
        self.code, self.why = code, why


@dataclass(eq=False, slots=True)
class _Line:
    """One connected bot. news: set when there may be commands for it."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    replaced: asyncio.Event = field(default_factory=asyncio.Event)


class Uplinks:
    """The bots that are connected to this process, by attempt. nudges: to whom else a bot may be connected."""

    def __init__(self, nudges: Nudges) -> None:
        self._nudges = nudges
        self._lines: dict[str, _Line] = {}

    async def run(self) -> None:
        """Hear what other replicas told bots that are connected here, until cancelled."""
        await self._nudges.hear(self.look)

    async def nudge(self, attempt_id: str) -> None:
        """Have the attempt's bot sent what it was told; if it is away it gets it when it is back."""
        self.look(attempt_id)
        await self._nudges.send(attempt_id)

    def look(self, attempt_id: str | None) -> None:
        """Have an attempt's bot sent what it was told if it is connected here; None: every bot."""
        lines = self._lines.values() if attempt_id is None else [self._lines.get(attempt_id)]
        for line in lines:
            if line is not None:
                line.news.set()

    def connected(self, attempt_id: str) -> bool:
        """Tell whether the attempt's bot has its line open."""
        return attempt_id in self._lines

    def open(self, attempt_id: str) -> _Line:
        """Take the attempt's place; whoever had it is let go."""
        if before := self._lines.get(attempt_id):
            before.replaced.set()
        line = self._lines[attempt_id] = _Line()
        return line

    def close(self, attempt_id: str, line: _Line) -> None:
        """Give the place back, unless somebody newer has it."""
        if self._lines.get(attempt_id) is line:
            del self._lines[attempt_id]


@router.websocket("/bots/{interview_id}/uplink")
async def uplink(socket: WebSocket, interview_id: str, services: TheServices) -> None:
    """Serve one bot until either side is done."""
    await socket.accept()
    try:
        bot = await _greet(socket, interview_id, services)
        await _serve(socket, bot, services)
    except _Closed as end:
        if end.code is not None:
            log.info("uplink_closed", code=end.code, why=end.why)
            await close(socket, end.code, end.why)


async def _greet(socket: WebSocket, interview_id: str, services: Services) -> Uplink:
    try:
        bot = services.tokens.uplink(bearer(socket.headers.get("authorization")))
        async with asyncio.timeout(HELLO_WITHIN_S):
            hello = _parse(_HELLO, await _text(socket))
    except Unauthorised as refusal:
        raise _Closed(BAD_TOKEN, refusal.reason) from None
    except TimeoutError:
        raise _Closed(BAD_FRAME, "no hello") from None
    if (bot.interview_id, bot.attempt_id, bot.epoch) != (interview_id, hello.attempt_id, hello.epoch):
        raise _Closed(BAD_TOKEN, "this token is another bot's")
    structlog.contextvars.bind_contextvars(interview=bot.interview_id, attempt=bot.attempt_id, epoch=bot.epoch)
    acked = await _acknowledged(services.receiver, bot)
    await _send(socket, {"type": "welcome", "acked": acked})
    log.info("uplink_open", acked=acked)
    return bot


async def _serve(socket: WebSocket, bot: Uplink, services: Services) -> None:
    line = services.uplinks.open(bot.attempt_id)
    waiting: asyncio.Queue[BotEvent | _Done] = asyncio.Queue(WAITING)
    asks: asyncio.Queue[float] = asyncio.Queue(WAITING)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_read(socket, bot, waiting, asks, services))
            tasks.create_task(_store(socket, bot, waiting, services.receiver))
            tasks.create_task(_command(socket, bot, line, services.receiver))
            tasks.create_task(_confirm(socket, bot, asks, services.leases))
            tasks.create_task(_until_replaced(line))
    except* _Closed as several:
        ends = several.exceptions
    finally:
        services.uplinks.close(bot.attempt_id, line)
    raise ends[0]  # the tasks above only end by raising, and raising in `except*` would wrap it again


async def _read(
    socket: WebSocket,
    bot: Uplink,
    waiting: asyncio.Queue[BotEvent | _Done],
    asks: asyncio.Queue[float],
    services: Services,
) -> None:
    while True:
        frame = _frame(await _text(socket))
        if frame is None:
            log.warning("event_dropped", why="it has no number and can't be understood")
        elif isinstance(frame, _Renew):
            await asks.put(frame.at)
        elif isinstance(frame, _Done) or frame.n is not None:
            await waiting.put(frame)
        else:
            await _pass_on(frame, bot, services)


async def _pass_on(frame: BotEvent, bot: Uplink, services: Services) -> None:
    """Pass on what has no number. What becomes a command or a line of the panel is taken of the newest incarnation."""
    passing = Event(bot.interview_id, frame.event, frame.at, frame.data, at_ms=frame.at_ms)
    if frame.event not in PANEL | {WISHED}:
        await services.publisher.publish(passing)
        return
    await _acknowledged(services.receiver, bot)
    await (wished(services, passing) if frame.event == WISHED else services.panel.take(passing))


async def _store(socket: WebSocket, bot: Uplink, waiting: asyncio.Queue[BotEvent | _Done], receiver: Receiver) -> None:
    """Store what came, a command's end no sooner than the events that were sent before it."""
    while True:
        batch = [await waiting.get()]
        while not waiting.empty() and len(batch) < AT_ONCE:
            batch.append(waiting.get_nowait())
        events = [frame for frame in batch if isinstance(frame, BotEvent)]
        done = [frame.id for frame in batch if isinstance(frame, _Done)]
        try:
            with _ending():
                stored = await receiver.take(bot.attempt_id, bot.epoch, events, done)
        except (SQLAlchemyError, OSError) as error:
            log.error("events_not_stored", error=str(error))
            raise _Closed(BROKEN, "the database is unavailable") from None
        await _send(socket, {"type": "ack", "n": stored})


async def _confirm(socket: WebSocket, bot: Uplink, asks: asyncio.Queue[float], leases: Leases) -> None:
    while True:
        at = await asks.get()
        while not asks.empty():
            at = asks.get_nowait()
        try:
            with _ending():
                held = await leases.confirm(bot.attempt_id, bot.epoch)
        except (SQLAlchemyError, OSError) as error:
            log.warning("lease_not_confirmed", error=str(error))
            continue
        if held:
            await _send(socket, {"type": "renewed", "at": at})


async def _command(socket: WebSocket, bot: Uplink, line: _Line, receiver: Receiver) -> None:
    sent: set[str] = set()
    while True:
        line.news.clear()
        for command in await _commands(receiver, bot):
            if command.id not in sent:
                sent.add(command.id)
                told = {"command": command.command, "reason": command.reason, "data": command.data}
                await _send(socket, {"type": "command", "id": command.id, **told})
        await line.news.wait()


async def _until_replaced(line: _Line) -> None:
    await line.replaced.wait()
    raise _Closed(REPLACED, "the same bot opened a newer line")


async def _commands(receiver: Receiver, bot: Uplink) -> Sequence[CommandRow]:
    with _ending():
        return await receiver.commands(bot.attempt_id, bot.epoch)


async def _acknowledged(receiver: Receiver, bot: Uplink) -> int:
    with _ending():
        return await receiver.acknowledged(bot.attempt_id, bot.epoch)


@contextmanager
def _ending() -> Iterator[None]:
    """Close the line of a bot that is not wanted any more."""
    try:
        yield
    except Superseded:
        raise _Closed(NEWER, "a newer incarnation exists") from None
    except AttemptOver:
        raise _Closed(OVER, "the attempt is over") from None


async def _text(socket: WebSocket) -> str:
    try:
        return await receive_text(socket)
    except Gone:
        raise _Closed from None
    except NotText:
        raise _Closed(BAD_FRAME, "frames are JSON in text") from None


async def _send(socket: WebSocket, frame: dict[str, Any]) -> None:
    try:
        await send(socket, frame)
    except Gone:
        raise _Closed from None


def _frame(text: str) -> BotEvent | _Done | _Renew | None:
    """Return what a bot sent; None for an event that can't be understood and that nobody waits for."""
    try:
        return _FRAME.validate_json(text)
    except ValidationError:
        pass
    try:
        loose = json.loads(text)  # knows half surrogates and no depth limit of its own
    except (ValueError, RecursionError):
        raise _Closed(BAD_FRAME, "frames are JSON objects") from None
    if not isinstance(loose, dict) or loose.get("type") != "event":
        return _parse(_FRAME, text)
    event = understood(loose, text, utc_now())
    if event is None and loose.get("n") is not None:
        return _parse(_FRAME, text)
    return event


def _parse(adapter: TypeAdapter[_T], text: str) -> _T:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "frame"
        raise _Closed(BAD_FRAME, f"{where}: {first['msg']}"[:120]) from None
