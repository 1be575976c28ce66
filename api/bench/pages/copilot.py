"""A copilot interview by two voices, watched on the interviewer's page: how soon the panel shows what was said."""

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from typing import Any

from playwright.async_api import Browser, Page

from api.bench import Row, percentile
from api.bench.pages.script import EXCHANGES, PLAN
from api.bench.pages.speaker import Speaker, speaker
from api.client import Client, StreamEvent
from api.demo.server import Server
from audio import TextToSpeech
from bot.candidate.answers import VOICE, spoken
from bot.interview import Role
from bot.interview.off_limits import ground

INTERVIEWERS_VOICE = "default"
LANGUAGE = "en"
CARDS = 1  # a round shows at the least
READY_S = 60.0
BETWEEN_S = 2.0  # from the end of one's words to the other's: a turn of conversation
LAST_S = 3.0


@dataclass(frozen=True, slots=True)
class Told:
    """Words as the bot had them. at_ms: when, since 1970; ended_ms: of their last voiced sample, None within a turn."""

    at_ms: float
    role: str
    turn: str
    text: str
    ended_ms: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that a person looks at, as it changed. at_ms: since 1970; turn: of a caption."""

    at_ms: float
    where: str
    turn: str
    text: str


@dataclass(slots=True)
class Watched:
    """What was said, as the bot had it, and what was to be seen of it."""

    told: list[Told] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def details(self) -> dict[str, Any]:
        """Return every sample, for the JSON."""
        return asdict(self)

    def after_answers(self, where: str) -> Iterator[float]:
        """Yield for each change at one place how many ms it came after the end of the candidate's last answer.

        What the interviewer said since does not count: what is late is not measured from the next question.
        """
        ends = [one.ended_ms for one in self.told if one.role == Role.CANDIDATE and one.ended_ms is not None]
        for shown in self._shown(where):
            if before := [end for end in ends if end <= shown.at_ms]:
                yield shown.at_ms - before[-1]

    def warnings(self, expected: int) -> Iterator[float]:
        """Yield for each off-limits question how many ms after its end it was warned of, the first of the first.

        Infinite where no warning is left for it; `expected` of them at the least, whatever was recognised of them.
        """
        ends = [
            told.ended_ms
            for told in self.told
            if told.role == Role.INTERVIEWER and told.ended_ms is not None and ground(told.text, LANGUAGE)
        ]
        shown = self._shown("warning")
        for end in ends:
            yield next((one.at_ms for one in shown), math.inf) - end
        yield from [math.inf] * (expected - len(ends))

    def _shown(self, where: str) -> Iterator[Shown]:
        return (one for one in self.shown if one.where == where and one.text)

    def captions(self) -> Iterator[float]:
        """Yield for each text how many ms after the bot had it its turn's caption changed: to it, or to a newer one.

        0 where it stood there already (a final text often is the last one of before), infinite where it never came.
        """
        for told in self.told:
            mine = [one for one in self.shown if one.turn == told.turn]
            before = [one.text for one in mine if one.at_ms < told.at_ms]
            if before and before[-1].endswith(told.text):
                yield 0.0
            else:
                yield next((one.at_ms for one in mine if one.at_ms >= told.at_ms), math.inf) - told.at_ms


async def held(server: Server, browser: Browser, rounds: int, tell: Callable[[str], None]) -> Watched:
    """Hold the interview of `script.py`, its exchanges `rounds` times over."""
    watched = Watched()
    async with server.client() as client, server.voice() as voice:
        wanted = {"plan": PLAN, "mode": "copilot", "candidate": {"name": "Alex Kim"}, "title": "Benchmark"}
        interview_id = (await client.interviews.create(wanted)).id
        links = [
            (await client.interviews.link(interview_id, {"role": role, "name": name})).url
            for role, name in (("candidate", "Alex Kim"), ("interviewer", "Robin"), ("interviewer", "Sam"))
        ]
        ready = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(_follow(client, interview_id, watched, ready))
            await client.interviews.start(interview_id)
            tell("a copilot interview by two voices, watched on a third one's page")
            async with speaker(links[0]) as candidate, speaker(links[1]) as interviewer:
                page = await _watching(browser, links[2])
                async with asyncio.timeout(READY_S):
                    await ready.wait()
                await _converse({"candidate": candidate, "interviewer": interviewer}, voice, rounds)
                watched.shown = [Shown(*one) for one in await page.evaluate("window.seen")]
                await page.context.close()
            following.cancel()
        await client.interviews.cancel(interview_id)
    return watched


async def _converse(who: dict[str, Speaker], voice: TextToSpeech, rounds: int) -> None:
    clips = [
        (
            ("interviewer", await spoken(asked, voice, voice=INTERVIEWERS_VOICE)),
            ("candidate", await spoken(answer, voice, voice=VOICE)),
        )
        for asked, answer in EXCHANGES
    ]
    for exchange in clips * rounds:
        for role, clip in exchange:
            await who[role].say(clip)
            await asyncio.sleep(BETWEEN_S)
    await asyncio.sleep(LAST_S)


async def _follow(client: Client, interview_id: str, watched: Watched, ready: asyncio.Event) -> None:
    async for event in client.interviews.events(interview_id, after=0):
        if event.type == "disclosure":
            ready.set()
        elif event.type in ("turn.interim", "turn.final") and event.data.get("role") != "bot":
            watched.told.append(_told(event))


def _told(event: StreamEvent) -> Told:
    assert event.at is not None and event.at_ms is not None
    at_ms = event.at.timestamp() * 1000
    ended = at_ms - (event.at_ms - event.data["end_ms"]) if event.type == "turn.final" else None
    return Told(at_ms, event.data["role"], event.data["turn_id"], event.data["text"], ended)


async def _watching(browser: Browser, link: str) -> Page:
    """Open the interviewer's page, without a microphone, and return it once the panel is open."""
    context = await browser.new_context(viewport={"width": 1360, "height": 900})
    await context.add_init_script(resources.files(__package__).joinpath("probe.js").read_text(encoding="utf-8"))
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Turn on my microphone").click()
    await page.get_by_role("button", name="Join without a microphone").click()
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Join the call").click()
    await page.locator(".ledger").wait_for()
    return page


def rows_of(watched: Watched, rounds: int) -> Sequence[Row]:
    """Return the figures of a call of so many rounds; a row holds only where all that is to be shown appeared."""
    off_limits = rounds * sum(bool(ground(asked, LANGUAGE)) for asked, _ in EXCHANGES)
    cards, coverage = list(watched.after_answers("card")), list(watched.after_answers("coverage"))
    warnings, captions = list(watched.warnings(off_limits)), list(watched.captions())
    warned = [one for one in warnings if math.isfinite(one)]
    return (
        _shown("turn end → card p95", percentile(cards, 95), 1000, len(cards), rounds * CARDS, "cards"),
        Row("turn end → card p50", percentile(cards, 50), "ms", method="the same"),
        _shown(
            "off-limits words → warning, worst",
            max(warned, default=None),
            2000,
            len(warned),
            len(warnings),
            "warnings",
        ),
        _shown(
            "turn end → coverage p95",
            percentile(coverage, 95),
            1000,
            len(coverage),
            len(PLAN["criteria"]),
            "changes",
        ),
        Row.at_most(
            "text → caption on screen p95",
            percentile(captions, 95),
            300,
            "ms",
            f"the bot has the text → it, or a newer one of its turn, is in the page; {len(captions)} texts",
        ),
    )


def _shown(metric: str, value: float | None, limit: float, came: int, expected: int, what: str) -> Row:
    method = f"last voiced sample of its turn → on the interviewer's page, {came} {what} of at least {expected}"
    row = Row.at_most(metric, value, limit, "ms", method)
    return row if came >= expected else replace(row, ok=False)
