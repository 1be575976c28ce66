"""One unbroken line out of a database and a bus that may repeat, overtake, lose and fail."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.errors import BusUnavailable
from api.events import Event
from api.events.memory import MemoryBus
from api.events.publisher import STATUS_EVENT, Publisher
from api.events.sse import encode
from api.events.stream import Finish, Piece, Quiet, Snapshot, follow
from api.room import Hub

AT = datetime(2026, 11, 22, 5, tzinfo=UTC)


def _event(seq: int | None, type_: str = "turn.final", **data: object) -> Event:
    return Event("int_1", type_, AT, data, seq)


END = {"status": "completed", "previous": "evaluating", "reason": "completed", "over": True, "terminal": True}


@dataclass
class MemoryPast:
    """What is stored, as a list; pages of three."""

    events: list[Event] = field(default_factory=list)

    async def snapshot(self, after: int) -> Snapshot:
        over = any(event.data.get("terminal") for event in self.events)
        return Snapshot({"id": "int_1"}, len(self.events), over, min(after, len(self.events)))

    async def after(self, seq: int) -> Sequence[Event]:
        return self.events[seq : seq + 3]

    def store(self, *events: Event) -> None:
        self.events.extend(events)


class LosingBus(MemoryBus):
    """Passes nothing on."""

    async def publish(self, event: Event) -> None:
        """Lose it."""


class UnreachableBus(MemoryBus):
    """Is never there."""

    @asynccontextmanager
    async def subscribe(self, interview_id: str) -> AsyncIterator[object]:  # type: ignore[override]
        """Fail."""
        raise BusUnavailable("nobody answers")
        yield


async def _seen(bus: MemoryBus, past: MemoryPast, after: int, until: int) -> list[int | str]:
    """Numbers and kinds of what a reader gets, up to number `until` or the end."""
    seen: list[int | str] = []
    async with aclosing(follow(bus, past, "int_1", after, 15.0)) as pieces:
        async for piece in pieces:
            seen.append(_told(piece))
            if isinstance(piece, Event) and piece.seq == until:
                break
    return seen


def _told(piece: Piece) -> int | str:
    match piece:
        case Event():
            return piece.seq or piece.type
        case Finish():
            return piece.reason
        case _:
            return type(piece).__name__


async def test_past_then_present_without_gap_or_repetition() -> None:
    bus, past = MemoryBus(64), MemoryPast([_event(seq) for seq in range(1, 9)])
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_seen(bus, past, 2, 12))
        await asyncio.sleep(0)
        for seq in range(9, 13):
            past.store(_event(seq))
            await bus.publish(_event(seq))
    assert reading.result() == ["Snapshot", *range(3, 13)]


async def test_what_is_stored_while_the_past_is_read_comes_once() -> None:
    bus, past = MemoryBus(64), MemoryPast([_event(seq) for seq in range(1, 5)])
    seen: list[int | str] = []
    async with aclosing(follow(bus, past, "int_1", 0, 15.0)) as pieces:
        async for piece in pieces:
            seen.append(_told(piece))
            if piece == _event(2):
                past.store(_event(5), _event(6))
                await bus.publish(_event(5))
                await bus.publish(_event(6))
            if piece == _event(6):
                break
    assert seen == ["Snapshot", 1, 2, 3, 4, 5, 6]


async def test_events_that_overtake_each_other_are_put_in_order() -> None:
    bus, past = MemoryBus(64), MemoryPast()
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_seen(bus, past, 0, 4))
        await asyncio.sleep(0.01)
        past.store(*(_event(seq) for seq in range(1, 5)))
        for seq in (2, 1, 4, 3):
            await bus.publish(_event(seq))
    assert reading.result() == ["Snapshot", 1, 2, 3, 4]


async def test_what_the_bus_lost_is_found_in_the_database_at_the_next_quiet_moment() -> None:
    bus, past = LosingBus(64), MemoryPast()
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_seen(bus, past, 0, 2))
        await asyncio.sleep(0.01)
        past.store(_event(1), _event(2))
    assert reading.result() == ["Snapshot", "Quiet", 1, 2]


async def test_interim_text_passes_without_a_number() -> None:
    bus, past = MemoryBus(64), MemoryPast()
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_seen(bus, past, 0, 1))
        await asyncio.sleep(0.01)
        await bus.publish(_event(None, "turn.interim", text="I bu"))
        past.store(_event(1))
        await bus.publish(_event(1))
    assert reading.result() == ["Snapshot", "turn.interim", 1]


async def test_a_stream_ends_with_the_interview_whether_it_is_over_or_becomes_so() -> None:
    bus, past = MemoryBus(64), MemoryPast([_event(1)])
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_seen(bus, past, 0, 99))
        await asyncio.sleep(0.01)
        past.store(_event(2, STATUS_EVENT, **END))
        await bus.publish(_event(2, STATUS_EVENT, **END))
    assert reading.result() == ["Snapshot", 1, 2, "interview_over"]
    assert await _seen(bus, past, 0, 99) == ["Snapshot", 1, 2, "interview_over"]
    assert await _seen(bus, past, 2, 99) == ["Snapshot", "interview_over"]


async def test_a_reader_that_falls_behind_the_ring_is_told_why() -> None:
    bus, past = MemoryBus(4), MemoryPast()
    seen: list[int | str] = []
    async with aclosing(follow(bus, past, "int_1", 0, 15.0)) as pieces:
        seen.append(_told(await anext(pieces)))
        await bus.publish(_event(None, "floor"))
        seen.append(_told(await anext(pieces)))
        for _ in range(5):
            await bus.publish(_event(None, "turn.interim"))
        seen += [_told(piece) async for piece in pieces]
    assert seen == ["Snapshot", "floor", "slow_reader"]


async def test_a_bus_that_is_away_ends_the_stream_with_its_reason() -> None:
    assert await _seen(UnreachableBus(64), MemoryPast(), 0, 99) == ["bus_unavailable"]


async def test_an_event_goes_out_even_when_the_bus_is_closed() -> None:
    bus, hub = MemoryBus(4), Hub()
    await bus.aclose()
    await Publisher(bus, hub).publish(_event(1))


def test_server_sent_events_carry_an_id_only_when_they_can_be_resumed_from() -> None:
    assert encode(_event(7, text="a\nb")) == (
        b"id: 7\nevent: turn.final\n"
        b'data: {"seq":7,"type":"turn.final","at":"2026-11-22T05:00:00.000Z","at_ms":null,"data":{"text":"a\\nb"}}\n\n'
    )
    for piece in (_event(None, "floor"), Snapshot({}, 3, False, 0), Finish("slow_reader", "…"), Quiet()):
        assert b"id:" not in encode(piece).partition(b"data:")[0]
    assert encode(Snapshot({}, 3, False, 0)).startswith(b"retry: ")
    assert b"\\ud800" in encode(_event(1, text="\ud800")) or b"?" in encode(_event(1, text="\ud800"))
