"""One interview's events as one unbroken line: what is, what was, what comes.

The subscription begins before the database is read, so nothing falls between the two; what comes twice is told by its
number and dropped; a number that is missing (the bus was away, a transaction overtook another) is read from the
database. So a reader gets every stored event once, in order, from whatever number it asks for.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from api.errors import BusUnavailable, SlowReader
from api.events import Event, EventBus
from api.events.publisher import STATUS_EVENT


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How the interview stood when the stream began; what follows is numbered from `resumed_after` + 1."""

    interview: dict[str, Any]
    last_seq: int
    over: bool
    resumed_after: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing happened for a while; time to show that the line is alive."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The last piece. reason: interview_over, slow_reader, bus_unavailable, server_stopping, or why a key, token or
    link is not good any more. resume: whether it makes sense to come back.
    """

    reason: str
    detail: str
    resume: bool = True


Piece: TypeAlias = Snapshot | Event | Quiet | Finish
STOPPING = Finish("server_stopping", "The server restarts; resume from the last number.")


class Past(Protocol):
    """What is stored of one interview."""

    async def snapshot(self, after: int) -> Snapshot:
        """Return how it stands now."""
        ...

    async def after(self, seq: int) -> Sequence[Event]:
        """Return the next events after number `seq`, as many as are read at once; none when there are no more."""
        ...


async def follow(
    bus: EventBus, past: Past, interview_id: str, after: int, quiet_s: float
) -> AsyncGenerator[Piece, None]:
    """Yield a snapshot, then every event after number `after`, for as long as the interview lasts."""
    try:
        async with bus.subscribe(interview_id) as live:
            snapshot = await past.snapshot(after)
            yield snapshot
            sent = snapshot.resumed_after
            over = snapshot.over
            wanted = snapshot.last_seq
            while True:
                while sent < wanted:
                    missed = await past.after(sent)
                    for event in missed:
                        yield event
                        sent, over = event.seq or sent, _over(event, over)
                    if not missed:
                        break
                if over and sent >= wanted:
                    yield Finish("interview_over", "The interview is over; nothing more will come.", resume=False)
                    return
                news = await live.next(quiet_s)
                if news is None:
                    yield Quiet()
                    now = await past.snapshot(sent)
                    wanted, over = now.last_seq, now.over  # heals whatever the bus did not pass on
                elif news.seq is None:
                    yield news
                elif news.seq == sent + 1:
                    yield news
                    sent, wanted, over = news.seq, max(wanted, news.seq), _over(news, over)
                else:
                    wanted = max(wanted, news.seq)
    except SlowReader as error:
        yield Finish("slow_reader", f"This reader did not keep up ({error}); resume from the last number.")
    except BusUnavailable as error:
        yield Finish(
            "bus_unavailable", f"Live events can't be followed right now ({error}); resume from the last number."
        )


def _over(event: Event, before: bool) -> bool:
    """Tell whether the interview is over after `event`; one that is tried again is not any more."""
    return bool(event.data.get("terminal")) if event.type == STATUS_EVENT else before
