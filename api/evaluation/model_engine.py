"""Phase 2 with a model: the judge rates each criterion that can be rated; where it fails the rules' result stands."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from api.errors import ModelFailed, ModelUnavailable
from api.evaluation import scoring
from api.evaluation.engines import Case, EngineName, StructuredEngine
from api.evaluation.evidence import Evidence, Polarity
from api.evaluation.injection import found_in
from api.evaluation.judging import Judge, Judged
from api.evaluation.masking import people
from api.evaluation.quoting import shown
from api.evaluation.reading import UNSURE
from api.evaluation.rubric import RubricCriterion
from api.evaluation.scoring import Scored
from api.evaluation.telling import GOOD, NO_RECOMMENDATION, POOR, Assessment, CriterionStatus
from api.model import Model
from bot.interview import Role
from prompts import Found

log = structlog.get_logger(__name__)

AT_ONCE = 3  # criteria that a model is asked about at the same time
FAILURES = 2  # to get an answer at all: after so many the rest would only be waited for
PLACES = ("evidence", "counter_evidence", "unsure_evidence")  # of a criterion: its quotes by number


class ModelEngine:
    """Rates with a model, and by the rules what the model gives no usable answer to."""

    name = EngineName.MODEL
    version = "1"

    def __init__(self, model: Model, raters: int) -> None:
        self._model, self._raters = model, raters
        self._judge = Judge(model, raters)
        self._rules = StructuredEngine()

    async def assess(self, case: Case) -> Assessment:
        """Return the rules' result with the model's in place of each criterion that it could rate."""
        by_rules = await self._rules.assess(case)
        orders = await asyncio.to_thread(found_in, case.turns)
        run = _Run(self._judge, case, (*case.names, *people(case.turns)), orders)
        wanted = [one for one in case.rubric.criteria if _to_rate(one, by_rules)]
        async with asyncio.TaskGroup() as tasks:
            asked = {one.id: tasks.create_task(run.judged(one), name=f"criterion {one.id}") for one in wanted}
        judged = {id_: task.result() for id_, task in asked.items()}
        engine = {
            "name": self.name.value,
            "version": self.version,
            "model": self._model.name,
            "raters": self._raters,
            "prompts": dict(self._judge.prompts),
            **_usage([one for one in judged.values() if isinstance(one, Judged)]),
        }
        log.info("rated_by_model", criteria=len(wanted), failed=sum(isinstance(one, str) for one in judged.values()))
        return _together(case, by_rules, judged, engine)


class _Run:
    """One evaluation's questions to the judge."""

    def __init__(self, judge: Judge, case: Case, names: tuple[str, ...], orders: Mapping[int, Sequence[Found]]) -> None:
        self._judge, self._case, self._names, self._orders = judge, case, names, orders
        self._room = asyncio.Semaphore(AT_ONCE)
        self._failures = 0

    async def judged(self, criterion: RubricCriterion) -> Judged | str:
        """Return what the judge says of a criterion, or why it says nothing."""
        case = self._case
        mine = [entry for entry in case.qa if entry["question_id"] in criterion.question_ids]
        numbers = {number for entry in mine for number in entry["answer_turns"]}
        said = [turn for turn in case.turns if turn.seq in numbers and turn.role == Role.CANDIDATE]
        questions = [question.text for question in case.plan.questions if question.id in criterion.question_ids]
        turns = await asyncio.to_thread(shown, said, self._names, self._orders)
        if not turns:
            return Judged(None, "Nothing that could be rated was said to its questions.")
        async with self._room:
            if self._failures >= FAILURES:
                return f"the chat model was not asked: it failed {self._failures} times"
            try:
                return await self._judge.judge(criterion, questions, turns)
            except ModelFailed as failure:
                self._failures += isinstance(failure, ModelUnavailable)
                return str(failure)


def _to_rate(criterion: RubricCriterion, by_rules: Assessment) -> bool:
    told = next(one for one in by_rules.result["criteria"] if one["criterion_id"] == criterion.id)
    return bool(criterion.anchors) and told["status"] != CriterionStatus.NOT_ASKED.value


def _together(
    case: Case, by_rules: Assessment, judged: Mapping[str, Judged | str], engine: dict[str, Any]
) -> Assessment:
    """Put the judge's criteria in place of the rules', number their evidence anew, and add up again."""
    evidence: list[Evidence] = []
    criteria = []
    for told in by_rules.result["criteria"]:
        one = judged.get(told["criterion_id"])
        if isinstance(one, Judged):
            criteria.append(told | _told(one, len(evidence)))
            evidence += one.evidence
            continue
        note = {"note": f"Rated by the rules: {one}"} if one is not None else {}
        places = sorted({number for name in PLACES for number in told[name]})
        new = {number: len(evidence) + at for at, number in enumerate(places)}
        moved = {name: [new[number] for number in told[name]] for name in PLACES}
        criteria.append(told | moved | {"engine": EngineName.STRUCTURED.value} | note)
        evidence += [by_rules.evidence[number] for number in places]
    levels = {told["criterion_id"]: told["level"] for told in criteria}
    scored = [Scored(one.id, one.weight, levels[one.id], one.required, one.min_level) for one in case.rubric.criteria]
    figure = scoring.overall(scored, case.rubric.least_scored_weight)
    verdict, capped_by = scoring.recommendation(figure.value, scored)
    dropped = sum(told["quotes_dropped"] for told in criteria)
    decides = case.product != NO_RECOMMENDATION
    result = by_rules.result | {
        "criteria": criteria,
        "overall": figure.value,
        "scored_weight": figure.scored_weight,
        "effective_weights": figure.weights,
        "recommendation": verdict.value if decides else None,
        "capped_by": capped_by if decides else [],
        "strengths": [id_ for id_, level in levels.items() if level is not None and level >= GOOD],
        "concerns": [id_ for id_, level in levels.items() if level is not None and level <= POOR],
        "needs_human": [told["criterion_id"] for told in criteria if told["needs_human"]],
        "verification": {"found": len(evidence) + dropped, "verified": len(evidence), "dropped": dropped},
        "engine": engine,
    }
    return replace(by_rules, result=result, evidence=tuple(evidence))


def _told(one: Judged, first: int) -> dict[str, Any]:
    """One criterion's part of the result, its evidence numbered from `first`."""
    numbered = list(enumerate(one.evidence, first))
    status = CriterionStatus.INSUFFICIENT_EVIDENCE if one.level is None else CriterionStatus.SCORED
    return {
        "status": status.value,
        "level": one.level,
        "raw": one.level,
        "norm": scoring.norm(one.level),
        "rationale": one.why,
        "evidence": [number for number, e in numbered if e.polarity is Polarity.SUPPORTS],
        "counter_evidence": [number for number, e in numbered if e.polarity is Polarity.CONTRADICTS],
        "unsure_evidence": [number for number, e in numbered if _unsure(e)],
        "engine": EngineName.MODEL.value,
        "ratings": [rating | {"evidence": [first + at for at in rating["evidence"]]} for rating in one.ratings],
        "spread": one.spread,
        "readings": [rating["level"] for rating in one.ratings if rating["level"] is not None],
        "needs_human": one.needs_human,
        "needs_human_reasons": [one.why] if one.needs_human else [],
        "quotes_dropped": one.dropped,
    }


def _unsure(one: Evidence) -> bool:
    return one.quote.turn.confidence is not None and one.quote.turn.confidence < UNSURE


def _usage(judged: Sequence[Judged]) -> dict[str, Any]:
    answers = [answer for one in judged for answer in one.provenance]
    return {
        "answers": len(answers),
        "repaired": sum(answer.repaired for answer in answers),
        "tokens_in": sum(answer.tokens_in or 0 for answer in answers) or None,
        "tokens_out": sum(answer.tokens_out or 0 for answer in answers) or None,
    }
