"""One whole interview in a real Chromium: `vivavoce serve` as a user starts it, recorded voices as the microphone."""

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import av
import httpx
import jiwer
import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from playwright.async_api import Page, expect

from tests import installed
from tests.browser.conftest import Chromium, picture
from tests.browser.serving import Serve, body_of, spoken_wav
from tests.browser.visiting import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.asyncio(loop_scope="session")]

Samples = npt.NDArray[np.int16]

MICROPHONE = (Path(__file__).parents[1] / "fakes" / "voice.js").read_text(encoding="utf-8")
RATE = 48000
HEARD_MS = 60_000  # real speech, text and decisions, on a busy machine

# Dickens as the first reading begins, up to its pause at 20.9 s; Beckett, whole.
TWO_CITIES_S = 20.9
TWO_CITIES = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, "
    "it was the epoch of belief, it was the epoch of incredulity, it was the season of light, it was the season of "
    "darkness, it was the spring of hope, it was the winter of despair"
)
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
NOTHING_TO_ASK = "No, thank you. I have no questions."

QUIET = 200  # of 32768, over 20 ms: between the words of both readings
PLAIN_WORDS = jiwer.Compose(
    [jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.Strip(), jiwer.ReduceToListOfListOfWords()]
)

PLAN: dict[str, Any] = {
    "title": "A reading",
    "minutes": 5,
    "sections": [
        {
            "id": "reading",
            "name": "reading",
            "questions": [
                {"id": "long", "text": "What was it like, in those times?", "max_followups": 0, "patience": "long"},
                {"id": "short", "text": "And how did your attempts go?", "max_followups": 0, "patience": "long"},
            ],
        }
    ],
}
PATIENT = {"silence_prompt_s": 60.0, "silence_end_s": 120.0}


def reading(name: str) -> Samples:
    return decoded(installed.reading(name))


def decoded(path: Path) -> Samples:
    """A sound file at 48 kHz mono."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as file:
        frames = [piece for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in [*frames, *resampler.resample(None)]])


def briskly(reading: Samples, longest_s: float = 0.4) -> Samples:
    """A reading without its dramatic pauses, which would end a turn anywhere else as well."""
    step = RATE // 50
    blocks = reading[: len(reading) // step * step].reshape(-1, step).astype(np.float64)
    quiet = np.sqrt(np.mean(blocks**2, axis=1)) < QUIET
    run = 0
    kept = []
    for block, still in zip(blocks, quiet, strict=True):
        run = run + 1 if still else 0
        if run * step <= longest_s * RATE:
            kept.append(block)
    return np.concatenate(kept).astype(np.int16)


def wav(samples: Samples) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


async def say(page: Page, sound: bytes) -> None:
    """Have the candidate begin to say it."""
    await page.evaluate("(sound) => void say(sound)", base64.b64encode(sound).decode())


async def test_a_candidate_is_interviewed(chromium: Chromium, serve: Serve) -> None:
    first, second = briskly(reading("two_cities.wav")[: int(TWO_CITIES_S * RATE)]), briskly(reading("beckett.wav"))
    async with serve.api() as api, chromium.page(microphone=None) as page:
        await page.add_init_script(MICROPHONE)
        wanted = {"plan": PLAN, "candidate": {"name": "Ada"}, "limits": PATIENT}
        interview = f"/v1/interviews/{(await body_of(api.post('/v1/interviews', json=wanted)))['id']}"
        link = await body_of(api.post(f"{interview}/links", json={"role": "candidate", "name": "Ada"}))
        await body_of(api.post(f"{interview}/start"))
        await page.goto(link["url"])
        await _join(page)
        await _the_bot_is_heard(page)
        await _asked(page, 1)
        await say(page, wav(first))
        await expect(page.locator("#interim")).to_contain_text("best of times", timeout=HEARD_MS)
        await picture(page, "interview-1-answering")
        await _asked(page, 2)
        await say(page, wav(second))
        await expect(page.locator("#floor")).to_have_text("Your turn to ask", timeout=HEARD_MS)
        await say(page, await spoken_wav(serve, NOTHING_TO_ASK))
        await expect(page.get_by_role("heading", name="Thank you, Ada!")).to_be_visible(timeout=HEARD_MS)
        await picture(page, "interview-2-over")
        body = await _finished(api, interview)
        assert body["recording"]["duration_ms"] > 1000 * (len(first) + len(second)) / RATE
        _check(body, await body_of(api.get(f"{interview}/transcript")))


async def _asked(page: Page, number: int) -> None:
    """Wait until the bot has asked a question, and listens."""
    await expect(page.locator("#progress")).to_have_text(f"Question {number} of 2", timeout=HEARD_MS)
    await expect(page.get_by_role("log")).to_contain_text(("those times?", "your attempts go?")[number - 1])
    await expect(page.locator("#floor")).to_have_text("Viva is listening", timeout=HEARD_MS)


async def _join(page: Page) -> None:
    """By keyboard alone, as all of this interview is taken."""
    for name, key in (
        ("Turn on my microphone", "Enter"),
        ("Continue", "Enter"),
        ("I understand that an AI", "Space"),
        ("Join the interview", "Enter"),
    ):
        await tab_to(page, page.get_by_role("button", name=name).or_(page.get_by_role("checkbox", name=name)))
        await page.keyboard.press(key)


async def _the_bot_is_heard(page: Page) -> None:
    """Sound comes out of the page: in the connection's statistics, and in what the audio element plays."""
    await expect(page.get_by_role("log")).to_contain_text("an AI interviewer", timeout=30_000)
    energy = await page.evaluate(
        """async () => {
          const [entries] = Object.values(await vivavoce.mesh.stats());
          return entries.find((entry) => entry.type === "inbound-rtp").totalAudioEnergy;
        }"""
    )
    assert energy > 0.01
    playing = await page.evaluate(
        """async () => {
          const player = document.querySelector("audio");
          const context = new AudioContext();
          const meter = context.createAnalyser();
          context.createMediaStreamSource(player.srcObject).connect(meter);
          const samples = new Float32Array(meter.fftSize);
          let loudest = 0;
          for (let look = 0; look < 60; look += 1) {
            meter.getFloatTimeDomainData(samples);
            loudest = Math.max(loudest, ...samples.map(Math.abs));
            await new Promise((next) => setTimeout(next, 50));
          }
          return { paused: player.paused, muted: player.muted, volume: player.volume, loudest };
        }"""
    )
    assert (playing["paused"], playing["muted"], playing["volume"]) == (False, False, 1)
    assert playing["loudest"] > 0.05


async def _finished(api: httpx.AsyncClient, interview: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (body := await body_of(api.get(interview)))["status"] != "completed":
            await asyncio.sleep(0.2)
    return body


def _check(interview: dict[str, Any], transcript: dict[str, Any]) -> None:
    assert interview["status_reason"] == "completed"
    assert [question["status"] for question in interview["coverage"]] == ["answered", "answered"]
    turns = transcript["data"]
    answers = {question: _said(turns, question) for question in ("long", "short")}
    rate = jiwer.wer(
        reference=[TWO_CITIES, BECKETT],
        hypothesis=[answers["long"], answers["short"]],
        reference_transform=PLAIN_WORDS,
        hypothesis_transform=PLAIN_WORDS,
    )
    assert rate <= 0.15, f"word error rate {rate:.1%}: {answers}"


def _said(turns: list[dict[str, Any]], question_id: str) -> str:
    mine = [turn for turn in turns if turn["role"] == "candidate" and turn["question_id"] == question_id]
    return " ".join(turn["text"] for turn in mine)
