"""Whether an interview went as it should: every question, every answer, the whole recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from api.demo.call import HeldCall
from api.demo.figures import candidate_turns, overlap_ms, spans_of_answers, turns_within
from api.demo.words import is_heard
from audio import SAMPLE_RATE, Pcm
from bot.candidate.answers import UnplayedFile
from bot.candidate.ear import levels
from bot.candidate.microphone import Purpose
from bot.candidate.report import AnswerReport

ASKED = frozenset({"asked", "answered"})
PURPOSES = frozenset({Purpose.ANSWER, Purpose.NOTHING_TO_ADD})  # these are said to a question of the plan
WRONG_WORDS_SHARE = 0.4  # more wrong words than this are another text
NAMED_CHARACTERS = 60
TRANSCRIBED_SHARE = 0.5  # of an answer's voice; the rest may be pauses
LOUD_DB = -45.0
LOUD_S = 0.5  # a lane with less sound than this holds nobody
WITHIN_MS = 1000  # of a call's length; a recording ends some 20 ms beside it, with a busy event loop as without
STRUCK_WITHIN_MS, STRUCK_WITHIN = 3000, 0.05  # of a call whose bot or speech server was killed


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to hold. detail: what was found, or what is wrong."""

    name: str
    ok: bool
    detail: str


def judge(held: HeldCall) -> tuple[Check, ...]:
    """Return every check of one held interview."""
    return ended(held), questions(held), answers(held), places(held), recording(held, within_ms=WITHIN_MS)


def ended(held: HeldCall) -> Check:
    """The interview came to its own end."""
    status, reason = held.body.get("status", "unknown"), held.body.get("status_reason")
    told = f"{status} ({reason})" if reason else str(status)
    if held.late:
        told = f"ended by us: it took far longer than the {held.plan.minutes:g} min it was planned for; {told}"
    return Check("the interview was held to its end", status == "completed" and not held.late, told)


def questions(held: HeldCall) -> Check:
    """Every planned question was asked, or skipped for a stated reason."""
    name = "every planned question was asked, or skipped for a reason"
    coverage = _coverage(held)
    wrong = []
    for question in held.plan.questions:
        entry = coverage.get(question.id, {"status": "pending"})
        skipped = entry["status"] == "skipped" and entry.get("reason")
        if entry["status"] not in ASKED and not skipped:
            wrong.append(f"{question.id} ({entry['status'].replace('_', ' ')})")
    asked = sum(entry["status"] in ASKED for entry in coverage.values())
    told = f"{asked} of {len(held.plan.questions)} asked"
    return Check(name, not wrong, f"{told}; not so: {', '.join(wrong)}" if wrong else told)


def answers(held: HeldCall) -> Check:
    """Every answer that was given stands in the transcript, by time and, where its text is known, by its words.

    A file that could not be played because its question was not asked is told of.
    """
    name = "every answer was transcribed"
    turns, spans = candidate_turns(held), spans_of_answers(held)
    if not spans:
        return Check(name, False, "no answer was given")
    missing = []
    for answer, start, end in spans:
        share = sum(overlap_ms(turn, start, end) for turn in turns) / max(1.0, end - start)
        heard = " ".join(turn["text"] for turn in turns_within(held, start, end))
        if share < TRANSCRIBED_SHARE:
            missing.append(f"{named(answer)} ({share:.0%} of it)")
        elif answer.text is not None and not is_heard(answer.text, heard, most=WRONG_WORDS_SHARE):
            missing.append(f"{named(answer)} (heard as {heard!r})")
    unplayed = held.candidate.unplayed if held.candidate else ()
    told = "".join(f"; not played: {why_unplayed(held, one)}" for one in unplayed)
    missing += [f"{one.file} (never played)" for one in unplayed if _was_due(held, one)]
    if missing:
        return Check(name, False, f"not in the transcript: {'; '.join(missing)}{told}")
    return Check(name, True, f"{len(spans)} said, {len(turns)} turns{told}")


def places(held: HeldCall) -> Check:
    """Every turn of an answer lies under the question that the answer was given to."""
    wrong = [
        f"{named(answer)} was said to {answer.question_id} and lies under {turn['question_id'] or 'none'}"
        for answer, start, end in spans_of_answers(held)
        if answer.purpose in PURPOSES
        for turn in turns_within(held, start, end)
        if turn["question_id"] != answer.question_id
    ]
    return Check("every answer lies under its question", not wrong, "; ".join(wrong) or "all do")


def named(answer: AnswerReport) -> str:
    """Return what an answer is called: its file, or the beginning of its text."""
    text = answer.text or ""
    return answer.file or repr(text if len(text) <= NAMED_CHARACTERS else f"{text[:NAMED_CHARACTERS]}…")


def why_unplayed(held: HeldCall, unplayed: UnplayedFile) -> str:
    """Return the name of a file that was not played, and the reason."""
    asked = held.plan.questions
    if unplayed.number > len(asked):
        return f"{unplayed.file} (the plan has {len(asked)} questions)"
    if unplayed.follow_up:
        return f"{unplayed.file} (no such follow-up was asked)"
    question = asked[unplayed.number - 1].id
    entry = _coverage(held).get(question, {"status": "pending"})
    because = f", {entry['reason']}" if entry.get("reason") else ""
    return f"{unplayed.file} ({question}: {entry['status'].replace('_', ' ')}{because})"


def _was_due(held: HeldCall, unplayed: UnplayedFile) -> bool:
    """Whether the question of a file was asked, and the file still not played."""
    if unplayed.follow_up or unplayed.number > len(held.plan.questions):
        return False
    return _coverage(held).get(held.plan.questions[unplayed.number - 1].id, {}).get("status") in ASKED


def _coverage(held: HeldCall) -> dict[str, dict[str, Any]]:
    return {entry["question_id"]: entry for entry in held.body.get("coverage") or ()}


def recording(held: HeldCall, *, within_ms: float | None = None) -> Check:
    """The recording decodes, lasts as long as the call and holds both sides.

    within_ms: by how much it may be longer or shorter; None: by as much as after kills in the middle of the call.
    """
    name = "the recording is whole"
    if held.recording is None:
        return Check(name, False, "there is none")
    try:
        lanes = lanes_of(held.recording)
    except (FFmpegError, OSError) as why:
        return Check(name, False, f"it can't be decoded: {why}")
    lasts = max((len(lane) for lane in lanes), default=0) * 1000 / SAMPLE_RATE
    call = call_ms(held)
    loud = sum(loud_seconds(lane) >= LOUD_S for lane in lanes)
    told = f"{lasts / 1000:.1f} s, {len(lanes)} lanes, {loud} with a voice"
    if call is None:
        return Check(name, False, f"{told}; how long the call was is not known")
    if abs(lasts - call) > (within_ms or max(STRUCK_WITHIN_MS, STRUCK_WITHIN * call)):
        return Check(name, False, f"{told}; the call lasted {call / 1000:.1f} s")
    return Check(name, loud >= 2, told if loud >= 2 else f"{told}; bot and candidate should both be heard")


def call_ms(held: HeldCall) -> float | None:
    """Return how long the call lasted, as the bot reports it."""
    for data in held.of("ended"):
        duration: Any = data.get("report", {}).get("duration_ms")
        if duration:
            return float(duration)
    return None


def lanes_of(path: Path) -> list[Pcm]:
    """Return each channel of each stream of a sound file at 16 kHz; raise FFmpeg's own errors when it is broken."""
    with av.open(str(path)) as file:
        return [lane for index in range(len(file.streams.audio)) for lane in _channels(path, index)]


def _channels(path: Path, index: int) -> Sequence[Pcm]:
    pieces: list[Pcm] = []
    with av.open(str(path)) as file:
        stream = file.streams.audio[index]
        resampler = av.AudioResampler(format="s16p", layout=stream.layout, rate=SAMPLE_RATE)
        for frame in file.decode(stream):
            pieces.extend(out.to_ndarray() for out in resampler.resample(frame))
        pieces.extend(out.to_ndarray() for out in resampler.resample(None))
    return list(np.concatenate(pieces, axis=1)) if pieces else []


def loud_seconds(pcm: Pcm) -> float:
    """Return for how long there is sound that can be heard."""
    window = SAMPLE_RATE // 50
    whole = len(pcm) // window * window
    if not whole:
        return 0.0
    return float(np.count_nonzero(levels(pcm[:whole], window) > LOUD_DB)) * window / SAMPLE_RATE
