"""Ready plans: each can be held, the demo within its time and with the one follow-up that it shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.interview import CandidateJoined, CandidateSaid, End, Expecting, Happening, Note, Say, Spoken, Tick
from bot.interview.call import Call
from bot.plan import Plan, Priority
from bot.state import EndReason
from prompts import BadFile, NotFound, languages, load_answers, load_lines, load_plan, plan_names

DEMO_S = 160.0
WORDS_PER_S = 2.6  # both voices speak faster than that
TURN_S = 1.5  # from one speaker to the other, generously


@pytest.mark.parametrize("name", plan_names())
def test_ready_plans_fit_their_time(name: str) -> None:
    plan = Plan.model_validate(load_plan(name))
    assert sum(question.minutes for question in plan.questions) <= 0.9 * plan.minutes
    assert 2 <= len(plan.criteria) <= 7
    assert {criterion.id for criterion in plan.criteria} == {name for q in plan.questions for name in q.criteria}
    assert all(sorted(criterion.anchors) == [1, 2, 3, 4, 5] for criterion in plan.criteria)
    for question in plan.questions:
        assert set(question.expects) <= set(question.probes), question.id
        for text in (question.text, question.rephrase, *question.probes.values()):
            assert 0 < len(text.split()) <= 35
            assert text[-1] in ".?"


def test_there_is_a_plan_for_more_than_one_trade() -> None:
    assert set(plan_names()) >= {"demo", "software-engineer", "product-manager", "customer-support"}


def test_there_is_a_plan_in_every_language_that_the_bot_speaks() -> None:
    assert {Plan.model_validate(load_plan(name)).language for name in plan_names()} == set(languages())


@pytest.mark.parametrize("name", plan_names())
def test_every_ready_plan_can_be_held_to_its_end(name: str) -> None:
    plan = Plan.model_validate(load_plan(name))
    words = {"de": "Nein, danke.", "es": "No, gracias.", "fr": "Non, merci."}.get(plan.language, "No, thank you.")
    long_answer = ["word " * 70] + ["more words on that " * 10] * 2
    held = Conversation(plan, {question.id: long_answer for question in plan.questions}, no_questions=words)
    assert held.reason is EndReason.COMPLETED
    asked = {note.data["question_id"] for note in held.notes if note.type == "question.asked"}
    assert asked >= {question.id for question in plan.questions if question.priority is Priority.CORE}
    assert held.now < plan.minutes * 60


class Conversation:
    """Holds an interview with a candidate who says what `answers` has, at a calm pace, in virtual time."""

    def __init__(self, plan: Plan, answers: dict[str, list[str]], no_questions: str = "No, thank you.") -> None:
        self._no_questions = no_questions
        self.now, self.said, self.notes = 0.0, [], []  # type: tuple[float, list[str], list[Note]]
        self.reason: EndReason | None = None
        self._answers = {question_id: iter(texts) for question_id, texts in answers.items()}
        self._interview = Call(plan, lines=load_lines(plan.language), candidate_name="Maria")
        self._hear(CandidateJoined("Maria", consented=True))
        while self._interview.ended is None and self._interview.deadline is not None:
            self.now = max(self.now, self._interview.deadline)
            self._hear(Tick())

    def _hear(self, happening: Happening) -> None:
        for action in self._interview.handle(happening, self.now):
            if isinstance(action, Note):
                self.notes.append(action)
            elif isinstance(action, End):
                self.reason = action.reason
            elif isinstance(action, Say):
                self.said.append(action.text)
                self._spend(action.text)
                self._hear(Spoken(action.line, action.text, interrupted=False))
                if self._interview.ended is None and action.expecting is not Expecting.NOTHING:
                    self._reply(action)

    def _reply(self, line: Say) -> None:
        text = self._no_questions
        if line.expecting is Expecting.ANSWER:
            text = next(self._answers[line.question_id or ""])
        start = self.now
        self._spend(text)
        self._hear(CandidateSaid(text, 0.9, int(start * 1000), int(self.now * 1000)))

    def _spend(self, text: str) -> None:
        self.now += len(text.split()) / WORDS_PER_S + TURN_S

    def left(self) -> Iterator[str]:
        """Answers that nobody asked for."""
        for texts in self._answers.values():
            yield from texts


def test_demo_is_over_in_time_with_every_question_answered_and_one_follow_up() -> None:
    plan = Plan.model_validate(load_plan("demo"))
    held = Conversation(plan, load_answers("demo"))
    assert held.reason is EndReason.COMPLETED
    asked = [(note.data["question_id"], note.data["follow_up"]) for note in held.notes if note.type == "question.asked"]
    assert asked == [
        ("python-backend.slow-endpoint", 0),
        ("incident-response.outage", 0),
        ("incident-response.outage", 1),
        ("conflict.disagreement", 0),
        ("prioritisation.too-much", 0),
    ]
    closed = [note.data["outcome"] for note in held.notes if note.type == "question.closed"]
    assert closed == ["answered"] * 4
    assert list(held.left()) == []
    assert held.now < DEMO_S
    assert any("How was the service restored?" in line for line in held.said)


def test_demo_answers_sound_like_answers() -> None:
    plan, answers = Plan.model_validate(load_plan("demo")), load_answers("demo")
    assert set(answers) == {question.id for question in plan.questions}
    assert all(20 <= len(text.split()) <= 40 for texts in answers.values() for text in texts)


# ---- files of one's own -------------------------------------------------------------------------------------------

OWN = """title: Baker
minutes: 10
criteria:
  - {id: bread, name: Bread}
sections:
  - id: all
    name: baking
    questions:
      - ownership.own-mistake
      - {use: teamwork.helped-colleague, minutes: 2, criteria: [bread]}
      - {id: own, text: "How do you bake bread?", criteria: [bread]}
"""


def test_a_file_may_mix_questions_of_the_bank_and_its_own(tmp_path: Path) -> None:
    file = tmp_path / "baker.yaml"
    file.write_text(OWN)
    for source in (file, str(file)):
        plan = Plan.model_validate(load_plan(source))
        assert [question.id for question in plan.questions] == [
            "ownership.own-mistake",
            "teamwork.helped-colleague",
            "own",
        ]
        assert plan.questions[1].minutes == 2
        assert plan.questions[1].probes
        assert [criterion.id for criterion in plan.criteria] == ["bread", "ownership.own-mistake"]


def test_json_will_do(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(
        '{"title": "T", "sections": [{"id": "a", "name": "A", "questions": [{"id": "q", "text": "Why?"}]}]}'
    )
    assert Plan.model_validate(load_plan(file)).questions[0].text == "Why?"


def test_unknown_bank_question_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "baker.yaml"
    file.write_text(OWN.replace("ownership.own-mistake", "ownership.bread"))
    with pytest.raises(BadFile, match=r"baker\.yaml, line 9: .*'ownership\.bread'; there is: .*ownership\.own-mistake"):
        load_plan(file)


@pytest.mark.parametrize(
    "text", ["title: x\nsections: nonsense\n", "title: x\nsections: [a, {questions: 7}]\n", "title: x\n"]
)
def test_what_is_no_plan_is_left_for_the_plan_to_refuse(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match="sections"):
        Plan.model_validate(load_plan(file))


def test_unknown_plan_says_which_there_are() -> None:
    with pytest.raises(NotFound, match=r"no plan 'demoo'; there is: .*customer-support, demo"):
        load_plan("demoo")


@pytest.mark.parametrize("name", ["demo-answers", "../plans/demo.yaml", ""])
def test_only_plans_are_plans(name: str) -> None:
    with pytest.raises((NotFound, BadFile)):
        load_plan(name)


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"none\.yaml: no such file"):
        load_plan(tmp_path / "none.yaml")
    with pytest.raises(BadFile, match="can't be read"):
        load_plan(tmp_path)


def test_answers_are_lists_of_texts(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("one: [Yes, No]\ntwo: Maybe\n")
    with pytest.raises(BadFile, match="line 2: two: must be a list of texts"):
        load_answers(file)
    file.write_text("one: [Yes, No]\n")
    assert load_answers(file) == {"one": ["Yes", "No"]}


def test_plan_without_answers_says_so() -> None:
    with pytest.raises(NotFound, match="demo-answers"):
        load_answers("product-manager")
