"""What the demo concludes from an interview: clocks, figures, verdict, transcript on the screen, files."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from rich.console import Console

from api.client import StreamEvent
from api.demo import files, summary, verdict
from api.demo.call import HeldCall
from api.demo.figures import latencies, metrics, spans_of_answers, turns_with_latency
from api.demo.run import BadPlan, built_in, plan_of
from api.demo.screen import Screen
from api.demo.usage import Usage
from api.demo.words import word_errors
from audio import SAMPLE_RATE
from bot.candidate.answers import UnplayedFile
from bot.candidate.report import AnswerReport, BargeInReport, CandidateReport
from bot.plan import Plan
from prompts import PromptsError
from tests.fakes.interviewer import hum

ORIGIN_S = 500.0  # the candidate sat down then, on this process's clock
CALL_BEGAN_S = 500.4  # and the call began a little later
DELAY_S = 0.03  # the quickest way of an event to us


def event(type_: str, at_ms: int, stored_as: int | None = None, *, late_s: float = 0.0, **data: Any) -> StreamEvent:
    return StreamEvent(stored_as, type_, at_ms, CALL_BEGAN_S + at_ms / 1000 + DELAY_S + late_s, data)


def turn(seq: int, role: str, start: int, end: int, text: str, question: str | None = "q1") -> StreamEvent:
    words = {"text": text, "start_ms": start, "end_ms": end, "confidence": 0.9, "interrupted": False}
    speaker = {"speaker": "Viva" if role == "bot" else "Alex Kim", "speaker_id": role, "role": role}
    turn = {"seq": seq, "turn_id": f"t{seq}", "question_id": question, **speaker, **words}
    return event("turn.final", end + 300, seq, late_s=0.2, **turn)


def answer(text: str, start_ms: int, end_ms: int, response_ms: int | None = 550, **more: Any) -> AnswerReport:
    """An answer at these times of the *call*."""
    shift = round((CALL_BEGAN_S + DELAY_S - ORIGIN_S) * 1000)
    whole = AnswerReport(
        "answer",
        None,
        text,
        "q1",
        start_ms + shift - 100,
        start_ms + shift,
        end_ms + shift,
        response_ms,
        False,
        True,
        True,
    )
    return replace(whole, **more)


def plan() -> Plan:
    asked = [{"id": name, "text": f"Question {name}?"} for name in ("q1", "q2")]
    return Plan.model_validate({"title": "T", "minutes": 5, "sections": [{"id": "s", "name": "s", "questions": asked}]})


@pytest.fixture(scope="module")
def call_sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return stereo(tmp_path_factory.mktemp("sound") / "call.ogg", 20.0).read_bytes()


@pytest.fixture
def recording(tmp_path: Path, call_sound: bytes) -> Path:
    path = tmp_path / "call.ogg"
    path.write_bytes(call_sound)
    return path


def stereo(path: Path, seconds: float, *, both: bool = True) -> Path:
    """A call with the bot on the left and, when `both`, somebody on the right."""
    silence = np.zeros(round(seconds * SAMPLE_RATE), np.int16)
    left, right = silence.copy(), silence.copy()
    left[: SAMPLE_RATE * 2] = hum(2.0)
    if both:
        right[SAMPLE_RATE * 3 : SAMPLE_RATE * 5] = hum(2.0)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libopus", rate=48000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([left, right], 1).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        for piece in av.AudioResampler(format="s16", layout="stereo", rate=48000, frame_size=960).resample(frame):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return path


@pytest.fixture
def held(recording: Path) -> HeldCall:
    """An interview of two questions in which everything went well."""
    latency = {
        "wait_ms": 300, "turn_model_ms": 0.0, "text_ms": 20, "brain_ms": 2.0, "first_sound_ms": 60.0, "wire_ms": 1.0,
    }  # fmt: skip
    coverage = [
        covered("q1", "answered", signals=["own_part"]),
        covered("q2", "skipped", reason="time"),
    ]
    events = [
        turn(1, "bot", 500, 3000, "Question q1?"),
        turn(2, "candidate", 4000, 6000, "I did the first half"),
        turn(3, "candidate", 6800, 9000, "and then the second."),
        event("latency", 9500, 5, turn_id="t2", total_ms=380.0, **latency),
        event("latency", 9600, 6, turn_id="t3", total_ms=384.0, **latency),
        event("floor", 0, None, floor="waiting"),
        event("usage", 19_900, 7, cpu_s=0.5, call_s=20.0, peak_rss_mb=100.0, pss_mb=35.0, loop_lag_ms=4.0),
        event("ended", 20_000, 8, reason="completed", report={"duration_ms": 20_000}),
    ]
    report = CandidateReport(
        answers=(answer("I did the first half and then the second.", 4000, 9050),),
        barge_ins=(BargeInReport("q1", 100, 180, 500), BargeInReport("q2", 200, None, None)),
        gaps=(),
        join_ms=300,
        heard_ms=2500,
        disconnects=0,
        ended="completed",
    )
    body = {"status": "completed", "status_reason": "completed", "coverage": coverage, "recording": {"bytes": 1}}
    return HeldCall(
        plan(), "int_1", body, events, report, origin_s=ORIGIN_S, join_ms=420, recording=recording
    )  # fmt: skip


def covered(question_id: str, status: str, **more: Any) -> dict[str, Any]:
    entry = {"question_id": question_id, "text": f"Question {question_id}?", "status": status}
    return entry | {"reason": None, "follow_ups": 0, "signals": []} | more


def failed(held: HeldCall) -> dict[str, str]:
    return {check.name: check.detail for check in verdict.judge(held) if not check.ok}


def test_an_interview_that_went_well_holds(held: HeldCall) -> None:
    assert failed(held) == {}


def test_the_clocks_of_call_and_candidate_are_laid_over_each_other(held: HeldCall) -> None:
    ((_, start, end),) = spans_of_answers(held)
    assert (start, end) == (pytest.approx(4000, abs=1), pytest.approx(9050, abs=1))


def test_an_answer_that_is_not_in_the_transcript_is_named(held: HeldCall) -> None:
    report = held.candidate
    assert report is not None
    held.candidate = replace(report, answers=(*report.answers, answer("The lost one.", 12_000, 15_000)))
    assert failed(held) == {"every answer was transcribed": "not in the transcript: 'The lost one.' (0% of it)"}


def test_an_answer_of_which_most_is_missing_does_not_hold(held: HeldCall) -> None:
    held.events = [one for one in held.events if one.data.get("turn_id") != "t3"]
    assert "(40% of it)" in failed(held)["every answer was transcribed"]


def test_a_built_in_answer_that_was_heard_as_something_else_does_not_hold(held: HeldCall) -> None:
    said = event_of(held, "t3")
    said["text"] = "Ladies and gentlemen, subscribe."
    told = failed(held)["every answer was transcribed"]
    assert "heard as 'I did the first half Ladies and gentlemen, subscribe.'" in told
    said["text"] = "And than, the 2nd!"  # a slip here and there is the recogniser's business
    assert failed(held) == {}


def test_a_recorded_answer_is_compared_by_time_alone(held: HeldCall) -> None:
    give(held, file="01.wav", text=None)
    event_of(held, "t3")["text"] = "Whatever it was that was said."
    assert failed(held) == {}


def test_an_answer_that_lies_under_another_question_is_named(held: HeldCall) -> None:
    give(held, file="01.wav", text=None)
    event_of(held, "t3")["question_id"] = "q2"
    assert failed(held) == {"every answer lies under its question": "01.wav was said to q1 and lies under q2"}


def test_a_no_to_any_questions_belongs_to_no_question(held: HeldCall) -> None:
    give(held, purpose="no_questions", question_id=None)
    assert failed(held) == {}


def test_files_that_were_not_played_are_told_with_the_reason_and_are_no_failure(held: HeldCall) -> None:
    assert held.candidate is not None
    unplayed = (UnplayedFile("01b.wav", 1, 1), UnplayedFile("02.wav", 2, 0), UnplayedFile("03.wav", 3, 0))
    held.candidate = replace(held.candidate, unplayed=unplayed)
    (check,) = [one for one in verdict.judge(held) if one.name == "every answer was transcribed"]
    assert check.ok
    for told in ("01b.wav (no such follow-up was asked)", "02.wav (q2: skipped, time)", "03.wav (the plan has 2 q"):
        assert told in check.detail


def test_a_file_that_was_not_played_although_its_question_was_asked_is_a_failure(held: HeldCall) -> None:
    assert held.candidate is not None
    held.candidate = replace(held.candidate, unplayed=(UnplayedFile("01.wav", 1, 0),))
    assert "01.wav (never played)" in failed(held)["every answer was transcribed"]


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("I did it.", "i did it", 0),
        ("It's mine", "its mine", 0),
        ("a b c d", "a x c", 2),
        ("", "two words", 2),
        ("two words", "", 2),
        ("a b", "b a", 2),
        ("a b c", "b c d", 2),
    ],
)
def test_wrong_words_are_counted(said: str, heard: str, errors: int) -> None:
    assert word_errors(said, heard) == errors


def give(held: HeldCall, **fields: Any) -> None:
    """Change the one answer that was given."""
    assert held.candidate is not None
    held.candidate = replace(held.candidate, answers=(replace(held.candidate.answers[0], **fields),))


def event_of(held: HeldCall, turn_id: str) -> dict[str, Any]:
    return next(one.data for one in held.events if one.type == "turn.final" and one.data["turn_id"] == turn_id)


def test_silence_given_as_an_answer_need_not_be_transcribed(held: HeldCall) -> None:
    report = held.candidate
    assert report is not None
    silent = answer("", 12_000, 13_000, voiced=False, speech_start_ms=None, speech_end_ms=None)
    held.candidate = replace(report, answers=(*report.answers, silent))
    assert failed(held) == {}


def test_a_candidate_who_never_answered_does_not_hold(held: HeldCall) -> None:
    held.candidate = None
    assert failed(held) == {"every answer was transcribed": "no answer was given"}


@pytest.mark.parametrize(
    ("status", "reason", "holds"),
    [
        ("asked", None, True),
        ("skipped", "time", True),
        ("skipped", None, False),
        ("pending", None, False),
        ("not_reached", "x", False),
    ],
)
def test_each_question_was_asked_or_skipped_for_a_reason(
    held: HeldCall, status: str, reason: str | None, holds: bool
) -> None:
    held.body["coverage"][1].update(status=status, reason=reason)
    assert (failed(held) == {}) is holds
    if not holds:
        assert "q2" in failed(held)["every planned question was asked, or skipped for a reason"]


@pytest.mark.parametrize(("status", "late"), [("failed", False), ("no_show", False), ("cancelled", True)])
def test_an_interview_that_ended_otherwise_does_not_hold(held: HeldCall, status: str, late: bool) -> None:
    held.body["status"], held.late = status, late
    assert status in failed(held)["the interview was held to its end"]


def test_a_recording_that_is_too_short_one_sided_broken_or_missing_is_not_whole(held: HeldCall, tmp_path: Path) -> None:
    name = "the recording is whole"
    for seconds in (12.0, 18.8, 21.2):
        held.recording = stereo(tmp_path / f"{seconds}.ogg", seconds)
        assert "the call lasted 20.0 s" in failed(held)[name]
    held.recording = stereo(tmp_path / "one.ogg", 20.0, both=False)
    assert "1 with a voice" in failed(held)[name]
    held.recording = tmp_path / "broken.ogg"
    held.recording.write_bytes(b"OggS and then nothing")
    assert "can't be decoded" in failed(held)[name]
    held.recording = None
    assert failed(held)[name] == "there is none"


def test_a_recording_that_is_a_little_beside_the_call_is_whole_and_one_of_a_bot_that_was_killed_may_be_more(
    held: HeldCall, tmp_path: Path
) -> None:
    held.recording = stereo(tmp_path / "a little.ogg", 19.5)
    assert failed(held) == {}
    held.recording = stereo(tmp_path / "more.ogg", 18.0)
    assert verdict.recording(held).ok


def test_the_ears_figure_goes_to_the_last_turn_of_an_answer(held: HeldCall) -> None:
    rows = {row["turn_id"]: row.get("response_ms") for row in turns_with_latency(held)}
    assert rows == {"t2": None, "t3": 550}


def test_latencies_are_told_by_part(held: HeldCall) -> None:
    spreads = latencies(held)
    assert spreads["total_ms"] == {"p50": 382.0, "p95": 383.8, "n": 2}
    assert spreads["response_ms"] == {"p50": 550.0, "p95": 550.0, "n": 1}
    assert spreads["wait_ms"]["p50"] == 300


def test_cost_is_told_per_minute_of_the_call_and_the_candidates_own_is_not_in_the_total(held: HeldCall) -> None:
    usage = Usage({"speech": 6.0, "api": 1.0, "bots": 9.0, "candidate": 4.0}, {"speech": 400.0})
    told = metrics(held, usage)
    assert told["cpu_s_per_call_minute"] == {"speech": 18.0, "api": 3.0, "candidate": 12.0, "bot": 1.5, "total": 22.5}
    assert told["memory_pss_mb"] == {"speech": 400.0}
    assert told["barge_in_ms"] == 180
    assert told["join_ms"] == 420


def test_the_files_are_there_in_full(held: HeldCall, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    files.write(held, Usage(), out)
    turns = [json.loads(line) for line in (out / "transcript.jsonl").read_text().splitlines()]
    assert [list(one) for one in turns] == [["seq", "speaker", "role", "text", "start_ms", "end_ms", "question_id"]] * 3
    assert [one["seq"] for one in turns] == [1, 2, 3]
    assert json.loads((out / "interview.json").read_text())["status"] == "completed"
    assert json.loads((out / "metrics.json").read_text())["turns"][1]["response_ms"] == 550


def test_nothing_of_an_earlier_interview_is_taken_for_this_ones(tmp_path: Path) -> None:
    for name in ("recording.ogg", "transcript.jsonl", "mine.txt"):
        (tmp_path / name).write_text("old")
    files.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_interview_that_never_began_still_leaves_readable_files(tmp_path: Path) -> None:
    files.write(HeldCall(plan()), Usage(), tmp_path)
    assert json.loads((tmp_path / "interview.json").read_text()) == {}
    assert (tmp_path / "transcript.jsonl").read_text() == ""
    assert json.loads((tmp_path / "metrics.json").read_text())["join_ms"] is None


# ---- on the screen ------------------------------------------------------------------------------------------------


def interim(turn_id: str, at_ms: int, text: str) -> StreamEvent:
    data = {"turn_id": turn_id, "speaker": "Alex Kim", "role": "candidate", "text": text, "stable": 4, "start_ms": 4000}
    return event("turn.interim", at_ms, None, **data)


def shown(*events: StreamEvent, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, color_system=None)
    screen = Screen(console, bot="Viva", questions=["q1", "q2"])
    with screen.live():
        for one in events:
            screen.show(one)
    return out.getvalue()


def test_without_a_terminal_final_turns_come_as_plain_lines_with_times_and_names() -> None:
    text = shown(turn(1, "bot", 500, 3000, "Question one?"), turn(2, "candidate", 64_000, 66_000, "My answer."))
    assert text.splitlines() == [" 0:00 Viva         Question one?", " 1:04 Alex Kim     My answer."]


def test_without_a_terminal_a_long_turn_is_told_while_it_goes_on_but_not_at_every_word() -> None:
    text = shown(
        interim("t2", 4500, "I"),
        interim("t2", 7200, "I did the"),
        interim("t2", 7900, "I did the first"),
        interim("t2", 10_500, "I did the first half of"),
        turn(2, "candidate", 4000, 12_000, "I did the first half of it."),
    )
    assert [line[19:] for line in text.splitlines()] == [
        "I did the …",
        "I did the first half of …",
        "I did the first half of it.",
    ]


def test_on_a_terminal_changing_text_is_replaced_in_place_and_only_the_final_stays() -> None:
    text = shown(interim("t2", 4500, "I did"), turn(2, "candidate", 4000, 6000, "I did it."), terminal=True)
    assert "\x1b[2K" in text  # lines are rewritten
    last = text.split("\x1b[2K")[-1]
    assert "I did …" not in last
    assert "I did it." in text


def test_progress_is_told_once_per_question() -> None:
    asked = [("q1", 0), ("q1", 1), ("q2", 0)]
    text = shown(*(event("question.asked", 0, question_id=one, follow_up=number, text="") for one, number in asked))
    assert [line.strip() for line in text.splitlines()] == ["question 1 of 2", "question 2 of 2"]


def test_the_summary_tells_answers_figures_verdict_and_files(held: HeldCall, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "metrics.json").write_text("{}")
    text = io.StringIO()
    held.recording = None
    summary.tell(Console(file=text, width=160, color_system=None), held, verdict.judge(held), out)
    told = text.getvalue()
    for expected in (
        "Question q1?",
        "I did the first half",
        "skipped (time)",
        "1 of 2 questions answered",
        "response at the candidate's ear",
        "550",
        "✓ every answer was transcribed",
        "✗ the recording is whole: there is none",
        "metrics.json",
        "420 ms",
    ):
        assert expected in told


def told_by(held: HeldCall, out: Path) -> str:
    text = io.StringIO()
    summary.tell(Console(file=text, width=160, color_system=None), held, verdict.judge(held), out)
    return text.getvalue()


def test_the_summary_shows_as_answers_what_the_report_counts_as_answers(held: HeldCall, tmp_path: Path) -> None:
    questions = [{"question_id": "q1", "answer_turns": [3]}, {"question_id": "q2", "answer_turns": []}]
    next(one for one in held.events if one.type == "ended").data["report"]["questions"] = questions
    told = told_by(held, tmp_path)
    assert "and then the second." in told
    assert "I did the first half" not in told
    assert "4 words in 2 s" in told


def test_answers_that_the_bot_spoke_over_are_listed_and_no_failure_where_the_words_are_there(
    held: HeldCall, tmp_path: Path
) -> None:
    assert "before its end" not in told_by(held, tmp_path)
    give(held, cut_off=True, response_ms=None)
    assert failed(held) == {}
    assert "the bot began to speak before its end: 'I did the first half and then the second.'" in told_by(
        held, tmp_path
    )


# ---- plans --------------------------------------------------------------------------------------------------------


def test_the_demos_own_plan_and_answers_belong_together() -> None:
    own = plan_of(None)
    by_question, in_order = built_in(own)
    assert set(by_question) == {question.id for question in own.questions}
    assert in_order == []
    assert own.minutes <= 5


def test_another_plan_gets_the_built_in_answers_in_order() -> None:
    by_question, in_order = built_in(plan())
    assert by_question == {}
    assert len(in_order) >= 4


def test_a_plan_may_be_yaml_or_json(tmp_path: Path) -> None:
    body = plan().model_dump(mode="json")
    (tmp_path / "p.json").write_text(json.dumps(body))
    (tmp_path / "p.yaml").write_text("title: T\nsections:\n  - {id: s, name: s, questions: [{id: q, text: 'Why?'}]}\n")
    assert plan_of(tmp_path / "p.json") == plan()
    assert plan_of(tmp_path / "p.yaml").questions[0].text == "Why?"


def test_a_plan_that_is_wrong_is_refused_with_the_place_and_the_reason(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: T\nminutes: -3\nsections:\n  - {id: s, name: s, questions: [{id: q, text: ''}]}\n")
    with pytest.raises(BadPlan) as caught:
        plan_of(bad)
    told = str(caught.value)
    assert "bad.yaml is not a plan" in told
    assert "minutes: must be more than 0" in told
    assert "sections.0.questions.0.text: must not be empty" in told


def test_a_plan_that_is_missing_or_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("title: [unclosed")
    for name in ("broken.yaml", "absent.yaml"):
        with pytest.raises(PromptsError, match=name):
            plan_of(tmp_path / name)
