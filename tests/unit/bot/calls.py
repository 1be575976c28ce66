"""A whole bot without network or models, in virtual time: real lanes, speaker, interview and session."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from audio import TextToSpeech
from audio.lane import LaneSettings
from bot.brain import ChatBrain
from bot.health import WatchedSpeech
from bot.interview import FloorAsked, ModeAsked, Role
from bot.interview.call import Call
from bot.interview.conduct import Conduct
from bot.lanes import Lanes
from bot.plan import Plan
from bot.platforms import Participant
from bot.session import Session
from bot.speaker import Speaker
from bot.spec import Limits
from bot.state import BotState, EndReason
from prompts import load_lines
from tests.fakes.lane import LoudnessDetector
from tests.fakes.meeting import ScriptedMeeting
from tests.fakes.speech import ScriptedSpeechToText, ToneVoice

ADA = Participant("ada", "Ada", Role.CANDIDATE, consented=True)
INES = Participant("ines", "Ines", Role.INTERVIEWER, consented=True)

PLAN = Plan.model_validate(
    {
        "title": "Backend engineer",
        "minutes": 10,
        "sections": [
            {
                "id": "work",
                "name": "your work",
                "questions": [
                    {
                        "id": "first",
                        "text": "What did you build last year, and what was your part in it?",
                        "max_followups": 0,
                    },
                    {"id": "second", "text": "Tell me about a failure that taught you something.", "max_followups": 0},
                ],
            }
        ],
    }
)
LONG = "I built the billing service last year and I wrote the migration myself which cut errors by 40 percent."


@dataclass
class Record:
    """Everything the session told the control plane."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    passing: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def emit(self, event: str, data: dict[str, Any]) -> None:
        self.events.append((event, data))

    def emit_ephemeral(self, event: str, data: dict[str, Any]) -> None:
        self.passing.append((event, data))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [data for name, data in self.events if name == event]

    def said_by(self, role: str) -> list[str]:
        return [turn["text"] for turn in self.of("turn.final") if turn["role"] == role]

    @property
    def floors(self) -> list[str]:
        return [data["floor"] for name, data in self.passing if name == "floor"]


@dataclass
class RunningCall:
    meeting: ScriptedMeeting
    record: Record
    session: Session
    ended: asyncio.Future[EndReason]

    async def over(self) -> EndReason:
        return await self.ended

    async def listening(self, expecting: str = "answer") -> None:
        """Wait until the floor is the candidate's."""
        async with asyncio.timeout(120):
            while True:
                floors = [data for name, data in self.record.passing if name == "floor"]
                if floors and floors[-1]["floor"] == "listening" and floors[-1]["expecting"] == expecting:
                    return
                await asyncio.sleep(0.05)

    async def answer(self, expecting: str = "answer", seconds: float = 3.0) -> None:
        """Wait for the floor, speak, and wait until it is written down."""
        await self.listening(expecting)
        await self.say(seconds)

    async def say(self, seconds: float) -> None:
        """Speak, whoever has the floor, and wait until it is written down."""
        before = len(self.record.said_by("candidate"))
        await self.meeting.voice(ADA, seconds)
        async with asyncio.timeout(30):
            while len(self.record.said_by("candidate")) == before:
                await asyncio.sleep(0.05)

    async def speaking(self) -> None:
        async with asyncio.timeout(60):
            while not self.record.floors or self.record.floors[-1] != "speaking":
                await asyncio.sleep(0.02)


@asynccontextmanager
async def call(
    turns: Sequence[str] | dict[str, Sequence[str]] = (),
    *,
    limits: Limits | None = None,
    voice: TextToSpeech | None = None,
    stt: Any = None,
    plan: Plan = PLAN,
    brain: ChatBrain | None = None,
    conduct: Conduct | None = None,
    asked: Sequence[FloorAsked | ModeAsked] = (),
) -> AsyncIterator[RunningCall]:
    loop = asyncio.get_running_loop()
    meeting, record = ScriptedMeeting(), Record()
    interview = conduct or Call(
        plan,
        lines=load_lines("en"),
        candidate_name="Ada",
        organisation="Acme",
        bot_name="Viva",
        limits=limits or Limits(),
        has_model=brain is not None,
    )
    session = Session(
        plan=plan, interview=interview, events=record, done=record.done.append, brain=brain, bot_name="Viva"
    )
    for act in asked:
        session.asked(act)
    speech = WatchedSpeech(stt or ScriptedSpeechToText(turns), voice or ToneVoice(), loop.time)

    def new_speaker() -> Speaker:
        return Speaker(
            speech,
            play=session.played,
            recall=session.recall,
            started=session.line_started,
            ended=session.line_ended,
            language="en",
            voice_name="default",
        )

    ended: asyncio.Future[EndReason] = loop.create_future()

    async def hold() -> None:
        session.move(BotState.JOINING)
        ended.set_result(await session.run())

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(
            call_id="t",
            stt=speech,
            new_vad=LoudnessDetector,
            heard=session.heard,
            call_ms=session.call_ms,
            is_whole=session.sounds_whole,
            recorder=None,
            language="en",
            names=("Ada", "Acme"),
            tasks=tasks,
            settings=LaneSettings(lead=0),  # a script can't repeat what was said before
        )
        meeting.ear = lanes.hear
        session.attach(
            connection=meeting, new_speaker=new_speaker, lanes=lanes, recorder=None, speech=speech, tasks=tasks
        )
        running = [tasks.create_task(work) for work in (meeting.attend(), hold())]
        yield RunningCall(meeting, record, session, ended)
        for task in running:
            task.cancel()
        await lanes.finish(0)
