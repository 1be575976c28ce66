"""Rooms of Janus, an open-source conference server (https://janus.conf.meetecho.com), joined over its WebSocket API.

An address is `janus+wss://HOST/janus?room=1234`: that of the server's WebSocket with `janus+` before it, and a room of
its VideoRoom; `bridge=1234` is one of its AudioBridge. `pin` gives the room's PIN. Only servers that the operator names
in `MEETING_SITES` are connected to.
"""

import importlib
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from bot.platforms import Ear, MeetingConnection
from bot.spec import BotSpec

SCHEMES = {"janus+ws": "ws", "janus+wss": "wss"}


@dataclass(frozen=True, slots=True)
class JanusAddress:
    """Where a room is. server: of the WebSocket. room: a number, unless the server names its rooms by strings.

    mixed: a room of the AudioBridge.
    """

    server: str
    room: int | str
    mixed: bool = False
    pin: str | None = field(default=None, repr=False)


def parse_address(address: SplitResult) -> JanusAddress | None:
    """Return what an address says, None for one that is no room's on a Janus server."""
    query = parse_qs(address.query)
    rooms, bridges, pins = (query.pop(name, []) for name in ("room", "bridge", "pin"))
    if address.scheme not in SCHEMES or address.username is not None or len(pins) > 1 or query:
        return None
    if len(rooms + bridges) != 1:
        return None
    [room] = rooms + bridges
    server = f"{SCHEMES[address.scheme]}://{address.netloc}{address.path}"
    return JanusAddress(server, int(room) if room.isdecimal() else room, bool(bridges), pins[0] if pins else None)


class JanusPlatform:
    """Rooms of Janus; a `MeetingPlatform`."""

    title = "rooms of Janus on a server named in MEETING_SITES"
    example = "janus+wss://janus.example.org/janus?room=1234"

    def takes(self, address: SplitResult, places: Collection[str]) -> bool:
        """Whether it is a room on one of the servers that the operator named."""
        parsed = parse_address(address)
        return parsed is not None and parsed.server in places

    @asynccontextmanager
    async def join(self, spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]) -> AsyncIterator[MeetingConnection]:
        """Join a bot's room; see `MeetingPlatform`. Nobody is asked to let it in. Raises `MeetingRefused`."""
        assert spec.meeting is not None
        address = parse_address(urlsplit(spec.meeting.url))
        assert address is not None, "checked by `takes`"
        seats = importlib.import_module("bot.platforms.janus.seats")
        async with seats.take(address, spec, ear) as seat:
            yield seat


JANUS = JanusPlatform()
