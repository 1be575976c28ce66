"""Real interviews in which something dies, leaves or stays away: the right reason, and nothing lost."""

import asyncio
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from api.client import Client
from api.demo.call import CallHolder, Guest, HeldCall
from api.demo.server import Server, serving
from api.demo.verdict import judge
from audio.client import SpeechClient
from bot.candidate.answers import Answers, spoken, usual_phrases
from bot.candidate.mind import Manners
from bot.plan import Plan
from tests.chaos.blows import HOST, Parts
from tests.chaos.calls import Call
from tests.chaos.calls import guest as chaos_guest
from tests.guards import HANG_S

SEED = 38

ANSWERS = (
    "At my last company our search page took four seconds to load. I profiled it and added an index, and in the end "
    "it took three hundred milliseconds.",
    "Last winter our payment service was down. I led the response, rolled back the release, and we were back after "
    "twenty minutes.",
)


FASTER = "Tell me about something you made faster."


def plan(questions: int = 2) -> Plan:
    texts = (FASTER, "Tell me about an outage you helped with.")
    asked = [
        {"id": f"q{number + 1}", "text": text, "max_followups": 0} for number, text in enumerate(texts[:questions])
    ]
    sections = [{"id": "work", "name": "your work", "questions": asked}]
    return Plan.model_validate({"title": "Backend engineer", "minutes": 3, "sections": sections})


async def guest(server: Server, manners: Manners | None = None, name: str = "Alex Kim") -> Guest:
    speech = SpeechClient(stt_socket=server.speech_socket, tts_socket=server.speech_socket)
    try:
        answers = Answers(in_order=[await spoken(text, speech) for text in ANSWERS])
        return Guest(answers, await usual_phrases(speech), manners or Manners(), name)
    finally:
        await speech.aclose()


def children(server: Server, module: str) -> Iterator[psutil.Process]:
    for process in psutil.Process(server.pid).children():
        if module in process.cmdline():
            yield process


def kill(server: Server, module: str) -> None:
    if module == "bot":
        [host] = children(server, "orchestrator.host")
        [process] = host.children()
    else:
        [process] = children(server, module)
    process.send_signal(signal.SIGKILL)


class Saboteur:
    """Strikes once, a second into the candidate's answer to one question."""

    def __init__(self, server: Server, victims: dict[str, str]) -> None:
        self._server, self._victims = server, victims
        self.struck: list[str] = []

    async def watch(self, held: HeldCall) -> None:
        while True:
            await asyncio.sleep(0.1)
            asked = {data["question_id"] for data in held.of("question.asked")}
            for question_id in asked & self._victims.keys():
                module = self._victims.pop(question_id)
                await asyncio.sleep(2.5)
                kill(self._server, module)
                self.struck.append(module)


def whole(held: HeldCall) -> None:
    """Every check of the demo holds, and no turn is missing or twice."""
    failed = [check for check in judge(held) if not check.ok and not check.name.startswith("the recording")]
    assert not failed, failed
    turns = held.turns
    assert [turn["seq"] for turn in turns] == list(range(1, len(turns) + 1))
    seqs = [event.seq for event in held.events if event.seq is not None]
    assert seqs == sorted(set(seqs)), "an event came twice or out of order"


async def test_the_api_and_the_speech_server_are_killed_while_an_answer_is_given(tmp_path: Path) -> None:
    async with serving(tmp_path, lambda line: None) as server, server.client() as client:
        held = HeldCall(plan())
        saboteur = Saboteur(server, {"q1": "api", "q2": "audio.server"})
        someone = await guest(server)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(saboteur.watch(held))
            await CallHolder(client).hold(held, someone)
            watching.cancel()
        assert saboteur.struck == ["api", "audio.server"]
        whole(held)
        recording = tmp_path / "whole.ogg"
        await client.interviews.save_recording(held.interview_id, recording)
        held.recording = recording
        assert all(check.ok for check in judge(held)), judge(held)
        said = " ".join(turn["text"] for turn in held.turns if turn["role"] == "candidate").lower()
        assert "profiled" in said
        assert "rolled back" in said


async def test_a_bot_that_wedges_one_that_is_killed_and_one_whose_host_goes_are_each_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeded part of the chaos suite (`make chaos`): one call, four bots."""
    monkeypatch.setenv("BOT_ENTRY", "tests.fakes.wedged:prepare_bot")
    rng, call = random.Random(SEED), Call()

    async def strike(server: Server) -> None:
        parts = Parts(server)
        for number, victim in enumerate((None, "bot", HOST), 1):
            await together(call, number)
            if victim is not None:
                await asyncio.sleep(rng.uniform(0.5, 5))
            if victim == "bot":
                blow = await parts.strike_bot(call.held.interview_id, signal.SIGKILL, call.during)
                assert blow is not None
                call.blows.append(blow)
            elif victim is not None:
                call.blows.append(await parts.strike(victim, signal.SIGTERM))

    async with serving(tmp_path, lambda line: None) as server, server.client() as client:
        async with asyncio.TaskGroup() as tasks:
            striking = tasks.create_task(strike(server))
            await call.hold(client, await chaos_guest(server), tmp_path)
            assert striking.done(), "the call was over before everything was tried"
        assert call.faults() == []
        [attempt] = await client.interviews.attempts(call.held.interview_id)
    assert [one.cause for one in reversed(attempt.connections)] == ["start", "takeover", "takeover", "handover"]
    still, killed, *_ = [one.ending for one in reversed(attempt.connections)]
    assert still is not None and still.startswith("its media stood still")
    assert killed == "killed by SIGKILL"
    stalled = [data["detail"] for data in call.held.of("incident") if data["code"] == "media_stalled"]
    assert len(stalled) == 1 and stalled[0].startswith("the track to ")
    assert all(wait < HANG_S for wait in call.back_s())


async def together(call: Call, times: int) -> None:
    """Return when a bot and the candidate have come together so many times."""
    while len(call.backs()) < times:
        await asyncio.sleep(0.05)


async def held_with(
    client: Client, someone: Guest, questions: int = 1, limits: dict[str, float] | None = None
) -> HeldCall:
    held = HeldCall(plan(questions))
    return await CallHolder(client).hold(held, someone, limits=limits or {})


async def no_show(client: Client) -> dict[str, Any]:
    wanted = {"plan": plan().model_dump(mode="json", exclude_defaults=True), "candidate": {"name": "Nobody"}}
    interview = await client.interviews.create(wanted | {"limits": {"no_show_s": 3}})
    await client.interviews.start(interview.id)
    async for _ in client.interviews.events(interview.id, after=0):
        pass  # to the end of the interview
    return (await client.interviews.get(interview.id)).model_dump(mode="json")


def spoke_over_the_bot(held: HeldCall) -> None:
    """The bot fell silent at the candidate's ear, the record stops there, and the question was answered after all."""
    assert held.candidate is not None
    [over] = held.candidate.barge_ins
    assert over.silence_ms is not None and over.silence_ms < 2000, "it spoke on over the candidate"
    assert "confirmed" in [data["outcome"] for data in held.of("barge_in")]
    [broken_off] = [turn for turn in held.turns if turn["role"] == "bot" and turn["interrupted"]]
    assert not broken_off["text"].endswith(FASTER)
    later = [turn["text"] for turn in held.turns if turn["role"] == "bot" and turn["seq"] > broken_off["seq"]]
    assert any(FASTER in text for text in later), "it did not come back to its question"
    assert held.body["status_reason"] == "completed"
    assert [entry["status"] for entry in held.body["coverage"]] == ["answered"]


async def test_each_kind_of_trouble_has_its_own_reason(tmp_path: Path) -> None:
    quiet = {"silence_prompt_s": 2.0, "silence_end_s": 6.0}
    async with serving(tmp_path, lambda line: None) as server, server.client() as client:
        async with asyncio.TaskGroup() as tasks:
            nobody = tasks.create_task(no_show(client))
            silent = tasks.create_task(held_with(client, await guest(server, Manners(silent=True)), limits=quiet))
            noisy = tasks.create_task(held_with(client, await guest(server, Manners(noise=True)), limits=quiet))
            rude = tasks.create_task(
                held_with(client, await guest(server, Manners(interrupt_every=1, interruptions=1)))
            )
            back = tasks.create_task(
                held_with(client, await guest(server, Manners(leave_after=1, away_s=2.0)), 2, limits={"left_s": 30.0})
            )
        body = nobody.result()
        assert (body["status"], body["status_reason"]) == ("no_show", "no_show")
        for held in (silent.result(), noisy.result()):
            assert held.body["status_reason"] == "candidate_silent"
            assert not [turn for turn in held.turns if turn["role"] == "candidate"], "words were invented"
        spoke_over_the_bot(rude.result())
        returned = back.result()
        assert (returned.body["status"], returned.body["status_reason"]) == ("completed", "completed")
        assert returned.candidate is not None and returned.candidate.disconnects == 1
        assert any(data["again"] for data in returned.of("participant.joined"))
        assert [entry["status"] for entry in returned.body["coverage"]] == ["answered", "answered"]
        asked = [data["question_id"] for data in returned.of("question.asked") if data["follow_up"] == 0]
        assert asked == ["q1", "q2"]
        assert next(check for check in judge(returned) if "answer" in check.name).ok
