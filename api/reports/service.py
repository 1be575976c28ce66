"""Putting a report together from what the other services tell."""

import asyncio

from api.auth import Caller
from api.database import Database
from api.decisions.service import DecisionService
from api.evaluation.repository import EvaluationRepository
from api.evaluation.rubric import Rubric, rubric_of
from api.evaluation.schemas import EvaluationOut
from api.evaluation.service import FACTS, SCORES, EvaluationService
from api.evaluation.states import EvaluationStatus
from api.interviews.library import Library
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import RecordingOut
from api.interviews.service import InterviewService
from api.interviews.states import AttemptKind
from api.receipts.service import Receipts
from api.reports.schemas import ReportOut, Spoke
from api.reports.versions import compared
from api.scorecards.service import ScorecardService
from bot.plan import Plan


class Reports:
    """Reports of every tenant; whose is said with each call."""

    def __init__(
        self,
        database: Database,
        interviews: InterviewService,
        evaluations: EvaluationService,
        decisions: DecisionService,
        scorecards: ScorecardService,
        receipts: Receipts,
        library: Library,
    ) -> None:
        self._database, self._library = database, library
        self._interviews, self._evaluations, self._decisions = interviews, evaluations, decisions
        self._scorecards, self._receipts = scorecards, receipts

    async def of(self, caller: Caller, interview_id: str) -> ReportOut:
        """Return what is known of an interview, before and after it was evaluated, as far as `caller` may see it.

        Raises `NotFound`.
        """
        tenant = caller.tenant
        interview = await self._interviews.get(tenant, interview_id)
        versions = await self._evaluations.versions(caller, interview_id)
        scorecards = await self._scorecards.of(caller, interview_id)
        awaits = any(one.awaits_scorecard for one in versions)
        versions = [one for one in versions if not one.awaits_scorecard]
        facts, assessment = _that_counts(versions, FACTS), _that_counts(versions, SCORES)
        evaluated = assessment or facts
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            attempts = await interviews.attempts(interview_id)
            attempt = next((one for one in attempts if evaluated is None or one.id == evaluated.attempt_id), None)
            recording = await interviews.recording(interview_id, attempt.number) if attempt else None
            row = await interviews.get(interview_id)
            terms = await EvaluationRepository(tx.session, tenant).terms(row.template_id, row.agent_id)
        number = attempt.number if attempt else None
        transcript = await self._interviews.transcript(tenant, interview_id, number)
        bank = await asyncio.to_thread(lambda: self._library.bank)  # its files may have to be read
        rubric = rubric_of(Plan.model_validate(row.plan), bank, terms.criteria, terms.least_scored_weight)
        return ReportOut(
            interview_id=interview.id,
            candidate=interview.candidate.name,
            title=interview.title,
            organisation=interview.organisation,
            bot_name=interview.bot_name,
            language=interview.language,
            status=interview.status.value,
            status_reason=interview.status_reason,
            attempt=number,
            imported=attempt is not None and attempt.kind == AttemptKind.IMPORTED,
            started_at=interview.started_at,
            ended_at=interview.ended_at,
            recording=None if recording is None else RecordingOut.model_validate(recording, from_attributes=True),
            facts=facts,
            assessment=assessment,
            anchors=_anchors(assessment, rubric),
            timeline=[
                Spoke(seq=turn.seq, role=turn.role, speaker=turn.speaker, start_ms=turn.start_ms, end_ms=turn.end_ms)
                for turn in transcript.data
            ],
            awaits_scorecard=awaits,
            scorecards=scorecards if scorecards.led_by_people else None,
            receipts=await self._receipts.of(tenant, interview_id),
            versions=compared([one for one in versions if one.phase == SCORES]),
            decisions=await self._decisions.all_of(tenant, interview_id),
        )


def _that_counts(versions: list[EvaluationOut], phase: int) -> EvaluationOut | None:
    completed = (one for one in versions if one.phase == phase and one.status is EvaluationStatus.COMPLETED)
    return next(completed, None)


def _anchors(assessment: EvaluationOut | None, rubric: Rubric) -> dict[str, dict[int, str]]:
    """The anchors an assessment was made by: those it kept, or the rubric's while it is the same."""
    if assessment is None:
        return {}
    criteria = (assessment.result or {}).get("criteria", ())
    kept = {one["criterion_id"]: one["anchors"] for one in criteria if "anchors" in one}
    if kept or assessment.rubric_hash != rubric.hash:
        return {id_: {int(level): text for level, text in scale.items()} for id_, scale in kept.items()}
    return {one.id: one.anchors for one in rubric.criteria}
