"""One interview on real audio under fire, and what is wrong with its record afterwards."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from api.client import Client, Refused, StreamEvent
from api.demo.call import SETTLE_S, CallHolder, Guest, HeldCall
from api.demo.figures import call_offset_ms, spans_of_answers, turns_within
from api.demo.server import Server
from api.demo.verdict import recording
from api.demo.words import is_heard, word_errors
from api.errors import ControlPlaneError
from audio.client import SpeechClient
from bot.candidate.answers import Answers, spoken, usual_phrases
from bot.candidate.microphone import Purpose
from bot.candidate.mind import Manners
from bot.errors import BotError
from bot.interview.commands import words
from bot.plan import Plan
from tests.chaos.blows import HOST, Blow

QUESTIONS = (
    (
        "Tell me about something you made faster.",
        "I profiled the search page, added an index, and it was ten times faster.",
    ),
    (
        "Tell me about an outage you helped with.",
        "Our payments were down. I rolled the release back within twenty minutes.",
    ),
    ("What would you do differently today?", "I would have written the load test first, before the release went out."),
)
APOLOGY = "where we were"  # in every line that a bot says which takes up another's call
AGAIN = 4  # times that somebody gives the same answer: as often as a bot can come to ask the same again
JOINING = "joining"
OUTAGE_S = 60.0  # the longest for which the control plane is out of reach
WRONG_SHARE = 0.25  # of an answer's words; Whisper base gets fewer of these wrong
UNSTORED_S = 3.0  # words said so long before a death may not have been text yet


def plan(questions: int = len(QUESTIONS)) -> Plan:
    """Return a plan of some short questions."""
    asked = [
        {"id": f"q{number}", "text": text, "max_followups": 0}
        for number, (text, _) in enumerate(QUESTIONS[:questions], 1)
    ]
    return Plan.model_validate(
        {"title": "Engineer", "minutes": 5, "sections": [{"id": "work", "name": "work", "questions": asked}]}
    )


async def guest(server: Server) -> Guest:
    """Return somebody who answers them."""
    speech = SpeechClient(stt_socket=server.speech_socket, tts_socket=server.speech_socket)
    try:
        clips = [await spoken(answer, speech) for _, answer in QUESTIONS]
        answers = Answers(by_question={f"q{number}": [clip] * AGAIN for number, clip in enumerate(clips, 1)})
        return Guest(answers, await usual_phrases(speech), Manners(bot_missing_s=120))
    finally:
        await speech.aclose()


@dataclass
class Call:
    """One interview, and what was done to it. recorded: whether there has to be a whole recording, or it may end early
    and say so; unrecorded: what is wrong with it.
    """

    held: HeldCall = field(default_factory=lambda: HeldCall(plan()))
    blows: list[Blow] = field(default_factory=list)
    recorded: bool = True
    broken: str = ""
    unrecorded: str = "nothing was fetched"
    epoch_s: float = 0.0  # what to add to the event loop's time for seconds since the epoch

    async def hold(self, client: Client, someone: Guest, folder: Path) -> None:
        """Hold it to its end and fetch the recording; whatever goes wrong is in `broken`."""
        self.epoch_s = time.time() - asyncio.get_running_loop().time()
        try:
            await CallHolder(client, settle_s=OUTAGE_S + SETTLE_S).hold(self.held, someone)
            await self.fetch_recording(client, folder / f"{self.held.interview_id}.ogg")
        except* (ControlPlaneError, BotError, OSError) as errors:
            self.broken = repr(errors.exceptions[0])

    async def fetch_recording(self, client: Client, file: Path) -> None:
        """Fetch the recording, or keep what is wrong with it in `unrecorded`."""
        try:
            await client.interviews.save_recording(self.held.interview_id, file)
        except Refused as refusal:
            self.unrecorded = str(refusal)
            return
        self.held.recording = file
        check = recording(self.held)
        self.unrecorded = "" if check.ok else check.detail

    @property
    def during(self) -> str:
        """What the bot is doing, as the room shows it since it was struck last."""
        struck = max((hit.at for hit in self._hits()), default=0.0)
        since = [event for event in self.held.events if (_at(event) or 0.0) > struck]
        floors = [str(event.data["floor"]) for event in since if event.type == "floor"]
        return floors[-1] if floors and any(_in_call(event) for event in since) else JOINING

    @property
    def stored(self) -> int:
        """How many turns are in the record."""
        return len(self.held.of("turn.final"))

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return bool(self.held.of("ended"))

    def backs(self) -> list[float]:
        """Return the moments (seconds since the epoch) at which a bot and the candidate were together in the room."""
        return [at for event in self.held.events if _in_call(event) and (at := _at(event)) is not None]

    def waits(self) -> list[tuple[Blow, float]]:
        """Return how long (s) each blow kept the bot out of the room, but for those that hit another on its way."""
        hits, waits = self._hits(), []
        for hit, following in pairwise([*hits, None]):
            back = next((at for at in self.backs() if at > hit.at), None)
            if back is not None and (following is None or back < following.at):
                waits.append((hit, back - hit.at))
        return waits

    def back_s(self) -> list[float]:
        """Return the times of `waits`."""
        return [wait for _, wait in self.waits()]

    def _hits(self) -> list[Blow]:
        return [blow for blow in self.blows if blow.part in {"bot", HOST}]

    def kept(self) -> list[tuple[str, str]]:
        """Return every answer that no death of the bot cut, with what the record holds of it."""
        offset = call_offset_ms(self.held) or 0.0
        cuts = []
        for hit in self._hits():
            back = next((at for at in self.backs() if at > hit.at), float("inf"))
            cuts.append([(at - self.epoch_s) * 1000 - offset for at in (hit.at - UNSTORED_S, back)])
        return [
            (answer.text, " ".join(turn["text"] for turn in turns_within(self.held, start, end)))
            for answer, start, end in spans_of_answers(self.held)
            if answer.purpose == Purpose.ANSWER and answer.text is not None and answer.finished
            if not any(start < over and end > begun for begun, over in cuts)
        ]

    def faults(self) -> list[str]:
        """Return everything that is wrong with the record."""
        held = self.held
        found = [self.broken] if self.broken else []
        if (held.body.get("status"), held.late) != ("completed", False):
            found.append(f"it ended as {held.body.get('status')} ({held.body.get('status_reason')}), late: {held.late}")
        asked = [data["question_id"] for data in held.of("question.asked") if not data["follow_up"]]
        if asked != [question.id for question in held.plan.questions]:
            found.append(f"asked: {asked}")
        turns = held.turns
        if [turn["seq"] for turn in turns] != list(range(1, len(turns) + 1)):
            found.append(f"turns: {[turn['seq'] for turn in turns]}")
        if len({turn["turn_id"] for turn in turns}) != len(turns):
            found.append("a turn is there twice")
        numbers = [event.seq for event in held.events if event.seq is not None]
        if numbers != sorted(set(numbers)):
            found.append("an event came twice or out of order")
        found += self._apologies()
        found += [f"said {said!r}, kept {heard!r}" for said, heard in self.kept() if not _same(said, heard)]
        told = any(data["code"] == "recording_failed" for data in held.of("incident"))
        if self.unrecorded and (self.recorded or not told):
            found.append(f"recording: {self.unrecorded}")
        return found

    def _apologies(self) -> list[str]:
        """The candidate is told once each time that a bot comes back, and at no other time."""
        backs = self.backs()[1:]
        told = [_at(event) or 0.0 for event in self.held.events if _says(event.data, event.type)]
        for back, following in pairwise([*backs, float("inf")]):
            times = sum(back <= at < following for at in told)
            if times > 1 or (times == 0 and following == float("inf")):
                return [f"told {times} times after a bot had come back"]
        return ["told with nothing lost"] if told and not backs else []


def word_error_rate(calls: Iterable[Call]) -> dict[str, float]:
    """Return how much of the answers that no death cut is wrong in the record, and how many those were."""
    kept = [pair for call in calls for pair in call.kept()]
    wrong = sum(word_errors(said, heard) for said, heard in kept)
    total = sum(len(words(said)) for said, _ in kept)
    return {"answers": len(kept), "word_error_rate": round(wrong / total, 3)} if total else {}


def _same(said: str, heard: str) -> bool:
    return is_heard(said, heard, most=WRONG_SHARE)


def _says(data: dict[str, Any], type_: str) -> bool:
    return type_ == "turn.final" and data["role"] == "bot" and APOLOGY in data["text"]


def _in_call(event: StreamEvent) -> bool:
    return event.type == "state" and event.data.get("state") == "in_call"


def _at(event: StreamEvent) -> float | None:
    return None if event.at is None else event.at.timestamp()
