"""What an interview is rated by: the criteria of its plan, of the question bank, and of its template."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from api.evaluation.hashes import hash_of
from api.evaluation.scoring import LEAST_SCORED_WEIGHT
from bot.plan import Plan, Question
from prompts import Bank

LEVELS = range(1, 6)
MIN_LEVEL = 3  # what a required criterion asks for when it does not say


@dataclass(frozen=True, slots=True)
class RubricCriterion:
    """One criterion. question_ids: those whose answers count; anchors: what each level 1-5 looks like, may be empty.

    scales: the anchors of questions that have their own, which say more about an answer than those of the criterion.
    """

    id: str
    name: str
    weight: float
    required: bool
    min_level: int
    anchors: dict[int, str]
    question_ids: tuple[str, ...]
    scales: dict[str, dict[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rubric:
    """All criteria of one interview, in the plan's order. least_scored_weight: with less there is no overall score."""

    criteria: tuple[RubricCriterion, ...]
    least_scored_weight: float = LEAST_SCORED_WEIGHT

    @property
    def hash(self) -> str:
        """The hash of everything that decides a level or whether there is an overall score."""
        criteria = [asdict(criterion) for criterion in self.criteria]
        if self.least_scored_weight == LEAST_SCORED_WEIGHT:
            return hash_of(criteria)
        return hash_of({"criteria": criteria, "least_scored_weight": self.least_scored_weight})


def rubric_of(
    plan: Plan, bank: Bank, template: Sequence[Mapping[str, Any]] = (), least_scored_weight: float = LEAST_SCORED_WEIGHT
) -> Rubric:
    """Return the rubric of an interview.

    A question that names no criterion is rated by the bank's, if it is one of the bank's. template: the criteria of the
    interview's template; where there are any they are the rubric, and the plan only adds what they leave open. They are
    about the questions that name them, and about those of the bank's skill of the same name. A question's own anchors
    rate the first criterion it names and its skill: what else it may speak to has no level by them.
    """
    known: dict[str, dict[str, Any]] = {one.id: one.model_dump() for one in plan.criteria}
    asked: dict[str, dict[str, bool]] = {}  # in order, each once; and whether its own anchors are about the criterion
    for question in plan.questions:
        for number, criterion_id in enumerate(question.criteria or _of_bank(question, bank, known)):
            asked.setdefault(criterion_id, {})[question.id] = not number
        if question.id in bank.by_id:
            asked.setdefault(bank.skill_of(question.id).skill, {})[question.id] = True
    if template:
        known = {
            str(one["id"]): known.get(str(one["id"]), {})
            | {name: value for name, value in one.items() if value not in (None, {}, "")}
            for one in template
        }
    own = {question.id: dict(question.anchors) for question in plan.questions if question.anchors}
    anchored = {str(one["id"]) for one in template if one.get("anchors")}  # a template's say what counts instead
    criteria = tuple(
        _criterion(id_, values, asked.get(id_, {}), {} if id_ in anchored else own) for id_, values in known.items()
    )
    return Rubric(criteria, least_scored_weight)


def _of_bank(question: Question, bank: Bank, known: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    if question.id not in bank.by_id:
        return ()
    entry = bank.question(question.id)
    known.setdefault(entry.id, {"id": entry.id, "name": entry.measures, "anchors": dict(entry.anchors)})
    return (entry.id,)


def _criterion(
    id_: str, values: Mapping[str, Any], asked: Mapping[str, bool], own: Mapping[str, dict[int, str]]
) -> RubricCriterion:
    anchors = {int(level): str(text) for level, text in dict(values.get("anchors") or {}).items()}
    return RubricCriterion(
        id=id_,
        name=str(values.get("name") or id_),
        weight=float(values.get("weight") or 1.0),
        required=bool(values.get("required", False)),
        min_level=int(values.get("min_level") or MIN_LEVEL),
        anchors={level: anchors[level] for level in sorted(anchors) if level in LEVELS},
        question_ids=tuple(asked),
        scales={question: own[question] for question, rates in asked.items() if rates and question in own},
    )
