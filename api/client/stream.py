"""Following one interview by server-sent events, whatever happens to the connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from api.client.errors import Unreachable
from api.client.wire import Wire
from api.events.publisher import STATUS_EVENT
from api.interviews.schemas import InterviewOut
from api.interviews.states import TERMINAL
from api.moments import moment

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
GONE_FOR_S = 60.0  # how long a stream waits for a server that restarts
SILENT_FOR_S = 60.0  # the server says something more often than that, if only a comment


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream. at_ms: on the call's clock; heard_s: when it came, on the event loop's clock; at: when it
    happened, as whoever told it says.
    """

    seq: int | None
    type: str
    at_ms: int | None
    heard_s: float
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


async def follow(wire: Wire, interview_id: str, after: int | None) -> AsyncIterator[StreamEvent]:
    """Yield an interview's events, numbered ones from `after` on, until it is over; resumes by itself.

    Raises `Refused`, and `Unreachable` when the server was away for a minute, tried again and again. A connection that
    said nothing for a minute is only the first sign of it.
    """
    loop = asyncio.get_running_loop()
    path = f"/v1/interviews/{interview_id}"
    last, tries = after, 0
    away_since: float | None = None
    while True:
        try:
            async for event in _once(wire, f"{path}/events", last):
                tries, away_since = 0, None
                last = event.seq if event.seq is not None else last
                yield event
                if event.type == STATUS_EVENT and event.data.get("status") in TERMINAL:
                    return
            if (await wire.read(InterviewOut, "GET", path)).status in TERMINAL:
                return
            away_since = None
        except Unreachable:
            away_since = loop.time() if away_since is None else away_since
            if loop.time() - away_since > GONE_FOR_S:
                raise
        await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
        tries += 1


async def _once(wire: Wire, path: str, last: int | None) -> AsyncIterator[StreamEvent]:
    headers = {"Accept": "text/event-stream"} | ({} if last is None else {"Last-Event-ID": str(last)})
    async with wire.stream(path, headers=headers, timeout=httpx.Timeout(10.0, read=SILENT_FOR_S)) as answer:
        data: list[str] = []
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                data.append(line.removeprefix("data:").removeprefix(" "))
            elif not line and data:  # the message is whole (WHATWG HTML 9.2.6)
                yield _event("\n".join(data))
                data.clear()


def _event(text: str) -> StreamEvent:
    body = json.loads(text)
    return StreamEvent(
        seq=body.get("seq"),
        type=str(body.get("type")),
        at_ms=body.get("at_ms"),
        heard_s=asyncio.get_running_loop().time(),
        at=moment(body["at"]) if body.get("at") else None,
        data=body.get("data") or {},
    )
