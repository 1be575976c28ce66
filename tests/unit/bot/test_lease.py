"""How long a bot stays when nobody tells it that it may: through an outage of a minute, and not for ever."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.lease import ASKED_AT, LEFT_AT, hold
from bot.spec import Place
from bot.uplink import Outbox, Uplink

LEASE_S = 60.0  # the default (LEASE_S)


class Line:
    """An uplink whose control plane answers, or does not, as a test says."""

    def __init__(self, folder: Path) -> None:
        self.answers, self.asked = True, 0
        self.uplink = Uplink(
            Place(url="ws://nowhere", token=SecretStr("t")),
            attempt_id="att_1",
            epoch=1,
            outbox=Outbox(folder / "box.jsonl"),
            call_ms=lambda: 0,
            command=lambda frame: None,
            opened=lambda: None,
            refused=lambda code: None,
        )
        self.uplink._connected = True

    async def answer(self) -> None:
        while True:
            frame = await self.uplink._sendable.get()
            assert frame["type"] == "renew"
            self.asked += 1
            if self.answers:
                self.uplink._take({"type": "renewed", "at": frame["at"]})


@pytest.mark.parametrize(("outage_s", "leaves"), [(60.0, False), (75.0, False), (95.0, True)])
async def test_an_outage_of_a_minute_is_borne_and_one_beyond_a_lease_and_a_half_is_not(
    tmp_path: Path, outage_s: float, leaves: bool
) -> None:
    line = Line(tmp_path)
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(line.answer())
        holding = tasks.create_task(hold(line.uplink, LEASE_S))
        await asyncio.sleep(600)
        assert not holding.done() and line.asked == pytest.approx(600 / (ASKED_AT * LEASE_S), abs=2)
        line.answers = False
        await asyncio.sleep(outage_s)
        line.answers = True
        await asyncio.sleep(600)
        assert holding.done() is leaves
        answering.cancel()
        holding.cancel()


async def test_an_answer_that_comes_late_counts_from_when_it_was_asked(tmp_path: Path) -> None:
    line = Line(tmp_path)
    asked_at = asyncio.get_running_loop().time()
    await asyncio.sleep(80)
    line.uplink._take({"type": "renewed", "at": asked_at + 5})
    assert line.uplink.silence_s == pytest.approx(75)


async def test_a_bot_that_was_stopped_for_long_leaves_as_soon_as_it_goes_on(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.uplink._confirmed_at -= LEFT_AT * LEASE_S + 1
    began = asyncio.get_running_loop().time()
    await hold(line.uplink, LEASE_S)
    assert asyncio.get_running_loop().time() == began and line.asked == 0
