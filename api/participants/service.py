"""What can be done about those who were given a link."""

from collections.abc import Callable

import structlog
from pydantic import BaseModel, ConfigDict

from api import audit
from api.auth import Caller
from api.database import Database
from api.errors import Conflict, NotFound
from api.interviewers import Interviewers
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import Time
from api.links import GuestRole
from api.moments import Clock
from api.participants.repository import ParticipantRepository

log = structlog.get_logger(__name__)


class ParticipantOut(BaseModel):
    """Somebody of an interview. invited_at: when they were first given a link, or named.

    expires_at: until when a link of theirs is good; null for an interviewer who was named and given none.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    participant_id: str
    role: GuestRole
    name: str
    invited_at: Time
    expires_at: Time | None


class Participants:
    """Those of every tenant's interviews; whose is said with each call."""

    def __init__(
        self, database: Database, interviewers: Interviewers, put_out: Callable[[str, str], None], clock: Clock
    ) -> None:
        """put_out: takes interview and participant out of the room."""
        self._database, self._put_out = database, put_out
        self._interviewers = interviewers
        self._clock = clock

    async def all_of(self, tenant: str, interview_id: str) -> list[ParticipantOut]:
        """Return who was given a link or named, and not removed, the first one first; raise `NotFound`."""
        named = {one.participant_id: one for one in await self._interviewers.list(tenant, interview_id)}
        async with self._database.read() as tx:
            linked = [
                ParticipantOut.model_validate(row)
                for row in await ParticipantRepository(tx.session, tenant).of(interview_id)
                if row.role != GuestRole.INTERVIEWER or row.participant_id in named
            ]
        others = [
            ParticipantOut(
                participant_id=id_, role=GuestRole.INTERVIEWER, name=one.name, invited_at=one.named_at, expires_at=None
            )
            for id_, one in named.items()
            if id_ not in {each.participant_id for each in linked}
        ]
        return sorted([*linked, *others], key=lambda each: each.invited_at)

    async def remove(self, caller: Caller, interview_id: str, participant_id: str) -> None:
        """Take back every link of an interviewer or observer, and their seat.

        Raises `NotFound`, and `Conflict` for the candidate.
        """
        known = {one.participant_id: one for one in await self.all_of(caller.tenant, interview_id)}
        if participant_id not in known:
            raise NotFound("participant", participant_id)
        if known[participant_id].role is GuestRole.INTERVIEWER:
            await self._interviewers.remove(caller, interview_id, participant_id)
            return
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            row = await ParticipantRepository(tx.session, caller.tenant).get(interview_id, participant_id)
            if row.role == GuestRole.CANDIDATE:
                detail = "An interview is not held without its candidate; cancel it instead."
                raise Conflict(detail, current_status=interview.status)
            row.removed_at = self._clock()
            audit.record(tx, caller, "participant.removed", interview_id, at=row.removed_at)
        self._put_out(interview_id, participant_id)
        log.info("participant_removed", interview=interview_id, participant_id=participant_id)
