"""Buses by the scheme of their URL; each is imported only when it is chosen."""

from collections.abc import Callable
from urllib.parse import urlsplit

from api.errors import BadSettings
from api.events import EventBus


def open_bus(url: str, *, ring: int) -> EventBus:
    """Return the bus at `url` (`memory://`, `redis://…`); raise `BadSettings` for any other scheme."""
    scheme = urlsplit(url).scheme
    opener = _OPENERS.get(scheme)
    if opener is None:
        raise BadSettings([f"EVENT_BUS_URL: {scheme or url!r} is not a bus; use one of {', '.join(_OPENERS)}"])
    return opener(url, ring)


def _memory(_url: str, ring: int) -> EventBus:
    from api.events.memory import MemoryBus

    return MemoryBus(ring)


def _redis(url: str, ring: int) -> EventBus:
    from api.events.redis import RedisBus

    return RedisBus(url, ring)


_OPENERS: dict[str, Callable[[str, int], EventBus]] = {
    "memory": _memory,
    "redis": _redis,
    "rediss": _redis,
    "unix": _redis,
}
