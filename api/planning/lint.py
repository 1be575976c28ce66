"""Looks over a whole plan: pure, and the same for the same plan."""

from collections.abc import Iterator
from itertools import chain

from api.planning.likeness import same, telling
from api.planning.structure import of_criteria, of_expectations, of_minutes
from api.planning.warnings import Code, PlanWarning, Severity
from api.planning.wording import length, of_question, of_scale
from bot.interview.off_limits import Found, ground, wanted
from bot.plan import Patience, Plan, Question
from prompts import grounds_languages

WORDED = "en"  # the language whose questions and scales are looked at by their wording
_WORST_FIRST = list(Severity)


def lint(plan: Plan, *, jurisdiction: str | None = None) -> tuple[PlanWarning, ...]:
    """What there is to say about a plan, the serious first, then in the plan's order.

    jurisdiction: ISO 3166 (`DE`, `US-CA`), for what only some places forbid; without it that is warned of too.
    """
    found = chain(of_minutes(plan), _of_names(plan, jurisdiction), _of_questions(plan, jurisdiction), _twice(plan))
    found = chain(found, of_criteria(plan), _of_scales(plan, jurisdiction))
    return tuple(sorted(found, key=lambda warning: _WORST_FIRST.index(warning.severity)))


def not_checked(language: str) -> tuple[str, ...]:
    """What `lint` doesn't look for in a language, in words."""
    if language == WORDED:
        return ()
    wording = "leading, double-barrelled and closed questions, and scales that judge the person"
    return (wording,) if language in grounds_languages() else (wording, "off-limits ground")


def _of_names(plan: Plan, jurisdiction: str | None) -> Iterator[PlanWarning]:
    """Sections are announced by their names."""
    for index, section in enumerate(plan.sections):
        where = f"sections[{index}].name"
        for found in ground(f"Tell me about your {section.name}", plan.language, jurisdiction):
            yield _forbidden(found, where, "asks about")


def _of_questions(plan: Plan, jurisdiction: str | None) -> Iterator[PlanWarning]:
    for where, question in _placed(plan):
        for key, text in _spoken(question):
            place = f"{where}.{key}"
            yield from (_forbidden(found, place, "asks about") for found in ground(text, plan.language, jurisdiction))
            yield from length(text, place)
            if plan.language == WORDED:
                main = not key.startswith("probes")
                evidence = main and bool(question.expects) and question.patience is not Patience.BRIEF
                yield from of_question(text, place, wants_evidence=evidence)
        yield from of_expectations(question, where)
        yield from _scale(plan, where, question.anchors, jurisdiction)


def _of_scales(plan: Plan, jurisdiction: str | None) -> Iterator[PlanWarning]:
    for index, criterion in enumerate(plan.criteria):
        where = f"criteria[{index}]"
        for key, text in (("name", criterion.name), ("description", criterion.description)):
            yield from _judged(plan, f"{where}.{key}", text, jurisdiction)
        yield from _scale(plan, where, criterion.anchors, jurisdiction)


def _scale(plan: Plan, where: str, anchors: dict[int, str], jurisdiction: str | None) -> Iterator[PlanWarning]:
    for level, text in anchors.items():
        yield from _judged(plan, f"{where}.anchors.{level}", text, jurisdiction)


def _judged(plan: Plan, where: str, text: str, jurisdiction: str | None) -> Iterator[PlanWarning]:
    forbidden = [_forbidden(found, where, "judges by") for found in wanted(text, plan.language, jurisdiction)]
    yield from forbidden
    if plan.language == WORDED and not forbidden:
        yield from of_scale(text, where)


def _twice(plan: Plan) -> Iterator[PlanWarning]:
    """Questions that were asked before in other words, as a question or as a follow-up."""
    asked: list[tuple[str, str, str, frozenset[str]]] = []
    for where, question in _placed(plan):
        for key, text in _spoken(question):
            if key == "rephrase":
                continue
            words = telling(text)
            for owner, place, before, known in asked:
                if owner != where and key != "text" and not place.endswith(".text"):
                    continue  # the same follow-up to two questions asks for two things
                if same(words, known) and (owner != where or words == known):
                    yield PlanWarning(
                        Code.DUPLICATE,
                        Severity.WARNING,
                        f"{where}.{key}",
                        f"asks the same as {place}: {before!r}",
                        "Being asked twice makes candidates doubt their first answer, and costs the time of another.",
                    )
                    break
            asked.append((where, f"{where}.{key}", text, words))


def _placed(plan: Plan) -> Iterator[tuple[str, Question]]:
    for number, section in enumerate(plan.sections):
        for index, question in enumerate(section.questions):
            yield f"sections[{number}].questions[{index}]", question


def _spoken(question: Question) -> Iterator[tuple[str, str]]:
    """Everything about a question that the candidate may hear, with its key."""
    yield "text", question.text
    if question.rephrase:
        yield "rephrase", question.rephrase
    yield from ((f"probes.{signal.value}", text) for signal, text in question.probes.items())


def _forbidden(found: Found, where: str, verb: str) -> PlanWarning:
    name = found.category.replace("_", " ")
    what = f"{found.words!r} {verb} {name}"
    return PlanWarning(
        Code.OFF_LIMITS, Severity.SERIOUS, where, what, found.reason, found.rephrase, category=found.category
    )
