import json
from itertools import pairwise

import numpy as np
import pytest

from audio import Pcm
from bot.candidate.answers import Answers, Clip, Phrases, UnplayedFile
from bot.candidate.candidate import Candidate
from bot.candidate.mind import Manners
from bot.candidate.report import CandidateReport
from tests.fakes.interviewer import EmptyRoom, Line, ScriptedInterviewer, voice


def clip(text: str, seconds: float) -> Clip:
    return Clip.of(voice(seconds), text=text)


def phrases() -> Phrases:
    return Phrases(clip("consent", 0.5), clip("no questions", 0.6), clip("nothing to add", 0.7), clip("repeat", 1.5))


def candidate(room: ScriptedInterviewer, manners: Manners | None = None, answers: Answers | None = None) -> Candidate:
    given = answers or Answers(in_order=[clip("one", 2.0), clip("two", 3.0)])
    return Candidate(room, given, phrases(), manners or Manners())


def texts(report: CandidateReport) -> list[str | None]:
    return [answer.text for answer in report.answers]


def questions(count: int = 2) -> list[Line]:
    return [Line(3.0, "answer", f"q{number}") for number in range(1, count + 1)]


async def test_a_whole_interview_is_answered_and_measured() -> None:
    room = ScriptedInterviewer([Line(4.0, "consent"), *questions(), Line(2.0, "questions"), Line(2.0, "nothing")], 0.5)
    room.patience_s = 8.0
    report = await candidate(room).run()
    assert texts(report) == ["consent", "one", "two", "no questions"]
    assert [answer.question_id for answer in report.answers] == [None, "q1", "q2", None]
    assert report.ended == "completed"
    assert room.unanswered == [4]
    for answer in report.answers:
        assert answer.response_ms == pytest.approx(500, abs=25)
    assert report.join_ms == pytest.approx(200, abs=25)
    assert report.heard_ms == pytest.approx(14_000, abs=200)
    assert json.loads(report.json())["answers"][1]["speech_end_ms"] > 0


async def test_the_response_is_measured_from_the_end_of_the_voice_not_of_the_file() -> None:
    long_tail = Clip.of(voice(1.0, tail_s=3.0), file="tail.wav")
    room = ScriptedInterviewer(questions(2), 0.4)
    report = await candidate(room, answers=Answers(in_order=[long_tail, clip("two", 1.0)])).run()
    assert report.answers[0].response_ms == pytest.approx(400, abs=25)


async def test_a_person_takes_a_moment_before_answering() -> None:
    for reaction in (0.3, 1.2):
        room = ScriptedInterviewer(questions(1))
        report = await candidate(room, Manners(reaction_s=reaction)).run()
        asked_until = 200 + 3000
        assert report.answers[0].started_ms == pytest.approx(asked_until + reaction * 1000, abs=45)


async def test_follow_ups_shift_no_answer_to_another_question() -> None:
    one, two, three, more = (Clip.of(voice(1.0), file=name) for name in ("01.wav", "02.wav", "03.wav", "03b.wav"))
    lines = [Line(3.0, "answer", question) for question in ("q1", "q1", "q3", "q3", "q3")]
    report = await candidate(ScriptedInterviewer(lines), answers=Answers(by_number=[[one], [two], [three, more]])).run()
    given = [(answer.question_id, answer.file or answer.text) for answer in report.answers]
    assert given == [
        ("q1", "01.wav"), ("q1", "nothing to add"), ("q3", "03.wav"), ("q3", "03b.wav"), ("q3", "nothing to add"),
    ]  # fmt: skip
    assert report.unplayed == (UnplayedFile("02.wav", 2, 0),)
    assert json.loads(report.json())["unplayed"] == [{"file": "02.wav", "number": 2, "follow_up": 0}]


async def test_when_the_answers_run_out_the_candidate_says_so() -> None:
    report = await candidate(ScriptedInterviewer(questions(3))).run()
    assert texts(report) == ["one", "two", "nothing to add"]


async def test_sound_leaves_every_20_ms_from_the_first_moment_to_the_last() -> None:
    room = ScriptedInterviewer(questions(1))
    await candidate(room).run()
    taken = room.seats[0].taken
    assert taken[0] < 0.03
    assert max(b - a for a, b in pairwise(taken)) < 0.021


async def test_barging_in_is_measured_from_the_onset_of_the_voice_to_silence() -> None:
    room = ScriptedInterviewer([Line(4.0, "answer", f"q{n}") for n in (1, 2)], yields_after_s=0.22)
    report = await candidate(room, Manners(interrupt_every=1, interruptions=1)).run()
    (interruption,) = report.barge_ins
    assert interruption.silence_ms == pytest.approx(220, abs=25)
    assert interruption.question_id == "q1"
    assert interruption.started_ms == pytest.approx(200 + 1000 + 100, abs=60)
    assert texts(report) == ["one", "two"]


async def test_the_question_is_interrupted_and_not_the_line_that_runs_into_it() -> None:
    greeting = Line(5.0, "nothing", pause_s=0.1)
    room = ScriptedInterviewer([greeting, Line(4.0, "answer", "q1")])
    report = await candidate(room, Manners(interrupt_every=1)).run()
    question_began = 200 + 5000 + 100
    assert report.barge_ins[0].started_ms == pytest.approx(question_began + 1000 + 100, abs=80)


async def test_an_interviewer_who_never_yields_has_no_barge_in_time() -> None:
    room = ScriptedInterviewer([Line(9.0, "answer", "q1")], yields_after_s=None)
    report = await candidate(room, Manners(interrupt_every=1)).run()
    assert [one.silence_ms for one in report.barge_ins] in ([None], [pytest.approx(7900, abs=100)])
    assert texts(report) == ["one"]


async def test_every_second_question_is_interrupted_and_its_repetition_is_not() -> None:
    room = ScriptedInterviewer([Line(4.0, "answer", f"q{n}") for n in (1, 2, 3, 4)])
    report = await candidate(room, Manners(interrupt_every=2)).run()
    assert [one.question_id for one in report.barge_ins] == ["q2", "q4"]
    assert len(report.answers) == 4


async def test_an_interviewer_who_cuts_an_answer_off_is_found_out() -> None:
    with_a_pause = Clip.of(_with_pause(1.0, 1.5, 1.0), text="long")
    room = ScriptedInterviewer([*questions(1), Line(3.0, "answer", "q2")], response_s=0.6)
    report = await candidate(room, answers=Answers(in_order=[with_a_pause, clip("two", 1.0)])).run()
    assert report.answers[0].cut_off
    assert report.answers[0].response_ms is None


async def test_leaving_in_the_middle_of_an_answer_and_coming_back_gives_the_answer_again() -> None:
    room = ScriptedInterviewer(questions(2))
    report = await candidate(room, Manners(leave_after=1, away_s=3.0)).run()
    assert len(room.seats) == 2
    assert report.disconnects == 1
    assert [(a.text, a.finished) for a in report.answers] == [("one", True), ("two", False), ("two", True)]


@pytest.mark.parametrize("manners", [Manners(silent=True), Manners(noise=True)])
async def test_who_says_nothing_says_nothing(manners: Manners) -> None:
    room = ScriptedInterviewer(questions(1), patience_s=5.0)
    report = await candidate(room, manners).run()
    assert report.answers == ()
    assert (room.seats[0].voiced_until > 0) == manners.noise


async def test_with_the_rooms_server_away_the_candidate_goes_by_ear() -> None:
    room = ScriptedInterviewer(questions(2), loses_room_at=1)
    report = await candidate(room).run()
    assert texts(report) == ["one", "two"]
    assert report.disconnects == 1


async def test_without_an_interviewer_the_candidate_does_not_wait_for_ever() -> None:
    report = await candidate(EmptyRoom(), Manners(bot_missing_s=20.0)).run()
    assert report.ended == "no_bot"
    assert "20 s" in report.detail


def _with_pause(first_s: float, pause_s: float, second_s: float) -> Pcm:
    return np.concatenate([voice(first_s, tail_s=pause_s), voice(second_s)])
