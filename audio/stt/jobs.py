"""The one queue in front of the recogniser: who is served first, who gives way, who is served together.

final > speculative > interim. Finals wait as long as it takes and are never dropped; everything else is only worth
having soon. What gives way raises `Shed`:

 - an interim or speculative job whose lane has asked for something newer that says more (the newest interim counts;
   a final covers all that came before it),
 - an interim that waited for `INTERIM_WAIT_S`, a speculative one that waited for `SPECULATIVE_WAIT_S`: with too many
   talkers, interims stop first and the finals keep their pace.

Jobs are decoded together only when more of them wait than workers are free, so nobody waits for company.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from audio import Urgency
from audio.errors import AudioError, Shed, SpeechUnavailable

INTERIM_WAIT_S = 0.6
SPECULATIVE_WAIT_S = 2.0
MAX_TOGETHER = 4

_RANK = {Urgency.FINAL: 0, Urgency.SPECULATIVE: 1, Urgency.INTERIM: 2}
_WAIT_S = {Urgency.INTERIM: INTERIM_WAIT_S, Urgency.SPECULATIVE: SPECULATIVE_WAIT_S}

Work = TypeVar("Work")
Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Job(Generic[Work, Result]):
    work: Work
    urgency: Urgency
    lane: str
    batch_key: Hashable
    number: int
    done: "asyncio.Future[Result]"
    expiry: asyncio.TimerHandle | None = None

    @property
    def place(self) -> tuple[int, int]:
        return _RANK[self.urgency], self.number


@dataclass(slots=True)
class Tally:
    """What the queue has done since it began."""

    decoded: dict[Urgency, int] = field(default_factory=lambda: dict.fromkeys(Urgency, 0))
    shed: dict[Urgency, int] = field(default_factory=lambda: dict.fromkeys(Urgency, 0))
    batches: int = 0


class DecodeQueue(Generic[Work, Result]):
    """Hands waiting jobs to `decode`, `workers` calls at a time.

    decode: takes the works of one batch and returns their results in order; an `AudioError` it raises goes to every
    waiter of the batch, any other error ends `run` (and fails whoever waits with `SpeechUnavailable`).
    """

    def __init__(self, decode: Callable[[Sequence[Work]], Awaitable[Sequence[Result]]], *, workers: int) -> None:
        self._decode = decode
        self._workers = workers
        self._free = workers
        self._waiting: list[_Job[Work, Result]] = []
        self._numbers = itertools.count()
        self._more = asyncio.Event()
        self._closed = False
        self.tally = Tally()

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._workers):
                    group.create_task(self._serve(), name=f"decoder-{number}")
        finally:
            self._closed = True
            for job in [*self._waiting]:
                self._leave(job)
                if not job.done.done():
                    job.done.set_exception(SpeechUnavailable("the recogniser is shutting down"))

    async def submit(self, work: Work, *, urgency: Urgency, lane: str, batch_key: Hashable = None) -> Result:
        """Wait for the result of `work`; cancelling the wait takes the job out of the queue.

        batch_key: jobs of equal key may be decoded together, None means alone.

        Raises `Shed` (never for `Urgency.FINAL`), and what `decode` raises.
        """
        if self._closed:
            raise SpeechUnavailable("the recogniser is shutting down")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        job = _Job(work, urgency, lane, batch_key, next(self._numbers), done)
        for older in [*self._waiting]:
            if older.lane == lane and older.urgency is not Urgency.FINAL and job.place[0] <= older.place[0]:
                self._shed(older, "something newer was asked for")
        if urgency in _WAIT_S:
            job.expiry = loop.call_later(_WAIT_S[urgency], self._shed, job, "too much else to do")
        self._waiting.append(job)
        self._more.set()
        try:
            return await done
        finally:
            self._leave(job)

    def _shed(self, job: _Job[Work, Result], why: str) -> None:
        self._leave(job)
        if not job.done.done():
            self.tally.shed[job.urgency] += 1
            job.done.set_exception(Shed(f"{job.urgency.value} decode shed: {why}"))

    def _leave(self, job: _Job[Work, Result]) -> None:
        if job.expiry:
            job.expiry.cancel()
        if job in self._waiting:
            self._waiting.remove(job)

    async def _serve(self) -> None:
        while True:
            while not self._waiting:
                self._more.clear()
                await self._more.wait()
            batch = self._take()
            self._free -= 1
            try:
                await self._work(batch)
            finally:
                self._free += 1

    def _take(self) -> list[_Job[Work, Result]]:
        first = min(self._waiting, key=lambda job: job.place)
        mates = sorted(
            (
                job
                for job in self._waiting
                if job is not first and first.batch_key is not None and job.batch_key == first.batch_key
            ),
            key=lambda job: job.place,
        )
        share = -(-len(self._waiting) // self._free)  # what is left for this worker when the free ones take theirs
        batch = [first, *mates[: min(share, MAX_TOGETHER) - 1]]
        for job in batch:
            self._leave(job)
        return batch

    async def _work(self, batch: list[_Job[Work, Result]]) -> None:
        error: BaseException = SpeechUnavailable("the recogniser is shutting down")
        results: Sequence[Result] = ()
        try:
            results = await self._decode([job.work for job in batch])
        except AudioError as why:
            error = why
        finally:
            for job, result in zip(batch, results, strict=False):
                if not job.done.done():
                    job.done.set_result(result)
            for job in batch[len(results) :]:
                if not job.done.done():
                    job.done.set_exception(error)
        self.tally.batches += 1
        for job in batch:
            self.tally.decoded[job.urgency] += bool(results)
