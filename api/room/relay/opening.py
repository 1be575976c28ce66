"""Relays by the scheme of the event bus's URL; the networked one is imported only when it is chosen."""

from urllib.parse import urlsplit

from api.room.relay import Relay
from api.room.relay.local import LocalRelay


def open_relay(url: str) -> Relay:
    """Return the relay that goes with the event bus at `url` (`memory://`, `redis://…`)."""
    if urlsplit(url).scheme == "memory":
        return LocalRelay()
    from api.room.relay.redis import RedisRelay

    return RedisRelay(url)
