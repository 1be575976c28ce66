"""The calls that come in at this process, each joined with the socket of its bot.

A bot that dies leaves its call here; the one that follows it is rung by the same order and finds it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from api.phone.wires import Wire
from api.room.members import Refused
from api.room.socket import Allowance
from bot.errors import BadFrame
from bot.platforms.phone.frames import LARGEST, Clear, Frame, Mark, Start, Stop, dump, parse

log = structlog.get_logger(__name__)

OVER, STOPPING, BAD_FRAME, NO_BOT, REPLACED, TOO_MANY = 1000, 1012, 4400, 4404, 4409, 4429
START_WITHIN_S = 10.0
BOT_WITHIN_S = 20.0  # a bot that is being started, or that takes another's place
LOOK_S = 0.5  # how often to look whether the interview is over, once the bot has left
SEND_S = 3.0  # a socket that takes nothing for so long is broken
BURST, PER_SECOND = 400, 150.0  # frames; providers send 50 a second and send each mark back


class CallEnded(Exception):
    """A caller's socket is to be closed. code: with what."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


class Leg:
    """One call: the caller's socket here, and the bot's once it has dialled. over: tells whether the interview is."""

    def __init__(self, interview_id: str, caller: WebSocket, wire: Wire, over: Callable[[], Awaitable[bool]]) -> None:
        self.id = secrets.token_urlsafe(16)
        self.interview_id = interview_id
        self._caller, self._wire, self._over = caller, wire, over
        self._start: Start | None = None
        self._bot: WebSocket | None = None
        self._bot_here, self._bot_gone = asyncio.Event(), asyncio.Event()
        self._replaced, self._deaf = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        self._allowance, self._clock = Allowance(loop.time(), BURST, PER_SECOND), loop.time

    # ---- the caller's side ----------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Wait for the caller's `start`; raise `CallEnded`."""
        try:
            async with asyncio.timeout(START_WITHIN_S):
                while self._start is None:
                    for frame in await self._heard():
                        if isinstance(frame, Stop):
                            raise CallEnded(OVER, "hung up before it began")
                        self._start = self._start or (frame if isinstance(frame, Start) else None)
        except TimeoutError:
            raise CallEnded(BAD_FRAME, f"no start within {START_WITHIN_S:g} s") from None

    async def carry(self, stopping: asyncio.Event) -> None:
        """Pass frames on until the call is over, as `CallEnded` then says. stopping: set when this server stops."""
        stop = Stop(lost=True)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_when(stopping, CallEnded(STOPPING, "the server stops")))
                tasks.create_task(_when(self._replaced, CallEnded(REPLACED, "another call took its place")))
                tasks.create_task(_when(self._deaf, CallEnded(OVER, "the caller's side takes nothing")))
                tasks.create_task(self._watch_bot())
                await self._listen()
                stop = Stop()
                raise CallEnded(OVER, "hung up")
        except* CallEnded as several:
            ended = several.exceptions[0]
        finally:
            await self._tell_bot(stop)
        raise ended

    def replace(self) -> None:
        """End it: another call of the same interview has come."""
        self._replaced.set()

    async def _listen(self) -> None:
        """Take what the caller's side sends until it hangs up."""
        while True:
            for frame in await self._heard():
                match frame:
                    case Stop():
                        return
                    case Start():
                        raise CallEnded(BAD_FRAME, "start: it comes once")
                    case _:
                        await self._tell_bot(frame)

    async def _heard(self) -> list[Frame]:
        message = await self._caller.receive()
        if message["type"] == "websocket.disconnect":
            raise CallEnded(OVER, "the line broke")
        data = message.get("text") if message.get("text") is not None else message.get("bytes")
        try:
            self._allowance.take(self._clock())
            if data is None or len(data) > LARGEST:
                raise BadFrame(f"a frame may hold at most {LARGEST} bytes")
            return list(self._wire.read(data))
        except Refused as many:
            raise CallEnded(TOO_MANY, many.detail) from None
        except BadFrame as bad:
            raise CallEnded(BAD_FRAME, str(bad)) from None

    async def _watch_bot(self) -> None:
        while True:
            await self._bot_comes()
            await self._bot_gone.wait()

    async def _bot_comes(self) -> None:
        """Wait for a bot; raise `CallEnded` when none comes, or when there is nothing left to come for."""
        until = self._clock() + BOT_WITHIN_S
        while not self._bot_here.is_set():
            if self._clock() > until:
                raise CallEnded(NO_BOT, f"no bot took the call within {BOT_WITHIN_S:g} s")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._bot_here.wait()
                    return
            if await self._over():
                raise CallEnded(OVER, "the interview is over")

    # ---- the bot's side -------------------------------------------------------------------------------------------

    async def attend(self, bot: WebSocket) -> None:
        """Serve the bot that has dialled until it leaves or the call is over."""
        assert self._start is not None
        await bot.send_text(str(dump(self._start)))
        self._bot = bot
        self._bot_gone.clear()
        self._bot_here.set()
        try:
            while True:
                message = await bot.receive()
                if message["type"] == "websocket.disconnect" or self._bot is not bot:
                    return
                frame = parse(message["text"] if message.get("text") is not None else message["bytes"])
                if isinstance(frame, bytes | Mark | Clear):
                    await self._tell_caller(self._wire.write(frame))
        except BadFrame as bad:
            log.error("bot_not_understood", error=str(bad))
        finally:
            if self._bot is bot:
                self._bot = None
                self._bot_here.clear()
                self._bot_gone.set()

    async def _tell_caller(self, message: str | bytes) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                await (
                    self._caller.send_text(message) if isinstance(message, str) else self._caller.send_bytes(message)
                )
        except (WebSocketDisconnect, RuntimeError):
            pass  # gone: whether they hung up is for what they sent last to say, and for `carry` to tell the bot
        except TimeoutError:
            self._deaf.set()

    async def _tell_bot(self, frame: Frame) -> None:
        if (bot := self._bot) is None:
            return  # before it has come there is nobody to hear it
        message = dump(frame)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):  # gone: `attend` sees it
            async with asyncio.timeout(SEND_S):
                await (bot.send_text(message) if isinstance(message, str) else bot.send_bytes(message))


class Legs:
    """Every call that comes in at this process."""

    def __init__(self) -> None:
        self._legs: dict[str, Leg] = {}

    def open(self, leg: Leg) -> None:
        """Keep a call; one of the same interview that is here already gives way to it."""
        for other in list(self._legs.values()):
            if other.interview_id == leg.interview_id:
                other.replace()
        self._legs[leg.id] = leg

    def close(self, leg: Leg) -> None:
        """Forget a call."""
        self._legs.pop(leg.id, None)

    def find(self, interview_id: str, leg_id: str) -> Leg | None:
        """Return one call of one interview, if it is here."""
        leg = self._legs.get(leg_id)
        return leg if leg is not None and leg.interview_id == interview_id else None


async def _when(event: asyncio.Event, ended: CallEnded) -> None:
    await event.wait()
    raise ended
