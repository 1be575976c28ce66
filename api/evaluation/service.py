"""What can be done with evaluations.

A rating is worked out between two transactions, so that nobody waits for it; its hashes say what it read, and its
version is given when it is stored. The same transcript gives the same result.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from api import audit
from api.auth import Caller
from api.consents.schemas import ConsentKind
from api.consents.service import require_consent
from api.database import Database, Transaction
from api.errors import (
    AssessmentNotAvailable,
    Complaint,
    Conflict,
    Invalid,
    NoAnswers,
    NoConsent,
    NoEvaluation,
    Objected,
    ReEvaluationLimit,
    ScorecardFirst,
    SessionNotEnded,
)
from api.evaluation import evaluator, schemas
from api.evaluation.difference import with_difference
from api.evaluation.effective import with_overrides
from api.evaluation.engines import Case, Engine, EngineName, StructuredEngine
from api.evaluation.evidence import Evidence
from api.evaluation.facts import facts
from api.evaluation.hashes import hash_of
from api.evaluation.injection import flags
from api.evaluation.overrides import carry_over
from api.evaluation.repository import EvaluationRepository, Terms
from api.evaluation.rubric import Rubric, rubric_of
from api.evaluation.schemas import EvaluationOut, ReviewIn, ReviewOut
from api.evaluation.states import EvaluationStatus, advance
from api.evaluation.tables import EvaluationRow, EvidenceRow, ReviewRow
from api.evaluation.transcript import read_turns
from api.interviews import views
from api.interviews.library import Library
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.states import OVER, Status
from api.interviews.tables import AttemptRow, InterviewRow
from api.moments import Clock
from api.scorecards.seal import sealed
from api.webhooks.events import EVALUATED, Notice
from api.webhooks.outbox import enqueue
from bot.plan import Plan
from bot.state import EndReason

log = structlog.get_logger(__name__)

FACTS, SCORES = 1, 2  # the phases
UNASKED = "at_end"  # who asked for an evaluation nobody asked for
MOST_VERSIONS = 1 + 3  # of a phase: the first, and three more


@dataclass(frozen=True, slots=True)
class _Session:
    """An interview whose call is over, and everything an evaluation reads of it."""

    interview: InterviewRow
    attempt: AttemptRow
    turns: list[dict[str, Any]]
    events: list[dict[str, Any]]
    terms: Terms

    @property
    def plan(self) -> Plan:
        return Plan.model_validate(self.interview.plan)

    @property
    def transcript_hash(self) -> str:
        return hash_of(self.turns)


class EvaluationService:
    """Evaluations of every tenant; whose is said with each call."""

    def __init__(
        self, database: Database, library: Library, clock: Clock, engines: Mapping[EngineName, Engine] | None = None
    ) -> None:
        self._database = database
        self._library = library
        self._clock = clock
        self._engines = engines or {EngineName.STRUCTURED: StructuredEngine()}

    async def evaluate(self, caller: Caller, interview_id: str) -> EvaluationOut:
        """Write down the facts of the newest call: phase 1.

        Raises `SessionNotEnded`, `NoConsent`, `ReEvaluationLimit`.
        """
        async with self._database.read() as tx:
            session = await _session(tx, caller.tenant, interview_id)
            await _require_room(tx, caller.tenant, session.interview, FACTS)
        rubric = await self._rubric(session)
        result = await asyncio.to_thread(_facts, session)
        return await self._store(caller, session, rubric, FACTS, result)

    async def generate_score(
        self, caller: Caller, interview_id: str, engine: EngineName | None = None
    ) -> EvaluationOut:
        """Rate the newest call: phase 2. engine: None for the model where there is one, else the rules.

        Raises `Invalid` for an engine that is not there, `NoEvaluation` without phase 1 of this very transcript,
        `NoAnswers` when nothing was said to any question, `NoConsent`, `ReEvaluationLimit`.
        """
        tenant, chosen = caller.tenant, self._engine(engine)
        async with self._database.read() as tx:
            interview = await InterviewRepository(tx.session, tenant).get(interview_id)
            await require_consent(tx, interview, ConsentKind.AI_EVALUATION)
            first = await EvaluationRepository(tx.session, tenant).newest_completed(interview_id, FACTS)
            if first is None:
                raise NoEvaluation("Nothing was evaluated yet; POST …/evaluate first.", current_status=interview.status)
            session = await _session(tx, tenant, interview_id)
            await _require_room(tx, tenant, interview, SCORES)
        if first.transcript_hash != session.transcript_hash:
            raise NoEvaluation(
                "The transcript is another than when it was evaluated; POST …/evaluate again.",
                current_status=interview.status,
            )
        qa: list[dict[str, Any]] = (first.result or {})["qa"]
        if not any(entry["answer_turns"] for entry in qa):
            raise NoAnswers(
                Complaint(
                    ("path", "interview_id"), "the candidate answered no question", "there is nothing to rate in it"
                )
            )
        rubric = await self._rubric(session)
        names = (interview.candidate_name,)
        case = Case(session.plan, rubric, read_turns(session.turns), qa, session.terms.product, names)
        found = await chosen.assess(case)
        result = found.result | {"facts_version": first.version}
        return await self._store(caller, session, rubric, SCORES, result, found.evidence, chosen)

    async def rate_unasked(self, tenant: str, interview_id: str) -> None:
        """Go through both phases for an interview that is to be evaluated at its end, by the rules.

        A model takes its time, and other interviews wait to end; whoever wants its view asks for it.
        That there is nothing to rate, or that the candidate said no, is no error.
        """
        caller = Caller(tenant, UNASKED, frozenset())
        try:
            await self.evaluate(caller, interview_id)
            await self.generate_score(caller, interview_id, EngineName.STRUCTURED)
        except (NoAnswers, NoConsent, ReEvaluationLimit) as refusal:
            log.info("not_rated", interview=interview_id, why=refusal.code)

    async def versions(self, caller: Caller, interview_id: str) -> list[EvaluationOut]:
        """Return every version of both phases, newest first, levels only where not sealed; raise `NotFound`."""
        tenant = caller.tenant
        async with self._database.read() as tx:
            interview = await InterviewRepository(tx.session, tenant).get(interview_id)
            rows = await EvaluationRepository(tx.session, tenant).versions(interview_id)
            shown = await _shown(tx, tenant, [interview_id], rows)
            closed = await sealed(tx.session, caller, [interview])
        return [_withheld(one) if closed else one for one in shown]

    async def that_count(self, caller: Caller, interview_ids: Sequence[str]) -> dict[str, list[EvaluationOut]]:
        """Return the versions that count by the interviews' ids: of phase 2, then of phase 1, where there are any.

        Of phase 2 there is none while its levels are sealed to `caller`.
        """
        async with self._database.read() as tx:
            rows = await EvaluationRepository(tx.session, caller.tenant).that_count(interview_ids)
            shown = await _shown(tx, caller.tenant, interview_ids, rows)
            interviews = await InterviewRepository(tx.session, caller.tenant).several(interview_ids)
            closed = await sealed(tx.session, caller, interviews)
        return {
            id_: [one for one in shown if one.interview_id == id_ and (one.phase == FACTS or id_ not in closed)]
            for id_ in interview_ids
        }

    async def assessment(self, caller: Caller, interview_id: str) -> EvaluationOut:
        """Return the version of phase 2 that counts; raise `AssessmentNotAvailable`, `ScorecardFirst`."""
        tenant = caller.tenant
        async with self._database.read() as tx:
            interview = await InterviewRepository(tx.session, tenant).get(interview_id)
            row = await EvaluationRepository(tx.session, tenant).newest_completed(interview_id, SCORES)
            if row is None:
                raise AssessmentNotAvailable(interview.status, Status.EVALUATING.value)
            await require_unsealed(tx, caller, interview)
            return (await _shown(tx, tenant, [interview_id], [row]))[0]

    async def review(self, caller: Caller, interview_id: str, wanted: ReviewIn) -> ReviewOut:
        """Keep what a person says of an evaluation.

        Raises `PeopleOnly`, `ScorecardFirst`, `Conflict` when a newer one took its place.
        """
        caller.require_person()
        tenant = caller.tenant
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
            await require_unsealed(tx, caller, interview)
            evaluations = EvaluationRepository(tx.session, tenant)
            if wanted.evaluation_id is not None:
                row = await evaluations.get(interview_id, wanted.evaluation_id)
            elif (newest := await evaluations.newest_completed(interview_id, SCORES)) is not None:
                row = newest
            else:
                raise AssessmentNotAvailable(interview.status, Status.EVALUATING.value)
            if row.status != EvaluationStatus.COMPLETED.value:
                raise Conflict(
                    f"The evaluation {row.id!r} is {row.status}; review the newest version instead.",
                    current_status=interview.status,
                )
            kept = ReviewRow(
                id=f"rev_{secrets.token_hex(10)}",
                interview_id=interview_id,
                evaluation_id=row.id,
                verdict=wanted.verdict.value,
                by=caller.subject,
                note=wanted.note,
                at=self._clock(),
            )
            evaluations.add_review(kept)
            audit.record(tx, caller, "evaluation.reviewed", row.id, at=kept.at)
        log.info("evaluation_reviewed", interview=interview_id, evaluation_id=row.id, verdict=kept.verdict)
        return schemas.review(kept)

    def _engine(self, wanted: EngineName | None) -> Engine:
        if wanted is None:
            return self._engines.get(EngineName.MODEL, self._engines[EngineName.STRUCTURED])
        if (engine := self._engines.get(wanted)) is not None:
            return engine
        raise Invalid(
            Complaint(
                ("body", "engine"),
                "no chat model is set on this server",
                "leave engine out, or set LLM_URL and LLM_MODEL",
            )
        )

    async def _rubric(self, session: _Session) -> Rubric:
        bank = await asyncio.to_thread(lambda: self._library.bank)  # its files may have to be read
        return rubric_of(session.plan, bank, session.terms.criteria, session.terms.least_scored_weight)

    async def _store(
        self,
        caller: Caller,
        session: _Session,
        rubric: Rubric,
        phase: int,
        result: dict[str, Any],
        evidence: Sequence[Evidence] = (),
        engine: Engine | None = None,
    ) -> EvaluationOut:
        """Keep a new version, which supersedes those before it."""
        now, tenant = self._clock(), caller.tenant
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, tenant).get_for_change(session.interview.id)
            await require_consent(tx, interview, ConsentKind.AI_EVALUATION)  # it may have been taken back just now
            before = await _require_room(tx, tenant, interview, phase)
            counted = next((older for older in before if older.status == EvaluationStatus.COMPLETED.value), None)
            for older in before:
                if older.status == EvaluationStatus.COMPLETED.value:
                    older.status = advance(EvaluationStatus.COMPLETED, EvaluationStatus.SUPERSEDED).value
            row = EvaluationRow(
                id=f"evl_{secrets.token_hex(10)}",
                interview_id=interview.id,
                attempt_id=session.attempt.id,
                phase=phase,
                version=1 + max((older.version for older in before), default=0),
                status=EvaluationStatus.COMPLETED.value,
                rubric_hash=rubric.hash,
                plan_hash=hash_of(session.interview.plan),
                transcript_hash=session.transcript_hash,
                evaluator=evaluator.NAME if engine is None else engine.name.value,
                evaluator_version=evaluator.VERSION if engine is None else engine.version,
                requested_by=caller.subject,
                result=result,
                created_at=now,
                completed_at=now,
            )
            quotes = [_row(row.id, number, one) for number, one in enumerate(evidence)]
            evaluations = EvaluationRepository(tx.session, tenant)
            await evaluations.add(row, quotes)
            overrides = await carry_over(evaluations, counted, row) if counted is not None else []
            interview.no_evaluation = None
            audit.record(tx, caller, "interview.evaluated", interview.id, at=now)
            told = {"interview_id": interview.id, "evaluation_id": row.id, "phase": phase, "version": row.version}
            enqueue(tx.session, tenant, Notice(EVALUATED, now, told))
            last = max(before, key=lambda older: older.version, default=None)
            old = await evaluations.evidence([last.id]) if last else []
            closed = await sealed(tx.session, caller, [interview])
        log.info("interview_evaluated", interview=interview.id, phase=phase, version=row.version)
        kept = with_difference(with_overrides(schemas.evaluation(row, quotes, ()), overrides), last, old)
        return _withheld(kept) if closed else kept


async def require_unsealed(tx: Transaction, caller: Caller, interview: InterviewRow) -> None:
    """Raise `ScorecardFirst` while the levels of an interview are sealed to `caller`."""
    if await sealed(tx.session, caller, [interview]):
        raise ScorecardFirst(interview.status)


def _withheld(one: EvaluationOut) -> EvaluationOut:
    """A version as it is told while its levels are sealed; what was asked and said is no secret."""
    if one.phase == FACTS:
        return one
    nothing: dict[str, Any] = {"result": None, "evidence": [], "reviews": [], "overrides": []}
    return one.model_copy(update=nothing | {"effective": None, "diff": None, "awaits_scorecard": True})


async def _session(tx: Transaction, tenant: str, interview_id: str) -> _Session:
    interviews, runs = InterviewRepository(tx.session, tenant), RunRepository(tx.session)
    interview = await interviews.get(interview_id)
    attempt = await interviews.newest_attempt(interview_id)
    if attempt is None or attempt.ended_at is None or Status(interview.status) not in OVER:
        raise SessionNotEnded(interview.status, Status.EVALUATING.value)
    await require_consent(tx, interview, ConsentKind.AI_EVALUATION)
    if attempt.end_reason == EndReason.CONSENT_DECLINED.value:
        raise Objected(current_status=interview.status)
    return _Session(
        interview=interview,
        attempt=attempt,
        turns=[views.turn(row).model_dump(mode="json") for row in await runs.turns(attempt.id)],
        events=[
            {"type": event.type, "at_ms": event.at_ms, "data": event.data}
            for event in await runs.question_events(attempt.id)
        ],
        terms=await EvaluationRepository(tx.session, tenant).terms(interview.template_id, interview.agent_id),
    )


async def _require_room(tx: Transaction, tenant: str, interview: InterviewRow, phase: int) -> Sequence[EvaluationRow]:
    """Return the versions there are; raise `ReEvaluationLimit` when there may be no more."""
    before = await EvaluationRepository(tx.session, tenant).versions(interview.id, phase)
    if len(before) >= MOST_VERSIONS:
        raise ReEvaluationLimit(MOST_VERSIONS - 1, current_status=interview.status)
    return before


def _facts(session: _Session) -> dict[str, Any]:
    found = facts(session.plan, session.turns, session.attempt.report, session.events)
    return found | {"injection_flags": [quote.told() for quote in flags(read_turns(session.turns))]}


def _row(evaluation_id: str, number: int, one: Evidence) -> EvidenceRow:
    quote = one.quote
    return EvidenceRow(
        evaluation_id=evaluation_id,
        number=number,
        criterion_id=one.criterion_id,
        first_seq=quote.turn.seq,
        last_seq=quote.turn.seq,
        start_char=quote.start,
        end_char=quote.start + len(quote.text),
        quote=quote.text,
        shows=one.shows,
        polarity=one.polarity.value,
        start_ms=quote.start_ms,
        end_ms=quote.end_ms,
        confidence=quote.turn.confidence,
    )


async def _shown(
    tx: Transaction, tenant: str, interview_ids: Sequence[str], rows: Sequence[EvaluationRow]
) -> list[EvaluationOut]:
    evaluations = EvaluationRepository(tx.session, tenant)
    before = await evaluations.before(rows)
    evidence = await evaluations.evidence(list({row.id for row in (*rows, *before.values())}))
    reviews = await evaluations.reviews(*interview_ids)
    overrides = await evaluations.overrides([row.id for row in rows])
    shown = (with_overrides(schemas.evaluation(row, evidence, reviews), overrides) for row in rows)
    return [with_difference(one, before.get(one.id), evidence) for one in shown]
