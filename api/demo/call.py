"""One interview held for real: created, started, joined by a simulated candidate, followed to its end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from api.client import Client, Refused, StreamEvent
from bot.candidate import seat_of_link
from bot.candidate.answers import Answers, Phrases
from bot.candidate.candidate import Candidate
from bot.candidate.mind import Manners
from bot.candidate.report import CandidateReport
from bot.plan import Plan
from bot.platforms.room import join_room

IN_ROOM = frozenset({"waiting", "in_call"})
SETTLE_S = 30.0  # from the end of the call to the interview's last status
SPARE_S = 120.0  # a call may take this much longer than its plan says


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes to the interview, what they say and how they behave."""

    answers: Answers
    phrases: Phrases
    manners: Manners = field(default_factory=Manners)
    name: str = "Alex Kim"


@dataclass(slots=True)
class HeldCall:
    """What is known of one interview, complete as far as it came.

    body: what GET says of it at the end; events: the stream in order, ephemeral events included; join_ms: from the
    request to start until the bot was in the room; late: it was ended because it took far longer than planned;
    origin_s: 0 of the candidate's clock.
    """

    plan: Plan
    interview_id: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    events: list[StreamEvent] = field(default_factory=list)
    candidate: CandidateReport | None = None
    origin_s: float = 0.0
    join_ms: int | None = None
    late: bool = False
    recording: Path | None = None

    def of(self, type_: str) -> list[dict[str, Any]]:
        """Return the data of every event of one type."""
        return [event.data for event in self.events if event.type == type_]

    @property
    def turns(self) -> list[dict[str, Any]]:
        """Every final turn, in order."""
        return sorted(self.of("turn.final"), key=lambda turn: int(turn["seq"]))


class CallHolder:
    """Holds one interview on a server. seen: gets every event as it comes; settle_s: how long after the candidate's
    part the server may take to end the interview.
    """

    def __init__(
        self,
        client: Client,
        seen: Callable[[StreamEvent], None] = lambda event: None,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._client, self._seen, self._settle_s = client, seen, settle_s
        self._asked_at = 0.0
        self._following = asyncio.Event()
        self._in_room = asyncio.Event()
        self._ended = asyncio.Event()

    async def hold(self, held: HeldCall, guest: Guest, **more: Any) -> HeldCall:
        """Hold the interview of `held.plan` with `guest` and fill `held`, which stays as filled when this fails.

        more: further fields of the interview. Raises `Refused` (a plan the server does not take), `Unreachable`, and
        `LinkRefused` or `RoomUnavailable` when the candidate can't come in.
        """
        loop, client = asyncio.get_running_loop(), self._client
        plan = held.plan.model_dump(mode="json", exclude_defaults=True)
        wanted = {"plan": plan, "candidate": {"name": guest.name}, "title": held.plan.title, **more}
        held.interview_id = interview_id = (await client.interviews.create(wanted)).id
        link = await client.interviews.link(interview_id, {"name": guest.name})
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(self._follow(interview_id, held), name="events")
            try:
                async with asyncio.timeout(held.plan.minutes * 60 + SPARE_S):
                    await self._following.wait()
                    self._asked_at = loop.time()
                    await client.interviews.start(interview_id)
                    await self._in_room.wait()
                    if held.join_ms is not None:
                        await self._attend(link.url, guest, held)
                    await self._settled()
            except TimeoutError:
                held.late = True
                await self._give_up(interview_id)
            finally:
                following.cancel()
            held.body = (await client.interviews.get(interview_id)).model_dump(mode="json")
        return held

    async def _attend(self, url: str, guest: Guest, held: HeldCall) -> None:
        socket, token = seat_of_link(url)
        join = partial(join_room, socket, token, consented=True)
        candidate = Candidate(join, guest.answers, guest.phrases, guest.manners)
        try:
            held.candidate = await candidate.run()
        finally:
            held.candidate = held.candidate or candidate.report()
            held.origin_s = candidate.origin

    async def _settled(self) -> None:
        """Wait until the interview has its last status; a server that never says so is not waited for."""
        try:
            async with asyncio.timeout(self._settle_s):
                await self._ended.wait()
        except TimeoutError:
            return

    async def _give_up(self, interview_id: str) -> None:
        try:
            await self._client.interviews.cancel(interview_id)
        except Refused:
            return  # it ended by itself in the same moment

    async def _follow(self, interview_id: str, held: HeldCall) -> None:
        async for event in self._client.interviews.events(interview_id, after=0):
            self._following.set()
            held.events.append(event)
            if event.type == "state" and event.data.get("state") in IN_ROOM and not self._in_room.is_set():
                held.join_ms = round((event.heard_s - self._asked_at) * 1000)
                self._in_room.set()
            self._seen(event)
        self._ended.set()
        self._in_room.set()
