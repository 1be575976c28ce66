"""Many readers of many live interviews: what reaches them, and how old it is then."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import monotonic

from websockets.asyncio.client import connect

from api.bench.api.bots import Bot, Call, beginning, reporting, turn
from api.bench.api.figures import Delivery, Received, delivered
from api.bench.api.ground import calling
from api.bench.api.load import request
from api.bench.api.scale import Scale
from api.bench.api.servers import HOST, Served

ARRIVED_WITHIN_S = 20.0  # after the last event was sent
LISTEN_ON_S = 0.5  # for what may come twice
TURN_EVERY = 10
LONGEST_LINE = 1 << 20


@dataclass(slots=True)
class Reader:
    """Somebody who follows one interview, by socket or by server-sent events. last: the number of the last event.

    ready: set once the stream has begun; whole: with the last event.
    """

    interview_id: str
    by_socket: bool
    last: int
    numbers: list[int] = field(default_factory=list)
    ages_ms: list[float] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    whole: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, frames: AsyncIterator[str]) -> None:
        """Take frames until cancelled. Those of the benchmark say when they were sent, on this process's clock."""
        async for text in frames:
            now = monotonic()
            data = json.loads(text)["data"]
            self.ready.set()
            if "number" in data:
                self.numbers.append(data["number"])
                self.ages_ms.append((now - data["sent_s"]) * 1000)
                if data["number"] == self.last:
                    self.whole.set()


async def deliver(scale: Scale, tenant: str, written_at: Served, read_at: Served) -> Delivery:
    """Have `scale.calls` bots report at one server, and `scale.readers` people follow them at another (or the same)."""
    calls = [await calling(written_at, tenant) for _ in range(scale.calls)]
    events = round(scale.live_s * scale.events_per_s)
    readers = [
        Reader(call.interview_id, by_socket=index // len(calls) % 2 == 0, last=events - 1)
        for index, call in enumerate(islice(cycle(calls), scale.readers))
    ]
    token = read_at.token(tenant)
    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(_follow(reader, read_at, token)) for reader in readers]
        for reader in readers:
            await reader.ready.wait()
        await _report_all(scale, calls, written_at, events)
        await _arrived(readers)
        for task in following:
            task.cancel()
    received = [(reader.interview_id, Received(reader.numbers, reader.ages_ms)) for reader in readers]
    return delivered({call.interview_id: events for call in calls}, received)


async def _report_all(scale: Scale, calls: Sequence[Call], server: Served, events: int) -> None:
    async with asyncio.TaskGroup() as tasks:
        for index, call in enumerate(calls):
            # A different moment for each, as it is with people.
            wait_s = index / len(calls) / scale.events_per_s
            tasks.create_task(_report(call, server, wait_s, 1 / scale.events_per_s, events))


async def _report(call: Call, server: Served, wait_s: float, apart_s: float, events: int) -> None:
    async with reporting(server, call) as bot:
        for type_, data in beginning():
            await bot.tell(type_, **data)
        await bot.stored()
        due = monotonic() + apart_s + wait_s
        for number in range(events):
            await asyncio.sleep(max(0.0, due - monotonic()))
            due += apart_s
            await _tell(bot, number)
        await bot.stored()


async def _tell(bot: Bot, number: int) -> None:
    mark = {"number": number, "sent_s": monotonic()}
    if number % TURN_EVERY == 0:
        await bot.tell("turn.final", **turn(number // TURN_EVERY + 1, "candidate"), **mark)
    else:
        await bot.tell("note", **mark)


async def _arrived(readers: Sequence[Reader]) -> None:
    try:
        async with asyncio.timeout(ARRIVED_WITHIN_S):
            for reader in readers:
                await reader.whole.wait()
    except TimeoutError:
        return  # what is missing counts as lost
    await asyncio.sleep(LISTEN_ON_S)


async def _follow(reader: Reader, server: Served, token: str) -> None:
    frames = (_by_socket if reader.by_socket else _server_sent)(reader, server, token)
    async with aclosing(frames):
        await reader.read(frames)


async def _by_socket(reader: Reader, server: Served, token: str) -> AsyncGenerator[str, None]:
    url = f"{server.sockets}/v1/interviews/{reader.interview_id}/stream"
    async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}, compression=None) as socket:
        async for text in socket:
            yield str(text)


async def _server_sent(reader: Reader, server: Served, token: str) -> AsyncGenerator[str, None]:
    lines, writer = await asyncio.open_connection(HOST, server.port, limit=LONGEST_LINE)
    try:
        writer.write(request(f"/v1/interviews/{reader.interview_id}/events", token))
        while line := await lines.readline():
            if line.startswith(b"data: "):
                yield line.removeprefix(b"data: ").decode()
    finally:
        writer.close()
