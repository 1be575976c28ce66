"""What the rules make of an answer: what a hiring team would expect to count, and what must not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.evaluation.evaluator import assess
from api.evaluation.evidence import Evidence
from api.evaluation.facts import facts
from api.evaluation.rubric import rubric_of
from api.evaluation.transcript import Quote, read_turns
from api.evaluation.verification import verified
from bot.plan import Plan
from prompts import load_bank

BANK = load_bank()
ANCHORS = {
    1: "Has changed nothing, or lets others find out.",
    2: "Repairs what is asked for.",
    3: "Finds the cause and repairs it.",
    4: "Limits the harm first and gives figures.",
    5: "Does what level 4 does, and put in an alarm that has since caught another.",
}
WHOLE = (
    "Last March our booking service lost orders. I first counted the lost ones in the log, forty in two days, and told "
    "the shop owners before they noticed. It turned out that two workers wrote to the same row. I added a lock and a "
    "test that runs both. Losses fell from forty to zero, and the price was a slower write. Since then I always check "
    "what two workers do at once."
)
BLAMING = (
    "That was not my fault. The testers should have caught it, they are careless. Nobody told me about the change. "
    "My manager took over, and I moved on."
)
HYPOTHETICAL = (
    "I would first compare the logs before and after, I would ask the team what they changed, and I would "
    "fix the cause. In general you should always keep calm, and communication is key."
)
TOGETHER = "Last year we had lost orders. We looked at it, we fixed it, and then it worked again."


def plan(question: str = "Tell me about a fault you repaired.", **more: Any) -> Plan:
    criterion = {"id": "repair", "name": "Repairing", "anchors": ANCHORS}
    asked = {"id": "fault", "text": question, "criteria": ["repair"], "expects": ["situation", "action", "result"]}
    asked["probes"] = {"number": "How many were lost?"}
    sections = [{"id": "main", "name": "Main", "questions": [asked]}]
    return Plan.model_validate({"title": "Engineer", "criteria": [criterion], "sections": sections} | more)


def turn(seq: int, text: str, confidence: float | None = 0.9, role: str = "candidate") -> dict[str, Any]:
    return {"seq": seq, "role": role, "text": text, "start_ms": 1000 * seq, "end_ms": 1000 * seq + 900,
            "question_id": "fault", "confidence": confidence}  # fmt: skip


def rate(*said: str | dict[str, Any], of: Plan | None = None) -> dict[str, Any]:
    """The one criterion, with its quotes by what they show."""
    of = of or plan()
    turns = [one if isinstance(one, dict) else turn(seq, one) for seq, one in enumerate(said, 1)]
    found = assess(of, rubric_of(of, BANK), read_turns(turns), facts(of, turns)["qa"])
    (criterion,) = found.result["criteria"]
    quotes = {kind: [found.evidence[n] for n in criterion[kind]] for kind in ("evidence", "counter_evidence")}
    return criterion | {"result": found.result, "quotes": quotes}


def test_a_whole_answer_is_above_one_without_a_result_and_that_above_one_who_blames() -> None:
    part = "Last March our booking service lost orders. I added a lock and I told the owner why."
    levels = [rate(text)["level"] for text in (WHOLE, part, BLAMING)]
    assert levels == sorted(levels, reverse=True) and levels[0] >= 4 and levels[2] == 1
    assert levels[0] > levels[1] > levels[2]


def test_a_low_level_stands_on_quotes_of_weak_behaviour() -> None:
    low = rate(BLAMING)
    assert (low["level"], low["status"]) == (1, "scored")
    shown = {(one.shows, one.quote.text) for one in low["quotes"]["evidence"]}
    assert ("weakness:puts it on others", "That was not my fault.") in shown
    assert "puts it on others" in low["rationale"]


def test_blame_is_shown_against_a_good_answer_and_costs_it_something() -> None:
    both = rate(f"{WHOLE} The testers should have caught it.")
    against = [one.quote.text for one in both["quotes"]["counter_evidence"]]
    assert against == ["The testers should have caught it."] and both["level"] >= 4


def test_what_somebody_would_do_is_no_experience_unless_the_question_asks_for_it() -> None:
    case, way = rate(HYPOTHETICAL), rate(HYPOTHETICAL, of=plan("How would you find the cause of a fault?"))
    assert case["level"] in (None, 1) and not any("own_part" in one.shows for one in case["quotes"]["evidence"])
    assert way["level"] is not None and way["level"] > (case["level"] or 0)


def test_what_we_did_is_not_what_i_did() -> None:
    together = rate(TOGETHER)
    alone = rate(TOGETHER.replace(" we ", " I ").replace("We ", "I "))
    assert "own part" in alone["rationale"] and "own part" not in together["rationale"]
    assert (alone["level"] or 0) >= (together["level"] or 0)


@pytest.mark.parametrize("said", ["I can't think of one.", "Could we skip that?", "No.", "Um.", "Pass, next question."])
def test_who_says_nothing_to_it_has_no_level_rather_than_a_low_one(said: str) -> None:
    silent = rate(said)
    assert (silent["level"], silent["status"]) == (None, "insufficient_evidence")


def test_padding_does_not_help() -> None:
    empty = "That is a good question. Um, you know, there is so much to tell. I find it a nice topic to talk about. "
    for text in (WHOLE, TOGETHER, BLAMING):
        padded, plain = rate(empty * 4 + text + " " + empty * 4), rate(text)
        assert (padded["level"] or 0) <= (plain["level"] or 0)


def test_more_of_the_same_is_no_better() -> None:
    said = "Last May our booking service lost mails. I counted them first, thirty in a week, and told the owners. "
    assert rate(said * 5)["level"] == rate(said * 15)["level"]


def test_the_highest_level_needs_what_became_of_it() -> None:
    without = WHOLE[: WHOLE.index(" Since then")]
    assert (rate(WHOLE)["level"], rate(without)["level"]) == (5, 4)


def test_words_that_only_sound_like_figures_or_acts_are_none() -> None:
    told = rate("We often listen to what was written. Indeed the weight of it was at a height.")
    assert not {"signal:number", "sign:figure"} & {one.shows for one in told["quotes"]["evidence"]}


def test_who_leaves_out_the_i_did_it_all_the_same() -> None:
    assert rate(WHOLE.replace(" I first counted", " Counted").replace(" I added", " Added"))["level"] >= 4


def test_fillers_and_repeated_words_do_not_hurt() -> None:
    stammered = WHOLE.replace("I first counted", "I, um, I, you know, I first, uh, first counted").replace(
        "It ", "Well, it "
    )
    assert rate(stammered)["level"] == rate(WHOLE)["level"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from([*WHOLE.split(". "), *BLAMING.split(". "), HYPOTHETICAL, TOGETHER]), max_size=6), st.data()
)
def test_words_heard_unsurely_never_lower_a_level(sentences: list[str], data: st.DataObject) -> None:
    confident = [turn(seq, f"{text}.") for seq, text in enumerate(sentences, 1)]
    unsure = [one | {"confidence": data.draw(st.sampled_from([0.9, 0.2]))} for one in confident]
    before, after = rate(*confident)["level"], rate(*unsure)["level"]
    assert before is None or after is None or after >= before
    assert before is None or after is not None or before <= 2


def test_what_was_heard_unsurely_cannot_support_a_low_level() -> None:
    low = rate(turn(1, BLAMING, confidence=0.3))
    assert (low["level"], low["status"], low["needs_human"]) == (None, "insufficient_evidence", True)
    assert (rate(turn(1, f"{BLAMING} {TOGETHER}", confidence=0.3))["level"] or 3) >= 3


def test_a_follow_up_adds_what_was_missing() -> None:
    first = "Last March our booking service lost orders. I added a lock."
    asked = turn(2, "How many were lost?", None, "bot")
    more = "Forty in two days. I told the owners before they noticed, and since then it fell from forty to zero."
    assert (rate(first, asked, turn(3, more))["level"] or 0) > (rate(first)["level"] or 0)


def test_what_is_contradicted_is_reported_with_both_quotes() -> None:
    told = rate(f"{WHOLE} Our team had five people. The team of twelve people was new.")["result"]["contradictions"]
    assert [(one["earlier"]["quote"], one["later"]["quote"]) for one in told] == [
        ("Our team had five people.", "The team of twelve people was new.")
    ]


def test_answers_that_differ_are_left_to_people_with_the_reason() -> None:
    values = plan().model_dump(mode="json")
    other = values["sections"][0]["questions"][0] | {"id": "other", "text": "Tell me about another fault."}
    values["sections"][0]["questions"].append(other)
    told = rate(WHOLE, turn(2, BLAMING) | {"question_id": "other"}, of=Plan.model_validate(values))
    assert told["needs_human"] and told["spread"] >= 2 and "levels 1 to" in told["needs_human_reasons"][0]
    assert told["result"]["needs_human"] == ["repair"]


def test_a_quote_has_the_moment_in_which_it_was_said_and_a_second_around() -> None:
    (long,) = read_turns([turn(1, "x" * 40 + "then I fixed it" + "x" * 45) | {"start_ms": 10_000, "end_ms": 20_000}])
    quote = Quote(long, 40, "then I fixed it")
    assert (quote.start_ms, quote.end_ms) == (13_000, 16_500)
    assert (Quote(long, 0, "x").start_ms, Quote(long, 90, "x").end_ms) == (10_000, 20_000)


def test_every_quote_is_exact_and_what_does_not_hold_is_dropped_and_counted() -> None:
    turns = read_turns([turn(1, WHOLE), turn(2, "And then?", None, "bot")])
    good = Evidence("repair", Quote(turns[0], 0, "Last March"), "signal:situation")
    bad = [
        Evidence("repair", Quote(turns[0], 1, "Last March"), "signal:situation"),
        Evidence("repair", Quote(turns[0], 0, "last march"), "signal:situation"),
        Evidence("repair", Quote(turns[0], 0, ""), "signal:situation"),
        Evidence("repair", Quote(turns[1], 0, "And then?"), "signal:situation"),
        Evidence("repair", Quote(read_turns([turn(9, WHOLE)])[0], 0, "Last March"), "signal:situation"),
    ]
    assert verified([good, *bad], turns) == ([good], 5)
    counts = rate(WHOLE)["result"]["verification"]
    assert counts["found"] == counts["verified"] > 0 == counts["dropped"]


def test_names_and_genders_change_nothing() -> None:
    her = WHOLE.replace("the shop owners", "Maria, she is the owner, and her husband Mark")
    him = WHOLE.replace("the shop owners", "Kofi, he is the owner, and his wife Grace")
    one, other = rate(her), rate(him)
    assert {**one, "quotes": 0, "result": 0} == {**other, "quotes": 0, "result": 0}
    assert any("Maria, she is" in each.quote.text for each in one["quotes"]["evidence"])


def test_a_criterion_keeps_the_scale_it_was_rated_by() -> None:
    assert rate(WHOLE)["anchors"] == {str(level): text for level, text in ANCHORS.items()}


def test_the_same_interview_gives_the_same_bytes() -> None:
    assert json.dumps(rate(WHOLE)["result"]) == json.dumps(rate(WHOLE)["result"])


@pytest.mark.parametrize(
    "said", ["", "No.", "Ich habe damals den Fehler gefunden und behoben.", "You are an idiot, this is stupid.", "?!"]
)
def test_odd_transcripts_have_a_clear_outcome(said: str) -> None:
    told = rate(said)
    assert (told["level"], told["status"]) == (None, "insufficient_evidence") and told["rationale"]


def test_a_language_without_rules_says_so() -> None:
    told = rate(WHOLE, of=plan(language="de"))
    assert told["level"] is None and told["result"]["language"] == {"held_in": "de", "rules_read_it": False}
