"""Bots without a voice: they report through the real uplink what a call's bot would report."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from api.bench.api.servers import Served
from api.moments import rfc3339, utc_now

STORED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """A live interview and its attempt. token: what its bot reports with."""

    interview_id: str
    attempt_id: str
    token: str


class Bot:
    """One bot's end of the uplink."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0
        self._stored = 0
        self._news = asyncio.Condition()

    async def tell(self, type_: str, **data: Any) -> None:
        """Send one numbered event."""
        self._sent += 1
        at = rfc3339(utc_now())
        frame = {"type": "event", "n": self._sent, "at": at, "at_ms": self._sent, "event": type_, "data": data}
        await self._socket.send(json.dumps(frame))

    async def stored(self) -> None:
        """Wait until everything that was sent is acknowledged; raise `TimeoutError`."""
        async with asyncio.timeout(STORED_WITHIN_S), self._news:
            await self._news.wait_for(lambda: self._stored >= self._sent)

    async def hear(self) -> None:
        """Take what the control plane says, until it hangs up."""
        async for text in self._socket:
            frame = json.loads(text)
            if frame["type"] == "ack":
                async with self._news:
                    self._stored = frame["n"]
                    self._news.notify_all()


@asynccontextmanager
async def reporting(server: Served, call: Call) -> AsyncIterator[Bot]:
    """Open the uplink of a call's bot."""
    url = f"{server.sockets}/bots/{call.interview_id}/uplink"
    async with connect(url, additional_headers={"Authorization": f"Bearer {call.token}"}) as socket:
        await socket.send(json.dumps({"type": "hello", "attempt_id": call.attempt_id, "epoch": 1, "last_n": 0}))
        await socket.recv()
        bot = Bot(socket)
        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(bot.hear())
            try:
                yield bot
            finally:
                hearing.cancel()


def beginning() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of a call that begins."""
    yield "state", {"state": "waiting"}
    yield "state", {"state": "in_call"}
    yield "participant.joined", {"participant_id": "p1", "role": "candidate", "name": "Ann Example"}


def rest(question_ids: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of a whole call from its first question on: each is answered."""
    for index, question_id in enumerate(question_ids):
        yield "question.asked", {"question_id": question_id, "follow_up": 0, "text": "What did you do?"}
        yield "turn.final", turn(2 * index + 1, "bot", question_id)
        yield "turn.final", turn(2 * index + 2, "candidate", question_id)
        yield "latency", {"turn_id": f"t{2 * index + 2}", "text_ms": 12, "total_ms": 520.5 + index}
        yield "question.closed", {"question_id": question_id, "outcome": "answered", "signals": ["action", "result"]}
    yield "barge_in", {"outcome": "confirmed"}
    yield "recording", {"file": "call.ogg", "duration_ms": 600_000, "bytes": 2_400_000, "sha256": "0" * 64}
    yield "usage", {"cpu_s": 61.5, "call_s": 600.0, "peak_rss_mb": 80.5}
    yield "ended", {"reason": "completed"}


def turn(seq: int, role: str, question_id: str | None = None) -> dict[str, Any]:
    """Return what is said of a final turn."""
    return {
        "seq": seq,
        "turn_id": f"t{seq}",
        "speaker_id": role,
        "speaker": role.title(),
        "role": role,
        "text": "I measured first, found the slow query, and added the missing index; nobody has waited since.",
        "start_ms": seq * 5000,
        "end_ms": seq * 5000 + 4500,
        "confidence": 0.9,
        "question_id": question_id,
        "interrupted": False,
    }
