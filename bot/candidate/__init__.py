"""A simulated candidate for the demo, for load and for tests: joins by link, answers aloud, measures at its ear."""

from urllib.parse import urlsplit

from bot.errors import LinkRefused


def seat_of_link(link: str) -> tuple[str, str]:
    """Return the signalling URL and the token of a join link (`http://HOST/room/ID#TOKEN`).

    Raises `LinkRefused` when it is no such link.
    """
    parts = urlsplit(link)
    path = parts.path.rstrip("/")
    if parts.scheme not in ("http", "https") or not parts.netloc or "/room/" not in path or not parts.fragment:
        raise LinkRefused("bad_link", "this is no join link; it looks like http://HOST/room/ID#TOKEN")
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{path}/signal", parts.fragment
