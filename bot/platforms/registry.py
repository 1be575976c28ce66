"""Which platforms are installed, and which of them a meeting's address belongs to.

Other packages add theirs as entry points of the group `vivavoce.platforms`; ours are in the same form. The name is what
a bot's spec and the settings call a platform.
"""

import importlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast
from urllib.parse import urlsplit

import structlog

from bot.errors import MeetingRefused
from bot.platforms import MeetingPlatform, Venue
from bot.spec import BotSpec
from bot.state import EndReason

log = structlog.get_logger(__name__)

GROUP = "vivavoce.platforms"
# Here and not in `pyproject.toml`, so that a checkout knows them whatever was installed from an earlier one.
OURS = {
    "janus": "bot.platforms.janus:JANUS",
    "meet": "bot.platforms.browser:MEET",
}
LONGEST_URL = 2000
_READ_DIFFERENTLY = re.compile(r"[\s\\\x00-\x1f]")  # by browsers than by Python


@cache
def platforms() -> Mapping[str, MeetingPlatform]:
    """Return every platform that can be used, by its name; one that can't be loaded is logged and left out."""
    found: dict[str, MeetingPlatform] = {}
    ours = [EntryPoint(name, where, GROUP) for name, where in OURS.items()]
    theirs = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    for entry in (*ours, *(each for each in theirs if each.name not in OURS)):
        try:
            found[entry.name] = cast(MeetingPlatform, entry.load())
        except Exception as error:  # noqa: BLE001 - somebody else's package; the others go on without it
            log.error("platform_unusable", platform=entry.name, where=entry.value, error=repr(error))
    return found


def platform_of(url: str, places: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the name of the platform that the meeting at `url` is on, or None.

    places: by platform, where its operator says that it is served besides the addresses it takes anyway.
    """
    if len(url) > LONGEST_URL or _READ_DIFFERENTLY.search(url):
        return None
    try:
        address = urlsplit(url)
        _ = address.port  # which is read late, and may be no number
    except ValueError:
        return None
    return next((name for name, each in platforms().items() if each.takes(address, places.get(name, ()))), None)


def platform_for(spec: BotSpec) -> Venue:
    """Return where a bot's call is held; raise `MeetingRefused` where that platform is not installed."""
    if spec.meeting is None:
        return cast(Venue, importlib.import_module("bot.platforms.room"))
    if (platform := platforms().get(spec.meeting.platform)) is None:
        there = ", ".join(platforms()) or "none"
        told = f"no platform {spec.meeting.platform!r} is installed where this bot runs; installed: {there}"
        raise MeetingRefused(EndReason.MEETING_UNREACHABLE.value, told)
    return platform
