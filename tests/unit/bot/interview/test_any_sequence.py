"""Whatever happens, in whatever order: the interview holds its rules and comes to an end."""

import itertools
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.interview import (
    CandidateJoined,
    CandidateLeft,
    CandidateSaid,
    CandidateSpeaking,
    Composed,
    ControlPressed,
    Done,
    FallSilent,
    FloorAsked,
    Happening,
    InterviewerSaid,
    InterviewerSaying,
    InterviewerSpeaking,
    InterviewersPresent,
    Leader,
    LineOpened,
    ModeAsked,
    Note,
    NothingHeard,
    Say,
    SpeechLost,
    Spoken,
    StopRequested,
    TakeVoice,
    Tick,
)
from bot.interview.call import Call
from bot.plan import Plan
from bot.spec import Limits, Mode
from bot.state import EndReason
from prompts import Lines, load_lines
from tests.fakes.conversation import Conversation

PLAN = Plan.model_validate(
    {
        "title": "Backend engineer",
        "minutes": 12,
        "sections": [
            {
                "id": "past",
                "name": "your experience",
                "questions": [
                    {"id": "system", "text": "Tell me about a system you built.", "patience": "long"},
                    {"id": "remote", "text": "Have you worked remotely?", "expects": [], "patience": "brief"},
                ],
            },
            {
                "id": "team",
                "name": "working with others",
                "questions": [
                    {"id": "extra", "text": "What do you read about your trade?", "priority": "optional"},
                    {
                        "id": "row",
                        "text": "Tell me about a disagreement.",
                        "rephrase": "When did you differ with someone?",
                    },
                ],
            },
        ],
        "facts": ["The team works remotely, with two days in the office each month."],
    }
)
LIMITS = Limits(no_show_s=60, silence_prompt_s=10, silence_end_s=40, left_s=30, max_duration_s=1500)
SAYINGS = [
    "When I was at a bank our ledger failed. I rewrote it in 3 weeks and as a result it never failed again.",
    "We changed it.",
    "I designed the queue and wrote the consumer, which reduced the delay by half.",
    "Yes.", "No.", "Okay.", "Um.", "I don't know.", "Pass.", "Could you repeat that?", "Can you rephrase?",
    "Give me a moment.", "Slower, please.", "Skip this one.", "I'm done.", "I'm ready.", "What is the salary?",
    "Is the work remote?", "Thank you.", "...", "", "We shipped it in the end. Next question, please.",
]  # fmt: skip
LONGEST_WAIT_S = 75  # a line of the bot, a pause, a silence: whatever is waited for is over by then
PARTIAL = ["We changed it.", "It was a good time.", "When I was at a bank our ledger failed.", "I rewrote it."]
ASKED_BY_PEOPLE = ["Tell me about a system you built.", "Take the next two questions.", "I'll take it from here."]
LETHAL = ["Stop the interview.", "I want to talk to a human."]
CONTROLS = ["repeat", "rephrase", "skip", "pause", "resume", "slower", "done", "nonsense"]

saying = st.sampled_from(SAYINGS)
seconds = st.sampled_from([0.0, 0.3, 2.0, 5.0, 11.0, 30.0, 46.0])

anything: st.SearchStrategy[Happening] = st.one_of(
    st.builds(CandidateJoined, st.sampled_from(["", "Maria"]), consented=st.booleans(), again=st.booleans()),
    st.builds(CandidateLeft),
    st.builds(CandidateSpeaking, st.booleans()),
    st.builds(
        CandidateSaid,
        st.sampled_from(SAYINGS + LETHAL),
        st.sampled_from([0.1, 0.9]),
        st.just(0),
        st.just(1),
        cut_in=st.booleans(),
        turn=st.integers(0, 9),
    ),
    st.builds(NothingHeard, lost=st.booleans()),
    st.builds(Spoken, st.integers(0, 30), st.sampled_from(["", "Tell me", "word " * 40]), st.booleans()),
    st.builds(ControlPressed, st.sampled_from([*CONTROLS, "stop", "human"])),
    st.builds(
        Composed,
        st.integers(0, 10),
        st.sampled_from([None, "", "I see.", "And what came of it?", "NOTHING_TO_ASK"]),
        more=st.booleans(),
    ),
    st.builds(InterviewersPresent, st.integers(0, 2)),
    st.builds(InterviewerSpeaking, st.just("ines"), st.booleans(), words=st.booleans()),
    st.builds(InterviewerSaying, st.sampled_from(SAYINGS + ASKED_BY_PEOPLE), st.just("ines")),
    st.builds(InterviewerSaid, st.sampled_from(SAYINGS + ASKED_BY_PEOPLE), st.integers(0, 9), st.just("ines")),
    st.builds(FloorAsked, st.sampled_from(Leader), st.just("ines"), st.sampled_from([None, 1, 2])),
    st.builds(ModeAsked, st.sampled_from(Mode), st.just("rita")),
    st.builds(LineOpened),
    st.builds(StopRequested, st.just(EndReason.CANCELLED)),
    st.builds(SpeechLost),
    st.builds(Tick),
)  # fmt: skip


LOADED = load_lines("en")


def interview(*, has_model: bool = False, mode: Mode = Mode.SOLO) -> Call:
    lines = Lines("en", {key: LOADED.variants(key) for key in LOADED.keys()})  # noqa: SIM118 - not a mapping
    return Call(PLAN, mode=mode, lines=lines, organisation="Acme", limits=LIMITS, has_model=has_model)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(anything, seconds), max_size=60), st.booleans(), st.sampled_from(Mode))
def test_no_sequence_breaks_it_and_silence_ends_it(
    story: list[tuple[Happening, float]], has_model: bool, mode: Mode
) -> None:
    bot, now, silent = interview(has_model=has_model, mode=mode), 0.0, False
    told, done = list[str](), list[str]()
    for number, (happening, later) in enumerate(story):
        if isinstance(happening, FloorAsked | ModeAsked):
            told.append(f"cmd_{number}")
            happening = replace(happening, order=told[-1])
        for action in bot.handle(happening, now):
            if isinstance(action, Done):
                done.append(action.order)
            silent = isinstance(action, FallSilent) or (silent and not isinstance(action, TakeVoice))
            assert not (silent and isinstance(action, Say)), "said without a voice"
        now += later
    for _ in range(2000):
        if bot.deadline is None:
            break
        now = max(now, bot.deadline)
        done += [action.order for action in bot.handle(Tick(), now) if isinstance(action, Done)]
    waits = {act.order for act in bot._waiting}
    assert sorted(done) == sorted(set(told) - waits), "an order is done once, or still waits"
    assert bot.ended is not None, "nobody said anything any more, and the interview never ended"
    report = bot.report()
    assert [entry["question_id"] for entry in report["questions"]] == [question.id for question in PLAN.questions]
    assert all(entry["outcome"] in ("answered", "skipped", "not_reached") for entry in report["questions"])


class AnyConversation(RuleBasedStateMachine):
    """A candidate and a room that behave as real ones do, in any order."""

    @initialize(consented=st.booleans(), has_model=st.booleans())
    def begin(self, consented: bool, has_model: bool) -> None:
        self.call = Conversation(interview(has_model=has_model))
        self.call.join(consented=consented)
        if not consented:
            self.call.answer("Yes.")

    @precondition(lambda self: not self.call.speaking)
    @rule(text=st.sampled_from(PARTIAL))
    def answers(self, text: str) -> None:
        self.call.hear()
        self.call.answer(text)

    @precondition(lambda self: not self.call.speaking)
    @rule(text=saying, confidence=st.sampled_from([0.1, 0.9]))
    def says_anything(self, text: str, confidence: float) -> None:
        self.call.speak(text, confidence=confidence)

    @precondition(lambda self: self.call.line is not None and not self.call.speaking)
    @rule(text=saying, words=st.integers(0, 12))
    def cuts_in(self, text: str, words: int) -> None:
        self.call.cut_in(text, after_words=words)

    @precondition(lambda self: not self.call.speaking and self.call.line is None)
    @rule()
    def begins_to_speak(self) -> None:
        self.call.voice(True)

    @precondition(lambda self: self.call.speaking)
    @rule(text=saying)
    def has_spoken(self, text: str) -> None:
        self.call.speak(text)
        self.call.hear()

    @rule(control=st.sampled_from(CONTROLS))
    def presses(self, control: str) -> None:
        self.call.press(control)

    @precondition(lambda self: not self.call.speaking)
    @rule()
    def makes_a_noise(self) -> None:
        self.call.do(NothingHeard())
        self.call.hear()

    @precondition(lambda self: not self.call.speaking)
    @rule(length=seconds)
    def is_silent(self, length: float) -> None:
        self.call.wait(length)

    @precondition(lambda self: self.call.composing is not None)
    @rule(text=st.sampled_from([None, "And what came of it?", "Who else was there?", "NOTHING_TO_ASK", "PASS_ON"]))
    def the_model_replies(self, text: str | None) -> None:
        self.call.compose(text)

    @precondition(lambda self: self.call.composing is not None)
    @rule(rest=st.sampled_from([None, "", "And what came of it?"]), cut_in=st.booleans())
    def the_model_replies_in_sentences(self, rest: str | None, cut_in: bool) -> None:
        asked = self.call.composing
        assert asked is not None
        self.call.do(Composed(asked.request, "You rewrote it.", more=True))
        if cut_in and self.call.line is not None:
            self.call.cut_in("Well, and that was all of it.", after_words=1)
        self.call.write(asked.request, rest)

    @rule(length=st.sampled_from([0.0, 2.0, 25.0]))
    def drops_and_comes_back(self, length: float) -> None:
        self.call.leave()
        self.call.wait(length)
        self.call.join(again=True)

    @invariant()
    def never_the_same_line_twice_in_a_row(self) -> None:
        for one, other in itertools.pairwise(self.call.said):
            assert one.text != other.text

    @invariant()
    def at_most_two_follow_ups_and_no_probe_twice(self) -> None:
        asked: dict[Any, list[Any]] = {}
        for note in self.call.notes("question.asked"):
            if note["follow_up"]:
                assert note["follow_up"] <= 2
                assert note["text"] not in asked.setdefault(note["question_id"], [])
                asked[note["question_id"]].append(note["text"])

    @invariant()
    def a_settled_question_is_settled_once_and_not_asked_again(self) -> None:
        settled: set[Any] = set()
        for action in self.call.actions:
            if isinstance(action, Note) and action.type == "question.closed":
                assert action.data["question_id"] not in settled
                settled.add(action.data["question_id"])
            elif isinstance(action, Say):
                assert action.question_id not in settled, f"{action.question_id} came up after it was settled"

    @invariant()
    def something_is_always_waited_for(self) -> None:
        deadline = self.call.interview.deadline
        assert (deadline is None) == (self.call.ended is not None)
        if deadline is not None and not self.call.speaking:
            assert deadline <= self.call.now + LONGEST_WAIT_S, "the bot waits for nothing but the end of the call"

    def teardown(self) -> None:
        if hasattr(self, "call"):
            self.call.voice(False)
            self.call.wait(1600)
            assert self.call.ended is not None
            assert len(self.call.notes("question.closed")) == len(PLAN.questions)


TestAnyConversation = AnyConversation.TestCase
TestAnyConversation.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
