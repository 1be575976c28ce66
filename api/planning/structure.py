"""What is wrong with a plan as a whole: its minutes, its criteria, its weights. In any language."""

from collections.abc import Iterator

from api.planning.warnings import Code, PlanWarning, Severity
from bot.plan import Criterion, Plan, Priority, Question

MOST_CRITERIA = 7
MOST_WEIGHT = 0.6
MOST_USED, LEAST_USED = 0.9, 0.5  # shares of the time that questions fill; hello, consent and good-bye take the rest
TOLERANCE = 0.02


def of_minutes(plan: Plan) -> Iterator[PlanWarning]:
    """Yield a warning where the questions don't fit the time, or leave much of it empty."""
    core = sum(question.minutes for question in plan.questions if question.priority is Priority.CORE)
    whole = sum(question.minutes for question in plan.questions)
    if core > plan.minutes * MOST_USED:
        yield PlanWarning(
            Code.TOO_FEW_MINUTES,
            Severity.WARNING,
            "minutes",
            f"the core questions take {core:g} minutes of {plan.minutes:g}; hello and good-bye need some too",
            "The last questions would be cut short or not be reached, and their criteria not be judged.",
        )
    elif whole < plan.minutes * LEAST_USED:
        yield PlanWarning(
            Code.TOO_MANY_MINUTES,
            Severity.HINT,
            "minutes",
            f"the questions take {whole:g} minutes of {plan.minutes:g}",
            "The candidate keeps time free that nobody needs; plan less of it, or ask more.",
        )


def of_criteria(plan: Plan) -> Iterator[PlanWarning]:
    """Yield what is wrong with criteria among each other, and with each by itself."""
    reached = {key for question in plan.questions for key in question.criteria}
    if len(plan.criteria) > MOST_CRITERIA:
        yield PlanWarning(
            Code.MANY_CRITERIA,
            Severity.HINT,
            "criteria",
            f"there are {len(plan.criteria)}",
            f"Beyond {MOST_CRITERIA} raters stop telling criteria apart, and each gets too little evidence.",
        )
    yield from _of_weights(plan.criteria)
    for index, criterion in enumerate(plan.criteria):
        where = f"criteria[{index}]"
        if criterion.id not in reached:
            yield PlanWarning(
                Code.UNREACHED,
                Severity.WARNING,
                where,
                f"no question is asked for {criterion.name!r}",
                "It would end as not asked for every candidate; add a question, or leave it out.",
            )
        if not criterion.anchors and not _scales_of_questions(plan, criterion.id):
            yield PlanWarning(
                Code.NO_ANCHORS,
                Severity.HINT,
                f"{where}.anchors",
                f"{criterion.name!r} has no levels",
                "Without a description of what each level looks like nothing is rated, only covered.",
            )


def of_expectations(question: Question, where: str) -> Iterator[PlanWarning]:
    """Yield a warning where a judged question says neither what an answer should hold nor how to ask on."""
    if not question.expects and not question.probes and (question.criteria or question.max_followups):
        yield PlanWarning(
            Code.EXPECTS_NOTHING,
            Severity.HINT,
            where,
            "expects nothing, and has no follow-up",
            "Any answer would count as whole; say what it should hold, or set max_followups to 0.",
        )


def _of_weights(criteria: tuple[Criterion, ...]) -> Iterator[PlanWarning]:
    weights = [criterion.weight for criterion in criteria]
    total = sum(weights)
    if len(weights) < 2:
        return
    meant = 1.0 if all(weight < 1 for weight in weights) else 100.0 if all(weight >= 5 for weight in weights) else None
    if meant is not None and abs(total / meant - 1) > TOLERANCE and len(set(weights)) > 1:
        yield PlanWarning(
            Code.WEIGHTS_SUM,
            Severity.WARNING,
            "criteria",
            f"the weights make {total:g}, not {meant:g}",
            "They are read as shares of their sum, so each weighs something else than is written there.",
        )
    for index, weight in enumerate(weights):
        if weight / total > MOST_WEIGHT:
            yield PlanWarning(
                Code.ONE_WEIGHS_MOST,
                Severity.WARNING,
                f"criteria[{index}].weight",
                f"it decides {weight / total:.0%} of the whole",
                "The other criteria could as well be left out.",
            )


def _scales_of_questions(plan: Plan, criterion_id: str) -> bool:
    return any(question.anchors for question in plan.questions if criterion_id in question.criteria)
