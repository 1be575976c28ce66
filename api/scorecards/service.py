"""What can be done with scorecards."""

import asyncio
import secrets
from collections.abc import Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api import audit
from api.auth import Caller
from api.database import Database
from api.errors import Complaint, Conflict, Invalid, NotNamed, SessionNotEnded
from api.evaluation.repository import EvaluationRepository
from api.evaluation.rubric import Rubric, rubric_of
from api.evaluation.service import SCORES
from api.interviews.library import Library
from api.interviews.repository import InterviewRepository
from api.interviews.states import OVER, Status
from api.interviews.tables import InterviewRow
from api.moments import Clock
from api.scorecards.comparing import beside
from api.scorecards.schemas import (
    OpeningIn,
    OpeningOut,
    RatedCriterion,
    ScorecardIn,
    ScorecardOut,
    ScorecardsOut,
    opening,
    scorecard,
)
from api.scorecards.seal import led_by_people, rater, sealed
from api.scorecards.tables import OpeningRow, ScorecardRow
from bot.plan import Plan

log = structlog.get_logger(__name__)

MOST_VERSIONS = 10  # of one interviewer's


class ScorecardService:
    """Scorecards of every tenant; whose is said with each call."""

    def __init__(self, database: Database, library: Library, clock: Clock) -> None:
        self._database, self._library, self._clock = database, library, clock

    async def of(self, caller: Caller, interview_id: str) -> ScorecardsOut:
        """Return what there is to be rated, who rated it, and the AI's levels beside it; raise `NotFound`."""
        async with self._database.read() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get(interview_id)
            rubric = await self._rubric(tx.session, interview)
            cards = [scorecard(row) for row in await _cards(tx.session, interview)]
            led = await led_by_people(tx.session, [interview])
            closed = bool(led) and bool(await sealed(tx.session, caller, [interview]))
            who = await rater(tx.session, caller, interview_id)
            names = {caller.subject} if who is None else {who.participant_id, who.subject}
            if closed and who is not None:
                cards = [card for card in cards if card.by in names]
            row = await EvaluationRepository(tx.session, caller.tenant).newest_completed(interview_id, SCORES)
            opened = await tx.session.get(OpeningRow, interview_id)
        return ScorecardsOut(
            interview_id=interview_id,
            candidate=interview.candidate_name,
            title=interview.title,
            language=interview.language,
            status=interview.status,
            led_by_people=bool(led),
            sealed=closed,
            may_rate=who is not None,
            own=next((card.id for card in cards if card.by in names), None),
            criteria=[
                RatedCriterion(criterion_id=one.id, name=one.name, weight=one.weight, anchors=one.anchors)
                for one in rubric.criteria
            ],
            data=cards,
            side_by_side=None if closed or row is None else beside(row, cards),
            opening=None if opened is None else opening(opened),
        )

    async def submit(self, caller: Caller, interview_id: str, wanted: ScorecardIn) -> ScorecardOut:
        """Keep a scorecard, or an amendment of one.

        Whoever holds the interview is one rater, by their link and by their token. Raises `PeopleOnly`; `NotNamed` for
        who does not hold it; `SessionNotEnded` before the call is over; `Invalid` where a criterion is left out or not
        known, or an amendment has no reason; `Conflict` when it was amended too often.
        """
        caller.require_person()
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, caller.tenant)
            interview = await interviews.get_for_change(interview_id)
            who = await rater(tx.session, caller, interview_id)
            if who is None:
                detail = f"{caller.subject!r} is not among the interviewers of this interview, who alone rate it; "
                raise NotNamed("not_named", detail + "PUT …/interviewers/{participant_id} names them.")
            attempt = await interviews.newest_attempt(interview_id)
            if attempt is None or attempt.ended_at is None or Status(interview.status) not in OVER:
                raise SessionNotEnded(interview.status, Status.EVALUATING.value)
            _require_whole(wanted, await self._rubric(tx.session, interview))
            names = (who.participant_id, who.subject)
            mine = [row for row in await _cards(tx.session, interview) if row.by in names]
            if mine and wanted.reason is None:
                what = "your scorecard was submitted already, and stays as it is"
                raise Invalid(Complaint(("body", "reason"), what, "to amend it, say why in reason"))
            if len(mine) >= MOST_VERSIONS:
                detail = f"This scorecard has {MOST_VERSIONS} versions, which is all; the newest stays."
                raise Conflict(detail, current_status=interview.status)
            row = ScorecardRow(
                interview_id=interview_id,
                by=who.participant_id,
                version=1 + len(mine),
                id=f"scd_{secrets.token_hex(10)}",
                tenant=caller.tenant,
                attempt_id=attempt.id,
                name=who.name,
                overall=wanted.overall.value,
                ratings=[rating.model_dump() for rating in wanted.ratings],
                note=wanted.note,
                reason=wanted.reason if mine else None,
                blind=bool(await sealed(tx.session, caller, [interview])),
                at=self._clock(),
            )
            tx.session.add(row)
            audit.record(tx, caller, "scorecard.submitted" if row.version == 1 else "scorecard.amended", row.id)
        log.info("scorecard_submitted", interview=interview_id, by=row.by, version=row.version, blind=row.blind)
        return scorecard(row)

    async def open(self, caller: Caller, interview_id: str, wanted: OpeningIn) -> OpeningOut:
        """Have the AI's levels seen without a scorecard, by all who did not hold the interview; once is enough.

        Raises `PeopleOnly`, `NotFound`; `Conflict` where nothing is sealed to `caller`, or only their own scorecard
        opens it.
        """
        caller.require_person()
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            known = await tx.session.get(OpeningRow, interview_id)
            if known is not None:
                return opening(known)
            if not await sealed(tx.session, caller, [interview]):
                detail = "The levels of this interview are not sealed to you."
                raise Conflict(detail, current_status=interview.status)
            if await rater(tx.session, caller, interview_id) is not None:
                detail = (
                    "You held this interview: submit your own scorecard (POST …/scorecards) to see the AI's levels."
                )
                raise Conflict(detail, current_status=interview.status)
            row = OpeningRow(
                interview_id=interview_id,
                id=f"opn_{secrets.token_hex(10)}",
                tenant=caller.tenant,
                by=caller.subject,
                reason=wanted.reason,
                at=self._clock(),
            )
            tx.session.add(row)
            audit.record(tx, caller, "evaluation.opened", interview_id, at=row.at)
        log.info("seal_opened", interview=interview_id, by=row.by)
        return opening(row)

    async def _rubric(self, session: AsyncSession, interview: InterviewRow) -> Rubric:
        terms = await EvaluationRepository(session, interview.tenant).terms(interview.template_id, interview.agent_id)
        bank = await asyncio.to_thread(lambda: self._library.bank)  # its files may have to be read
        return rubric_of(Plan.model_validate(interview.plan), bank, terms.criteria, terms.least_scored_weight)


async def _cards(session: AsyncSession, interview: InterviewRow) -> Sequence[ScorecardRow]:
    mine = select(ScorecardRow).where(
        ScorecardRow.tenant == interview.tenant, ScorecardRow.interview_id == interview.id
    )
    return (await session.scalars(mine.order_by(ScorecardRow.at.desc(), ScorecardRow.version.desc()))).all()


def _require_whole(wanted: ScorecardIn, rubric: Rubric) -> None:
    """Raise `Invalid` unless each criterion is rated once, and nothing else is."""
    known, given = [one.id for one in rubric.criteria], [rating.criterion_id for rating in wanted.ratings]
    todo = f"rate each criterion of this interview once (level null: not asked): {', '.join(known) or 'it has none'}"
    for number, id_ in enumerate(given):
        if id_ not in known or id_ in given[:number]:
            what = f"the interview has no criterion {id_!r}" if id_ not in known else f"{id_!r} is rated twice"
            raise Invalid(Complaint(("body", "ratings", number, "criterion_id"), what, todo))
    if missing := [id_ for id_ in known if id_ not in given]:
        raise Invalid(Complaint(("body", "ratings"), f"no rating of {', '.join(missing)}", todo))
