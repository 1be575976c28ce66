"""One WebRTC peer connection for voice, on aiortc.

Two things differ from aiortc as it comes, both for latency: received packets are put in order and decoded at once
(`PacketOrder` takes the place of the jitter buffer, which holds 4 frames back; a recogniser needs order, not
smoothness), and frames to send are handed over as finished Opus packets. Nothing is sent while there is nothing to say.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtp import RtpPacket
from aiortc.sdp import candidate_from_sdp
from av.packet import Packet

from audio import Pcm
from bot.platforms.opus import RTP_FRAME, RTP_TIME_BASE, OpusDecoder

CLOSE_DEADLINE_S = 2.0
REORDER_WINDOW = 4  # packets to wait for a late one before going on without it
WIDEST_WINDOW = 16  # where they come later than that; a third of a second
MISORDERED = 100  # packets; a number further off is of another count (RFC 3550, A.1)
CALM = 250  # packets, five seconds: none came too late for so long, so one less is waited for


class PacketOrder:
    """Puts RTP packets in order and hands each payload on as soon as it may go (RFC 3550, sequence numbers mod 2^16).

    Has the one method of aiortc's `JitterBuffer` that its receiver calls, and never returns a frame there: what it
    would decode on a thread of its own is decoded by `deliver` instead. On a path where packets come too late it waits
    longer for a missing one, as long as that lasts; what comes in order is never held back. A sender that began anew
    further back is known by its second packet.
    """

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self._deliver = deliver
        self._next: int | None = None
        self._early: dict[int, bytes] = {}
        self._follows: int | None = None  # the number after one from far back
        self._window, self._calm = REORDER_WINDOW, 0

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        sequence, payload = packet.sequence_number, packet.payload
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) & 0xFFFF
        if ahead >= 0x8000 and sequence != self._follows:  # late or a duplicate: its place has been passed
            far_back = 0x10000 - ahead > MISORDERED
            self._follows = (sequence + 1) & 0xFFFF if far_back else None
            self._widen(0x10000 - ahead)
            return False, None
        self._follows = None
        self._calm += 1
        if self._calm >= CALM:
            self._window, self._calm = max(REORDER_WINDOW, self._window - 1), 0
        if ahead > MISORDERED:  # the sender began anew
            self._early.clear()
            self._next = sequence
        self._early[sequence] = payload
        if len(self._early) > self._window:
            self._next = min(self._early, key=lambda number: (number - sequence + 0x8000) & 0xFFFF)
        while (ready := self._early.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            if ready:
                self._deliver(ready)
        return False, None

    def _widen(self, late_by: int) -> None:
        if late_by < WIDEST_WINDOW:
            self._window, self._calm = max(self._window, late_by + 1), 0


class VoiceTrack(MediaStreamTrack):
    """The outgoing track of one peer: packets as they are pushed, silence is not sent.

    Holds at most half a second; a peer that takes nothing loses the oldest.
    """

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[Packet[Any]] = deque(maxlen=25)
        self._ready = asyncio.Event()
        self.taken = 0  # packets, by whoever sends them

    def push(self, payload: bytes, stamp: int) -> None:
        """Queue one Opus payload. stamp: its place on the 48 kHz RTP clock."""
        packet = Packet(payload)
        packet.pts, packet.time_base = stamp, RTP_TIME_BASE
        self._packets.append(packet)
        self._ready.set()

    def flush(self) -> None:
        self._packets.clear()

    async def recv(self) -> "Packet[Any]":
        while not self._packets:
            self._ready.clear()
            await self._ready.wait()
        self.taken += 1
        return self._packets.popleft()

    @property
    def waiting(self) -> bool:
        """Whether a packet has not been taken yet."""
        return bool(self._packets)


class Peer:
    """One connection to one other party: negotiation, outgoing packets, incoming sound.

    hear: called with 16 kHz sound in order, on the event loop's thread.
    changed: called with aiortc's connection state whenever it moves. broken: called with what `hear` raised; aiortc
    would take it for a broken connection.
    """

    def __init__(
        self,
        ice_servers: list[dict[str, Any]],
        *,
        hear: Callable[[Pcm], None],
        changed: Callable[[str], None],
        broken: Callable[[Exception], None],
        receive_only: bool = False,
    ) -> None:
        # An explicit list, be it empty: with None aiortc asks a public STUN server and waits for it.
        servers = [
            RTCIceServer(urls=s["urls"], username=s.get("username"), credential=s.get("credential"))
            for s in ice_servers
        ]
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._hear, self._broken = hear, broken
        self._decoder = OpusDecoder()
        self.track = VoiceTrack()
        self._describing: asyncio.Task[None] | None = None
        self.last_heard: float | None = None
        self._transceiver = self._pc.addTransceiver(
            "audio" if receive_only else self.track, direction="recvonly" if receive_only else "sendrecv"
        )
        self._order_packets(self._transceiver.receiver, self._decode)
        self._pc.on("connectionstatechange", lambda: changed(self._pc.connectionState))

    @property
    def connected(self) -> bool:
        return bool(self._pc.connectionState == "connected")

    @property
    def sends(self) -> bool:
        """Whether it is connected and the other side takes sound."""
        return self.connected and self._transceiver.currentDirection in {"sendrecv", "sendonly"}

    @property
    def has_remote(self) -> bool:
        return self._pc.remoteDescription is not None

    async def offer(self) -> dict[str, str]:
        return await self._describe(await self._pc.createOffer())

    async def answer(self, offer: dict[str, str]) -> dict[str, str]:
        await self._pc.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
        for other in self._pc.getTransceivers():
            if other is not self._transceiver:  # video, a second voice: taken off the wire and never decoded
                self._order_packets(other.receiver, _ignore)
        return await self._describe(await self._pc.createAnswer())

    async def accept(self, answer: dict[str, str]) -> None:
        if self._pc.signalingState == "have-local-offer":
            await self._pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))

    async def add_candidate(self, candidate: dict[str, Any]) -> None:
        """Take one trickled candidate in the browsers' form; an empty one ends the list."""
        line = str(candidate.get("candidate") or "")
        if not line:
            await self._pc.addIceCandidate(None)
            return
        parsed = candidate_from_sdp(line.removeprefix("candidate:"))
        parsed.sdpMid, parsed.sdpMLineIndex = candidate.get("sdpMid"), candidate.get("sdpMLineIndex")
        await self._pc.addIceCandidate(parsed)

    async def round_trip_ms(self) -> float | None:
        """Round trip by RTCP receiver reports, or None before the first one."""
        for stat in (await self._transceiver.sender.getStats()).values():
            trip = getattr(stat, "roundTripTime", None)
            if trip is not None:
                return float(trip) * 1000
        return None

    async def close(self) -> None:
        """Close all sockets, also those of an offer or an answer that is being made meanwhile."""
        if self._describing is not None:
            await asyncio.wait([self._describing], timeout=CLOSE_DEADLINE_S)
            self._describing.cancel()  # by now it waits for a STUN or TURN server, its own sockets are open
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_DEADLINE_S):
                await self._pc.close()

    async def _describe(self, description: RTCSessionDescription) -> dict[str, str]:
        """Open sockets, and return the description with their addresses. Goes on when it is cancelled, until `close`.

        Because aioice 0.13 knows its sockets only when the last one is open, and what it does not know it never closes.
        """
        self._describing = asyncio.ensure_future(self._pc.setLocalDescription(description))  # noqa: TID251 - see `close`
        await asyncio.shield(self._describing)
        return {"type": self._pc.localDescription.type, "sdp": self._pc.localDescription.sdp}

    @staticmethod
    def _order_packets(receiver: RTCRtpReceiver, deliver: Callable[[bytes], None]) -> None:
        order = PacketOrder(deliver)
        receiver._RTCRtpReceiver__jitter_buffer = order  # type: ignore[attr-defined]  # because aiortc 1.16 has no public way

    def _decode(self, payload: bytes) -> None:
        self.last_heard = asyncio.get_running_loop().time()
        pcm = self._decoder.decode(payload)
        if not len(pcm):
            return
        try:
            self._hear(pcm)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not this connection's and must be seen
            self._broken(error)


def _ignore(payload: bytes) -> None:
    pass


def next_stamp(now_s: float, last: int | None) -> int:
    """Return the RTP stamp of a frame played at `now_s`: the next slot while sound runs on, the clock's after a gap."""
    by_clock = int(now_s * 50) * RTP_FRAME
    if last is None or by_clock - last > 10 * RTP_FRAME:
        return by_clock
    return last + RTP_FRAME
