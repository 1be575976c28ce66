"""Who is served first, who gives way and who is served together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from audio import Urgency
from audio.errors import AudioError, Shed, SpeechUnavailable
from audio.stt.jobs import INTERIM_WAIT_S, MAX_TOGETHER, SPECULATIVE_WAIT_S, DecodeQueue

INTERIM, SPECULATIVE, FINAL = Urgency.INTERIM, Urgency.SPECULATIVE, Urgency.FINAL


@dataclass
class SteadyDecoder:
    """Takes `seconds` for every batch; `served` holds the batches in the order in which they began."""

    seconds: float = 0.2
    served: list[list[str]] = field(default_factory=list)

    async def __call__(self, works: Sequence[str]) -> Sequence[str]:
        self.served.append(list(works))
        await asyncio.sleep(self.seconds)
        return [work.upper() for work in works]


class FailingDecoder:
    """Fails on "bad" with the error it was given, else answers at once."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def __call__(self, works: Sequence[str]) -> Sequence[str]:
        if "bad" in works:
            raise self.error
        return works


@asynccontextmanager
async def serving(queue: DecodeQueue[str, str]) -> AsyncIterator[asyncio.TaskGroup]:
    """Run the queue; at the end wait for whoever was started in the group."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(queue.run())
        async with asyncio.TaskGroup() as callers:
            yield callers
        running.cancel()


async def asked(queue: DecodeQueue[str, str], work: str, urgency: Urgency, lane: str = "", key: object = None) -> str:
    """What became of one request, "shed" included."""
    try:
        return await queue.submit(work, urgency=urgency, lane=lane or work, batch_key=key)
    except Shed:
        return "shed"


async def test_finals_before_speculatives_before_interims() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "first", FINAL))
        await asyncio.sleep(0.05)
        for work, urgency in (("i", INTERIM), ("s", SPECULATIVE), ("f1", FINAL), ("f2", FINAL)):
            callers.create_task(asked(queue, work, urgency))
    assert [work for batch in decoder.served for work in batch] == ["first", "f1", "f2", "s"]


async def test_a_free_worker_is_used_at_once() -> None:
    queue = DecodeQueue(SteadyDecoder(seconds=0.2), workers=2)
    loop = asyncio.get_running_loop()
    async with serving(queue) as callers:
        began = loop.time()
        one, two = (callers.create_task(asked(queue, work, FINAL, key="k")) for work in "ab")
        assert (await one, await two) == ("A", "B")
        assert loop.time() - began == pytest.approx(0.2)


async def test_only_the_newest_interim_of_a_lane_is_decoded() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "busy", FINAL))
        await asyncio.sleep(0.05)
        old = callers.create_task(asked(queue, "old", INTERIM, lane="ada"))
        other = callers.create_task(asked(queue, "other", INTERIM, lane="bob"))
        await asyncio.sleep(0.05)
        new = callers.create_task(asked(queue, "new", INTERIM, lane="ada"))
    assert (old.result(), new.result(), other.result()) == ("shed", "NEW", "OTHER")
    assert ["old"] not in decoder.served


async def test_a_final_covers_what_its_lane_asked_before_but_no_other_final() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "busy", FINAL))
        await asyncio.sleep(0.05)
        earlier = [
            callers.create_task(asked(queue, "f1", FINAL, lane="ada")),
            callers.create_task(asked(queue, "s", SPECULATIVE, lane="ada")),
            callers.create_task(asked(queue, "i", INTERIM, lane="ada")),
        ]
        await asyncio.sleep(0.01)
        callers.create_task(asked(queue, "f2", FINAL, lane="ada"))
    assert [task.result() for task in earlier] == ["F1", "shed", "shed"]
    assert decoder.served == [["busy"], ["f1"], ["f2"]]


async def test_an_interim_does_not_push_out_the_speculative_of_its_lane() -> None:
    queue = DecodeQueue(SteadyDecoder(), workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "busy", FINAL))
        await asyncio.sleep(0.05)
        speculative = callers.create_task(asked(queue, "s", SPECULATIVE, lane="ada"))
        await asyncio.sleep(0.01)
        callers.create_task(asked(queue, "i", INTERIM, lane="ada"))
    assert speculative.result() == "S"


async def test_under_overload_interims_go_first_then_speculatives_and_every_final_is_decoded() -> None:
    queue = DecodeQueue(SteadyDecoder(seconds=1.0), workers=1)
    loop = asyncio.get_running_loop()
    gone: dict[str, float] = {}

    async def noted(work: str, urgency: Urgency) -> str:
        outcome = await asked(queue, work, urgency)
        gone[work] = loop.time()
        return outcome

    async with serving(queue) as callers:
        finals = [callers.create_task(noted(f"f{number}", FINAL)) for number in range(12)]
        speculative = callers.create_task(noted("s", SPECULATIVE))
        interim = callers.create_task(noted("i", INTERIM))
    assert interim.result() == speculative.result() == "shed"
    assert gone["i"] == pytest.approx(INTERIM_WAIT_S)
    assert gone["s"] == pytest.approx(SPECULATIVE_WAIT_S)
    assert [task.result() for task in finals] == [f"F{number}" for number in range(12)]
    assert queue.tally.shed == {INTERIM: 1, SPECULATIVE: 1, FINAL: 0}
    assert queue.tally.decoded[FINAL] == 12


async def test_a_decode_that_has_begun_is_not_shed_however_long_it_takes() -> None:
    queue = DecodeQueue(SteadyDecoder(seconds=10 * INTERIM_WAIT_S), workers=1)
    async with serving(queue):
        assert await asked(queue, "slow", INTERIM) == "SLOW"


async def test_jobs_that_wait_together_are_decoded_together_up_to_a_limit() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "busy", FINAL))
        await asyncio.sleep(0.05)
        waiting = [callers.create_task(asked(queue, f"w{number}", FINAL, key="short")) for number in range(6)]
    assert [len(batch) for batch in decoder.served] == [1, MAX_TOGETHER, 2]
    assert [task.result() for task in waiting] == [f"W{number}" for number in range(6)]


async def test_what_can_not_be_batched_is_decoded_alone() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "busy", FINAL))
        await asyncio.sleep(0.05)
        for work, key in (("long", None), ("a", "x"), ("other", "y"), ("b", "x")):
            callers.create_task(asked(queue, work, FINAL, key=key))
    assert decoder.served == [["busy"], ["long"], ["a", "b"], ["other"]]


async def test_free_workers_share_what_waits() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=2)
    async with serving(queue) as callers:
        for number in range(4):
            callers.create_task(asked(queue, f"w{number}", FINAL, key="short"))
    assert decoder.served == [["w0", "w1"], ["w2", "w3"]]


async def test_a_caller_that_goes_away_takes_its_job_along() -> None:
    decoder = SteadyDecoder()
    queue = DecodeQueue(decoder, workers=1)
    async with serving(queue) as callers:
        callers.create_task(asked(queue, "busy", FINAL))
        await asyncio.sleep(0.05)
        leaving = callers.create_task(asked(queue, "left", FINAL))
        staying = callers.create_task(asked(queue, "stays", FINAL))
        await asyncio.sleep(0.05)
        leaving.cancel()
    assert staying.result() == "STAYS"
    assert ["left"] not in decoder.served
    assert queue.depth == 0


async def test_a_failed_decode_fails_its_callers_and_nobody_else() -> None:
    queue = DecodeQueue(FailingDecoder(SpeechUnavailable("the engine stumbled")), workers=1)
    async with serving(queue):
        with pytest.raises(SpeechUnavailable, match="stumbled"):
            await queue.submit("bad", urgency=FINAL, lane="a")
        assert await queue.submit("good", urgency=FINAL, lane="a") == "good"


async def test_a_decoder_with_a_bug_ends_the_queue_and_leaves_nobody_waiting() -> None:
    queue = DecodeQueue(FailingDecoder(ZeroDivisionError()), workers=1)
    outcomes: list[str] = []

    async def caller(work: str) -> None:
        try:
            await queue.submit(work, urgency=FINAL, lane=work)
        except AudioError as error:
            outcomes.append(str(error))

    async with asyncio.TaskGroup() as group:
        for work in ("bad", "waits"):
            group.create_task(caller(work))
        await asyncio.sleep(0)
        with pytest.raises(ExceptionGroup) as caught:
            await queue.run()
    assert caught.group_contains(ZeroDivisionError)
    assert outcomes == ["the recogniser is shutting down"] * 2
    with pytest.raises(SpeechUnavailable):
        await queue.submit("late", urgency=FINAL, lane="a")
