"""One seat in a VideoRoom of Janus: a publisher's handle for the bot, a subscriber's for everybody who sends sound.

The plugin: https://janus.conf.meetecho.com/docs/videoroom.html. Sound goes through the server, so when the way to it
breaks everything does, and the bot takes its seat anew.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import websockets
from pydantic import SecretStr

from audio import Pcm
from bot.errors import MeetingRefused
from bot.interview import Role
from bot.platforms import (
    NAMED,
    Ear,
    MediaFailed,
    MeetingEvent,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Removed,
    SignallingBack,
    SignallingLost,
)
from bot.platforms.janus import JanusAddress
from bot.platforms.janus.session import Handle, JanusLost, JanusRefused, JanusSession, open_socket
from bot.platforms.opus import OpusEncoder
from bot.platforms.peer import Peer, next_stamp
from bot.pulse import Progress
from bot.spec import BotSpec, Mode
from bot.state import EndReason

log = structlog.get_logger(__name__)

PLUGIN = "janus.plugin.videoroom"
FIRST_WITHIN_S = 5.0  # how long a server that can't be reached is tried before the first seat
BACK_WITHIN_S = 20.0  # and how long after a seat was lost
BACK_OFF_S = (0.1, 0.3, 1.0, 2.0)
MEDIA_WITHIN_S = 15.0
LEAVE_WITHIN_S = 1.0
MEASURE_S = 2.0
# Of the plugin, and 403 of the server itself (its API secret).
REFUSALS = {
    426: EndReason.MEETING_NOT_FOUND,
    432: EndReason.MEETING_FULL,
    433: EndReason.MEETING_LOCKED,
    403: EndReason.MEETING_LOCKED,
}


@dataclass(slots=True)
class _Feed:
    """What somebody sends, by the id that the room gave it."""

    participant: Participant
    peer: Peer | None = None
    handle: Handle | None = None
    announced: bool = False


class VideoRoomConnection:
    """One seat; a `MeetingConnection`, made by `join_videoroom`."""

    def __init__(
        self, address: JanusAddress, name: str, *, secret: SecretStr | None, ear: Ear, role_of: Callable[[str], Role]
    ) -> None:
        self._address, self._name, self._secret, self._ear, self._role_of = address, name, secret, ear, role_of
        self._pin = {} if address.pin is None else {"pin": address.pin}
        self._events: asyncio.Queue[MeetingEvent | None] = asyncio.Queue()
        self._feeds: dict[int | str, _Feed] = {}
        self._known: dict[str, Participant] = {}  # everybody who was ever heard, by name
        self._session: JanusSession | None = None
        self._publisher: Handle | None = None
        self._private_id: int | None = None
        self._peer: Peer | None = None
        self._encoder = OpusEncoder()
        self._stamp: int | None = None
        self._entered = asyncio.Event()
        self._refused: MeetingRefused | None = None
        self._over = False
        self._tasks: asyncio.TaskGroup | None = None
        self._watchers: set[asyncio.Task[None]] = set()
        self._round_trip_ms: float | None = None

    # ---- MeetingConnection ----------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self._events.get()) is not None:
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
        session, publisher = self._session, self._publisher
        if not self._end(None):
            return
        if session is not None:
            try:
                async with asyncio.timeout(LEAVE_WITHIN_S):
                    if publisher is not None:
                        await publisher.ask({"request": "leave"})
            except (JanusLost, JanusRefused, TimeoutError) as error:
                log.info("left_without_goodbye", error=str(error))
        await self._hang_up()

    # ---- the seat ---------------------------------------------------------------------------------------------------

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Keep the seat until `leave`, or until the room says that it is over."""
        self._tasks = tasks
        loop = asyncio.get_running_loop()
        since, tries, why = loop.time(), 0, "it does not answer"
        while not self._over:
            try:
                async with open_socket(self._address.server) as socket:
                    session = self._session = JanusSession(socket, self._secret)
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
                        await self._hang_up()
                    if self._publisher is not None:  # it had a seat
                        since, tries = loop.time(), 0
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                why = str(error) or type(error).__name__
            if self._over:
                return
            if self._publisher is not None:
                self._publisher = None
                self._events.put_nowait(SignallingLost())
            if loop.time() - since > (BACK_WITHIN_S if self._entered.is_set() else FIRST_WITHIN_S):
                detail = f"the Janus server at {self._address.server} can't be reached: {why}"
                self._refuse(EndReason.MEETING_UNREACHABLE, detail)
                return
            await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
            tries += 1

    async def entered(self) -> None:
        """Wait for a seat. Raises `MeetingRefused`."""
        await self._entered.wait()
        if self._refused is not None:
            raise self._refused

    async def _sit_down(self, session: JanusSession) -> None:
        try:
            await session.begin()
            publisher = await session.attach(PLUGIN, self._news)
            who = {"ptype": "publisher", "display": self._name, **self._pin}
            joined = await publisher.ask({"request": "join", "room": self._address.room, **who})
            self._private_id = joined.data.get("private_id")
            for feed_id in set(self._feeds) - {each["id"] for each in joined.data.get("publishers", ())}:
                self._part(feed_id, dropped=True)  # while the bot had no seat
            self._published(joined.data)
            peer = self._peer = self._new_peer(lambda pcm: None, lambda state: None)
            published = await publisher.ask({"request": "publish", "audiocodec": "opus"}, await peer.offer())
            if published.jsep is None or "opus" not in published.jsep["sdp"].lower():
                self._refuse(EndReason.MEETING_UNREACHABLE, "the room takes no Opus; its setting audiocodec must")
                return
            await peer.accept(published.jsep)
        except JanusRefused as refusal:
            self._refuse(REFUSALS.get(refusal.code, EndReason.MEETING_UNREACHABLE), f"the Janus server says: {refusal}")
        except JanusLost:
            await session.close()
        else:
            self._publisher = publisher
            if self._entered.is_set():
                self._events.put_nowait(SignallingBack())
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
        self._end(reason)

    def _end(self, reason: EndReason | None) -> bool:
        """Have no seat any more; return whether there was one until now."""
        if self._over:
            return False
        self._over = True
        if reason is not None and self._refused is None:
            self._events.put_nowait(Removed(reason.value))
        self._events.put_nowait(None)
        self._entered.set()
        if reason is not None:
            self._spawn(self._hang_up())
        return True

    async def _hang_up(self) -> None:
        """Close all that is open to the server."""
        for watcher in self._watchers:
            watcher.cancel()
        peers = [self._peer, *(feed.peer for feed in self._feeds.values())]
        self._peer = None
        for feed in self._feeds.values():
            feed.peer = feed.handle = None
        async with asyncio.TaskGroup() as closing:
            if self._session is not None:
                closing.create_task(self._session.close())
            for peer in peers:
                if peer is not None:
                    closing.create_task(peer.close())

    # ---- what the room tells ----------------------------------------------------------------------------------------

    def _news(self, kind: str, frame: dict[str, Any]) -> None:
        if kind in {"hangup", "detached"} and not self._over:
            log.warning("janus_media_lost", why=frame.get("reason"))
            assert self._session is not None
            self._spawn(self._session.close())  # and a seat is taken anew
        data = frame.get("plugindata", {}).get("data", {})
        if data.get("videoroom") == "destroyed":
            self._end(EndReason.MEETING_ENDED)
        elif data.get("leaving") == "ok":
            self._end(EndReason.REMOVED_FROM_MEETING)  # nobody asked to leave but who ended it before
        elif "leaving" in data:
            self._part(data["leaving"], dropped=False)
        elif "unpublished" in data and data["unpublished"] != "ok":
            self._part(data["unpublished"], dropped=True)  # who leaves in order is told of by "leaving" alone
        elif "publishers" in data:
            self._published(data)

    def _published(self, data: dict[str, Any]) -> None:
        for each in data.get("publishers", ()):
            mids = [s["mid"] for s in each.get("streams", ()) if s["type"] == "audio" and not s.get("disabled")]
            feed = self._feeds.get(each["id"])
            if not mids or (feed is not None and feed.peer is not None):
                continue
            if feed is None:
                feed = self._feeds[each["id"]] = _Feed(self._who(each["id"], str(each.get("display") or "")))
            self._spawn(self._subscribe(each["id"], feed, mids))

    def _who(self, feed_id: int | str, name: str) -> Participant:
        """Return who has come: the one of that name who was here before and isn't now, or somebody new."""
        here = {feed.participant.id for feed in self._feeds.values()}
        before = self._known.get(name) if name else None
        if before is not None and before.id not in here:
            return before
        shown = name or f"Participant {len(self._known) + 1}"
        return Participant(str(feed_id), shown, self._role_of(name))

    def _part(self, feed_id: int | str, *, dropped: bool) -> None:
        if (feed := self._feeds.pop(feed_id, None)) is None:
            return
        if feed.announced:
            self._events.put_nowait(ParticipantLeft(feed.participant, dropped=dropped))
        self._spawn(self._unsubscribe(feed))

    # ---- media ----------------------------------------------------------------------------------------------------

    async def _subscribe(self, feed_id: int | str, feed: _Feed, mids: list[str]) -> None:
        session = self._session
        assert session is not None
        peer = feed.peer = self._new_peer(
            lambda pcm: self._ear(feed.participant, pcm), lambda state: self._changed(feed, state), receive_only=True
        )
        self._spawn(self._expect_media(feed, peer), watches=True)
        streams = [{"feed": feed_id, "mid": mid} for mid in mids]
        wanted = {"ptype": "subscriber", "private_id": self._private_id, "streams": streams, **self._pin}
        try:
            feed.handle = await session.attach(PLUGIN, lambda kind, frame: None)
            offered = await feed.handle.ask({"request": "join", "room": self._address.room, **wanted})
            assert offered.jsep is not None, "a subscription comes with an offer"
            await feed.handle.ask({"request": "start"}, await peer.answer(offered.jsep))
        except JanusRefused as refusal:  # gone by now, or it shows in `MediaFailed`
            log.info("janus_subscription_refused", error=str(refusal))
        except JanusLost:
            pass  # `run` takes a seat anew

    async def _unsubscribe(self, feed: _Feed) -> None:
        if feed.peer is not None:
            await feed.peer.close()
        if feed.handle is not None:
            try:
                await feed.handle.detach()
            except (JanusRefused, JanusLost) as error:
                log.debug("janus_detach_failed", error=str(error))

    def _changed(self, feed: _Feed, state: str) -> None:
        log.debug("janus_feed", participant=feed.participant.id, state=state)
        if state == "connected" and not feed.announced:
            feed.announced = True
            again = feed.participant in self._known.values()
            self._known[feed.participant.name] = feed.participant
            self._events.put_nowait(ParticipantJoined(feed.participant, again=again))

    async def _expect_media(self, feed: _Feed, peer: Peer) -> None:
        await asyncio.sleep(MEDIA_WITHIN_S)
        if feed.peer is peer and not peer.connected:
            self._events.put_nowait(MediaFailed(feed.participant))

    def _new_peer(
        self, hear: Callable[[Pcm], None], changed: Callable[[str], None], *, receive_only: bool = False
    ) -> Peer:
        return Peer(
            [],
            hear=hear,
            changed=changed,
            broken=lambda error: self._spawn(_raise(error)),
            receive_only=receive_only,
        )

    async def measure(self) -> None:
        """Ask for the round trip now and then."""
        while True:
            await asyncio.sleep(MEASURE_S)
            if self._peer is not None and self._peer.connected:
                self._round_trip_ms = await self._peer.round_trip_ms()

    def _spawn(self, work: Coroutine[Any, Any, None], *, watches: bool = False) -> None:
        """Run `work` beside the call. watches: it waits for something, and need not be waited for at the end."""
        assert self._tasks is not None
        task = self._tasks.create_task(work)
        if watches:
            self._watchers.add(task)
            task.add_done_callback(self._watchers.discard)


async def _raise(error: Exception) -> None:
    raise error


@asynccontextmanager
async def join_videoroom(address: JanusAddress, spec: BotSpec, *, ear: Ear) -> AsyncIterator[VideoRoomConnection]:
    """Take a seat in a room for as long as the block runs; leave on the way out. Raises `MeetingRefused`."""
    secret = None if spec.meeting is None else spec.meeting.secret
    connection = VideoRoomConnection(
        address, NAMED.format(name=spec.name), secret=secret, ear=ear, role_of=lambda name: _role(spec, name)
    )
    async with asyncio.TaskGroup() as tasks:
        seat = tasks.create_task(connection.run(tasks), name="janus")
        try:
            await connection.entered()
            measuring = tasks.create_task(connection.measure(), name="round-trip")
            yield connection
            measuring.cancel()
        finally:
            await connection.leave()
            seat.cancel()


def _role(spec: BotSpec, name: str) -> Role:
    """Alone with the bot, whoever speaks is the other side; where people lead, the candidate is who bears the name."""
    is_candidate = spec.mode is Mode.SOLO or name.strip().casefold() == spec.candidate_name.strip().casefold()
    return Role.CANDIDATE if is_candidate else Role.INTERVIEWER
