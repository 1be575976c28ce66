"""One seat on a Janus server, whatever the plugin: kept until it is left, and taken anew when the way to it breaks.

All sound goes through the server, so when the connection to it breaks everything does.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar

import structlog
import websockets
from pydantic import SecretStr

from audio import Pcm
from bot.errors import MeetingRefused
from bot.platforms import Ear, MeetingEvent, Removed, SignallingBack, SignallingLost
from bot.platforms.janus import JanusAddress
from bot.platforms.janus.session import Handle, JanusLost, JanusRefused, JanusSession, open_socket
from bot.platforms.opus import OpusEncoder
from bot.platforms.peer import Peer, next_stamp
from bot.pulse import Progress
from bot.state import EndReason

log = structlog.get_logger(__name__)

FIRST_WITHIN_S = 5.0  # how long a server that can't be reached is tried before the first seat
BACK_WITHIN_S = 20.0  # and how long after a seat was lost
BACK_OFF_S = (0.1, 0.3, 1.0, 2.0)
LEAVE_WITHIN_S = 1.0
MEASURE_S = 2.0
WRONG_SECRET = 403  # of the server itself; all other numbers are a plugin's


class JanusSeat(ABC):
    """A `MeetingConnection`. name: what others read. secret: what the server wants of every client."""

    plugin: ClassVar[str]
    refusals: ClassVar[Mapping[int, EndReason]]

    def __init__(self, address: JanusAddress, name: str, secret: SecretStr | None, ear: Ear) -> None:
        self.address, self.name, self.ear = address, name, ear
        self.pin = {} if address.pin is None else {"pin": address.pin}
        self.happened: asyncio.Queue[MeetingEvent | None] = asyncio.Queue()
        self.session: JanusSession | None = None
        self._secret = secret
        self._handle: Handle | None = None  # of a seat that is taken
        self._peer: Peer | None = None
        self._encoder = OpusEncoder()
        self._stamp: int | None = None
        self._entered = asyncio.Event()
        self._refused: MeetingRefused | None = None
        self._over = asyncio.Event()
        self.tasks: asyncio.TaskGroup | None = None
        self._watchers: set[asyncio.Task[None]] = set()
        self._round_trip_ms: float | None = None

    # ---- for a plugin to say --------------------------------------------------------------------------------------

    @abstractmethod
    async def sit_down(self, handle: Handle) -> None:
        """Join the room and `send` sound there. Raises `JanusRefused` or `JanusLost`."""

    @abstractmethod
    def told(self, data: dict[str, Any]) -> None:
        """Take what the plugin tells without having been asked."""

    def hung_up(self) -> list[Peer]:
        """Return the further connections that are to be closed with the seat, and forget them."""
        return []

    # ---- MeetingConnection ----------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self.happened.get()) is not None:
            yield event

    def play(self, pcm: Pcm) -> None:
        self._stamp = next_stamp(asyncio.get_running_loop().time(), self._stamp)
        for payload in self._encoder.encode(pcm):
            if self._peer is not None and self._peer.connected:
                self._peer.track.push(payload, self._stamp)

    def progress(self) -> list[Progress]:
        peer = self._peer
        if peer is None or not peer.sends:
            return []
        return [Progress("the track to the meeting", peer.track.taken, peer.track.waiting)]

    def round_trip_ms(self) -> float | None:
        return self._round_trip_ms

    async def leave(self) -> None:
        handle = self._handle
        if not self.end(None):
            return
        if handle is not None:
            try:
                async with asyncio.timeout(LEAVE_WITHIN_S):
                    await handle.ask({"request": "leave"})
            except (JanusLost, JanusRefused, TimeoutError) as error:
                log.info("left_without_goodbye", error=str(error))
        await self.hang_up()

    # ---- the seat ---------------------------------------------------------------------------------------------------

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Keep the seat until `leave`, or until the room says that it is over."""
        self.tasks = tasks
        loop = asyncio.get_running_loop()
        since, tries, why = loop.time(), 0, "it does not answer"
        while not self._over.is_set():
            try:
                async with open_socket(self.address.server) as socket:
                    session = self.session = JanusSession(socket, self._secret)
                    beside = [
                        tasks.create_task(self._sit_down(session), name="seat"),
                        tasks.create_task(session.keep_alive(), name="keep-alive"),
                    ]
                    try:
                        await session.read()
                    finally:
                        for task in beside:
                            task.cancel()
                        await asyncio.wait(beside)
                        await self.hang_up()
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                why = str(error) or type(error).__name__
            if self._over.is_set():
                return
            if self._handle is not None:
                self._handle, since, tries = None, loop.time(), 0
                self.happened.put_nowait(SignallingLost())
            if loop.time() - since > (BACK_WITHIN_S if self._entered.is_set() else FIRST_WITHIN_S):
                detail = f"the Janus server at {self.address.server} can't be reached: {why}"
                self._refuse(EndReason.MEETING_UNREACHABLE, detail)
                return
            await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
            tries += 1

    async def entered(self) -> None:
        """Wait for a seat. Raises `MeetingRefused`."""
        await self._entered.wait()
        if self._refused is not None:
            raise self._refused

    async def send(self, handle: Handle, body: dict[str, Any], hear: Callable[[Pcm], None]) -> None:
        """Offer the bot's sound with a message. hear: gets what comes back on the same connection."""
        peer = self._peer = self.new_peer(hear, lambda state: None)
        answer = await handle.ask(body, await peer.offer())
        if answer.jsep is None or "opus" not in answer.jsep["sdp"].lower():
            self._refuse(EndReason.MEETING_UNREACHABLE, "the room takes no Opus; its settings must allow it")
        else:
            await peer.accept(answer.jsep)

    async def _sit_down(self, session: JanusSession) -> None:
        try:
            await session.begin()
            handle = await session.attach(self.plugin, self._news)
            await self.sit_down(handle)
        except JanusRefused as refusal:
            known = {WRONG_SECRET: EndReason.MEETING_LOCKED, **self.refusals}
            reason = known.get(refusal.code, EndReason.MEETING_UNREACHABLE)
            self._refuse(reason, f"the Janus server says: {refusal}")
        except JanusLost:
            await session.close()
        else:
            self._handle = handle
            if self._entered.is_set() and not self._over.is_set():
                self.happened.put_nowait(SignallingBack())
            self._entered.set()

    def _refuse(self, reason: EndReason, detail: str) -> None:
        """End it: the join fails, or the bot has lost its seat for good."""
        if not self._entered.is_set():
            self._refused = MeetingRefused(reason.value, detail)
        elif reason is EndReason.MEETING_NOT_FOUND:
            reason = EndReason.MEETING_ENDED  # it was there
        elif reason is EndReason.MEETING_UNREACHABLE:
            reason = EndReason.CONNECTION_LOST
        log.warning("janus_refused", reason=reason.value, detail=detail)
        self.end(reason)

    def end(self, reason: EndReason | None) -> bool:
        """Have no seat any more; return whether there was one until now."""
        if self._over.is_set():
            return False
        self._over.set()
        if reason is not None and self._refused is None:
            self.happened.put_nowait(Removed(reason.value))
        self.happened.put_nowait(None)
        self._entered.set()
        if reason is not None:
            self.spawn(self.hang_up())
        return True

    async def hang_up(self) -> None:
        """Close all that is open to the server."""
        for watcher in self._watchers:
            watcher.cancel()
        own, self._peer = self._peer, None
        async with asyncio.TaskGroup() as closing:
            if self.session is not None:
                closing.create_task(self.session.close())
            for peer in (*self.hung_up(), *([] if own is None else [own])):
                closing.create_task(peer.close())

    def _news(self, kind: str, frame: dict[str, Any]) -> None:
        if self._over.is_set():
            return
        if kind in {"hangup", "detached"}:
            log.warning("janus_media_lost", why=frame.get("reason"))
            assert self.session is not None
            self.spawn(self.session.close())  # and a seat is taken anew
        self.told(frame.get("plugindata", {}).get("data", {}))

    def new_peer(
        self, hear: Callable[[Pcm], None], changed: Callable[[str], None], *, receive_only: bool = False
    ) -> Peer:
        """Return a connection that is closed with the seat, if it is told of by `hung_up`."""
        broken: Callable[[Exception], None] = lambda error: self.spawn(_raise(error))  # noqa: E731
        return Peer([], hear=hear, changed=changed, broken=broken, receive_only=receive_only)

    async def measure(self) -> None:
        """Ask for the round trip now and then."""
        while True:
            await asyncio.sleep(MEASURE_S)
            if self._peer is not None and self._peer.connected:
                self._round_trip_ms = await self._peer.round_trip_ms()

    def spawn(self, work: Coroutine[Any, Any, None], *, watches: bool = False) -> None:
        """Run `work` beside the call. watches: it waits for something, and need not be waited for at the end."""
        assert self.tasks is not None
        task = self.tasks.create_task(work)
        if watches:
            self._watchers.add(task)
            task.add_done_callback(self._watchers.discard)


async def _raise(error: Exception) -> None:
    raise error


S = TypeVar("S", bound=JanusSeat)


@asynccontextmanager
async def taken(seat: S) -> AsyncIterator[S]:
    """Take a seat for as long as the block runs; leave on the way out. Raises `MeetingRefused`."""
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(seat.run(tasks), name="janus")
        try:
            await seat.entered()
            measuring = tasks.create_task(seat.measure(), name="round-trip")
            yield seat
            measuring.cancel()
        finally:
            await seat.leave()
            keeping.cancel()
