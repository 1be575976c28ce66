"""A bot as a guest in a meeting on somebody else's page: a simulated one, in a real Chromium."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.async_api import Browser

from bot.errors import MeetingRefused
from bot.platforms import ParticipantJoined, ParticipantLeft, Removed
from bot.platforms.browser.chromium import chromium, new_page
from bot.platforms.browser.driver import Driver
from bot.platforms.browser.meeting import BrowserConnection, join_meeting
from bot.platforms.browser.sites import load_site
from bot.spec import BotSpec, Limits, Meeting
from tests.fakes.simulated_meet import SimulatedMeet, simulated_meet
from tests.guards import HANG_S
from tests.integration.voices import Ear, pitch, tone
from tests.running_host import spec_of

pytestmark = pytest.mark.browser

RATE, HALF = 16_000, 8_000


@pytest.fixture
async def meet() -> AsyncIterator[SimulatedMeet]:
    async with simulated_meet() as meet:
        yield meet


def spec(meet: SimulatedMeet, folder: Path, browser: Path | None = None) -> BotSpec:
    meeting = Meeting(url=meet.url, platform="meet", chromium=browser, evidence=folder / "att_1-1")
    limits = Limits(no_show_s=5)
    return spec_of(folder).model_copy(update={"meeting": meeting, "name": "Vera", "limits": limits})


def pieces(bot: BrowserConnection) -> int:
    """Return how much sound the page has given so far, in pieces of 20 ms."""
    return next(progress.done for progress in bot.progress() if progress.part == "the page's ear")


def in_lobby() -> None:
    pass


async def test_bot_and_guest_hear_each_other_and_the_bot_leaves(meet: SimulatedMeet, tmp_path: Path) -> None:
    ear, waits, own, others = Ear(), asyncio.Event(), tone(880), tone(440)
    async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:

        async def let_in() -> None:
            await waits.wait()
            meet.standing = "in_call"

        tasks.create_task(let_in())
        async with join_meeting(spec(meet, tmp_path), "meet", ear=ear, in_lobby=waits.set) as bot:
            joined = await anext(bot.events())
            assert isinstance(joined, ParticipantJoined)
            assert (joined.participant.name, joined.participant.consented) == ("Ada Byron", False)
            number = 0
            while len(ear.sound("others")) < RATE or sum(map(len, meet.heard)) < RATE:
                bot.play(own(number))
                meet.say(others(number))
                await asyncio.sleep(0.02)
                number += 1
            heard = ear.sound("others")
            meet.names = []  # nobody is there any more, and the page goes on to give sound: silence
            await asyncio.sleep(2)
            given = pieces(bot)
            await asyncio.sleep(2)
            assert pieces(bot) - given == pytest.approx(100, abs=30)
    assert meet.asked == [
        {"name": "Vera (AI interviewer)", "camera": "Turn on camera", "microphone": "Turn off microphone"}
    ]
    assert pitch(heard[-HALF:]) == pytest.approx(440, abs=3)
    assert pitch(np.concatenate(meet.heard)[-HALF:]) == pytest.approx(880, abs=3)
    assert meet.left.is_set()


WAYS_IN = [  # what the page shows, what it shows once asked, why the bot is not in
    ("not_found", "", "meeting_not_found"),
    ("sign_in", "", "sign_in_required"),
    ("blocked", "", "meeting_unreachable"),
    ("strange", "", "meeting_unreachable"),
    ("hangs", "", "browser_crashed"),
    ("prejoin", "denied", "admission_denied"),
    ("prejoin", "unanswered", "lobby_timeout"),
    ("prejoin", "lobby", "lobby_timeout"),
]


async def test_each_way_not_to_get_in_is_told_apart(tmp_path: Path) -> None:
    site = load_site("meet")

    async def refusal(browser: Browser, url: str, name: str, known_s: float = HANG_S) -> MeetingRefused:
        page = await new_page(browser, site.locale)
        driver = Driver(page, site, evidence=tmp_path / name, known_s=known_s, answer_s=5.0)
        with pytest.raises(MeetingRefused) as refused:
            await driver.enter(url, "Vera", lobby_s=1.0, in_lobby=in_lobby)
        return refused.value

    async def tried(browser: Browser, shown: str, then: str, reason: str) -> None:
        async with simulated_meet() as meet:
            meet.standing, meet.then = shown, then
            name = f"{shown}-{then}"
            refused = await refusal(browser, meet.url, name, 1.0 if shown == "strange" else HANG_S)
            assert refused.code == reason, (shown, then, str(refused))
            if shown != "hangs":
                picture = tmp_path / f"{name}-{reason}.png"
                assert str(picture) in str(refused)
                assert picture.stat().st_size > 1000
                assert (tmp_path / f"{name}-{reason}.txt").read_text().startswith(meet.url)

    async with asyncio.timeout(2 * HANG_S), chromium(None) as browser:
        async with asyncio.TaskGroup() as tasks:
            for way in WAYS_IN:
                tasks.create_task(tried(browser, *way))
        nobody = await refusal(browser, "http://127.0.0.1:9/abc-defg-hij", "nobody")
        assert nobody.code == "meeting_unreachable"


async def test_each_end_of_a_call_is_told_apart(tmp_path: Path) -> None:
    site = load_site("meet")

    async def ends(browser: Browser, end: str, reason: str) -> None:
        async with simulated_meet() as meet:
            meet.then, meet.names = "in_call", ["Ada Byron", "Ines"]
            page = await new_page(browser, site.locale)
            driver = Driver(page, site, evidence=tmp_path / end)
            bot = BrowserConnection(page, driver, ear=Ear())
            await page.expose_binding("vivavoceHeard", lambda _, text: bot.hear(text))
            await driver.enter(meet.url, "Vera", lobby_s=HANG_S, in_lobby=in_lobby)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(bot.watch())
                events = bot.events()
                joined = await anext(events)
                assert isinstance(joined, ParticipantJoined)
                assert joined.participant.name == "Participant 1"  # of two nobody can tell whose the voice is
                for nonsense in ("'%%%'", "'AAA='", "{}", "null", "'A'.repeat(100_000)"):  # a page may say anything
                    await page.evaluate(f"vivavoceHeard({nonsense})")
                if end == "alone":
                    meet.names = []
                    assert await anext(events) == ParticipantLeft(joined.participant, dropped=False)
                    meet.names = ["Ada Byron"]
                    back = await anext(events)
                    assert isinstance(back, ParticipantJoined)
                    assert back.again
                elif end == "crash":
                    for process in psutil.Process().children(recursive=True):
                        if "--type=renderer" in process.cmdline():
                            process.kill()
                meet.standing = {"alone": "ended", "crash": meet.standing}.get(end, end)
                over = [event async for event in events]
            assert over[-1] == Removed(reason)

    async with asyncio.timeout(2 * HANG_S), chromium(None) as browser:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ends(browser, "removed", "removed_from_meeting"))
            tasks.create_task(ends(browser, "alone", "meeting_ended"))
            tasks.create_task(ends(browser, "strange", "connection_lost"))
        assert (tmp_path / "removed-removed_from_meeting.png").exists()
        await ends(browser, "crash", "browser_crashed")


async def test_a_bot_that_is_killed_leaves_no_browser(meet: SimulatedMeet, tmp_path: Path) -> None:
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"), stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert bot.stdin is not None
    bot.stdin.write(spec(meet, tmp_path).for_pipe().encode())
    bot.stdin.close()
    async with asyncio.timeout(HANG_S):
        while not meet.asked:
            await asyncio.sleep(0.05)
        started = psutil.Process(bot.pid).children(recursive=True)
        assert any("--headless" in process.cmdline() for process in started)
        bot.kill()
        await bot.wait()
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in started):
            await asyncio.sleep(0.05)


async def test_a_missing_browser_is_a_reason(meet: SimulatedMeet, tmp_path: Path) -> None:
    nothing = spec(meet, tmp_path, tmp_path / "no-such-browser")
    with pytest.raises(MeetingRefused, match="set CHROMIUM") as refused:
        async with join_meeting(nothing, "meet", ear=Ear(), in_lobby=in_lobby):
            pass
    assert refused.value.code == "browser_missing"
