"""Somebody in a room of Janus: a WebRTC client on plain aiortc that shares no code with the bot's."""

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from audio import SAMPLE_RATE, VOICE_RATE, Pcm
from bot.platforms import FRAME
from tests.guards import HANG_S, connect

VIDEOROOM, AUDIOBRIDGE = "janus.plugin.videoroom", "janus.plugin.audiobridge"
MIXED = "everybody"  # whose voice comes of an AudioBridge


class Microphone(MediaStreamTrack):
    """Sends what it is given, frame by frame on the clock, and silence where there is nothing."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.frames: deque[Pcm] = deque()
        self._number, self._due = 0, 0.0

    async def recv(self) -> AudioFrame:
        loop = asyncio.get_running_loop()
        self._due = max(self._due + 0.02, loop.time() - 0.1)
        await asyncio.sleep(max(0.0, self._due - loop.time()))
        pcm = self.frames.popleft() if self.frames else np.zeros(FRAME, np.int16)
        frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = VOICE_RATE, self._number * FRAME, Fraction(1, VOICE_RATE)
        self._number += 1
        return frame


@dataclass
class JanusGuest:
    """heard: what came of everybody else, by the name they show, at 16 kHz, with when it came."""

    socket: ClientConnection
    secret: str
    room: int
    heard: dict[str, list[tuple[float, Pcm]]] = field(default_factory=dict)
    here: dict[int, str] = field(default_factory=dict)  # names by feed
    microphone: Microphone = field(default_factory=Microphone)
    id: int = 0
    _session: int | None = None
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _asked: dict[str, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict)
    _peers: list[RTCPeerConnection] = field(default_factory=list)
    mixed: bool = False
    _handle: int = 0
    _receiving: bool = False  # the server says that it gets sound
    _tasks: asyncio.TaskGroup | None = None
    _beside: list["asyncio.Task[None]"] = field(default_factory=list)
    _gathering: asyncio.Lock = field(default_factory=asyncio.Lock)

    def say(self, pcm: Pcm) -> None:
        """Send sound at `VOICE_RATE` from now on."""
        for at in range(0, len(pcm), FRAME):
            self.microphone.frames.append(np.pad(pcm[at : at + FRAME], (0, max(0, at + FRAME - len(pcm)))))

    @property
    def sends(self) -> bool:
        return self._receiving

    async def kick(self, name: str) -> None:
        [feed] = [feed for feed, other in self.here.items() if other == name]
        await self._message(self._handle, {"request": "kick", "room": self.room, "id": feed})

    async def destroy(self) -> None:
        await self._message(self._handle, {"request": "destroy", "room": self.room})

    async def leave(self) -> None:
        await self._message(self._handle, {"request": "leave"})

    def vanish(self) -> None:
        """Be gone as by a pulled plug, as far as the server can tell: the socket breaks off."""
        self.socket.transport.abort()

    async def lose_media(self) -> None:
        await self._peers[0].close()

    # ---- the API --------------------------------------------------------------------------------------------------

    async def enter(self, name: str, pin: str | None = None) -> None:
        self._session = (await self._request("create"))["data"]["id"]
        self._handle = (await self._request("attach", plugin=AUDIOBRIDGE if self.mixed else VIDEOROOM))["data"]["id"]
        wanted = {"request": "join", "room": self.room, "display": name}
        wanted |= {} if self.mixed else {"ptype": "publisher"}
        joined = await self._message(self._handle, wanted | ({} if pin is None else {"pin": pin}))
        self.id = joined["plugindata"]["data"]["id"]
        peer = self._peer()
        peer.addTrack(self.microphone)
        await peer.setLocalDescription(await peer.createOffer())
        jsep = {"type": "offer", "sdp": peer.localDescription.sdp}
        tracks: list[MediaStreamTrack] = []
        peer.on("track", lambda track: tracks.append(track))
        offer = {"request": "configure", "muted": False} if self.mixed else {"request": "publish"}
        answer = (await self._message(self._handle, offer, jsep=jsep))["jsep"]
        await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        self._meet(joined["plugindata"]["data"])
        if self.mixed:
            assert self._tasks is not None
            self._beside.append(self._tasks.create_task(self._listen(tracks[0], MIXED)))

    async def read(self) -> None:
        try:
            async for text in self.socket:
                frame = json.loads(text)
                answered = self._asked.get(frame.get("transaction", ""))
                if answered is not None and frame["janus"] != "ack" and not answered.done():
                    answered.set_result(frame)
                data = frame.get("plugindata", {}).get("data", {})
                self._receiving = self._receiving or bool(frame["janus"] == "media" and frame["receiving"])
                if frame["janus"] == "event" and answered is None:
                    self._meet(data)
                    self.here.pop(data.get("leaving") or data.get("unpublished"), None)
        except ConnectionClosed:
            pass

    def _meet(self, data: dict[str, Any]) -> None:
        assert self._tasks is not None
        for each in data.get("participants", ()):
            if each.get("setup"):
                self.here[each["id"]] = each.get("display", "")
        for each in data.get("publishers", ()):
            if each["id"] not in self.here:
                self.here[each["id"]] = each.get("display", "")
                self._beside.append(self._tasks.create_task(self._subscribe(each["id"], each.get("display", ""))))

    async def _subscribe(self, feed: int, name: str) -> None:
        with contextlib.suppress(ConnectionClosed):  # the server is gone, as `read` finds too
            handle = (await self._request("attach", plugin=VIDEOROOM))["data"]["id"]
            wanted = {"request": "join", "ptype": "subscriber", "room": self.room, "streams": [{"feed": feed}]}
            offer = (await self._request("message", handle_id=handle, body=wanted)).get("jsep")
            if offer is None:
                return  # gone by now
            peer, tracks = self._peer(), list[MediaStreamTrack]()
            peer.on("track", lambda track: tracks.append(track))
            await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
            async with self._gathering:
                await peer.setLocalDescription(await peer.createAnswer())
            await self._message(handle, {"request": "start"}, jsep={"type": "answer", "sdp": peer.localDescription.sdp})
            await self._listen(tracks[0], name)

    async def _listen(self, track: MediaStreamTrack, name: str) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        heard = self.heard.setdefault(name, [])
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, AudioFrame)
            frame.pts = None
            now = asyncio.get_running_loop().time()
            heard += [(now, piece.to_ndarray().reshape(-1)) for piece in resampler.resample(frame)]

    def _peer(self) -> RTCPeerConnection:
        self._peers.append(RTCPeerConnection(RTCConfiguration(iceServers=[])))
        return self._peers[-1]

    async def _message(self, handle: int, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        frame = await self._request("message", handle_id=handle, body=body, **more)
        data = frame["plugindata"]["data"]
        assert "error_code" not in data, data
        return frame

    async def _request(self, what: str, **more: Any) -> dict[str, Any]:
        transaction = f"guest-{next(self._numbers)}"
        session = {} if self._session is None else {"session_id": self._session}
        answered = self._asked[transaction] = asyncio.get_running_loop().create_future()
        frame = {"janus": what, "transaction": transaction, "apisecret": self.secret, **session, **more}
        await self.socket.send(json.dumps(frame))
        async with asyncio.timeout(HANG_S):
            frame = await answered
        assert frame["janus"] != "error", frame
        return frame

    async def close(self) -> None:
        async with self._gathering:  # to its end: what aioice has opened by then it would never close
            for task in self._beside:
                task.cancel()
        async with asyncio.TaskGroup() as closing:
            for peer in self._peers:
                closing.create_task(peer.close())


@asynccontextmanager
async def janus_guest(
    server: str, secret: str, room: int, name: str, *, pin: str | None = None, mixed: bool = False
) -> AsyncIterator[JanusGuest]:
    """Be in a room as `name` for as long as the block runs."""
    async with connect(server, subprotocols=[Subprotocol("janus-protocol")]) as socket, asyncio.TaskGroup() as tasks:
        guest = JanusGuest(socket, secret, room, mixed=mixed, _tasks=tasks)
        reading = tasks.create_task(guest.read())
        try:
            await guest.enter(name, pin)
            yield guest
        finally:
            await guest.close()
            reading.cancel()
