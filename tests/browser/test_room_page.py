"""The room page in a real Chromium: every state a candidate can see, and the call itself."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, Route, expect

from api.room import Refused
from api.room.frames import Hello
from api.room.relay import MAX_MEMBERS
from bot.platforms import Control, ParticipantJoined, ParticipantLeft, Slept
from bot.platforms.room import RoomConnection
from tests.browser import mishaps
from tests.browser.accessibility import everywhere, looked_at, no_sideways_scroll
from tests.browser.conftest import DESK, PHONE, Chromium, Seat, Stage, Theme, picture
from tests.browser.visiting import press, tab_to, to_consent, walk_in
from tests.guards import HANG_S

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: list[tuple[Theme, dict[str, int], str]] = [("light", DESK, "desk-light"), ("dark", PHONE, "phone-dark")]
INTERVIEWER = {"speaker_id": "interviewer-1", "speaker": "Grace", "role": "interviewer", "stable": ""}


async def seated(bot: RoomConnection) -> ParticipantJoined:
    """The next arrival the bot can talk to."""
    async with asyncio.timeout(HANG_S):
        async for event in bot.events():
            if isinstance(event, ParticipantJoined):
                return event
    raise AssertionError("the call ended before anybody came")


async def parted(bot: RoomConnection) -> ParticipantLeft:
    """The next goodbye, or the lack of one."""
    async with asyncio.timeout(HANG_S):
        async for event in bot.events():
            if isinstance(event, ParticipantLeft):
                return event
    raise AssertionError("the call ended first")


async def hum(bot: RoomConnection, until: Callable[[], Awaitable[bool]]) -> None:
    """The bot plays a tone in real time until something is so."""
    loop = asyncio.get_running_loop()
    start, number = loop.time(), 0
    frame = (0.4 * 32767 * np.sin(2 * np.pi * 300 * np.arange(960) / 48000)).astype(np.int16)
    async with asyncio.timeout(HANG_S):
        while number % 10 or not await until():
            bot.play(frame)
            number += 1
            await asyncio.sleep(max(0.0, start + number * 0.02 - loop.time()))


async def heard_by(page: Page, bot: RoomConnection, energy: float = 0.005) -> None:
    """The bot plays until the page has heard it."""

    async def heard() -> bool:
        return (await _inbound(page, "bot-1")).get("totalAudioEnergy", 0.0) > energy

    await hum(bot, heard)


@pytest.mark.parametrize(("theme", "size", "look"), LOOKS)
async def test_every_step_of_an_interview(
    chromium: Chromium, stage: Stage, voice: Path, theme: Theme, size: dict[str, int], look: str
) -> None:
    async with chromium.page(microphone=voice, theme=theme, size=size) as page:
        await page.goto(stage.link())
        await expect(page.get_by_role("heading", name="Check your sound")).to_be_focused()
        assert "#" not in page.url, "the key has left the address bar"
        await expect(page.get_by_role("button", name="Continue")).to_be_disabled()
        await page.get_by_role("button", name="Turn on my microphone").click()
        await expect(page.get_by_text("We hear you well.")).to_be_visible()
        await no_sideways_scroll(page)
        await picture(page, f"room-1-check-{look}")
        await page.get_by_role("button", name="Continue").click()

        await expect(page.get_by_role("heading", name="Hello Ada")).to_be_focused()
        await expect(page.get_by_text("An AI leads this interview")).to_be_visible()
        await expect(page.get_by_text("Marchland Rail may listen")).to_be_visible()
        await expect(page.get_by_role("button", name="Join the interview")).to_be_disabled()
        await no_sideways_scroll(page)
        await picture(page, f"room-2-consent-{look}")
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Join the interview").click()

        await expect(page.locator("#floor")).to_have_text("Waiting for the interviewer")
        await picture(page, f"room-3-waiting-{look}")
        async with stage.bot() as bot:
            arrived = await seated(bot)
            assert arrived.participant.consented, "the tick on the page is known to the bot"
            (_, notice), *again = stage.notices
            assert notice is not None and notice.version == "page-2-en" and not again
            assert notice.shown_ms >= notice.given_ms
            await expect(page.locator("#line")).to_have_text("Connected")
            await _converse(page, stage, look)
            stage.hub.end("i1", "completed", "completed")
            await expect(page.get_by_role("heading", name="Thank you, Ada!")).to_be_focused()
            await no_sideways_scroll(page)
            await picture(page, f"room-9-ended-{look}")


async def _converse(page: Page, stage: Stage, look: str) -> None:
    floor, log = page.locator("#floor"), page.get_by_role("log")
    stage.floor("speaking")
    await expect(floor).to_have_text("Vera is speaking")
    await expect(page.locator("#progress")).to_have_text("Question 1 of 4")
    stage.caption("Tell me about a system you took from an idea to production. What was your own part in it?")
    await expect(log.get_by_text("Tell me about a system")).to_be_visible()
    await picture(page, f"room-4-speaking-{look}")
    stage.floor("listening", "answer")
    await expect(floor).to_have_text("Vera is listening")
    await expect(page.get_by_text("A pause is fine.")).to_be_visible()
    said = "We moved the timetable service from nightly files to a stream of events, and I"
    stage.caption(said, role="candidate", final=False, turn="t2", stable="We moved the timetable service")
    await expect(page.locator("#interim")).to_contain_text("nightly files")
    await no_sideways_scroll(page)
    await picture(page, f"room-5-listening-{look}")
    stage.caption(said + " wrote the consumer.", role="candidate", turn="t2")
    await expect(page.locator("#interim")).to_be_empty()
    await expect(log.get_by_text("wrote the consumer.")).to_be_visible()
    stage.floor("thinking", number=2)
    await expect(floor).to_have_text("Vera is thinking")
    await expect(page.locator("#progress")).to_have_text("Question 2 of 4")
    await picture(page, f"room-6-thinking-{look}")


async def test_where_people_lead_the_page_says_so_and_has_no_buttons_for_the_bot(
    chromium: Chromium, stage: Stage, voice: Path
) -> None:
    stage.card = replace(stage.card, mode="shadow")
    async with chromium.page(microphone=voice) as page:
        await page.goto(stage.link())
        await to_consent(page)
        await expect(page.get_by_text("People lead this interview")).to_be_visible()
        await expect(page.get_by_text("An AI leads this interview")).to_be_hidden()
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Join the interview").click()
        await expect(page.get_by_role("button", name="Mute")).to_be_visible()
        await expect(page.get_by_role("button", name="Skip")).to_be_hidden()
        (_, notice) = stage.notices[0]
        assert notice is not None and notice.version == "page-shadow-1-en"
        await expect(page.locator("#floor")).to_have_text("Waiting for your interviewer")


async def test_whoever_hands_over_or_changes_the_mode_the_candidate_is_told(
    chromium: Chromium, stage: Stage, voice: Path
) -> None:
    stage.card = replace(stage.card, language="de", mode="copilot", interviewers=("Grace", "Tim"), observers=("Olga",))
    async with stage.bot() as bot, chromium.page(microphone=voice, size=PHONE, theme="dark") as page:
        await page.goto(stage.link())
        await to_consent(page)
        await expect(
            page.get_by_text("Grace and Tim of Marchland Rail may be in the call, Olga may listen")
        ).to_be_visible()
        await looked_at(page, "room-2-consent-copilot-phone", whole=True)
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Join the interview").click()
        await seated(bot)
        news, repeat = page.locator("#news"), page.get_by_role("button", name="Repeat")
        await expect(repeat).to_be_hidden()
        stage.hub.announce("i1", "floor.changed", {"from": "interviewer", "to": "bot", "by": "Grace", "questions": 2})
        await expect(news).to_have_text("Vera asks the next 2 questions.")
        await expect(repeat).to_be_visible()
        await page.get_by_role("button", name="A human, please").click()
        await expect(page.get_by_role("dialog")).to_contain_text("the interviewers in the call go on")
        await page.get_by_role("button", name="Go on with Vera").click()
        stage.hub.announce("i1", "floor.changed", {"from": "bot", "to": "interviewer", "by": "Grace"})
        await expect(news).to_have_text("The interviewers lead again.")
        await expect(repeat).to_be_hidden()
        stage.hub.announce("i1", "mode.changed", {"from": "copilot", "to": "shadow", "by": "Grace"})
        await expect(news).to_have_text("From now on people lead the interview, and Vera only listens.")
        stage.caption("I would", role="candidate", final=False, turn="t1")
        stage.hub.announce("i1", "turn.interim", {**INTERVIEWER, "turn_id": "t2", "text": "Sorry, go on"})
        stage.caption("I would say that", role="candidate", final=False, turn="t1")
        interims = page.locator("#interim")
        await expect(interims).to_contain_text("I would say that")
        await expect(interims).to_have_attribute("lang", "de")
        await expect(page.locator("#captions")).to_have_attribute("lang", "de")
        await expect(interims).to_contain_text("Sorry, go on")
        await looked_at(page, "room-5-both-talk-phone")
        stage.hub.announce("i1", "turn.final", {**INTERVIEWER, "turn_id": "t2", "text": "Sorry, go on."})
        await expect(page.get_by_role("log").get_by_text("Sorry, go on.")).to_be_visible()
        await expect(interims).to_have_text("YouI would say that")


async def test_a_consent_is_refused_before_the_call_and_taken_back_in_it(
    chromium: Chromium, stage: Stage, voice: Path
) -> None:
    async with stage.bot() as bot, chromium.page(microphone=voice) as page:
        await page.goto(stage.link())
        await to_consent(page)
        await page.get_by_role("button", name="I don't agree").click()
        await expect(page.get_by_role("heading", name="Thank you for telling us")).to_be_focused()
        assert await _control(bot) == "withdraw"
        assert (stage.withdrawals, stage.notices) == (["candidate-1"], [])

        await walk_in(page, stage.link(name="Ann"))
        await seated(bot)
        await page.get_by_role("button", name="Stop recording me").click()
        await page.get_by_role("dialog").get_by_role("button", name="Go on").click()
        await page.get_by_role("button", name="Stop recording me").click()
        await page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
        assert await _control(bot) == "withdraw"
        await expect(page.get_by_text("The recording is thrown away, and Vera leaves.")).to_be_visible()
        stage.hub.close()  # said again to a bot that may have missed it, and nothing is agreed to any more
        assert await _control(bot) == "withdraw"
        assert len(stage.withdrawals) >= 3
        assert len(stage.notices) == 1
        stage.hub.end("i1", "consent_declined", "completed")
        await expect(page.get_by_role("heading", name="Thank you for telling us")).to_be_focused()


async def test_a_microphone_that_is_unplugged_and_a_page_that_slept_say_so_and_recover(
    chromium: Chromium, stage: Stage, voice: Path
) -> None:
    frames: list[dict[str, object]] = []
    async with stage.bot(frames.append) as bot, chromium.page(microphone=voice) as page:
        await page.add_init_script(mishaps.CLOCK)
        await walk_in(page, stage.link())
        await seated(bot)
        gone, news = page.get_by_role("alert"), page.locator("#news")
        await mishaps.unplug(page)
        await expect(gone).to_contain_text("Your microphone is gone.")
        await looked_at(page, "room-7-microphone-gone-desk")
        await page.get_by_role("button", name="Use another one").click()
        await expect(news).to_contain_text("You are heard through")
        await expect(gone).to_be_hidden()
        await _heard(stage)
        await mishaps.unplug(page)
        await expect(gone).to_contain_text("Your microphone is gone.")
        await page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")  # plugged in again
        await expect(gone).to_be_hidden()
        await _heard(stage)
        levels = [(frame["muted"], frame.get("lost", False)) for frame in frames if frame["type"] == "muted"]
        assert levels == [(True, True), (False, False)] * 2, "the bot is told that it was lost, and not muted"

        await page.evaluate("document.dispatchEvent(new Event('resume'))")  # as of a tab that was frozen for a moment
        assert 0 < (await _slept(bot)).ms < 20_000
        async with page.expect_websocket():
            await mishaps.sleep(page)
        await expect(news).to_have_text("This page was asleep. You are being connected again.")
        await expect(page.locator("#line")).to_have_text("Connected")
        slept = await _slept(bot)
        assert slept.participant.name == "Ada"
        assert 60_000 <= slept.ms < 90_000
        await _heard(stage)
        await bot.drop()
        await expect(page.locator("#line")).to_have_text("Waiting")
        async with page.expect_event("websocket") as again:
            await page.evaluate("document.dispatchEvent(new Event('resume'))")
        await (await again.value).wait_for_event("framereceived")  # the welcome of a room without a bot
        async with stage.bot() as second:
            assert (await _slept(second)).ms > 0, "the one that comes is told what the one before it missed"


async def _slept(bot: RoomConnection) -> Slept:
    """The next page that was asleep."""
    async with asyncio.timeout(HANG_S):
        async for event in bot.events():
            if isinstance(event, Slept):
                return event
    raise AssertionError("the call ended first")


async def _heard(stage: Stage) -> None:
    """Wait until a voice comes from the page's microphone."""
    stage.heard.clear()
    async with asyncio.timeout(HANG_S):
        while not stage.heard or np.max(np.abs(np.concatenate(stage.heard))) < 500:
            await asyncio.sleep(0.05)


async def _silent(stage: Stage) -> None:
    """Wait until half a second of silence comes from the page's microphone."""
    async with asyncio.timeout(HANG_S):
        while sum(map(len, stage.heard)) < 8000 or np.max(np.abs(np.concatenate(stage.heard))) > 50:
            stage.heard.clear()
            await asyncio.sleep(0.55)


async def _control(bot: RoomConnection) -> str:
    """The next button that somebody pressed."""
    async with asyncio.timeout(HANG_S):
        async for event in bot.events():
            if isinstance(event, Control):
                return event.control
    raise AssertionError("the call ended first")


async def test_sound_goes_both_ways(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with stage.bot() as bot, chromium.page(microphone=voice) as page:
        await walk_in(page, stage.link())
        await seated(bot)
        await heard_by(page, bot, 0.01)
        await _heard(stage)


async def _inbound(page: Page, participant: str) -> dict[str, float]:
    script = """async (id) => (await vivavoce.mesh.stats())[id]?.find((entry) => entry.type === "inbound-rtp") ?? {}"""
    found: dict[str, float] = await page.evaluate(script, participant)
    return found


async def test_buttons_tell_the_bot_and_mute_silences_the_page(chromium: Chromium, stage: Stage, voice: Path) -> None:
    frames: list[dict[str, object]] = []
    async with stage.bot(frames.append) as bot, chromium.page(microphone=voice) as page:
        await walk_in(page, stage.link())
        await seated(bot)
        controls = []

        async def pressed(name: str) -> None:
            await page.get_by_role("button", name=name, exact=True).click()
            async with asyncio.timeout(HANG_S):
                async for event in bot.events():
                    controls.append(event.control)  # type: ignore[union-attr]
                    return

        for name in ("Repeat", "Rephrase", "Skip", "One moment", "I'm back"):
            await pressed(name)
        assert controls == ["repeat", "rephrase", "skip", "pause", "resume"]
        await page.get_by_role("button", name="A human, please").click()
        await page.get_by_role("button", name="Go on with Vera").click()
        await page.get_by_role("button", name="A human, please").click()
        await pressed("Ask for a human")
        assert controls[-1] == "human", "asked once, after the second thought"

        await page.get_by_role("button", name="Mute").click()
        await expect(page.get_by_role("button", name="Unmute")).to_have_attribute("aria-pressed", "true")
        await _silent(stage)
        assert any(frame["type"] == "muted" and frame["muted"] for frame in frames)


async def test_a_candidate_can_do_it_all_by_keyboard(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with chromium.page(microphone=voice, reduced_motion=True) as page:
        await page.goto(stage.link())
        await press(page, "Turn on my microphone")
        await expect(page.get_by_role("button", name="Continue")).to_be_enabled()
        await press(page, "Continue")
        await tab_to(page, page.get_by_role("checkbox"))
        await page.keyboard.press("Space")
        await press(page, "Join the interview")
        async with stage.bot() as bot:
            await seated(bot)
            await press(page, "Leave")
            await expect(page.get_by_role("button", name="Stay")).to_be_focused()
            await press(page, "Leave")
        await expect(page.get_by_role("heading", name="You have left")).to_be_focused()


async def test_leaving_is_a_goodbye_and_a_reload_is_not(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with stage.bot() as bot, chromium.page(microphone=voice) as page:
        await walk_in(page, stage.link())
        await seated(bot)
        await page.reload()
        assert (await parted(bot)).dropped
        await expect(page.get_by_role("heading", name="You are back")).to_be_focused()
        await page.get_by_role("button", name="Rejoin the call").click()
        assert (await seated(bot)).again
        await page.get_by_role("button", name="Leave").click()
        await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
        assert not (await parted(bot)).dropped


async def test_the_line_comes_back_and_the_sound_never_stops(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with stage.bot() as bot, chromium.page(microphone=voice) as page:
        await walk_in(page, stage.link())
        await seated(bot)
        await heard_by(page, bot)
        before = await _inbound(page, "bot-1")
        stage.hub.close()  # as a server that restarts does
        await expect(page.locator("#line")).to_have_text("Connected")

        async def goes_on() -> bool:
            after = await _inbound(page, "bot-1")
            assert after["id"] == before["id"], "the connection is the one from before"
            return after["packetsReceived"] > before["packetsReceived"] + 30

        await hum(bot, goes_on)
        stage.caption("Where were we?")
        await expect(page.get_by_role("log").get_by_text("Where were we?")).to_be_visible()


async def test_a_bot_that_dies_and_returns_is_heard_again(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with chromium.page(microphone=voice) as page:
        async with stage.bot() as first:
            await walk_in(page, stage.link())
            await seated(first)
            await expect(page.locator("#floor")).to_have_text("Vera is here")
            await first.drop()
            await expect(page.locator("#floor")).to_have_text("Vera is coming back")
            await expect(page.locator("#line")).to_have_text("Waiting")
            await expect(page.locator("#people")).not_to_contain_text("Vera")
            await picture(page, "room-7-bot-dropped-desk-light")
        async with stage.bot() as second:
            await seated(second)
            await heard_by(page, second)


async def test_a_lost_server_is_told_with_what_to_do(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with chromium.page(microphone=voice, size=PHONE) as page:
        await walk_in(page, stage.link())
        await expect(page.locator("#floor")).to_have_text("Waiting for the interviewer")
        stage.refuse = Refused(1011, "down", "The server is down.")
        stage.hub.close()
        await expect(page.get_by_role("alert")).to_contain_text("The connection is lost.")
        await expect(page.get_by_role("alert")).to_contain_text("what you have said so far is safe")
        await no_sideways_scroll(page)
        await picture(page, "room-8-lost-phone-light")
        stage.refuse = Refused(1013, "room_unavailable", "Out of reach.")
        await page.get_by_role("button", name="Try now").click()
        await expect(page.get_by_role("alert")).to_contain_text("The room can't be reached for the moment.")
        await page.get_by_role("button", name="Repeat").click()
        await expect(page.locator("#said")).to_contain_text("Not sent")
        by_api: list[str | None] = []

        async def api(route: Route) -> None:
            by_api.append(route.request.headers.get("authorization"))
            await route.abort()

        await page.route("**/v1/interviews/i1/consents/withdraw", api)
        await page.get_by_role("button", name="Stop recording me").click()
        await page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
        await expect(page.locator("#said")).to_contain_text("told as soon as it is back")
        assert stage.withdrawals == []
        await page.evaluate("dispatchEvent(new Event('pagehide'))")
        async with asyncio.timeout(HANG_S):
            while by_api != ["Bearer candidate.Ada"] * 2:  # at once, and by a page that goes away
                await asyncio.sleep(0.05)
        stage.refuse = None
        await expect(page.locator("#line")).to_have_text("Waiting")
        await expect(page.locator("#said")).to_contain_text("The recording is thrown away")
        async with asyncio.timeout(HANG_S):
            while stage.withdrawals != ["candidate-1"]:  # kept by the server, though no bot is there to hear it
                await asyncio.sleep(0.05)


async def test_a_full_room_says_so_and_an_interview_that_is_over_has_its_scorecard_for_interviewers(
    chromium: Chromium, stage: Stage
) -> None:
    for number in range(MAX_MEMBERS - 1):
        seat = Seat(f"guest-{number}", "observer", f"Guest {number}")
        await stage.hub.join("i1", seat, Hello(type="hello", token="t"), stage.card)
    async with chromium.page(microphone=None) as page:
        await page.goto(stage.link("observer", "Olga"))
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Listen in").click()
        await expect(page.get_by_role("heading", name="The room is full")).to_be_focused()
        await everywhere(page, "room-trouble-full")

        report = page.get_by_role("link", name="Your scorecard and report")
        for role in ("candidate", "interviewer"):
            stage.refuse = Refused(4410, "completed", "This interview is over.", role=role)
            await page.goto(stage.link(role, "Grace"))
            await expect(page.get_by_role("heading", name="This interview is over")).to_be_focused()
            await expect(report).to_have_count(1 if role == "interviewer" else 0)
        await expect(report).to_have_attribute("href", f"{stage.url}/app/interviews/i1/report#interviewer.Grace")


async def test_who_is_put_out_hears_no_more_and_is_told_why(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with stage.bot() as bot, chromium.page(microphone=voice) as page:
        await walk_in(page, stage.link("interviewer", "Grace"), "Join the call")
        await seated(bot)
        await heard_by(page, bot)
        stage.hub.dismiss("i1", "interviewer-1")
        await expect(page.get_by_role("heading", name="This link was taken back")).to_be_focused()
        assert not (await parted(bot)).dropped
        await expect(page.locator("audio")).to_have_count(0)


async def test_the_same_link_in_two_windows(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with chromium.page(microphone=voice) as first, chromium.page(microphone=voice) as second:
        await walk_in(first, stage.link())
        await walk_in(second, stage.link())
        await expect(first.get_by_role("heading", name="The call is open somewhere else")).to_be_focused()
        await everywhere(first, "room-trouble-replaced")
        await first.get_by_role("button", name="Use this window instead").click()
        await first.get_by_role("button", name="Rejoin the call").click()
        await expect(second.get_by_role("heading", name="The call is open somewhere else")).to_be_visible()


async def test_a_candidate_whose_browser_may_not_listen_gets_help(chromium: Chromium, stage: Stage) -> None:
    async with chromium.page(microphone=None, allowed=False, size=PHONE) as page:
        await page.goto(stage.link())
        await page.get_by_role("button", name="Turn on my microphone").click()
        await expect(page.get_by_role("alert")).to_contain_text("not allowed to use the microphone")
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()
        await expect(page.get_by_role("button", name="Continue")).to_be_disabled()
        await expect(page.get_by_role("button", name="Join without a microphone")).to_be_hidden()
        await no_sideways_scroll(page)
        await picture(page, "room-1-denied-phone-light")


async def test_an_interviewer_without_a_microphone_may_still_listen(chromium: Chromium, stage: Stage) -> None:
    async with stage.bot() as bot, chromium.page(microphone=None, allowed=False) as page:
        await page.goto(stage.link("interviewer", "Grace"))
        await page.get_by_role("button", name="Turn on my microphone").click()
        await page.get_by_role("button", name="Join without a microphone").click()
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Join the call").click()
        await seated(bot)
        await heard_by(page, bot)
        stage.hub.end("i1", "completed", "completed")
        report = page.get_by_role("link", name="Your scorecard and report")
        await expect(report).to_have_attribute("href", f"{stage.url}/app/interviews/i1/report#interviewer.Grace")


async def test_an_observer_hears_everybody_and_sends_nothing(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with stage.bot() as bot, chromium.page(microphone=voice, theme="dark") as page:
        await page.goto(stage.link("observer", "Olga"))
        await expect(page.get_by_role("heading", name="You are going to listen")).to_be_focused()
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Listen in").click()
        arrived = await seated(bot)
        assert arrived.participant.role == "observer"
        await expect(page.get_by_role("group", name="Tell the interviewer")).to_be_hidden()
        await expect(page.get_by_role("button", name="Mute")).to_be_hidden()
        await heard_by(page, bot)
        assert stage.heard == []
        await everywhere(page, "room-observer")
