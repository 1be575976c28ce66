"""The recogniser through the very path of a call: what it gets wrong or invents, how soon it is there, and overload."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from api.bench import BenchOptions, BenchResult, Row, percentile
from api.bench.noises import ten_minutes
from api.bench.rooms import noisy, reverberant, telephone
from api.bench.words import Scorer
from api.errors import BadSettings
from api.settings import load_settings
from api.speech import speech
from audio import SAMPLE_RATE, VOICE_RATE, Pcm, SpeechToText, Transcript, Urgency
from audio.errors import Shed
from audio.heard import FinalTurn, Interim, LaneEvent, NothingSaid, SpeechStarted, TurnDecided
from audio.models import default_cache, locate
from audio.pcm import read_sound, resample, silence
from audio.replay import ReplayOptions, replay
from audio.vad import SileroModel

TALKERS, TALK_S = 3, 40.0
CROWDS, CROWD_S = (10, 20, 40), 20.0  # more and more, until it is too much
OWN_TEXTS = (
    "Last winter our payment service was down during the evening. I was on call, so I led the response.",
    "We compared both versions for two weeks, and in the end we improved the old code together.",
    "I would ask the customer what they really need, and then write down the cases that matter.",
    "My part was the design of the queue and the way we retried failed messages.",
)


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech and what is said in it."""

    name: str
    sound: Pcm
    text: str


@dataclass(slots=True)
class CountingSpeechToText:
    """Passes everything on and counts what was shed."""

    inner: SpeechToText
    asked: dict[str, int] = field(default_factory=dict)
    shed: dict[str, int] = field(default_factory=dict)

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        """Transcribe by way of `inner`."""
        self.asked[urgency] = self.asked.get(urgency, 0) + 1
        try:
            return await self.inner.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)
        except Shed:
            self.shed[urgency] = self.shed.get(urgency, 0) + 1
            raise


@dataclass(slots=True)
class Talk:
    """What came of talkers in real time; times in ms.

    open: turns that were decided and never became final; lost: those that did without all of their text.
    """

    talkers: int
    finals: list[float] = field(default_factory=list)
    interims: list[float] = field(default_factory=list)
    turns: int = 0
    open: int = 0
    lost: int = 0


async def run(options: BenchOptions) -> BenchResult:
    """Measure word errors, invented words, times with three talkers, and what gives way with too many."""
    scorer = Scorer()
    async with speech(load_settings()) as client:
        vad = SileroModel()
        clips = clips_of(options.clips) if options.clips is not None else await own_clips(client)
        options.tell(f"{len(clips)} clips through the live path")
        live = [(clip.text, await _text(clip.sound, client, vad)) for clip in clips]
        options.tell("the same clips offline")
        offline = await asyncio.to_thread(_offline, clips)
        options.tell("ten minutes in which nobody speaks")
        invented = [word for sound in ten_minutes() for word in (await _text(sound, client, vad)).split()]
        options.tell(f"{TALKERS} talkers at once")
        three = await _talk(clips, client, vad, TALKERS, TALK_S / 2 if options.quick else TALK_S)
        crowd, counting = await overload(clips, client, vad, options)
    lived, offlined = scorer.errors(live).percent, scorer.errors(offline).percent
    rows = (
        _word_error_row(lived, offlined, clips),
        Row("word error rate, offline", round(offlined, 2), "%", method="30 s windows, greedy, whole clips"),
        Row(
            "words invented",
            len(invented),
            "",
            "0",
            not invented,
            "10 min of silence, noise, hum, clicks and music through the live path",
        ),
        *_time_rows(three),
        *load_rows(crowd, counting),
    )
    details = {
        "clips": [
            {"clip": clip.name, "said": said, "live": heard, "offline": plain}
            for clip, (said, heard), (_, plain) in zip(clips, live, offline, strict=True)
        ],
        "invented": invented,
        "final_ms": three.finals,
        "first_interim_ms": three.interims,
        "asked": counting.asked,
        "shed": counting.shed,
    }
    return BenchResult("speech", rows, details)


# ---- figures ------------------------------------------------------------------------------------------------------


def _word_error_row(live: float, offline: float, clips: Sequence[Clip]) -> Row:
    limit = round(offline + 0.5, 2)
    how = f"final turns of the lane against the reference, Whisper's normalisation, {len(clips)} clips"
    return Row.at_most("word error rate, live", round(live, 2), limit, "%", how)


def _time_rows(talk: Talk) -> tuple[Row, ...]:
    how = f"decided → text there, {TALKERS} lanes in real time without a rest, {len(talk.finals)} turns"
    onset = f"onset of the voice → first words shown, {len(talk.interims)} turns of the same"
    return (
        Row.at_most("final text after the decision p50", percentile(talk.finals, 50), 60, "ms", how),
        Row.at_most("final text after the decision p95", percentile(talk.finals, 95), 400, "ms", how),
        Row.at_most("first interim after onset p50", percentile(talk.interims, 50), 800, "ms", onset),
        Row("first interim after onset p95", percentile(talk.interims, 95), "ms", method=onset),
    )


def load_rows(crowd: Talk, counting: CountingSpeechToText) -> tuple[Row, ...]:
    """Return what gave way when too many talked at once: finals may not, interims may."""
    lost = crowd.open + crowd.lost
    how = f"{crowd.talkers} lanes in real time without a rest for {CROWD_S:g} s, {crowd.turns} turns"
    shed = counting.shed.get(Urgency.INTERIM, 0)
    of = counting.asked.get(Urgency.INTERIM, 0)
    return (
        Row("finals lost under overload", lost, "", "0", lost == 0, how),
        Row("interims shed under overload", f"{shed} of {of}", method=how),
    )


# ---- runs ---------------------------------------------------------------------------------------------------------


async def _text(sound: Pcm, stt: SpeechToText, vad: SileroModel) -> str:
    # Half a second of room before and a second and a half after, as no voice in a call begins or ends with the file.
    room = np.concatenate([_room(0.5), sound, _room(1.5)])
    turns = await replay(room, stt=stt, vad=vad.detector())
    return " ".join(turn.text for turn in turns)


async def overload(
    clips: Sequence[Clip], stt: SpeechToText, vad: SileroModel, options: BenchOptions
) -> tuple[Talk, CountingSpeechToText]:
    """Let more and more talk at once until interims are shed; return what came of the last crowd."""
    for talkers in CROWDS:
        options.tell(f"{talkers} talkers at once")
        counting = CountingSpeechToText(stt)
        crowd = await _talk(clips, counting, vad, talkers, CROWD_S)
        if counting.shed.get(Urgency.INTERIM):
            break
    return crowd, counting


async def _talk(clips: Sequence[Clip], stt: SpeechToText, vad: SileroModel, talkers: int, seconds: float) -> Talk:
    talk = Talk(talkers)
    async with asyncio.TaskGroup() as tasks:
        for number in range(talkers):
            order = [*clips[number % len(clips) :], *clips[: number % len(clips)]]
            pieces = [piece for clip in order for piece in (clip.sound, _room(0.9))]
            sound = np.concatenate([_room(0.3 * number), *pieces])
            while len(sound) < seconds * SAMPLE_RATE:
                sound = np.concatenate([sound, sound])
            whole = np.concatenate([sound[: int(seconds * SAMPLE_RATE)], _room(2.0)])
            tasks.create_task(_listen(whole, stt, vad, talk, f"talker{number}"))
    return talk


async def _listen(sound: Pcm, stt: SpeechToText, vad: SileroModel, talk: Talk, name: str) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    onsets: dict[int, float] = {}
    open_turns: set[int] = set()

    def take(event: LaneEvent) -> None:
        match event:
            case SpeechStarted():
                onsets[event.turn] = event.onset_ms
                open_turns.add(event.turn)
            case Interim() if event.turn in onsets:
                talk.interims.append(round((loop.time() - began) * 1000 - onsets.pop(event.turn), 1))
            case TurnDecided():
                talk.turns += 1
            case FinalTurn():
                talk.finals.append(event.text_ms - event.decided_ms)
                open_turns.discard(event.turn)
                talk.lost += bool(event.lost)
            case NothingSaid():
                open_turns.discard(event.turn)
                talk.lost += bool(event.lost)

    await replay(sound, stt=stt, vad=vad.detector(), options=ReplayOptions(live=True), listener=take, name=name)
    talk.open += len(open_turns)


def _offline(clips: Sequence[Clip]) -> list[tuple[str, str]]:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(locate("base", default_cache())), device="cpu", compute_type="int8", cpu_threads=2)
    heard = []
    for clip in clips:
        segments, _ = model.transcribe(
            clip.sound.astype(np.float32) / 32768,
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        heard.append((clip.text, " ".join(segment.text.strip() for segment in segments)))
    return heard


# ---- clips --------------------------------------------------------------------------------------------------------


def clips_of(folder: Path) -> list[Clip]:
    """Read `manifest.json` in `folder`: a list of `{"file", "text"}` with sound files beside it.

    Raises `BadSettings` when there is none or it isn't such a list, `UnreadableAudio` for a file that can't be decoded.
    """
    try:
        entries = json.loads((folder / "manifest.json").read_text())
        named = [(str(entry["file"]), str(entry["text"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as why:
        raise BadSettings([f'{folder / "manifest.json"}: not a list of {{"file", "text"}} ({why})']) from None
    if not named:
        raise BadSettings([f"{folder / 'manifest.json'}: no clip in it"])
    return [Clip(name, read_sound(folder / name), text) for name, text in named]


async def own_clips(voice: Any) -> list[Clip]:
    """Return speech of our own voices: plain, over noise, through a telephone, in a bare room."""
    clips = []
    for number, text in enumerate(OWN_TEXTS):
        pieces = [piece async for piece in voice.speak(text, voice="oak" if number % 2 else "default")]
        plain = resample(np.concatenate(pieces), VOICE_RATE, SAMPLE_RATE)
        said = re.sub(r"\s+", " ", text)
        clips.append(Clip(f"own-{number}", plain, said))
        clips += [Clip(f"own-{number}-{way.__name__}", way(plain), said) for way in (noisy, telephone, reverberant)]
    return clips


def _room(seconds: float) -> Pcm:
    quiet = silence(seconds * 1000)
    return (quiet + np.random.default_rng(5).normal(0, 6, len(quiet))).astype(np.int16)
