"""Times of a transcript: read as people and programs write them, and made up, at a pace that is said, where missing."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from api.importing import LONGEST_MS, Said
from api.importing.faults import bad

WORDS_A_MINUTE = 150
MS_A_WORD = 60_000 // WORDS_A_MINUTE
PAUSE_MS = 600  # before a turn whose time is derived
WALL_CLOCK_MS = 3_600_000  # a transcript that begins later than this counts from midnight, not from the call

CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?(?: ?[AaPp][Mm])?"
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?(?: ?([AaPp])[Mm])?")


class Times(StrEnum):
    """Where the times of a transcript come from: its own, its own beginnings or some of them, none."""

    GIVEN = "given"
    PARTLY = "partly"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Timed:
    """Turns that all have times, from the beginning of the talk, and where those come from."""

    said: tuple[Said, ...]
    times: Times


def clock_ms(text: str) -> int | None:
    """Return what "01:02:03.400", "2:03" or "10:02 AM" means in ms; None for anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    first, second, third, fraction, half = found.groups()
    if half and first is None:  # hours and minutes
        first, second, third = second, third, "0"
    hours, minutes, seconds = int(first or 0), int(second), int(third)
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((fraction or "0").ljust(3, "0"))


def seconds_ms(value: object, line: int) -> int | None:
    """Return a number of seconds in ms; raise `BadTranscript` for one that no call has."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value) or not 0 <= value * 1000 <= LONGEST_MS:
        raise bad(f"has a time of {value:g} seconds", "give seconds from the beginning, or start_ms and end_ms", line)
    return round(value * 1000)


def timed(said: Sequence[Said]) -> Timed:
    """Give every turn a beginning and an end: its own, else derived from its words and what surrounds it.

    Times that run backwards are derived too; the order of the transcript is the order in which things were said.
    """
    forward = list(_forward(said))
    known = [one.start_ms for one in forward if one.start_ms is not None]
    zero = known[0] if known and known[0] >= WALL_CLOCK_MS else 0
    ahead = _next_starts(forward)
    found: list[Said] = []
    now = 0
    for one, following in zip(forward, ahead, strict=True):
        start = now + (PAUSE_MS if one.pause_ms is None else one.pause_ms) if one.start_ms is None else one.start_ms
        if following is not None:
            start = min(start, following)
        end = one.end_ms
        if end is None or end < start:
            end = start + MS_A_WORD * max(1, len(one.text.split()))
            end = end if following is None else max(start, min(end, following))
        found.append(replace(one, start_ms=start - zero, end_ms=end - zero))
        now = max(now, end)
    return Timed(tuple(found), _whence(forward))


def _forward(said: Sequence[Said]) -> Iterator[Said]:
    latest = 0
    for one in said:
        if one.start_ms is not None and one.start_ms < latest:
            yield replace(one, start_ms=None, end_ms=None)
        else:
            latest = one.start_ms if one.start_ms is not None else latest
            yield one


def _next_starts(said: Sequence[Said]) -> list[int | None]:
    """The next known beginning after each turn."""
    found: list[int | None] = []
    following: int | None = None
    for one in reversed(said):
        found.append(following)
        following = one.start_ms if one.start_ms is not None else following
    return found[::-1]


def _whence(forward: Sequence[Said]) -> Times:
    if all(one.start_ms is None for one in forward):
        return Times.DERIVED
    whole = all(one.start_ms is not None and one.end_ms is not None for one in forward)
    return Times.GIVEN if whole else Times.PARTLY
