"""A whole bot without network or models: real lanes, speaker, interview and session, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest

from audio import Pcm, TextToSpeech
from audio.errors import SpeechRefused
from bot.interview import FloorAsked, Leader, ModeAsked, Role
from bot.interview.call import Call
from bot.plan import Plan
from bot.platforms import Control, MediaFailed, MicrophoneChanged, Participant, Slept
from bot.spec import Limits, Mode
from bot.state import EndReason
from prompts import load_lines
from tests.fakes.speech import (
    RefusingSpeechToText,
    ScriptedSpeechToText,
    SilentVoice,
    StuckVoice,
    UnreachableSpeechToText,
)
from tests.unit.bot.calls import ADA, INES, LONG, PLAN, RunningCall, call


async def test_a_whole_interview() -> None:
    async with call([LONG, LONG, "No thank you."]) as c:
        c.meeting.come(ADA)
        for expecting in ("answer", "answer", "questions"):
            await c.answer(expecting)
        assert await c.over() is EndReason.COMPLETED
    assert c.record.said_by("candidate") == [LONG, LONG, "No thank you."]
    bot = " ".join(c.record.said_by("bot"))
    assert PLAN.questions[0].text in bot
    assert PLAN.questions[1].text in bot
    assert [q["question_id"] for q in c.record.of("question.asked")] == ["first", "second"]
    assert {q["outcome"] for q in c.record.of("question.closed")} == {"answered"}
    turns = c.record.of("turn.final")
    assert [turn["seq"] for turn in turns] == list(range(1, len(turns) + 1))
    assert all(a["start_ms"] <= a["end_ms"] for a in turns)
    assert c.record.of("state")[-1] == {"state": "leaving", "reason": "completed"}


async def test_each_answers_latency_is_broken_down_by_name() -> None:
    async with call([LONG, LONG]) as c:
        c.meeting.come(ADA)
        await c.listening()
        await c.meeting.voice(ADA, 3.0)
        await c.speaking()
        await asyncio.sleep(0.1)
        [latency] = c.record.of("latency")
    parts = [latency[name] for name in ("wait_ms", "text_ms", "brain_ms", "first_sound_ms", "wire_ms")]
    assert all(part >= 0 for part in parts)
    assert latency["total_ms"] == pytest.approx(sum(parts), abs=3)
    assert 200 < latency["wait_ms"] < 1500


async def test_a_cough_pauses_the_bot_and_not_one_sample_is_lost() -> None:
    def sound(c: RunningCall, until: int) -> Pcm:
        return np.concatenate([pcm for _, pcm in c.meeting.played])[:until]

    async with call([]) as undisturbed:
        undisturbed.meeting.come(ADA)
        await undisturbed.listening()
    async with call([""]) as c:
        c.meeting.come(ADA)
        await c.speaking()
        await asyncio.sleep(1)
        await c.meeting.voice(ADA, 0.2)
        before = len(c.meeting.played)
        await asyncio.sleep(0.2)
        assert len(c.meeting.played) == before, "the bot spoke on over a voice"
        await c.listening()
    assert [b["outcome"] for b in c.record.of("barge_in")] == ["resumed"]
    whole = np.concatenate([pcm for _, pcm in undisturbed.meeting.played])
    assert np.array_equal(sound(c, len(whole)), whole)
    assert c.record.said_by("candidate") == []


async def test_signs_of_listening_do_not_stop_the_bot_and_are_in_the_transcript() -> None:
    async with call(["Mm-hmm.", LONG]) as c:
        c.meeting.come(ADA)
        await c.speaking()
        await asyncio.sleep(1)
        await c.meeting.voice(ADA, 0.4)
        await c.listening()
        assert c.record.said_by("candidate") == ["Mm-hmm."]
        assert [b["outcome"] for b in c.record.of("barge_in")] == ["resumed"]
        assert not any(turn["interrupted"] for turn in c.record.of("turn.final"))


async def test_words_take_the_floor_and_only_what_was_heard_is_written() -> None:
    async with call(["Sorry, could you repeat that please?", LONG]) as c:
        c.meeting.come(ADA)
        await c.speaking()
        await asyncio.sleep(1.0)
        began = asyncio.get_running_loop().time()
        await c.meeting.voice(ADA, 2.0)
        silent_from = max(at for at, _ in c.meeting.played if at < began + 1.9)
        assert silent_from - began < 0.15
        await c.listening()
        [barge_in] = c.record.of("barge_in")
        assert barge_in["outcome"] == "confirmed"
        first = c.record.of("turn.final")[0]
        assert first["role"] == "bot"
        assert first["interrupted"]
        spoken = " ".join(c.record.said_by("bot"))
        assert PLAN.questions[0].text in spoken


MORE = "Oh wait, one more thing, I forgot to say that I can only start in March."


@pytest.mark.parametrize(
    ("said", "reply"),
    [(MORE, ["Thank you, I'll pass that on to the team. Goodbye."]), ("Thank you so much, it was a pleasure.", [])],
)
async def test_whoever_speaks_into_the_goodbye_is_not_hung_up_on(said: str, reply: list[str]) -> None:
    async with call([LONG, LONG, "No, thank you, I have no questions.", said]) as c:
        c.meeting.come(ADA)
        await c.answer()
        await c.answer()
        await c.answer("questions")
        await c.speaking()
        await asyncio.sleep(1)
        await c.meeting.voice(ADA, 4.0)
        assert not c.ended.done(), "left while somebody was speaking"
        assert await c.over() is EndReason.COMPLETED
        assert c.record.said_by("candidate")[-1] == said
        assert c.record.said_by("bot")[-len(reply) :] == reply or not reply
        told = [task["text"] for task in c.record.of("task")]
        assert told == ([f"The candidate added: {said}"] if reply else [])


async def test_whoever_never_stops_speaking_into_the_goodbye_is_left_in_the_end() -> None:
    async with call([LONG, LONG, "No, thank you, I have no questions.", " ".join([MORE] * 20)]) as c:
        c.meeting.come(ADA)
        await c.answer()
        await c.answer()
        await c.answer("questions")
        await c.speaking()
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            talking = tasks.create_task(c.meeting.voice(ADA, 120.0))
            assert await c.over() is EndReason.COMPLETED
            talking.cancel()
        assert 30 <= asyncio.get_running_loop().time() - began < 32


async def test_nobody_comes() -> None:
    async with call(limits=Limits(no_show_s=30)) as c:
        assert await c.over() is EndReason.NO_SHOW
        assert c.record.said_by("bot") == []


async def test_a_candidate_who_leaves_and_does_not_return() -> None:
    async with call([LONG], limits=Limits(left_s=20)) as c:
        c.meeting.come(ADA)
        await c.listening()
        c.meeting.go(ADA)
        assert await c.over() is EndReason.CANDIDATE_LEFT


async def test_a_candidate_who_drops_mid_answer_and_returns_goes_on() -> None:
    async with call({"t/ada/1": ["I built the"], "t/ada/2": [LONG, LONG, "No."]}, limits=Limits(left_s=60)) as c:
        c.meeting.come(ADA)
        await c.listening()
        async with asyncio.TaskGroup() as both:
            both.create_task(c.meeting.voice(ADA, 3.0))
            await asyncio.sleep(1.0)
            c.meeting.go(ADA, dropped=True)
        await asyncio.sleep(5)
        c.meeting.come(ADA, again=True)
        for expecting in ("answer", "answer", "questions"):
            await c.answer(expecting)
        assert await c.over() is EndReason.COMPLETED
        assert c.record.said_by("candidate")[0] == "I built the"
        assert [q["question_id"] for q in c.record.of("question.asked") if q["follow_up"] == 0] == ["first", "second"]


async def test_a_silent_candidate_is_asked_and_then_let_go() -> None:
    async with call(limits=Limits(silence_prompt_s=10, silence_end_s=40)) as c:
        c.meeting.come(ADA)
        assert await c.over() is EndReason.CANDIDATE_SILENT
        assert len(c.record.said_by("bot")) >= 3


async def test_the_buttons_work_and_an_observers_do_not() -> None:
    observer = Participant("olga", "Olga", Role.OBSERVER)
    async with call([LONG]) as c:
        c.meeting.come(ADA)
        await c.listening()
        c.meeting.happen(Control(observer, "stop"))
        c.meeting.happen(Control(ADA, "skip"))
        await c.speaking()
        await c.listening()
        [closed] = c.record.of("question.closed")
        assert (closed["question_id"], closed["outcome"]) == ("first", "skipped")


async def test_others_in_the_room_are_written_down_but_do_not_answer() -> None:
    turns = {"t/ada/1": [LONG], "t/ines/2": ["Can you hear us well?"]}
    async with call(turns) as c:
        c.meeting.come(ADA)
        await c.listening()
        c.meeting.come(INES)
        await asyncio.sleep(0.2)
        await c.meeting.voice(INES, 1.5)
        await asyncio.sleep(3)
        assert c.record.said_by("interviewer") == ["Can you hear us well?"]
        assert c.record.of("question.closed") == []


async def test_a_speech_server_that_stays_away_ends_the_call_with_its_reason() -> None:
    stt = UnreachableSpeechToText(ScriptedSpeechToText([LONG]))
    async with call(stt=stt) as c:
        c.meeting.come(ADA)
        await c.listening()
        await c.meeting.voice(ADA, 2.0)
        assert await c.over() is EndReason.SPEECH_UNAVAILABLE


async def test_a_stop_from_outside_ends_the_call_politely() -> None:
    async with call() as c:
        c.meeting.come(ADA)
        await c.listening()
        c.session.stop(EndReason.CANCELLED)
        assert await c.over() is EndReason.CANCELLED


async def test_an_answer_that_goes_on_over_the_next_question_belongs_to_the_first() -> None:
    more = "And after that I also moved the invoices."
    async with call([LONG, more, LONG, "No."]) as c:
        c.meeting.come(ADA)
        await c.answer()
        await c.speaking()
        await c.say(2.5)
        await c.answer()
        await c.answer("questions")
        assert await c.over() is EndReason.COMPLETED
        turns = [turn for turn in c.record.of("turn.final") if turn["role"] == "candidate"]
        assert [turn["question_id"] for turn in turns][:3] == ["first", "first", "second"]
        report = {entry["question_id"]: entry["answer_turns"] for entry in c.session.report()["questions"]}
        assert report == {"first": [turns[0]["seq"], turns[1]["seq"]], "second": [turns[2]["seq"]]}


async def test_a_service_that_refuses_ends_the_call_with_its_reason() -> None:
    class RefusingVoice:
        async def speak(
            self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
        ) -> AsyncIterator[Pcm]:
            raise SpeechRefused("unauthorized", "401: wrong key")
            yield  # makes this a generator

    async with call(voice=RefusingVoice()) as c:
        c.meeting.come(ADA)
        assert await c.over() is EndReason.SPEECH_UNAVAILABLE
        assert c.session.call_ms() < 60_000
        assert "wrong key" in c.record.of("incident")[-1]["detail"]


class EmptyVoice:
    """Takes every text and is done at once."""

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        return
        yield  # makes this a generator


@pytest.mark.parametrize("voice", [EmptyVoice(), SilentVoice()])
async def test_a_voice_that_gives_no_sound_asks_nothing_and_ends_the_call_with_its_reason(voice: TextToSpeech) -> None:
    async with call(voice=voice) as c:
        c.meeting.come(ADA)
        assert await c.over() is EndReason.SPEECH_UNAVAILABLE
        assert c.record.of("question.asked") == []
        assert "the voice made no sound of" in c.record.of("incident")[-1]["detail"]


async def test_an_answer_that_the_server_refuses_is_on_the_record_and_asked_for_again() -> None:
    async with call(stt=RefusingSpeechToText(ScriptedSpeechToText([LONG, LONG, "No."]))) as c:
        c.meeting.come(ADA)
        await c.listening()
        await c.meeting.voice(ADA, 2.0)
        await c.speaking()
        for expecting in ("answer", "answer", "questions"):
            await c.answer(expecting)
        assert await c.over() is EndReason.COMPLETED
    [incident] = c.record.of("incident")
    assert incident["code"] == "text_lost"
    assert "what Ada said from" in incident["detail"] and "this sound can't be used" in incident["detail"]
    assert set(c.record.said_by("bot")) & set(load_lines("en").variants("not_caught"))
    assert {q["outcome"] for q in c.record.of("question.closed")} == {"answered"}


async def test_a_recogniser_that_refuses_answer_after_answer_ends_the_call_with_its_reason() -> None:
    async with call(stt=RefusingSpeechToText(ScriptedSpeechToText([LONG]), finals=99)) as c:
        c.meeting.come(ADA)
        for _ in range(2):
            await c.listening()
            await c.meeting.voice(ADA, 2.0)
            await asyncio.sleep(2)
        assert await c.over() is EndReason.SPEECH_UNAVAILABLE
    codes = [incident["code"] for incident in c.record.of("incident")]
    assert sorted(codes) == ["speech_refused", "text_lost", "text_lost"]


async def test_a_voice_that_never_makes_a_sound_is_on_the_record_within_ten_seconds() -> None:
    async with call(voice=StuckVoice()) as c:
        c.meeting.come(ADA)
        await asyncio.sleep(10)
        [incident] = c.record.of("incident")
        assert incident == {"code": "speech_stalled", "detail": "the voice has not answered for 8 s"}
        await asyncio.sleep(20)
        assert len(c.record.of("incident")) == 1


async def test_a_candidate_who_goes_on_after_the_bot_went_on_is_yielded_to_again() -> None:
    async with call(["mm we had a big problem with it and then we mended it", LONG]) as c:
        c.meeting.come(ADA)
        await c.speaking()
        await asyncio.sleep(1)
        await c.meeting.voice(ADA, 0.3)
        await asyncio.sleep(1.3)  # the bot goes on
        assert c.record.floors[-1] == "speaking"
        began = asyncio.get_running_loop().time()
        await c.meeting.voice(ADA, 1.5)
        assert max(at for at, _ in c.meeting.played if at < began + 1.4) - began < 0.2


async def test_a_follow_up_talked_over_keeps_the_turn_with_its_question() -> None:
    body = PLAN.model_dump(mode="json")
    body["sections"][0]["questions"][1]["max_followups"] = 1
    thin = "We had an outage with the payments last winter and it took quite a while for us."
    async with call([LONG, thin, "And then we rolled it back.", LONG, "No."], plan=Plan.model_validate(body)) as c:
        c.meeting.come(ADA)
        await c.answer()
        await c.answer()
        await c.speaking()
        await c.say(2.0)
        turns = [turn for turn in c.record.of("turn.final") if turn["role"] == "candidate"]
        assert [turn["question_id"] for turn in turns] == ["first", "second", "second"]


async def test_somebody_whose_sound_never_comes_is_no_no_show() -> None:
    async with call(limits=Limits(no_show_s=30)) as c:
        c.meeting.happen(MediaFailed(ADA))
        assert await c.over() is EndReason.MEDIA_FAILED
        assert c.record.of("incident")[0]["code"] == "media_failed"


async def test_a_lost_microphone_is_on_the_record_and_so_is_its_return() -> None:
    async with call() as c:
        c.meeting.come(ADA)
        for works in (False, True):
            c.meeting.happen(MicrophoneChanged(ADA, works))
        await c.speaking()
        told = [(one["code"], one["detail"]) for one in c.record.of("incident")]
        assert told == [
            ("microphone_lost", "Ada's microphone gives no sound any more"),
            ("microphone_back", "Ada's microphone gives sound again"),
        ]


async def test_a_page_that_slept_is_on_the_record_and_for_how_long() -> None:
    async with call() as c:
        c.meeting.come(ADA)
        c.meeting.happen(Slept(ADA, 61_900))
        await c.speaking()
        told = {"code": "page_asleep", "detail": "Ada's page was asleep for 62 s", "ms": 61_900}
        assert c.record.of("incident") == [told]


async def test_nobody_is_heard_who_has_not_consented() -> None:
    stranger = Participant("otto", "Otto", Role.INTERVIEWER, consented=False)
    async with call({"t/otto/2": ["I was never asked."]}) as c:
        c.meeting.come(ADA)
        await c.listening()
        c.meeting.come(stranger)
        await asyncio.sleep(0.2)
        await c.meeting.voice(stranger, 2.0)
        await asyncio.sleep(3)
        assert c.record.said_by("interviewer") == []


async def test_a_bot_that_only_listens_sends_not_one_sample_after_its_disclosure() -> None:
    observing = Call(PLAN, mode=Mode.SHADOW, lines=load_lines("en"), candidate_name="Ada", organisation="Acme")
    asked = "So, what did you build last year, and what was your part in it?"
    heard = {
        "t/ines/1": [asked, "Viva, say something."],
        "t/ada/2": [LONG, "Please repeat the question."],
        "t/ada/3": ["Viva, are you still there?"],
    }
    async with call(heard, conduct=observing) as c:
        c.meeting.come(INES)
        c.meeting.come(ADA)
        async with asyncio.timeout(60):
            while not c.record.of("disclosure"):
                await asyncio.sleep(0.05)
        said = len(c.meeting.played)
        await c.meeting.voice(INES, 3.0)
        await c.say(3.0)
        for control in ("repeat", "skip", "human", "stop"):
            c.meeting.happen(Control(ADA, control))
        await c.say(2.0)
        await c.meeting.voice(INES, 2.0)
        c.meeting.go(ADA)
        await asyncio.sleep(5)
        c.meeting.come(ADA, again=True)
        await c.say(3.0)
        c.session.stop(EndReason.CANCELLED)
        assert await c.over() is EndReason.CANCELLED
        await asyncio.sleep(5)
    assert said > 0
    assert len(c.meeting.played) == said
    turns = [(turn["role"], turn["speaker"], turn["question_id"]) for turn in c.record.of("turn.final")]
    assert turns[:3] == [("bot", "Viva", None), ("interviewer", "Ines", "first"), ("candidate", "Ada", "first")]
    assert [note["question_id"] for note in c.record.of("question.asked")] == ["first"]
    floors = [
        (data["expecting"], data["question_id"], data["number"]) for name, data in c.record.passing if name == "floor"
    ]
    assert set(floors) == {("nothing", None, None)}, "the candidate's page sees which question was recognised"
    assert {name for name, _ in c.record.events} >= {"disclosure", "consent"}


async def test_two_who_talk_at_once_for_a_minute_are_written_down_apart() -> None:
    observing = Call(PLAN, mode=Mode.SHADOW, lines=load_lines("en"), candidate_name="Ada", organisation="Acme")
    heard = {"t/ines/1": [f"Ines, part {n}." for n in range(9)], "t/ada/2": [f"Ada, part {n}." for n in range(9)]}
    async with call(heard, conduct=observing) as c:
        c.meeting.come(INES)
        c.meeting.come(ADA)
        async with asyncio.timeout(60):
            while not c.record.of("disclosure"):
                await asyncio.sleep(0.05)
        async with asyncio.TaskGroup() as both:
            both.create_task(c.meeting.voice(INES, 60))
            both.create_task(c.meeting.voice(ADA, 60))
        await asyncio.sleep(5)
        c.session.stop(EndReason.CANCELLED)
        await c.over()
    for person in (INES, ADA):
        turns = [turn for turn in c.record.of("turn.final") if turn["speaker_id"] == person.id]
        assert {(turn["speaker"], turn["role"]) for turn in turns} == {(person.name, person.role)}
        assert all(turn["text"].startswith(person.name) for turn in turns)
        assert turns[-1]["end_ms"] - turns[0]["start_ms"] > 55_000, "all of the minute"
    assert c.record.of("incident") == []


async def test_a_second_interviewer_has_a_lane_of_their_own_and_may_take_back_what_the_first_has_lent() -> None:
    olga = Participant("olga", "Olga", Role.INTERVIEWER, consented=True)
    turns = {
        "t/ines/1": ["What did you build last year, and what was your part in it?"],
        "t/olga/2": ["And who was in your team?", "Thanks, I'll take it from here."],
        "t/ada/3": [LONG, LONG],
    }
    async with lent(turns) as c:
        for person in (INES, olga, ADA):
            c.meeting.come(person)
        await silent(c)
        async with asyncio.TaskGroup() as both:
            both.create_task(c.meeting.voice(INES, 3.0))
            both.create_task(c.meeting.voice(olga, 3.0))
        await c.say(3.0)
        asked = {turn["speaker"]: turn for turn in c.record.of("turn.final") if turn["role"] == "interviewer"}
        assert (asked["Ines"]["text"], asked["Olga"]["text"]) == (turns["t/ines/1"][0], turns["t/olga/2"][0])
        assert (
            asked["Ines"]["start_ms"] < asked["Olga"]["end_ms"] and asked["Olga"]["start_ms"] < asked["Ines"]["end_ms"]
        )
        assert c.record.of("question.asked")[0]["question_id"] == "first"
        c.session.asked(FloorAsked(Leader.BOT, "ines", 1))
        await c.listening()
        c.meeting.go(INES)
        await asyncio.sleep(2)
        assert c.record.of("floor.changed")[-1]["to"] == "bot", "an interviewer is still there"
        await c.meeting.voice(olga, 2.0)
        async with asyncio.timeout(60):
            while c.record.of("floor.changed")[-1]["to"] == "bot":
                await asyncio.sleep(0.05)
        assert [(one["to"], one["by"]) for one in c.record.of("floor.changed")] == [
            ("bot", "ines"), ("interviewer", "olga"),
        ]  # fmt: skip


async def test_a_candidate_is_heard_for_a_reload_without_an_interviewer_and_then_neither_heard_nor_recorded() -> None:
    observing = Call(PLAN, mode=Mode.SHADOW, lines=load_lines("en"), organisation="Acme", knows_interviewers=True)
    said = [LONG, "Hello? Is anybody there?", "As I said."]
    async with call({"t/ada/1": said}, conduct=observing) as c:
        c.meeting.come(ADA)  # first of all
        async with asyncio.timeout(60):
            while not c.record.of("hearing.paused"):
                await asyncio.sleep(0.05)
        await c.meeting.voice(ADA, 3.0)
        await asyncio.sleep(5)
        c.meeting.come(INES)
        await c.say(3.0)
        c.meeting.go(INES)
        await c.say(2.0)
        await asyncio.sleep(30)
        assert c.record.floors[-1] == "alone"
        await c.meeting.voice(ADA, 3.0)
        await asyncio.sleep(5)
        assert c.record.said_by("candidate") == said[:2]
        assert not c.ended.done(), "while the candidate is there, the call is not over"
        c.meeting.come(INES, again=True)
        await c.say(2.0)
        c.session.stop(EndReason.CANCELLED)
        await c.over()
    assert c.record.said_by("candidate") == said
    came = [(one["name"], one["again"]) for one in c.record.of("participant.joined")]
    assert came == [("Ada", False), ("Ines", False), ("Ines", True)]
    assert [one["name"] for one in c.record.of("participant.left")] == ["Ines"]


def lent(turns: dict[str, Sequence[str]], mode: Mode = Mode.COPILOT) -> AbstractAsyncContextManager[RunningCall]:
    conduct = Call(PLAN, mode=mode, lines=load_lines("en"), candidate_name="Ada", organisation="Acme")
    return call(turns, conduct=conduct)


async def silent(c: RunningCall) -> int:
    """Wait until the bot has no voice; return how many frames it has played."""
    async with asyncio.timeout(60):
        while not c.record.of("disclosure") or c.record.floors[-1] == "speaking":
            await asyncio.sleep(0.05)
    return len(c.meeting.played)


async def test_the_voice_is_there_from_an_interviewers_act_to_the_hand_back_and_at_no_other_time() -> None:
    turns = {
        "t/ines/1": ["Please take the next two questions.", "Thanks, I'll take it from here.", "Viva, say something."],
        "t/ada/2": ["Take the next question.", LONG, LONG],
    }
    async with lent(turns) as c:
        c.meeting.come(INES)
        c.meeting.come(ADA)
        before = await silent(c)
        c.session.line_opened()
        assert [one["type"] for one in dict(c.record.passing)["panel.stands"]["told"]] == ["time.updated"]
        await c.say(3.0)  # what a candidate asks for is nobody's order
        await asyncio.sleep(5)
        assert len(c.meeting.played) == before
        await c.meeting.voice(INES, 2.0)
        async with asyncio.timeout(60):
            while not (wishes := [data for name, data in c.record.passing if name == "floor.wished"]):
                await asyncio.sleep(0.05)
        assert wishes == [{"by": "ines", "questions": 2}]
        await asyncio.sleep(5)
        assert len(c.meeting.played) == before, "until the control plane says that she may"
        c.session.asked(FloorAsked(Leader.BOT, "ines", 2, "cmd_1"))
        await c.listening()
        assert c.record.done == ["cmd_1"]
        assert PLAN.questions[0].text in c.record.said_by("bot")[-1]
        await c.say(3.0)
        await c.speaking()
        await c.meeting.voice(INES, 2.5)
        async with asyncio.timeout(60):
            while len(c.record.of("floor.changed")) < 2:
                await asyncio.sleep(0.05)
        await asyncio.sleep(5)
        after = len(c.meeting.played)
        assert after > before
        assert "back to your interviewer" in c.record.said_by("bot")[-1]
        await c.say(3.0)
        await c.meeting.voice(INES, 2.0)
        c.meeting.happen(Control(ADA, "repeat"))
        await asyncio.sleep(30)
        assert len(c.meeting.played) == after
        shown = [(data["mode"], data["leads"]) for name, data in c.record.passing if name == "floor"]
        assert [one for one, last in zip(shown, [None, *shown], strict=False) if one != last] == [
            ("copilot", "interviewer"), ("copilot", "bot"), ("copilot", "interviewer"),
        ]  # fmt: skip
    by = [(one["to"], one["by"]) for one in c.record.of("floor.changed")]
    assert by == [("bot", "ines"), ("interviewer", "ines")]


async def test_an_interviewer_who_speaks_is_yielded_to_as_the_candidate_is() -> None:
    async with lent({"t/ines/1": ["Sorry, one moment please."], "t/ada/2": [LONG]}) as c:
        c.meeting.come(INES)
        c.meeting.come(ADA)
        await silent(c)
        c.session.asked(FloorAsked(Leader.BOT, "ines", 1))
        await c.speaking()
        await asyncio.sleep(0.5)
        began = asyncio.get_running_loop().time()
        await c.meeting.voice(INES, 2.0)
        assert max(at for at, _ in c.meeting.played if at < began + 1.9) - began < 0.2
        async with asyncio.timeout(60):
            while not c.record.of("question.asked"):
                await asyncio.sleep(0.05)
        assert c.record.of("barge_in")[-1]["outcome"] == "confirmed"
        assert PLAN.questions[0].text in " ".join(c.record.said_by("bot"))


async def test_a_mode_that_was_changed_before_the_bot_was_let_in_holds_from_the_first_line() -> None:
    conduct = Call(PLAN, mode=Mode.SOLO, lines=load_lines("en"), organisation="Acme")
    async with call({"t/ada/1": [LONG]}, conduct=conduct, asked=[ModeAsked(Mode.SHADOW, "rita")]) as c:
        c.meeting.come(ADA)
        played = await silent(c)
        await c.say(3.0)
        await asyncio.sleep(20)
        assert len(c.meeting.played) == played
        (change,) = c.record.of("mode.changed")
        assert change == {"from": "solo", "to": "shadow", "by": "rita", "announced": False}
