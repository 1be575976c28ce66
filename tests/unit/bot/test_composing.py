"""A chat model within the turn: what is heard of it, and when, in whole interviews in virtual time."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from audio import SAMPLE_RATE, Pcm, Transcript, Urgency
from bot.plan import Plan
from tests.fakes.model import Breaks, SlowModel
from tests.fakes.speech import LateSpeechToText, ScriptedSpeechToText
from tests.unit.bot.calls import ADA, LONG, RunningCall, call

THIN = "We had an outage with the payments last winter and it took quite a while for us."
ASKED = "Which part of the repair was in your hands?"
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
                        "id": name,
                        "text": text,
                        "max_followups": 1,
                        "probes": {"own_part": "What was your own part in that?", "action": "What did you do first?"},
                    }
                    for name, text in (
                        ("first", "Tell me about an outage."),
                        ("second", "Tell me about a release."),
                        ("third", "Tell me about a rewrite."),
                    )
                ],
            }
        ],
        "facts": ["The team has six engineers.", "The office is in Porto."],
    }
)


@dataclass
class ByLengthSpeechToText:
    """Hears as many of the words as the sound is long, whoever asks: the words of a pause are not those of the end."""

    words: str
    word_s: float = 0.25

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        await asyncio.sleep(0)
        heard = self.words.split()[: max(1, int(len(pcm) / SAMPLE_RATE / self.word_s))]
        return Transcript(" ".join(heard), 0.9, language)


async def first_reply(c: RunningCall, seconds: float = 3.0) -> dict[str, Any]:
    """Answer the first question, hear the reply to its end, and return the account of the turn."""
    before = len(c.record.of("latency"))
    await c.answer(seconds=seconds)
    await c.speaking()
    await c.listening()
    return c.record.of("latency")[before]


def last_line(c: RunningCall) -> str:
    return c.record.said_by("bot")[-1]


async def test_what_was_written_in_the_silence_is_said_at_once() -> None:
    model = SlowModel([ASKED])  # a second and more until the question is whole
    async with call([THIN], plan=PLAN, brain=model.brain()) as c:
        c.meeting.come(ADA)
        account = await first_reply(c)
        assert ASKED in last_line(c)
    assert len(model.asked) == 1
    late = LateSpeechToText(ScriptedSpeechToText([THIN]), 1.5)  # no words before the turn is over: nothing to try
    async with call(stt=late, plan=PLAN, brain=SlowModel([ASKED]).brain()) as c:
        c.meeting.come(ADA)
        asked_late = await first_reply(c)
        assert ASKED in last_line(c)
    assert asked_late["model_ahead_ms"] == 0
    assert account["model_ahead_ms"] > 400
    assert asked_late["brain_ms"] - account["brain_ms"] == pytest.approx(account["model_ahead_ms"], abs=5)


async def test_a_quick_model_has_answered_before_the_turn_is_over() -> None:
    async with call([THIN], plan=PLAN, brain=SlowModel([ASKED], first_s=0.1, word_s=0.02).brain()) as c:
        c.meeting.come(ADA)
        account = await first_reply(c)
        assert ASKED in last_line(c)
    assert account["brain_ms"] <= 1
    assert account["first_sound_ms"] < 1, "and its sound was there as well"


async def test_an_answer_that_goes_on_is_asked_about_as_a_whole() -> None:
    model = SlowModel([ASKED])
    async with call(stt=ByLengthSpeechToText(THIN), plan=PLAN, brain=model.brain()) as c:
        c.meeting.come(ADA)
        await c.listening()
        await c.meeting.voice(ADA, 2.0)
        await asyncio.sleep(0.5)
        assert len(model.asked) == 1
        await c.say(2.0)
        await c.speaking()
        await c.listening()
        [heard] = c.record.said_by("candidate")
        assert last_line(c).count(ASKED) == 1
    assert model.hung_up >= 1, "what was written about half of the answer was read on"
    assert heard in model.asked[-1]
    assert heard not in model.asked[0]


async def test_the_first_sentence_is_heard_while_the_second_is_written() -> None:
    model = SlowModel([f"You said that it took a while. {ASKED}"], word_s=0.3)
    async with call([THIN], plan=PLAN, brain=model.brain(budget_s=6)) as c:
        c.meeting.come(ADA)
        account = await first_reply(c)
        assert f"You said that it took a while. {ASKED}" in last_line(c)
        assert [turn["role"] for turn in c.record.of("turn.final")][-2:] == ["candidate", "bot"], "one line, one turn"
    whole_ms = 400 + 16 * 300
    assert account["brain_ms"] + account["model_ahead_ms"] < whole_ms - 8 * 300


async def test_a_model_that_breaks_off_after_a_sentence_leaves_the_question_to_the_plan() -> None:
    model = SlowModel([["You said that it took a while.", "And which", Breaks()]])
    async with call([THIN], plan=PLAN, brain=model.brain()) as c:
        c.meeting.come(ADA)
        await first_reply(c)
        assert last_line(c).endswith("You said that it took a while. What was your own part in that?")
        asked = c.record.of("question.asked")[-1]
        assert (asked["follow_up"], asked["reason"], asked["by"]) == (1, "missing", "plan")


async def test_a_second_sentence_that_must_not_be_said_is_not_said() -> None:
    model = SlowModel(["You said that it took a while. And how old were you then?"])
    async with call([THIN], plan=PLAN, brain=model.brain()) as c:
        c.meeting.come(ADA)
        await first_reply(c)
        assert last_line(c).endswith("You said that it took a while. What was your own part in that?")
        assert not any("how old" in line for line in c.record.said_by("bot"))


async def test_who_speaks_over_the_first_sentence_ends_the_writing_of_the_rest() -> None:
    model = SlowModel([f"You said that it took a while. And now tell me, {ASKED.lower()}"], word_s=0.25)
    more = "It took us two whole days because nobody had the password for the broker."
    async with call([THIN, more], plan=PLAN, brain=model.brain(budget_s=6)) as c:
        c.meeting.come(ADA)
        await c.answer()
        await c.speaking()
        await asyncio.sleep(0.5)
        assert model.hung_up == 0
        await c.say(2.0)
        assert model.hung_up == 1
        await asyncio.sleep(6)
        assert not any("now tell me" in line for line in c.record.said_by("bot"))
        turns = [turn["question_id"] for turn in c.record.of("turn.final") if turn["role"] == "candidate"]
        assert turns == ["first", "first"]


async def test_a_late_model_costs_its_budget_and_then_nothing_until_it_has_rested() -> None:
    model = SlowModel([ASKED], first_s=30)
    async with call([THIN, LONG, THIN, LONG, THIN, LONG], plan=PLAN, brain=model.brain(budget_s=1.0)) as c:
        c.meeting.come(ADA)
        accounts = []
        for _ in range(3):
            accounts.append(await first_reply(c))
            assert "What was your own part in that?" in last_line(c)
            await c.answer()
            await c.speaking()
    assert all(account["brain_ms"] <= 1050 for account in accounts)
    assert accounts[-1]["brain_ms"] == 0
    told = [incident["code"] for incident in c.record.of("incident")]
    assert told == ["model_unavailable"] * 2, "one for each failure, none for the rest that follows"


async def test_an_answer_to_the_candidate_is_heard_while_it_is_written() -> None:
    model = SlowModel(["There are six engineers in the team. The office is in Porto."], word_s=0.4)
    turns = [LONG, LONG, LONG, "How many engineers are in the team?", "No, thank you."]
    plan = PLAN.model_copy(
        update={
            "sections": tuple(
                section.model_copy(
                    update={"questions": tuple(q.model_copy(update={"max_followups": 0}) for q in section.questions)}
                )
                for section in PLAN.sections
            )
        }
    )
    async with call(turns, plan=plan, brain=model.brain(budget_s=5)) as c:
        c.meeting.come(ADA)
        for _ in range(3):
            await c.answer()
        await c.answer("questions")
        await c.speaking()
        await c.listening("questions")
        said = last_line(c)
        assert said.startswith("There are six engineers in the team. The office is in Porto.")
        assert said.endswith("?"), "and the floor is offered again"
        account = c.record.of("latency")[-1]
        assert account["brain_ms"] + account["model_ahead_ms"] < 400 + 12 * 400 - 4 * 400
        assert c.record.of("task") == []
