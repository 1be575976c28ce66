"""The built-in room: signalling over a WebSocket, a small mesh of peer connections (protocol: `api/room`).

The newcomer offers to everyone already there. Whatever breaks, there is one way back: say hello again. Media between
two parties that still hear each other is kept, so the room's server may restart in the middle of a sentence.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
import websockets
from websockets.asyncio.client import ClientConnection, connect

from audio import Pcm
from bot.errors import LinkRefused, RoomUnavailable
from bot.interview import Role
from bot.platforms import (
    Control,
    Ear,
    MediaFailed,
    MeetingEvent,
    MicrophoneChanged,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Removed,
    SignallingBack,
    SignallingLost,
    Slept,
)
from bot.platforms.opus import OpusEncoder
from bot.platforms.peer import Peer, next_stamp
from bot.pulse import Progress
from bot.spec import BotSpec

log = structlog.get_logger(__name__)

FIRST_CONNECT_S = 15.0  # how long the room may be out of reach before a join is given up
BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
MEASURE_S = 2.0  # receiver reports come about once a second
MOST_EARLY = 64  # candidates kept for a description that has not come yet
MEDIA_WITHIN_S = 15.0  # from the first description to a connection; ICE that fails does so more slowly
GOODBYE_WITHIN_S = 0.5  # a media connection closed from afar is a drop unless signalling says good-bye by then
MEDIA_ALIVE_S = 2.0  # a party whose signalling is gone is still here while its sound comes in
FINAL_CODES = {4400, 4401, 4403, 4404, 4409, 4410}


@dataclass(slots=True)
class _Member:
    participant: Participant
    peer_id: str
    peer: Peer | None = None
    announced: bool = False
    microphone_works: bool = True
    gone: bool = False  # signalling said so; media may still tell otherwise
    early: list[dict[str, Any]] = field(default_factory=list)  # candidates that came before the description


class RoomConnection:
    """One seat in the built-in room; a `MeetingConnection`. Made by `join_room`.

    on_frame: sees every other frame of the room as it comes (captions, floor, ended), for those who show them.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ear: Ear,
        consented: bool,
        on_frame: Callable[[dict[str, Any]], None],
        patience_s: float,
        media_within_s: float,
    ) -> None:
        self._url, self._token, self._ear, self._consented, self._on_frame = url, token, ear, consented, on_frame
        self._patience_s, self._media_within_s = patience_s, media_within_s
        self._members: dict[str, _Member] = {}  # by participant id
        self._returning: set[str] = set()
        self._events: asyncio.Queue[MeetingEvent | None] = asyncio.Queue()
        self._socket: ClientConnection | None = None
        self._ice_servers: list[dict[str, Any]] = []
        self._claimed: list[str] = []  # participants named in the last hello as still heard
        self._encoder = OpusEncoder()
        self._stamp: int | None = None
        self._entered = asyncio.Event()
        self._refused: LinkRefused | None = None
        self._told: LinkRefused | None = None  # why the room is about to close this seat
        self._leaving = False
        self._tasks: asyncio.TaskGroup | None = None
        self._watchers: set[asyncio.Task[None]] = set()
        self._round_trip_ms: float | None = None
        self.welcome: dict[str, Any] = {}

    # ---- MeetingConnection ----------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    def play(self, pcm: Pcm) -> None:
        peers = [m.peer for m in self._members.values() if m.peer is not None and m.peer.connected]
        self._stamp = next_stamp(asyncio.get_running_loop().time(), self._stamp)
        for payload in self._encoder.encode(pcm):
            for peer in peers:
                peer.track.push(payload, self._stamp)

    async def leave(self) -> None:
        if self._leaving:
            return
        self._leaving = True
        if (socket := self._socket) is not None:
            await self._send({"type": "leave"})
            await socket.close()
        await self._close_peers()
        self._events.put_nowait(None)

    async def drop(self) -> None:
        """Break off as a lost network would: no goodbye."""
        self._leaving = True
        if self._socket is not None:
            self._socket.transport.abort()
        await self._close_peers()
        self._events.put_nowait(None)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send one frame of the room's protocol (a control, a level)."""
        await self._send(frame)

    def progress(self) -> list[Progress]:
        peers = [(member.participant.id, member.peer) for member in self._members.values() if member.peer is not None]
        return [Progress(f"the track to {id_}", p.track.taken, p.track.waiting) for id_, p in peers if p.sends]

    def round_trip_ms(self) -> float | None:
        return self._round_trip_ms

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_S)
            for member in list(self._members.values()):
                if member.peer is not None and member.peer.connected:
                    self._round_trip_ms = await member.peer.round_trip_ms()

    # ---- signalling -----------------------------------------------------------------------------------------------

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Keep the seat until `leave`, or until the room says that it is over."""
        self._tasks = tasks
        tries = 0
        started = asyncio.get_running_loop().time()
        while not self._leaving:
            try:
                async with connect(self._url, max_size=1 << 20, open_timeout=5, close_timeout=1) as socket:
                    self._socket = socket
                    self._claimed = self._live()
                    hello = {"token": self._token, "consented": self._consented, "peers": self._claimed}
                    await self._send({"type": "hello", **hello})
                    async for text in socket:
                        tries = 0
                        await self._take(text)
            except websockets.InvalidStatus as refusal:
                status = refusal.response.status_code
                if status < 500:
                    self._over(LinkRefused(f"http_{status}", f"the room answered {status} at {self._url}"))
                    return
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass  # gone; below decides whether to come back
            code = self._socket.close_code if self._socket is not None else None
            self._socket = None
            if self._leaving or self._refused is not None:
                return
            if code in FINAL_CODES:
                self._over(self._told or LinkRefused(str(code), f"the room closed this seat with code {code}"))
                return
            late = asyncio.get_running_loop().time() - started > self._patience_s
            if not self._entered.is_set() and late:
                self._over(None)
                return
            if self._entered.is_set() and tries == 0:
                self._events.put_nowait(SignallingLost())
            await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
            tries += 1

    async def entered(self) -> None:
        """Wait for the room's welcome. Raises `LinkRefused` or `RoomUnavailable`."""
        await self._entered.wait()
        if self._refused is not None:
            raise self._refused
        if not self.welcome:
            raise RoomUnavailable(f"no room answers at {self._url}; is the control plane running?")

    def _over(self, refused: LinkRefused | None) -> None:
        self._refused = refused
        if self._entered.is_set():
            self._events.put_nowait(Removed(refused.code if refused else "unavailable"))
        self._events.put_nowait(None)
        self._entered.set()

    def _live(self) -> list[str]:
        return [pid for pid, member in self._members.items() if member.peer is not None and member.peer.connected]

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            try:
                await self._socket.send(json.dumps(frame))
            except websockets.ConnectionClosed:
                log.debug("room_frame_dropped", type=frame.get("type"))

    async def _take(self, text: str | bytes) -> None:
        frame = json.loads(text)
        try:
            await self._handle(frame)
        except Exception as error:  # noqa: BLE001 - aiortc raises whatever a peer's text provokes, AssertionError included
            log.warning("room_frame_refused", type=frame.get("type"), error=repr(error))
            if frame.get("type") == "signal" and (member := self._by_peer_id(str(frame.get("from")))) is not None:
                self._lost(member, dropped=True)

    async def _handle(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "welcome":
                await self._welcomed(frame)
            case "peer-joined":
                member = self._meet(frame["peer"])
                if frame["peer"].get("live") and (member.peer is None or not member.peer.connected):
                    await self._offer(member)
            case "peer-left":
                self._parted(self._by_peer_id(frame["peer_id"]), dropped=bool(frame.get("dropped")))
            case "removed":
                self._parted(self._members.get(frame["participant_id"]), dropped=False)
            case "signal":
                await self._signal(frame["from"], frame["data"])
            case "control":
                if (sender := self._by_peer_id(frame["from"])) is not None:
                    self._events.put_nowait(Control(sender.participant, str(frame["control"])))
            case "muted":
                self._microphone(frame["peer_id"], works=not frame.get("lost"))
                self._on_frame(frame)
            case "slept":
                if (sender := self._by_peer_id(frame["peer_id"])) is not None:
                    self._events.put_nowait(Slept(sender.participant, int(frame["ms"])))
            case "error":  # whether it is final is for the close code to say
                self._told = LinkRefused(str(frame.get("code")), str(frame.get("detail")))
            case "replaced":
                self._told = LinkRefused("replaced", "this link was opened elsewhere; the newer one has the seat")
            case _:
                self._on_frame(frame)

    def _microphone(self, peer_id: str, *, works: bool) -> None:
        member = self._by_peer_id(peer_id)
        if member is not None and member.microphone_works is not works:
            member.microphone_works = works
            self._events.put_nowait(MicrophoneChanged(member.participant, works))

    async def _welcomed(self, frame: dict[str, Any]) -> None:
        self._ice_servers = frame.get("ice_servers") or []
        back = bool(self.welcome)
        self.welcome = frame
        self._entered.set()
        if back:
            self._events.put_nowait(SignallingBack())
        if frame.get("floor"):
            self._on_frame({"type": "floor", **frame["floor"]})
        present = {entry["participant_id"] for entry in frame["peers"]}
        removed = frame["interview"].get("removed") or ()
        for pid, member in list(self._members.items()):
            if pid not in present and (pid in removed or not member.gone):
                self._parted(member, dropped=pid not in removed)
        for entry in frame["peers"]:
            member = self._meet(entry)
            if member.participant.id not in self._claimed:
                await self._offer(member)

    def _meet(self, entry: dict[str, Any]) -> _Member:
        participant = Participant(
            entry["participant_id"], entry["name"], Role(entry["role"]), bool(entry.get("consented"))
        )
        member = self._members.get(participant.id)
        if member is None:
            member = self._members[participant.id] = _Member(participant, entry["peer_id"])
        member.participant, member.peer_id, member.gone = participant, entry["peer_id"], False
        member.early.clear()
        return member

    def _by_peer_id(self, peer_id: str) -> _Member | None:
        return next((m for m in self._members.values() if m.peer_id == peer_id), None)

    # ---- media ----------------------------------------------------------------------------------------------------

    async def _signal(self, peer_id: str, data: dict[str, Any]) -> None:
        member = self._by_peer_id(peer_id)
        if member is None:
            return
        if (description := data.get("sdp")) is not None:
            if description["type"] == "offer":
                await self._replace(member)
                assert member.peer is not None
                await self._send_signal(member, {"sdp": await member.peer.answer(description)})
            elif member.peer is not None:
                await member.peer.accept(description)
            early, member.early = member.early, []
            for candidate in early:
                await self._candidate(member, candidate)
        elif data.get("candidate") is not None:
            await self._candidate(member, data["candidate"])

    async def _candidate(self, member: _Member, candidate: dict[str, Any]) -> None:
        if member.peer is None or not member.peer.has_remote:
            member.early = [*member.early, candidate][:MOST_EARLY]
            return
        try:
            await member.peer.add_candidate(candidate)
        except (ValueError, AssertionError) as error:  # as aiortc's parser puts it
            log.warning("ice_candidate_refused", error=repr(error))

    async def _offer(self, member: _Member) -> None:
        await self._replace(member)
        assert member.peer is not None
        await self._send_signal(member, {"sdp": await member.peer.offer()})

    async def _send_signal(self, member: _Member, data: dict[str, Any]) -> None:
        await self._send({"type": "signal", "to": member.peer_id, "data": data})

    async def _replace(self, member: _Member) -> None:
        old, member.peer = member.peer, None
        if old is not None:
            if member.announced:
                # The same person, anew (a reload, a network change): gone and back, so that the listener starts afresh.
                member.announced = False
                self._returning.add(member.participant.id)
                self._events.put_nowait(ParticipantLeft(member.participant, dropped=True))
            self._spawn(old.close())
        self._spawn(self._expect_media(member), watches=True)
        peer: Peer
        peer = member.peer = Peer(
            self._ice_servers,
            hear=lambda pcm: self._ear(member.participant, pcm),
            changed=lambda state: self._changed(member, peer, state),
            broken=lambda error: self._spawn(_raise(error)),
            receive_only=self.welcome.get("role") == Role.OBSERVER,
        )

    def _changed(self, member: _Member, peer: Peer, state: str) -> None:
        if member.peer is not peer:
            return
        log.debug("peer_state", participant=member.participant.id, state=state)
        if state == "connected" and not member.announced:
            member.announced = True
            again = member.participant.id in self._returning
            self._returning.add(member.participant.id)
            self._events.put_nowait(ParticipantJoined(member.participant, again=again))
        elif state == "closed" and member.announced:
            self._spawn(self._part_unless_goodbye(member, peer), watches=True)
        elif state == "failed" and member.announced:
            self._lost(member, dropped=True)
        elif state == "failed":
            self._events.put_nowait(MediaFailed(member.participant))

    async def _expect_media(self, member: _Member) -> None:
        await asyncio.sleep(self._media_within_s)
        if not member.announced and not member.gone and member.peer is not None and not self._leaving:
            self._events.put_nowait(MediaFailed(member.participant))

    def _parted(self, member: _Member | None, *, dropped: bool) -> None:
        if member is None:
            return
        member.gone = True
        if dropped:
            self._spawn(self._part_if_silent(member), watches=True)
        else:
            self._lost(member, dropped=False)

    async def _part_unless_goodbye(self, member: _Member, peer: Peer) -> None:
        await asyncio.sleep(GOODBYE_WITHIN_S)
        if member.peer is peer and member.announced:
            self._lost(member, dropped=True)

    async def _part_if_silent(self, member: _Member) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        while member.gone and not self._leaving:
            await asyncio.sleep(0.25)
            connected = member.peer is not None and member.peer.connected
            heard = max(since, (member.peer.last_heard if member.peer is not None else None) or since)
            if not connected or loop.time() - heard > MEDIA_ALIVE_S:
                if member.gone:
                    self._lost(member, dropped=True)
                return

    def _lost(self, member: _Member, *, dropped: bool) -> None:
        peer, member.peer = member.peer, None
        if member.announced:
            member.announced = False
            self._events.put_nowait(ParticipantLeft(member.participant, dropped=dropped))
        if member.gone:
            self._members.pop(member.participant.id, None)
        if peer is not None:
            self._spawn(peer.close())

    def _spawn(self, work: Coroutine[Any, Any, None], *, watches: bool = False) -> None:
        """Run `work` beside the call. watches: it waits for something, and need not be waited for at the end."""
        if self._tasks is None or self._leaving:
            work.close()
            return
        task = self._tasks.create_task(work)
        if watches:
            self._watchers.add(task)
            task.add_done_callback(self._watchers.discard)

    async def _close_peers(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        peers = [m.peer for m in self._members.values() if m.peer is not None]
        self._members.clear()
        async with asyncio.TaskGroup() as closing:
            for peer in peers:
                closing.create_task(peer.close())


async def _raise(error: Exception) -> None:
    raise error


@asynccontextmanager
async def join_room(
    url: str,
    token: str,
    *,
    ear: Ear,
    consented: bool = False,
    on_frame: Callable[[dict[str, Any]], None] = lambda frame: None,
    patience_s: float = FIRST_CONNECT_S,
    media_within_s: float = MEDIA_WITHIN_S,
) -> AsyncIterator[RoomConnection]:
    """Take a seat in the room at `url` (ws:// or wss://) for as long as the block runs; leaves on the way out.

    patience_s: how long a room that does not answer is tried before the first welcome. media_within_s: how long sound
    may take to come once somebody is there, before `MediaFailed` says so.

    Raises `LinkRefused` when the room does not take the token, `RoomUnavailable` when no room answers.
    """
    connection = RoomConnection(
        url,
        token,
        ear=ear,
        consented=consented,
        on_frame=on_frame,
        patience_s=patience_s,
        media_within_s=media_within_s,
    )
    async with asyncio.TaskGroup() as tasks:
        seat = tasks.create_task(connection.run(tasks), name="room")
        try:
            await connection.entered()
            measure = tasks.create_task(connection._measure(), name="round-trip")
            yield connection
            measure.cancel()
        finally:
            await connection.leave()
            seat.cancel()


def join(spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]) -> AbstractAsyncContextManager[RoomConnection]:
    """Join the room of a bot's interview; see `MeetingPlatform`. Who holds a link waits for nobody to be let in."""
    return join_room(spec.room.url, spec.room.token.get_secret_value(), ear=ear)
