"""Every query about evaluations, evidence, reviews and overrides, each of one tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.agents import AgentRow, Product
from api.errors import NotFound
from api.evaluation.scoring import LEAST_SCORED_WEIGHT
from api.evaluation.states import EvaluationStatus
from api.evaluation.tables import EvaluationRow, EvidenceRow, OverrideRow, ReviewRow
from api.templates import TemplateRow


@dataclass(frozen=True, slots=True)
class Terms:
    """What the interview's agent and template say of its evaluation. criteria: those of its rubric."""

    product: str = Product.INTERVIEW.value
    criteria: tuple[dict[str, Any], ...] = ()
    least_scored_weight: float = LEAST_SCORED_WEIGHT


class EvaluationRepository:
    """One tenant's evaluations."""

    def __init__(self, session: AsyncSession, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    async def terms(self, template_id: str | None, agent_id: str | None = None) -> Terms:
        """Return what a template and an agent say, its own unless `agent_id` names another.

        What was deleted still counts for the interviews that were made from it.
        """
        mine = select(TemplateRow).where(TemplateRow.tenant == self._tenant, TemplateRow.id == template_id)
        template = await self._session.scalar(mine) if template_id else None
        agent_id = agent_id or (template.agent_id if template else None)
        its_product = select(AgentRow.product).where(AgentRow.tenant == self._tenant, AgentRow.id == agent_id)
        product = await self._session.scalar(its_product) if agent_id else None
        body = template.body if template else {}
        least = (body.get("scoring") or {}).get("min_scored_weight")
        return Terms(
            product or Product.INTERVIEW.value,
            tuple(body.get("criteria") or ()),
            LEAST_SCORED_WEIGHT if least is None else least,
        )

    async def add(self, evaluation: EvaluationRow, evidence: Sequence[EvidenceRow]) -> None:
        """Keep a new version and what it rests on, which are this tenant's whatever they say."""
        evaluation.tenant = self._tenant
        self._session.add(evaluation)
        await self._session.flush()  # its evidence refers to it
        for row in evidence:
            row.tenant = self._tenant
        self._session.add_all(evidence)

    async def versions(self, interview_id: str, phase: int | None = None) -> Sequence[EvaluationRow]:
        """Return every version, newest first."""
        mine = self._mine(interview_id)
        if phase is not None:
            mine = mine.where(EvaluationRow.phase == phase)
        newest = mine.order_by(
            EvaluationRow.created_at.desc(), EvaluationRow.phase.desc(), EvaluationRow.version.desc()
        )
        return (await self._session.scalars(newest)).all()

    async def newest_completed(self, interview_id: str, phase: int) -> EvaluationRow | None:
        """Return the version of a phase that counts."""
        completed = self._mine(interview_id).where(
            EvaluationRow.phase == phase, EvaluationRow.status == EvaluationStatus.COMPLETED.value
        )
        return (await self._session.scalars(completed.order_by(EvaluationRow.version.desc()).limit(1))).first()

    async def that_count(self, interview_ids: Sequence[str]) -> Sequence[EvaluationRow]:
        """Return the versions that count, of each phase of some interviews, later phases first."""
        mine = select(EvaluationRow).where(
            EvaluationRow.tenant == self._tenant,
            EvaluationRow.interview_id.in_(interview_ids),
            EvaluationRow.status == EvaluationStatus.COMPLETED.value,
        )
        return (await self._session.scalars(mine.order_by(EvaluationRow.phase.desc()))).all()

    async def get(self, interview_id: str, evaluation_id: str) -> EvaluationRow:
        """Return one version; raise `NotFound`."""
        row = await self._session.scalar(self._mine(interview_id).where(EvaluationRow.id == evaluation_id))
        if row is None:
            raise NotFound("evaluation", evaluation_id)
        return row

    async def has_version(self, interview_id: str, phase: int, version: int) -> bool:
        """Tell whether a version of a phase exists."""
        mine = self._mine(interview_id).where(EvaluationRow.phase == phase, EvaluationRow.version == version)
        return await self._session.scalar(mine.with_only_columns(func.count())) == 1

    async def before(self, rows: Sequence[EvaluationRow]) -> dict[str, EvaluationRow]:
        """Return the version before each of some versions, by the id of the later one; first versions have none."""
        later = {(row.interview_id, row.phase, row.version - 1): row.id for row in rows if row.version > 1}
        if not later:
            return {}
        mine = select(EvaluationRow).where(
            EvaluationRow.tenant == self._tenant,
            EvaluationRow.interview_id.in_({interview_id for interview_id, _, _ in later}),
            EvaluationRow.version.in_({version for _, _, version in later}),
        )
        found = {(row.interview_id, row.phase, row.version): row for row in await self._session.scalars(mine)}
        return {id_: found[place] for place, id_ in later.items() if place in found}

    async def evidence(self, evaluation_ids: Sequence[str]) -> Sequence[EvidenceRow]:
        """Return the quotes of some evaluations, in order."""
        mine = select(EvidenceRow).where(
            EvidenceRow.tenant == self._tenant, EvidenceRow.evaluation_id.in_(evaluation_ids)
        )
        return (await self._session.scalars(mine.order_by(EvidenceRow.number))).all()

    def add_review(self, review: ReviewRow) -> None:
        """Keep a review, which is this tenant's whatever it says."""
        review.tenant = self._tenant
        self._session.add(review)

    async def reviews(self, *interview_ids: str) -> Sequence[ReviewRow]:
        """Return what people said of some interviews' evaluations, newest first."""
        mine = select(ReviewRow).where(ReviewRow.tenant == self._tenant, ReviewRow.interview_id.in_(interview_ids))
        return (await self._session.scalars(mine.order_by(ReviewRow.at.desc(), ReviewRow.id))).all()

    def add_override(self, override: OverrideRow) -> None:
        """Keep an override, which is this tenant's whatever it says."""
        override.tenant = self._tenant
        self._session.add(override)

    async def overrides(self, evaluation_ids: Sequence[str]) -> Sequence[OverrideRow]:
        """Return what people put in place of some evaluations' levels, in order."""
        mine = select(OverrideRow).where(
            OverrideRow.tenant == self._tenant, OverrideRow.evaluation_id.in_(evaluation_ids)
        )
        return (await self._session.scalars(mine.order_by(OverrideRow.evaluation_id, OverrideRow.number))).all()

    def _mine(self, interview_id: str) -> Select[EvaluationRow]:
        return select(EvaluationRow).where(
            EvaluationRow.tenant == self._tenant, EvaluationRow.interview_id == interview_id
        )
