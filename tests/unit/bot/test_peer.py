"""Packets in order, whatever the network did to them; sockets closed, whenever the end comes."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from pathlib import Path

import aioice.ice
import numpy as np
import pytest
from aiortc.exceptions import InvalidStateError
from aiortc.rtp import RtpPacket

from audio import VOICE_RATE
from bot.platforms import FRAME
from bot.platforms.opus import OpusDecoder, OpusEncoder
from bot.platforms.peer import CALM, REORDER_WINDOW, PacketOrder, Peer, next_stamp


@dataclass
class Listener:
    heard: list[int]

    def packet(self, number: int) -> RtpPacket:
        packet = RtpPacket(sequence_number=number & 0xFFFF)
        packet.payload = (number & 0xFFFF).to_bytes(2, "big")
        return packet

    def deliver(self, payload: bytes) -> None:
        self.heard.append(int.from_bytes(payload, "big"))


def ordered(numbers: list[int]) -> list[int]:
    listener = Listener([])
    order = PacketOrder(listener.deliver)
    for number in numbers:
        order.add(listener.packet(number))
    return listener.heard


def test_packets_in_order_go_straight_through() -> None:
    assert ordered([5, 6, 7]) == [5, 6, 7]


def test_a_late_packet_is_waited_for_and_a_lost_one_is_not() -> None:
    assert ordered([1, 3, 2, 4]) == [1, 2, 3, 4]
    assert ordered([1, 3, 4, 5, 6, 7, 8]) == [1, 3, 4, 5, 6, 7, 8]


def test_duplicates_and_stragglers_are_dropped() -> None:
    assert ordered([1, 2, 2, 1, 3]) == [1, 2, 3]


def shuffled(rng: random.Random, count: int, jitter: float) -> list[int]:
    """Return numbers in the order they come, each later than it was sent by chance, up to `jitter` places."""
    arrivals = sorted((number + rng.uniform(0, jitter), number) for number in range(count))
    return [number for _, number in arrivals]


def test_on_a_path_that_shuffles_packets_nearly_all_are_waited_for() -> None:
    rng = random.Random(4)
    heard = ordered(shuffled(rng, 2000, jitter=10))  # 200 ms
    assert heard == sorted(heard)
    assert len(heard) >= 0.98 * 2000


def test_after_a_while_in_order_a_lost_packet_is_not_waited_for_so_long() -> None:
    listener = Listener([])
    order = PacketOrder(listener.deliver)
    calm = 20 * CALM
    for number in [*shuffled(random.Random(4), 1000, jitter=10), *range(1000, 1000 + calm)]:
        order.add(listener.packet(number))
    lost = 1000 + calm
    for number in range(lost + 1, lost + 1 + REORDER_WINDOW):
        order.add(listener.packet(number))
    assert listener.heard[-1] == (lost - 1) & 0xFFFF
    order.add(listener.packet(lost + 1 + REORDER_WINDOW))
    assert listener.heard[-1] == (lost + 1 + REORDER_WINDOW) & 0xFFFF


def test_numbers_wrap_around() -> None:
    assert ordered([65534, 65535, 65537, 65536, 65538]) == [65534, 65535, 0, 1, 2]


def test_a_sender_that_begins_anew_is_followed() -> None:
    assert ordered([1, 2, 30_000, 30_001]) == [1, 2, 30_000, 30_001]
    assert ordered([40_000, 40_001, 20_000, 20_001, 20_002]) == [40_000, 40_001, 20_001, 20_002]


def test_one_packet_from_far_back_begins_nothing() -> None:
    assert ordered([40_000, 20_000, 40_001, 20_001, 40_002]) == [40_000, 40_001, 40_002]


def test_the_rtp_clock_runs_on_through_jitter_and_jumps_over_silence() -> None:
    first = next_stamp(10.0, None)
    assert next_stamp(10.035, first) == first + 960
    later = next_stamp(15.0, first)
    assert later - first == pytest.approx(5 * 48_000, abs=960)


def test_speech_survives_the_codec_at_its_own_rate() -> None:
    at = np.arange(FRAME * 50) / VOICE_RATE
    sound = (8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
    encoder, decoder = OpusEncoder(), OpusDecoder()
    payloads = [p for i in range(50) for p in encoder.encode(sound[i * FRAME : (i + 1) * FRAME])]
    heard = np.concatenate([decoder.decode(payload) for payload in payloads])
    assert len(heard) == pytest.approx(16_000, rel=0.02)
    assert np.argmax(np.abs(np.fft.rfft(heard))) * 16_000 / len(heard) == pytest.approx(440, abs=2)
    assert len(decoder.decode(b"\xff\xfe not opus")) >= 0


@pytest.mark.parametrize("cancelled", [True, False])
async def test_whenever_an_offer_is_cut_short_no_socket_stays_open(
    cancelled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1", "127.0.0.1"])
    before, most = open_sockets(), 0
    for steps in range(12):
        peer = Peer([], hear=lambda pcm: None, changed=lambda state: None, broken=lambda error: None)
        async with asyncio.TaskGroup() as tasks:
            offering = tasks.create_task(offered(peer))
            for _ in range(steps):
                await asyncio.sleep(0)
            most = max(most, len(open_sockets() - before))
            if cancelled:
                offering.cancel()
            await peer.close()
    await asyncio.sleep(0)
    assert most == 2, "none was cut short with sockets open"
    assert open_sockets() == before


async def offered(peer: Peer) -> None:
    with contextlib.suppress(InvalidStateError):  # closed before it began
        await peer.offer()


def open_sockets() -> set[str]:
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found.add(str(each.readlink()))
    return {each for each in found if each.startswith("socket:")}
