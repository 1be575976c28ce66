"""What the interview is told of the candidate's turns."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from audio.heard import FinalTurn, Interim, NothingSaid, SpeechPaused, SpeechStarted
from bot.interview import (
    CandidateSaid,
    Expecting,
    Happening,
    InterviewerSaid,
    InterviewerSaying,
    InterviewerSpeaking,
    Listen,
    Role,
    Say,
)
from bot.plan import Patience
from bot.platforms import Participant
from bot.speaker import Speaker
from bot.transcript import TranscriptWriter
from bot.turn_taking import TurnTaking
from tests.fakes.speech import ToneVoice

ADA = Participant("ada", "Ada", Role.CANDIDATE)
GRACE = Participant("grace", "Grace", Role.INTERVIEWER)


@dataclass
class Sink:
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def emit(self, event: str, data: dict[str, Any]) -> None:
        self.events.append((event, data))

    def emit_ephemeral(self, event: str, data: dict[str, Any]) -> None:
        pass


def turn_taking(sink: Sink, **parts: Any) -> TurnTaking:
    """One call's turn taking, with a session around it that wants nothing but what `parts` say."""
    loop = asyncio.get_running_loop()
    nothing: dict[str, Any] = {
        "listen": Listen(Expecting.ANSWER, "q1", Patience.NORMAL),
        "happen": lambda happening: None,
        "asks": lambda text: None,
        "yields": lambda: False,
        "rehearse": lambda words, reply: None,
        "try_ahead": lambda compose: None,
        "goes_on": lambda: None,
        "now_ms": lambda: loop.time() * 1000,
        "call_at": lambda at: at * 1000,
        "interrupted": lambda: None,
        "was_cut": lambda who, pause_ms: None,
    }
    return TurnTaking(events=sink, transcript=TranscriptWriter(sink, "Viva"), **(nothing | parts))


def mouth(turns: TurnTaking, voice: ToneVoice, played: Callable[[Any], None] = lambda pcm: None) -> Speaker:
    """A voice for it."""
    return Speaker(
        voice,
        play=played,
        recall=lambda: 0,
        started=lambda line: turns.line_started(line, None),
        ended=turns.line_ended,
        language="en",
        voice_name="default",
    )


async def test_the_likely_reply_is_fetched_while_the_last_words_are_recognised() -> None:
    loop, sink, voice = asyncio.get_running_loop(), Sink(), ToneVoice()
    asked: list[str] = []

    def rehearse(words: str, reply: str | None) -> Say:
        asked.append(words)
        return Say(1, "Thank you. And what came of it?")

    turns = turn_taking(sink, rehearse=rehearse)
    frames: list[float] = []
    speaker = mouth(turns, voice, lambda pcm: frames.append(loop.time()))
    turns.attach(speaker)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(speaker.run())
        turns.heard(ADA, "a-1", SpeechStarted("ada", 1, 0, 100))
        turns.heard(ADA, "a-1", SpeechPaused("ada", 1, 900))
        assert asked == []  # nothing is known of this turn yet
        turns.heard(ADA, "a-1", Interim("ada", 1, "I rebuilt the", 0, 0, 1000))
        turns.heard(ADA, "a-1", SpeechPaused("ada", 1, 1500))
        await asyncio.sleep(0.3)
        assert set(asked) == {"I rebuilt the"} and not frames
        turns.say(Say(1, "Thank you. And what came of it?"))
        said_at = loop.time()
        await asyncio.sleep(0.1)
        running.cancel()
    assert frames[0] - said_at < 0.001


async def test_a_voice_without_words_leaves_no_cut_in_to_the_next_turn() -> None:
    _loop, told, sink = asyncio.get_running_loop(), list[Happening](), Sink()
    turns = turn_taking(sink, listen=Listen(Expecting.NOTHING, None, Patience.NORMAL), happen=told.append)
    speaker = mouth(turns, ToneVoice())
    turns.attach(speaker)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(speaker.run())
        turns.say(Say(1, "This is a rather long line that goes on and on for a good while, so that it can be cut."))
        await asyncio.sleep(1)
        turns.heard(ADA, "a-1", SpeechStarted("ada", 1, 950, 1000))
        await asyncio.sleep(3)
        turns.at_deadline()
        assert [data["outcome"] for name, data in sink.events if name == "barge_in"] == ["confirmed"]
        turns.heard(ADA, "a-1", NothingSaid("ada", 1, 950, 4000))
        turns.heard(ADA, "a-2", FinalTurn("ada", 2, "I built it.", 6000, 7000, 0.9, "en", 7400, 7400, 0.0, True))
        running.cancel()
    [said] = [happening for happening in told if isinstance(happening, CandidateSaid)]
    assert not said.cut_in


async def test_a_line_that_answers_an_interviewer_is_no_late_answer_to_the_candidate() -> None:
    _loop, sink = asyncio.get_running_loop(), Sink()
    turns = turn_taking(sink)
    speaker = mouth(turns, ToneVoice())
    turns.attach(speaker)
    built = FinalTurn("ada", 1, "I built it.", 0, 700, 0.9, "en", 1100, 1100, 0.0, True)
    lends = FinalTurn("grace", 1, "Viva, take the next question.", 4000, 5000, 0.9, "en", 5400, 5400, 0.0, True)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(speaker.run())
        accounts = []
        for last in (lends, None):  # once with an interviewer in between, once without
            turns.heard(ADA, "a-1", built)
            if last is not None:
                turns.heard(GRACE, "g-1", last)
            turns.say(Say(len(accounts) + 1, "What broke last?"))
            await asyncio.sleep(5)
            accounts.append([data for name, data in sink.events if name == "latency"])
        running.cancel()
    assert [len(account) for account in accounts] == [0, 1]


async def test_an_interviewer_is_known_to_speak_and_what_they_say_is_judged_before_they_stop() -> None:
    told = list[Happening]()
    turns = turn_taking(Sink(), happen=told.append)
    turns.attach(mouth(turns, ToneVoice()))
    turns.heard(GRACE, "g-1", SpeechStarted("grace", 1, 0, 100))
    turns.heard(GRACE, "g-1", Interim("grace", 1, "Are you", 0, 0, 600))
    turns.heard(GRACE, "g-1", Interim("grace", 1, "Are you married or", len("Are you marr"), 0, 1200))
    turns.heard(GRACE, "g-1", Interim("grace", 1, "Are you married or", len("Are you married"), 0, 1800))
    turns.heard(GRACE, "g-1", FinalTurn("grace", 1, "Are you married?", 0, 1900, 0.9, "en", 2400, 2400, 0.0, True))
    turns.heard(GRACE, "g-2", SpeechStarted("grace", 2, 3000, 3100))
    turns.heard(GRACE, "g-2", NothingSaid("grace", 2, 3000, 3400))
    assert told == [
        InterviewerSpeaking("grace", True),
        InterviewerSaying("Are you", "grace"),
        InterviewerSaying("Are you married", "grace"),
        InterviewerSpeaking("grace", False),
        InterviewerSaid("Are you married?", 1, "grace"),
        InterviewerSpeaking("grace", True),
        InterviewerSpeaking("grace", False, words=False),
    ]
