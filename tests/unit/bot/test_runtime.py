"""How one bot's life ends, and what it leaves behind: the whole bot in virtual time, with nobody at the other end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from audio.vad import SileroModel
from bot import runtime
from bot.platforms import Ear, Removed
from bot.pulse import STILL_S, Pulse
from bot.runtime import run_bot
from bot.spec import BotSpec, Limits, Place
from bot.state import EXIT_DONE, EXIT_FAILED, EXIT_REPLACED
from tests.fakes.meeting import ScriptedMeeting
from tests.unit.bot.calls import PLAN

NOWHERE = Place(url="ws://127.0.0.1:1/nobody", token=SecretStr("t"))


class Venue:
    """Where the bot's calls are held: a meeting that a test scripts."""

    def __init__(self) -> None:
        self.meeting = ScriptedMeeting()

    @asynccontextmanager
    async def join(self, spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]) -> AsyncIterator[ScriptedMeeting]:
        self.meeting.ear = ear
        try:
            yield self.meeting
        finally:
            await self.meeting.leave()


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Venue:
    venue = Venue()
    monkeypatch.setattr(runtime, "platform_for", lambda spec: venue)
    return venue


def spec_of(folder: Path, **more: Any) -> BotSpec:
    places = {"room": NOWHERE, "uplink": NOWHERE, "outbox": folder / "att_1-1.jsonl"}
    return BotSpec(interview_id="int_1", attempt_id="att_1", plan=PLAN, **(places | more))


def left_behind(spec: BotSpec) -> list[tuple[str, dict[str, Any]]]:
    """Return what the bot could not deliver."""
    lines = spec.outbox.read_text().splitlines()
    return [(event["event"], event["data"]) for event in map(json.loads, lines)]


async def test_a_bot_whose_lease_nobody_confirms_leaves_without_a_word_and_with_its_own_code(
    tmp_path: Path, venue: Venue
) -> None:
    spec, loop, pulse = spec_of(tmp_path, lease_s=60), asyncio.get_running_loop(), Pulse()
    began = loop.time()
    assert await run_bot(spec, pulse, vad=SileroModel()) == EXIT_REPLACED
    assert 90 <= loop.time() - began <= 96
    assert venue.meeting.left and not venue.meeting.played
    assert "ended" not in [event for event, _ in left_behind(spec)], "whoever goes on with the call tells its end"
    assert pulse.last is not None and loop.time() - pulse.last < STILL_S


async def test_where_nobody_else_could_take_over_a_bot_stays_without_a_word_from_anybody(
    tmp_path: Path, venue: Venue
) -> None:
    spec = spec_of(tmp_path, limits=Limits(no_show_s=300))
    assert await run_bot(spec, Pulse(), vad=SileroModel()) == EXIT_DONE
    assert left_behind(spec)[-1][1]["reason"] == "no_show"


async def test_a_bot_whose_meeting_page_crashes_leaves_the_call_to_the_next_one(tmp_path: Path, venue: Venue) -> None:
    spec = spec_of(tmp_path)
    venue.meeting.happen(Removed("browser_crashed"))
    await venue.meeting.leave()
    assert await run_bot(spec, Pulse(), vad=SileroModel()) == EXIT_FAILED
    left = left_behind(spec)
    assert [data["code"] for event, data in left if event == "incident"] == ["browser_crashed"]
    assert "ended" not in [event for event, _ in left]
