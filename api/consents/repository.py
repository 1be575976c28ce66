"""Every query about consents, each of one tenant, and what is kept of an answer."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.consents.schemas import ConsentKind, ConsentMethod, ConsentState
from api.consents.tables import ConsentRow
from api.errors import NotFound
from bot.interview import Role

ASKED_OF: Mapping[Role, tuple[ConsentKind, ...]] = {
    Role.CANDIDATE: (ConsentKind.RECORD, ConsentKind.AI_EVALUATION),
    Role.INTERVIEWER: (ConsentKind.RECORD,),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to a notice, and when. notice: its version, None where none was shown."""

    role: Role
    participant_id: str
    method: ConsentMethod
    given: bool
    at: datetime
    notice: str | None = None
    shown_at: datetime | None = None

    @property
    def subject(self) -> str:
        """Whose answer it is; a candidate is the same person by whichever link they come."""
        return self.role.value if self.role is Role.CANDIDATE else self.participant_id


class ConsentRepository:
    """One tenant's consents."""

    def __init__(self, session: AsyncSession, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    async def of(self, interview_id: str) -> Sequence[ConsentRow]:
        """Return every consent of an interview, the newest answers first."""
        newest = self._mine(interview_id).order_by(ConsentRow.answered_at.desc(), ConsentRow.kind, ConsentRow.id)
        return (await self._session.scalars(newest)).all()

    async def get(self, interview_id: str, consent_id: str) -> ConsentRow:
        """Return one consent; raise `NotFound`."""
        row = await self._session.scalar(self._mine(interview_id).where(ConsentRow.id == consent_id))
        if row is None:
            raise NotFound("consent", consent_id)
        return row

    async def keep(self, interview_id: str, answer: Answer, kinds: Sequence[ConsentKind] | None = None) -> None:
        """Keep an answer for each kind that is asked of its role, or for `kinds`, where it changes anything.

        The interview is locked by the caller.
        """
        before = await self.of(interview_id)
        for kind in ASKED_OF.get(answer.role, ()) if kinds is None else kinds:
            mine = (row for row in before if (row.subject, row.kind) == (answer.subject, kind))
            if _is_news(answer, next(mine, None)):
                self._session.add(_row(self._tenant, interview_id, kind, answer))

    async def take_back(self, interview_id: str, at: datetime) -> list[ConsentRow]:
        """Withdraw what the candidate gave; who had not answered refuses. Returns what was withdrawn.

        The interview is locked by the caller.
        """
        refusal = Answer(Role.CANDIDATE, Role.CANDIDATE, ConsentMethod.PAGE, given=False, at=at)
        before, withdrawn = await self.of(interview_id), list[ConsentRow]()
        for kind in ASKED_OF[Role.CANDIDATE]:
            newest = next((row for row in before if (row.subject, row.kind) == (refusal.subject, kind)), None)
            if newest is None:
                self._session.add(_row(self._tenant, interview_id, kind, refusal))
            elif state_of(newest) is ConsentState.GIVEN:
                newest.withdrawn_at = at
                withdrawn.append(newest)
        return withdrawn

    def _mine(self, interview_id: str) -> Select[ConsentRow]:
        return select(ConsentRow).where(ConsentRow.tenant == self._tenant, ConsentRow.interview_id == interview_id)


def state_of(row: ConsentRow) -> ConsentState:
    """Return where a consent stands."""
    if row.withdrawn_at is not None:
        return ConsentState.WITHDRAWN
    return ConsentState.GIVEN if row.given_at is not None else ConsentState.REFUSED


def _is_news(answer: Answer, newest: ConsentRow | None) -> bool:
    """Tell whether an answer is another one than the newest there is.

    A page says with every connection that its person has agreed. That renews nothing: what was refused or taken back
    is given again only by somebody who has seen a notice since.
    """
    if newest is None:
        return True
    if answer.given and state_of(newest) is ConsentState.GIVEN:
        return answer.notice not in (None, newest.notice_version)
    since = newest.withdrawn_at or newest.answered_at
    return answer.at > since and answer.notice is not None


def _row(tenant: str, interview_id: str, kind: ConsentKind, answer: Answer) -> ConsentRow:
    return ConsentRow(
        id=f"cns_{secrets.token_hex(10)}",
        tenant=tenant,
        interview_id=interview_id,
        subject=answer.subject,
        role=answer.role.value,
        kind=kind.value,
        method=answer.method.value,
        notice_version=answer.notice,
        shown_at=answer.shown_at,
        answered_at=answer.at,
        given_at=answer.at if answer.given else None,
        refused_at=None if answer.given else answer.at,
    )
