"""A bad network between a candidate and the bot, at the candidate's own socket: no rights are needed for it."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aioice.ice import StunProtocol


@contextmanager
def bad_path(rng: random.Random, *, loss: float, jitter_s: float) -> Iterator[None]:
    """Lose a share of every datagram that this process' calls send and get, and delay each by 0 to `jitter_s`.

    Packets pass each other, as they do on such a path. Reaches the peers of this process alone.
    """
    taken, sent = StunProtocol.datagram_received, StunProtocol.send_data

    def later(work: Any, *args: Any) -> None:
        if rng.random() >= loss:
            asyncio.get_running_loop().call_later(rng.uniform(0, jitter_s), work, *args)

    def take(self: StunProtocol, data: bytes, addr: tuple[Any, ...]) -> None:
        later(taken, self, data, addr)

    async def send(self: StunProtocol, data: bytes, addr: tuple[str, int]) -> None:
        later(_send, self, data, addr)

    StunProtocol.datagram_received, StunProtocol.send_data = take, send  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        StunProtocol.datagram_received, StunProtocol.send_data = taken, sent  # type: ignore[method-assign]


def _send(protocol: StunProtocol, data: bytes, addr: tuple[str, int]) -> None:
    if not protocol.transport.is_closing():
        protocol.transport.sendto(data, addr)
