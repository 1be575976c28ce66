"""One interview on real audio under fire, and what is wrong with its record afterwards."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from api.client import Client, StreamEvent
from api.demo.call import CallHolder, Guest, HeldCall
from api.demo.server import Server
from api.demo.verdict import recording
from api.errors import ControlPlaneError
from audio.client import SpeechClient
from bot.candidate.answers import Answers, spoken, usual_phrases
from bot.candidate.mind import Manners
from bot.errors import BotError
from bot.plan import Plan
from tests.chaos.blows import Blow

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
        answers = Answers(in_order=[await spoken(answer, speech) for _, answer in QUESTIONS])
        return Guest(answers, await usual_phrases(speech), Manners(bot_missing_s=120))
    finally:
        await speech.aclose()


@dataclass
class Call:
    """One interview, and what was done to it. recorded: whether there has to be a whole recording; unrecorded: what is
    wrong with it.
    """

    held: HeldCall = field(default_factory=lambda: HeldCall(plan()))
    blows: list[Blow] = field(default_factory=list)
    recorded: bool = True
    broken: str = ""
    unrecorded: str = "nothing was fetched"

    async def hold(self, client: Client, someone: Guest, folder: Path) -> None:
        """Hold it to its end and fetch the recording; whatever goes wrong is in `broken`."""
        try:
            await CallHolder(client).hold(self.held, someone)
            if self.recorded:
                file = folder / f"{self.held.interview_id}.ogg"
                await client.interviews.save_recording(self.held.interview_id, file)
                self.held.recording = file
                check = recording(self.held)
                self.unrecorded = "" if check.ok else check.detail
        except* (ControlPlaneError, BotError, OSError) as errors:
            self.broken = repr(errors.exceptions[0])

    @property
    def during(self) -> str:
        """What the bot is doing, as the room shows it."""
        return str(self.held.of("floor")[-1]["floor"]) if self.held.of("floor") else "joining"

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return bool(self.held.of("ended"))

    def backs(self) -> list[float]:
        """Return the moments (seconds since the epoch) at which a bot and the candidate were together in the room."""
        return [at for event in self.held.events if _in_call(event) and (at := _at(event)) is not None]

    def back_s(self) -> list[float]:
        """Return how long each blow to the bot, but for those that hit another on its way, kept it out of the room."""
        hits = [blow.at for blow in self.blows if blow.part in {"bot", "orchestrator.host"}]
        waits = []
        for hit, following in pairwise([*hits, float("inf")]):
            back = next((at for at in self.backs() if at > hit), None)
            if back is not None and back < following:
                waits.append(back - hit)
        return waits

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
        if self.recorded and self.unrecorded:
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


def _says(data: dict[str, Any], type_: str) -> bool:
    return type_ == "turn.final" and data["role"] == "bot" and APOLOGY in data["text"]


def _in_call(event: StreamEvent) -> bool:
    return event.type == "state" and event.data.get("state") == "in_call"


def _at(event: StreamEvent) -> float | None:
    return None if event.at is None else event.at.timestamp()
