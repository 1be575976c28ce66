"""Questions of a plan are found in what is said."""

from bot.interview.matching import Matcher
from bot.plan import Plan
from prompts import load_plan, plan_names


def test_what_is_said_word_for_word_is_held_whole_in_whatever_order_its_words_are_added_up() -> None:
    for name in plan_names():
        plan = Plan.model_validate(load_plan(name))
        matcher = Matcher(plan)
        for question in plan.questions:
            assert matcher.shares(question.text)[question.id] == 1.0, question.text
