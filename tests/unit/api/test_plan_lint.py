"""The plan linter: what it warns of, where and with which words instead; what comes with the product passes it."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from api.planning.lint import lint, not_checked
from api.planning.warnings import Code, PlanWarning, Severity
from bot.plan import Plan
from prompts import golden_roles, load_bank, load_golden, load_plan, plan_from_bank, plan_names

ANCHORS = {1: "Changes it and waits.", 3: "Measures it first.", 5: "Measures it before and after."}
BANK = load_bank()


def question(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "q", "text": text, "criteria": ["c"], "minutes": 12, **more}


def criterion(**more: Any) -> dict[str, Any]:
    return {"id": "c", "name": "Finding causes", "anchors": ANCHORS, **more}


def plan_of(*questions: dict[str, Any], criteria: list[dict[str, Any]] | None = None, **more: Any) -> Plan:
    asked = [one | {"id": f"q{number}"} for number, one in enumerate(questions)]
    values: dict[str, Any] = {
        "title": "Engineer",
        "minutes": 20 * len(asked),
        "criteria": [criterion()] if criteria is None else criteria,
        "sections": [{"id": "s", "name": "your work", "questions": asked}],
    }
    return Plan.model_validate(values | more)


def found(plan: Plan, code: Code, **more: Any) -> list[PlanWarning]:
    return [warning for warning in lint(plan, **more) if warning.code is code]


OPEN = "Tell me about a fault that took you long to find."


def test_a_sound_plan_has_no_warning() -> None:
    assert lint(plan_of(question(OPEN))) == ()


@pytest.mark.parametrize(
    ("text", "rephrase"),
    [
        ("Don't you think that tests matter?", "What speaks for this, and against it: tests matter?"),
        ("Isn't it better to ship early?", "What speaks for this, and against it: better to ship early?"),
        ("I assume you have led a team before?", "Tell me about one case that shows how you go about this."),
        ("You know Python well, right?", "Tell me about one case that shows how you go about this."),
        ("You would agree that agile works, wouldn't you?", "What speaks for this, and against it: agile works?"),
        ("Surely you have used Git?", "Tell me about one case that shows how you go about this."),
        (
            "As we all know, caches help. How do you use them?",
            "Tell me about one case that shows how you go about this.",
        ),
    ],
)
def test_a_leading_question_comes_with_a_neutral_one(text: str, rephrase: str) -> None:
    (warning,) = found(plan_of(question(text)), Code.LEADING)
    assert (warning.where, warning.rephrase) == ("sections[0].questions[0].text", rephrase)
    assert found(plan_of(question(rephrase)), Code.LEADING) == []


@pytest.mark.parametrize(
    "text",
    [
        "How did you find out which node was right?",
        "Which of the two numbers is true?",
        "Why don't you use a cache there?",
        "How do you tell a customer no?",
        "A client says no. What do you do next?",
        "I expect the answer to be short. Which pattern is it?",
    ],
)
def test_a_question_that_leads_nowhere_is_left_alone(text: str) -> None:
    assert found(plan_of(question(text)), Code.LEADING) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("What did you do and how did the team react?", "What did you do?"),
        ("What happened? What did you learn from it?", "What happened?"),
        ("How do you plan, and how do you follow up?", "How do you plan?"),
    ],
)
def test_two_questions_in_one_are_told_apart(text: str, first: str) -> None:
    (warning,) = found(plan_of(question(text)), Code.DOUBLE)
    assert warning.rephrase == first


@pytest.mark.parametrize(
    "text",
    [
        "How and why did you choose it?",
        "What did you decide, and why?",
        "Which tools did you use and when?",
        "Tell me about a failure. What was your part?",
    ],
)
def test_one_thing_with_its_reason_is_one_question(text: str) -> None:
    assert found(plan_of(question(text)), Code.DOUBLE) == []


@pytest.mark.parametrize(
    ("text", "rephrase"),
    [
        ("Have you worked with Python?", "Tell me about one time when you have worked with Python."),
        ("Do you write tests?", "How do you write tests?"),
        ("Were you in charge?", "Tell me about one case that shows it: what did you do?"),
    ],
)
def test_a_closed_question_is_warned_of_where_evidence_is_wanted(text: str, rephrase: str) -> None:
    (warning,) = found(plan_of(question(text)), Code.CLOSED)
    assert warning.rephrase == rephrase
    assert found(plan_of(question(text, patience="brief")), Code.CLOSED) == []


@pytest.mark.parametrize("text", ["Can you tell me about a conflict?", "Would you ship it, and why?", OPEN])
def test_what_asks_to_tell_is_not_closed(text: str) -> None:
    assert found(plan_of(question(text)), Code.CLOSED) == []


@pytest.mark.parametrize(
    ("where", "plan"),
    [
        ("sections[0].questions[0].text", plan_of(question("Do you have children?"))),
        ("sections[0].questions[0].rephrase", plan_of(question(OPEN, rephrase="How old are you?"))),
        ("sections[0].questions[0].probes.result", plan_of(question(OPEN, probes={"result": "Are you married?"}))),
        ("sections[0].questions[0].anchors.5", plan_of(question(OPEN, anchors={5: "Is young and dynamic."}))),
        ("criteria[0].name", plan_of(question(OPEN), criteria=[criterion(name="Native speaker")])),
        ("criteria[0].anchors.5", plan_of(question(OPEN), criteria=[criterion(anchors={5: "No foreign accent."})])),
        (
            "sections[0].name",
            plan_of(question(OPEN), sections=[{"id": "s", "name": "family", "questions": [question(OPEN)]}]),
        ),
    ],
)
def test_off_limits_ground_is_found_wherever_it_stands_and_comes_first(where: str, plan: Plan) -> None:
    first = lint(plan)[0]
    assert (first.code, first.severity, first.where) == (Code.OFF_LIMITS, Severity.SERIOUS, where)
    assert first.rephrase and first.category and first.why


def test_past_pay_is_warned_of_by_place() -> None:
    plan = plan_of(question("What is your current salary?"))
    assert [len(found(plan, Code.OFF_LIMITS, jurisdiction=place)) for place in (None, "US-NY", "US-TX")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Tell me about a conflict with your boss.",
            "Describe a situation where you had a conflict with your manager.",
        ),
        ("How do you prioritise your work under pressure?", "When under pressure, how is your work prioritised?"),
    ],
)
def test_the_same_question_in_other_words_is_found(one: str, other: str) -> None:
    (warning,) = found(plan_of(question(one), question(other)), Code.DUPLICATE)
    assert warning.where == "sections[0].questions[1].text"
    assert one in warning.what


def test_a_question_that_a_follow_up_asked_before_is_found() -> None:
    probed = question(OPEN, probes={"lesson": "What did you learn from the outage?"})
    plan = plan_of(probed, question("What lesson did you learn from that outage?"))
    (warning,) = found(plan, Code.DUPLICATE)
    assert "probes.lesson" in warning.what


def test_questions_about_neighbouring_things_are_not_the_same() -> None:
    plan = plan_of(
        question("Tell me about a conflict with your manager."), question("Tell me about a conflict with a customer.")
    )
    assert found(plan, Code.DUPLICATE) == []


def test_duplicates_and_lengths_are_found_in_other_languages() -> None:
    long = "Erzählen Sie mir bitte " + "sehr " * 40 + "genau von einem Fehler."
    plan = plan_of(
        question("Erzählen Sie von einem Streit mit Ihrer Kollegin."),
        question("Beschreiben Sie bitte einen Streit mit einer Kollegin."),
        question(long),
        question("Sind Sie verheiratet?"),
        language="de",
    )
    assert {warning.code for warning in lint(plan)} == {Code.DUPLICATE, Code.TOO_LONG, Code.OFF_LIMITS}
    assert "leading" in not_checked("de")[0]
    assert not_checked("en") == ()
    assert "off-limits ground" in not_checked("it")


def test_a_question_too_long_for_the_ear_keeps_its_last_sentence() -> None:
    (warning,) = found(plan_of(question("Think of it. " * 20 + "What did you do?")), Code.TOO_LONG)
    assert warning.rephrase == "What did you do?"


@pytest.mark.parametrize(
    ("minutes", "code"), [(12, Code.TOO_FEW_MINUTES), (60, Code.TOO_MANY_MINUTES), (20, None), (14, None)]
)
def test_minutes_fit_the_questions(minutes: float, code: Code | None) -> None:
    codes = {warning.code for warning in lint(plan_of(question(OPEN), minutes=minutes))}
    assert codes == ({code} if code else set())


@pytest.mark.parametrize(
    ("criteria", "code", "where"),
    [
        ([criterion(), criterion(id="d")], Code.UNREACHED, "criteria[1]"),
        ([criterion(anchors={})], Code.NO_ANCHORS, "criteria[0].anchors"),
        ([criterion(weight=9), criterion(id="d", weight=1)], Code.ONE_WEIGHS_MOST, "criteria[0].weight"),
        ([criterion(weight=0.4), criterion(id="d", weight=0.3)], Code.WEIGHTS_SUM, "criteria"),
        ([criterion(weight=50), criterion(id="d", weight=40)], Code.WEIGHTS_SUM, "criteria"),
        ([criterion(id=f"c{n}" if n else "c") for n in range(8)], Code.MANY_CRITERIA, "criteria"),
    ],
)
def test_criteria_are_looked_at_together(criteria: list[dict[str, Any]], code: Code, where: str) -> None:
    assert [warning.where for warning in found(plan_of(question(OPEN), criteria=criteria), code)] == [where]


def test_weights_that_are_parts_of_each_other_are_fine() -> None:
    criteria = [criterion(weight=3), criterion(id="d", weight=2)]
    assert found(plan_of(question(OPEN, criteria=["c", "d"]), criteria=criteria), Code.WEIGHTS_SUM) == []


@pytest.mark.parametrize(
    "text",
    ["Is smart.", "Good culture fit", "Seems passionate about the work.", "A strong communicator", "Team player"],
)
def test_a_level_that_describes_the_person_is_warned_of(text: str) -> None:
    (warning,) = found(plan_of(question(OPEN), criteria=[criterion(anchors={5: text})]), Code.JUDGES_PERSON)
    assert warning.where == "criteria[0].anchors.5"


@pytest.mark.parametrize(
    "text", ["Is good at naming causes.", "Says what is weak about their own design.", "The answer is clear."]
)
def test_a_level_that_describes_behaviour_is_not(text: str) -> None:
    assert found(plan_of(question(OPEN), criteria=[criterion(anchors={5: text})]), Code.JUDGES_PERSON) == []


def test_a_judged_question_that_expects_nothing_is_warned_of() -> None:
    assert len(found(plan_of(question(OPEN, expects=[])), Code.EXPECTS_NOTHING)) == 1
    plain = plan_of(question(OPEN), question("How was your way here?", expects=[], max_followups=0, criteria=[]))
    assert found(plain, Code.EXPECTS_NOTHING) == []


def sound(plan: Plan) -> list[PlanWarning]:
    return [one for one in lint(plan) if one.code in (Code.OFF_LIMITS, Code.LEADING, Code.JUDGES_PERSON)]


@pytest.mark.parametrize("name", plan_names())
def test_ready_plans_ask_nothing_forbidden(name: str) -> None:
    plan = Plan.model_validate(load_plan(name))
    assert sound(plan) == []
    assert {one.severity for one in lint(plan)} <= {Severity.HINT}


@pytest.mark.parametrize("role", golden_roles())
def test_golden_plans_ask_nothing_forbidden(role: str) -> None:
    assert sound(Plan.model_validate(load_golden(role, bank=BANK)[0].plan)) == []


def test_the_whole_question_bank_asks_nothing_forbidden() -> None:
    for number in range(0, len(BANK.by_id), 40):
        ids = list(BANK.by_id)[number : number + 40]
        assert sound(Plan.model_validate(plan_from_bank("Any", ids, minutes=240, bank=BANK))) == []


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["lint", *words])
    return int(left.value.code or 0), capsys.readouterr().out


def test_the_command_says_what_and_what_instead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.json"
    file.write_text(plan_of(question("Do you have children?")).model_dump_json(), encoding="utf-8")
    code, out = run(str(file), capsys=capsys)
    assert code == 1
    assert "serious: sections[0].questions[0].text" in out
    assert "instead: This role travels" in out
    code, out = run(str(file), "--json", capsys=capsys)
    assert json.loads(out)["warnings"][0]["category"] == "family"
    assert run("demo", capsys=capsys) == (0, "nothing found\n")
    assert run("demo", "--jurisdiction", "Texas", capsys=capsys)[0] == 2
    assert run(str(tmp_path / "none.yaml"), capsys=capsys)[0] == 2
