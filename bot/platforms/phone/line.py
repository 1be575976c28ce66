"""The bot's telephone: it is rung, dials, and holds one call at a time; a `MeetingPlatform` and its connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
import websockets
from websockets.asyncio.client import ClientConnection, connect

from audio import Pcm
from bot.errors import BadFrame
from bot.interview import Role
from bot.platforms import (
    Control,
    Ear,
    MediaFailed,
    MeetingEvent,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
)
from bot.platforms.phone.frames import LARGEST, Digit, Mark, Start, Stop, parse
from bot.platforms.phone.voice import Voice
from bot.pulse import Progress
from bot.spec import BotSpec

log = structlog.get_logger(__name__)

# What a key does, as a button of the room's page would.
KEYPAD = {"1": "repeat", "2": "skip", "3": "rephrase", "4": "slower", "5": "pause", "6": "resume", "0": "human"}
REDIAL_S = (0.0, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0)  # a line that broke between bot and control plane; the call waits there
MEDIA_WITHIN_S = 15.0  # from the start of a call to its first sound
LAST_WORDS_S = 1.5  # how long leaving waits for the far end to have played what was sent


@dataclass(frozen=True, slots=True)
class Ring:
    """A call of the candidate's that waits for the bot. id: the order's; url: where to dial; caller: whose it is."""

    id: str
    url: str
    caller: str


class PhoneLine:
    """Where a bot's calls come in. done: told the id of each ring whose call is over.

    media_within_s: how long a call may be silent from its start before `MediaFailed` says so. It may be rung before the
    bot has joined.
    """

    def __init__(self, done: Callable[[str], None], *, media_within_s: float = MEDIA_WITHIN_S) -> None:
        self._done, self._media_within_s = done, media_within_s
        self._rings: asyncio.Queue[Ring] = asyncio.Queue()

    def ring(self, ring: Ring) -> None:
        """Have a call answered; one that is held already gives way to it."""
        self._rings.put_nowait(ring)

    @asynccontextmanager
    async def join(
        self, spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None] = lambda: None
    ) -> AsyncIterator["PhoneConnection"]:
        """Wait for calls for as long as the block runs; see `MeetingPlatform`. Nobody has to let the bot in."""
        connection = PhoneConnection(spec, self._media_within_s, ear=ear)
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(self._answer(connection), name="phone")
            try:
                yield connection
            finally:
                await connection.leave()
                answering.cancel()

    async def _answer(self, connection: "PhoneConnection") -> None:
        async with asyncio.TaskGroup() as tasks:
            held: tuple[Ring, asyncio.Task[None]] | None = None
            while True:
                ring = await self._rings.get()
                if held is not None and not held[1].done():
                    held[1].cancel()
                    self._done(held[0].id)
                held = ring, tasks.create_task(self._hold(connection, ring), name="call")

    async def _hold(self, connection: "PhoneConnection", ring: Ring) -> None:
        await connection.hold(ring)
        self._done(ring.id)  # not when the bot leaves: another may take its place, and is rung then


class PhoneConnection:
    """The bot's end of the line; a `MeetingConnection`."""

    def __init__(self, spec: BotSpec, media_within_s: float, *, ear: Ear) -> None:
        self._spec, self._ear, self._media_within_s = spec, ear, media_within_s
        self._events: asyncio.Queue[MeetingEvent | None] = asyncio.Queue()
        self._voice: Voice | None = None  # of the call that is held now
        self._known: set[str] = set()  # who was here before
        self._leaving = False

    # ---- MeetingConnection ----------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    def play(self, pcm: Pcm) -> None:
        if self._voice is not None:
            self._voice.play(pcm)

    def recall(self) -> int:
        return 0 if self._voice is None else self._voice.recall()

    def progress(self) -> list[Progress]:
        voice = self._voice
        return [] if voice is None else [Progress("the phone line", voice.sent, voice.waiting)]

    def round_trip_ms(self) -> float | None:
        return None if self._voice is None else self._voice.round_trip_ms

    async def leave(self) -> None:
        if self._leaving:
            return
        self._leaving = True
        if self._voice is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._voice.heard_out()
        self._events.put_nowait(None)

    # ---- one call -------------------------------------------------------------------------------------------------

    async def hold(self, ring: Ring) -> None:
        """Dial and hold one call until it is over, or its line can't be had any more."""
        header, tries = {"Authorization": f"Bearer {self._spec.uplink.token.get_secret_value()}"}, 0
        caller = Participant(ring.caller, self._spec.candidate_name, Role.CANDIDATE)
        while tries < len(REDIAL_S):
            await asyncio.sleep(REDIAL_S[tries])
            tries += 1
            try:
                async with connect(
                    ring.url, additional_headers=header, max_size=2 * LARGEST, open_timeout=5, close_timeout=1
                ) as socket:
                    tries = 1
                    if await self._converse(caller, socket):
                        return
            except websockets.InvalidStatus as refusal:
                if refusal.response.status_code < 500:
                    log.info("call_gone", status=refusal.response.status_code)
                    return
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                log.info("line_away", error=type(error).__name__)

    async def _converse(self, caller: Participant, socket: ClientConnection) -> bool:
        """Exchange frames until the call is over (True) or the line breaks."""
        stop: Stop | None = None
        voice: Voice | None = None
        try:
            first = parse(await socket.recv())
            if not isinstance(first, Start):
                raise BadFrame("start: it comes first")
            voice = self._voice = Voice(first)
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(voice.send_to(socket))
                stop = await self._listen(caller, socket, voice)
                sending.cancel()
        except BadFrame as bad:
            log.error("line_not_understood", error=str(bad))
        finally:
            if voice is not None and self._voice is voice:
                self._voice = None
            if voice is not None and voice.opened and not self._leaving:
                self._events.put_nowait(ParticipantLeft(caller, dropped=stop is None or stop.lost))
        return stop is not None

    async def _listen(self, caller: Participant, socket: ClientConnection, voice: Voice) -> Stop | None:
        """Take what comes until the call is over; None when the line broke."""
        silence = asyncio.get_running_loop().call_later(self._media_within_s, self._no_media, caller)
        try:
            async for message in socket:
                match parse(message):
                    case bytes() as sound:
                        if not voice.opened:
                            silence.cancel()
                            self._joined(caller, voice)
                        self._ear(caller, voice.decode(sound))
                    case Digit(key) if voice.opened and key in KEYPAD:
                        self._events.put_nowait(Control(caller, KEYPAD[key]))
                    case Mark(name):
                        voice.played(name)
                    case Stop() as stop:
                        return stop
        except websockets.ConnectionClosed:
            pass  # gone without a word
        except BadFrame as bad:
            log.error("line_not_understood", error=str(bad))
        finally:
            silence.cancel()
        return None

    def _joined(self, caller: Participant, voice: Voice) -> None:
        voice.opened = True
        self._events.put_nowait(ParticipantJoined(caller, again=caller.id in self._known))
        self._known.add(caller.id)

    def _no_media(self, caller: Participant) -> None:
        self._events.put_nowait(MediaFailed(caller))
