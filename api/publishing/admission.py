"""Letting candidates into postings: one interview for each candidate of a posting."""

from api.booking.schemas import BookInterview
from api.booking.service import Booking
from api.candidates.kind import CANDIDATES, CandidateRecordIn
from api.database import Database
from api.errors import Taken
from api.interviews.repository import Filter
from api.interviews.schemas import InterviewOut, LimitsIn, StartIn, StartPolicy
from api.interviews.service import InterviewService
from api.moments import Clock
from api.postings import POSTINGS, PostingOut, PostingRow
from api.postings.embeds import require_open
from api.publishing.schemas import Admitted
from api.records.repository import Records
from api.records.service import Match, Registry


class Admission:
    """Candidates of every tenant's postings; whose is said with each call."""

    def __init__(
        self, database: Database, records: Registry, booking: Booking, interviews: InterviewService, clock: Clock
    ) -> None:
        self._database = database
        self._records = records
        self._booking = booking
        self._interviews = interviews
        self._clock = clock

    async def require_open(self, tenant: str, posting_id: str) -> PostingOut:
        """Return a posting that candidates can enter; raise `NotFound`, or `Conflict` when nobody can."""
        async with self._database.read() as tx:
            posting = await Records(tx.session, tenant, PostingRow, "posting").get(posting_id)
            require_open(posting, self._clock())
        return POSTINGS.view(posting)

    async def enrol(self, tenant: str, posting_id: str, candidate_id: str | None, new: CandidateRecordIn | None) -> str:
        """Make somebody a candidate for the posting's job and return their id; one of `candidate_id` and `new`.

        Raises `NotFound`, `Conflict` when nobody can enter, `Invalid`.
        """
        posting = await self.require_open(tenant, posting_id)
        candidates = self._records.of(CANDIDATES)
        jobs = (posting.job_id,) if posting.job_id else ()
        if candidate_id is None:
            assert new is not None
            made = await candidates.create(tenant, new.model_copy(update={"job_ids": jobs}))
            return made.body.id
        known = (await candidates.get(tenant, candidate_id)).body
        missing = [job for job in jobs if job not in known.job_ids]
        if missing and known.job_ids:
            await candidates.change(tenant, candidate_id, {"job_ids": [*known.job_ids, *missing]}, Match())
        return candidate_id

    async def admit(self, tenant: str, posting_id: str, candidate_id: str, limits: LimitsIn | None = None) -> Admitted:
        """Return the candidate's interview of a posting, made now where there is none; the bot comes when they do,
        and what they said is rated when it has left.

        Raises `NotFound`, `Invalid`, and `Conflict` when nobody can enter.
        """
        posting = await self.require_open(tenant, posting_id)
        name = f"{posting.id}.{candidate_id}"
        if (known := await self._known(tenant, name)) is not None:
            return Admitted(known, again=True)
        wanted = BookInterview(
            template_id=posting.template_id,
            job_id=posting.job_id,
            candidate_id=candidate_id,
            title=posting.name,
            external_ref=name,
            max_attempts=posting.max_attempts,
            start=StartIn(policy=StartPolicy.ON_JOIN),
            limits=limits,
            evaluate_at_end=True,  # nobody sits by to ask for it
            metadata={"posting_id": posting.id},
        )
        try:
            return Admitted(await self._booking.book(tenant, wanted), again=False)
        except Taken:  # somebody else was quicker
            if (known := await self._known(tenant, name)) is None:
                raise
            return Admitted(known, again=True)

    async def _known(self, tenant: str, name: str) -> InterviewOut | None:
        found = await self._interviews.page(tenant, Filter(external_ref=name), 1, 1)
        return await self._interviews.get(tenant, found.data[0].id) if found.data else None
