"""Everything the room can show, as people look at it: on a phone and at a desk, in both themes, and by axe-core."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from api.room import Refused
from tests.browser.accessibility import everywhere
from tests.browser.conftest import CARD, PHONE, Chromium, Stage
from tests.browser.visiting import to_consent, walk_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = (
    "We moved the timetable service from nightly files to a stream of events, and I wrote the part that reads it. "
    "It took a quarter, and for two weeks of it both ways ran side by side, so that nobody saw a wrong departure."
)
# A microphone that can't be opened, for the reason in `cannot`; and sound that waits for a press while `held`.
UNWILLING = """
const open = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (wanted) {
  return window.cannot ? Promise.reject(new DOMException("no", window.cannot)) : open.call(this, wanted);
};
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  return window.held ? Promise.reject(new DOMException("no", "NotAllowedError")) : play.call(this);
};"""
KEPT_SILENT = """() => {
  const { track } = vivavoce.microphone;
  Object.defineProperty(track, "muted", { value: true });
  track.dispatchEvent(new Event("mute"));
}"""
NO_CALLS = "delete window.RTCPeerConnection"


@asynccontextmanager
async def visitor(chromium: Chromium, voice: Path, script: str = UNWILLING) -> AsyncIterator[Page]:
    async with chromium.page(microphone=voice, reduced_motion=True) as page:
        await page.add_init_script(script)
        yield page


async def unreachable(route: Route) -> None:
    await route.abort()


async def test_links_that_open_nothing(chromium: Chromium, stage: Stage, voice: Path) -> None:
    refusals = {
        "expired": (Refused(4401, "unauthorised", "No."), "This link can't be used"),
        "other-interview": (Refused(4403, "forbidden", "No."), "This link is for another interview"),
        "taken-back": (Refused(4403, "not_named", "No."), "This link was taken back"),
        "unknown": (Refused(4404, "not_found", "No."), "There is no such interview"),
        "over": (Refused(4410, "completed", "No.", role="interviewer"), "This interview is over"),
    }
    async with visitor(chromium, voice) as page:
        for name, (refusal, heading) in refusals.items():
            stage.refuse = refusal
            await page.goto(stage.link(name=name))
            await expect(page.get_by_role("heading", name=heading)).to_be_focused()
            await everywhere(page, f"room-trouble-{name}")
        await page.goto(f"{stage.url}/room/nobody")
        await expect(page.get_by_role("heading", name="This link is not complete")).to_be_focused()
        await everywhere(page, "room-trouble-half-a-link")
        await page.goto(f"{stage.url}/room/i1?embed=https://elsewhere.example#candidate.Ada")
        await expect(page.get_by_role("heading", name="This link belongs inside another page")).to_be_focused()
        await everywhere(page, "room-trouble-frame")
        stage.refuse = None
        await page.route("**/card", unreachable)
        await page.goto(stage.link(name="away"))
        await expect(page.get_by_role("heading", name="The room can't be reached")).to_be_focused()
        await everywhere(page, "room-trouble-network")
        await page.unroute("**/card")
        await page.add_init_script(NO_CALLS)
        await page.reload()
        await expect(page.get_by_role("heading", name="This browser can't hold calls")).to_be_focused()
        await everywhere(page, "room-trouble-browser")


async def test_a_microphone_that_can_and_cannot_be_opened(chromium: Chromium, stage: Stage, voice: Path) -> None:
    reasons = {
        "NotAllowedError": "not allowed to use the microphone",
        "NotFoundError": "No microphone was found",
        "NotReadableError": "could not be opened",
        "SecurityError": "only gives out the microphone on a secure",
    }
    async with visitor(chromium, voice) as page:
        for role in ("candidate", "interviewer"):
            await page.goto(stage.link(role))
            await everywhere(page, f"room-check-{role}-before")
            for reason, told in reasons.items():
                await page.evaluate("(reason) => (window.cannot = reason)", reason)
                await page.locator("#mic-start").click()
                await expect(page.get_by_role("alert")).to_contain_text(told)
                if (role, reason) != ("interviewer", "SecurityError"):
                    await everywhere(page, f"room-check-{role}-{reason}")
            await page.evaluate("window.cannot = ''")
            await page.locator("#mic-start").click()
            await expect(page.get_by_text("We hear you well.")).to_be_visible()
            await everywhere(page, f"room-check-{role}-heard", whole=True)


async def test_what_people_read_before_they_come_in(chromium: Chromium, stage: Stage, voice: Path) -> None:
    people: dict[str, Any] = {"interviewers": ("Grace", "Tim"), "observers": ("Olga",)}
    async with visitor(chromium, voice) as page:
        for mode in ("solo", "copilot", "shadow"):
            stage.card = replace(CARD, mode=mode, **({} if mode == "solo" else people))
            await page.goto(stage.link(name=mode))
            await to_consent(page)
            await everywhere(page, f"room-consent-{mode}", whole=True)
        await page.get_by_role("checkbox").check()
        await everywhere(page, "room-consent-ticked", whole=True)
        await page.get_by_role("button", name="I don't agree").click()
        await expect(page.get_by_role("heading", name="Thank you for telling us")).to_be_focused()
        await everywhere(page, "room-over-refused")
        for role in ("interviewer", "observer"):
            await page.goto(stage.link(role, "Grace"))
            if role == "interviewer":
                await to_consent(page)
            await expect(page.get_by_role("checkbox")).to_be_visible()
            await everywhere(page, f"room-consent-{role}", whole=True)


async def test_each_state_of_a_call_that_the_bot_leads(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with visitor(chromium, voice) as page:
        floor, banner = page.locator("#floor"), page.get_by_role("alert")

        async def look(name: str, shown: str) -> None:
            await expect(floor).to_have_text(shown)
            await everywhere(page, f"room-call-{name}")

        await page.goto(stage.link())
        await to_consent(page)
        await page.get_by_role("checkbox").check()
        stage.refuse = Refused(1011, "down", "The server is down.")
        await page.get_by_role("button", name="Join the interview").click()
        await look("connecting", "Connecting…")
        await expect(banner).to_contain_text("can't be reached yet")
        await look("never-connected", "Connecting…")
        stage.refuse = None
        await look("waiting", "Waiting for the interviewer")
        async with stage.bot() as bot:
            await look("here", "Vera is here")
            for expecting, shown in (("consent", "Vera is listening"), ("questions", "Your turn to ask")):
                stage.floor("listening", expecting)
                await look(f"listening-{expecting}", shown)
            stage.floor("speaking")
            stage.caption("Tell me about a system you took from an idea to production. What was your own part in it?")
            await look("speaking", "Vera is speaking")
            stage.floor("listening", "answer")
            stage.caption(LONG, role="candidate", final=False, turn="t2", stable=LONG[:90])
            await look("listening", "Vera is listening")
            stage.floor("thinking", number=2)
            stage.caption(LONG, role="candidate", turn="t2")
            await look("thinking", "Vera is thinking")
            for number in range(12):
                stage.caption(f"{number}. {LONG}", role=("bot", "candidate")[number % 2], turn=f"t{number + 3}")
            stage.floor("listening", "answer")
            await page.get_by_role("button", name="One moment").click()
            await page.get_by_role("button", name="Mute").click()
            await look("paused-and-muted", "Paused")
            await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            await expect(page.locator("#captions > li").last).to_be_in_viewport(ratio=0.3)  # it is long
            await page.get_by_role("button", name="Captions").click()
            await look("without-captions", "Paused")
            for name, title in (
                ("Leave", "Leave the"),
                ("A human, please", "a human"),
                ("Stop recording me", "consent"),
            ):
                await page.get_by_role("button", name=name).click()
                await expect(page.get_by_role("dialog")).to_contain_text(title)
                await everywhere(page, f"room-ask-{name.split()[0].lower()}")
                await page.keyboard.press("Escape")
            await page.evaluate(KEPT_SILENT)
            await expect(banner).to_contain_text("Your microphone gives no sound.")
            await look("microphone-held", "Paused")
            await bot.drop()
            await look("bot-dropped", "Vera is coming back")
            await page.get_by_role("button", name="Repeat").click()
            await expect(page.locator("#said")).to_contain_text("Vera is not here to be told.")
        stage.refuse = Refused(1013, "room_unavailable", "Out of reach.")
        stage.hub.close()
        await expect(banner).to_contain_text("can't be reached for the moment")
        await look("unreachable", "Connecting…")


async def test_a_candidate_whom_nobody_interviews_yet_reads_whether_they_are_heard(
    chromium: Chromium, stage: Stage, voice: Path
) -> None:
    stage.card = replace(CARD, mode="shadow", interviewers=("Grace",))
    async with stage.bot(), visitor(chromium, voice) as ada:
        await walk_in(ada, stage.link())
        floor, hint = ada.locator("#floor"), ada.locator("#floor-hint")
        await expect(hint).to_contain_text("Nobody is here to interview you yet.")
        await expect(hint).not_to_contain_text("does not hear you")
        stage.hub.announce("i1", "floor", {"floor": "alone", "mode": "shadow", "leads": "interviewer"})
        await expect(hint).to_contain_text("Vera does not hear you, and nothing is recorded, until they are here.")
        await expect(floor).to_have_text("Waiting for your interviewer")
        await everywhere(ada, "room-call-alone")
        async with visitor(chromium, voice) as grace:
            await walk_in(grace, stage.link("interviewer", "Grace"), "Join the call")
            stage.hub.announce("i1", "floor", {"floor": "listening", "mode": "shadow", "leads": "interviewer"})
            await expect(floor).to_contain_text("Grace")
            await expect(hint).not_to_contain_text("does not hear you")
            await grace.get_by_role("button", name="Leave").click()
            await grace.get_by_role("dialog").get_by_role("button", name="Leave").click()
            await expect(floor).to_have_text("Waiting for your interviewer")
            await expect(hint).to_contain_text("They are not in the call any more and may come back.")


async def test_sound_that_waits_for_a_press(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with visitor(chromium, voice) as page, stage.bot():
        await page.goto(stage.link())
        await page.evaluate("window.held = true")
        await to_consent(page)
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Join the interview").click()
        await expect(page.get_by_role("alert")).to_contain_text("The browser holds the sound back.")
        await everywhere(page, "room-call-sound-held")
        await page.evaluate("window.held = false")
        await page.get_by_role("button", name="Turn on the sound").click()
        await expect(page.get_by_role("alert")).to_be_hidden()
        await expect(page.locator("audio")).to_have_js_property("paused", False)


ENDINGS = (
    "completed",
    "consent_declined",
    "stopped_by_candidate",
    "human_requested",
    "no_show",
    "media_failed",
    "candidate_silent",
    "candidate_left",
    "no_interviewer",
    "max_duration",
    "cancelled",
    "bot_crashed",
)


async def test_each_ending(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with visitor(chromium, voice) as page:
        seen = set()
        for number, reason in enumerate(ENDINGS):
            await walk_in(page, stage.link(name=f"Ada{number}"))
            await expect(page.locator("#line")).to_have_text("Waiting")
            stage.hub.end("i1", reason, "failed")
            await expect(page.locator("#over-title")).to_be_focused()
            await everywhere(page, f"room-over-{reason}")
            seen.add(await page.locator("#over-title").inner_text())
        assert len(seen) == len(ENDINGS) - 2, "endings read alike that are not"
        await walk_in(page, stage.link())
        await page.reload()
        await expect(page.get_by_role("heading", name="You are back")).to_be_focused()
        await everywhere(page, "room-back")
        await page.get_by_role("button", name="Rejoin the call").click()
        await page.get_by_role("button", name="Leave").click()
        await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
        await expect(page.get_by_role("heading", name="You have left")).to_be_focused()
        await everywhere(page, "room-over-left")
