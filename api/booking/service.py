"""Booking an interview: its job, its candidate and the interview itself, in one transaction."""

from collections.abc import Sequence
from typing import Any

from api.booking.schemas import BookInterview, ResumeTaken
from api.candidates.kind import CANDIDATES, CandidateRecordIn
from api.candidates.resumes import Resumes
from api.candidates.tables import CandidateRow
from api.database import Database, Transaction
from api.errors import Complaint, Conflict, Invalid, JobRequired, JobSourceConflict, LaunchFailed, NoCapacity, Taken
from api.interviews.plans import PlanService
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import CreateInterview, InterviewOut, JobSource, StartPolicy
from api.interviews.service import InterviewService
from api.interviews.tables import InterviewRow
from api.interviews.terms import fingerprint
from api.jobs import JOBS, JobRow, JobStatus
from api.records.repository import Records
from api.records.service import Match, Registry


class Booking:
    """New interviews of every tenant; whose is said with each call."""

    def __init__(
        self,
        database: Database,
        interviews: InterviewService,
        records: Registry,
        resumes: Resumes,
        plans: PlanService,
    ) -> None:
        self._database = database
        self._interviews = interviews
        self._records = records
        self._resumes = resumes
        self._plans = plans

    async def book(self, tenant: str, wanted: BookInterview) -> InterviewOut:
        """Create an interview with what it needs, and start it where it asks for that.

        With a known `external_ref` and the same request, return the interview there is; raise `Taken` when it differs.
        A start that finds no room is tried again by the scheduler. Raises `Invalid`, `JobSourceConflict`,
        `JobRequired`, `ScheduleTooFar`.
        """
        _require_one_source(wanted)
        sha256 = fingerprint(wanted)
        async with self._database.write() as tx:
            known = wanted.external_ref and await InterviewRepository(tx.session, tenant).known_as(wanted.external_ref)
            if known and known.request_sha256 != sha256:
                raise Taken(f"external_ref {wanted.external_ref!r} is the interview {known.id!r}.", known.id)
            row = known or await self._add(tx, tenant, wanted, sha256)
        if not known and wanted.start.policy is StartPolicy.NOW and not (wanted.draft or wanted.review_plan):
            try:
                return await self._interviews.start(tenant, row.id)
            except (NoCapacity, LaunchFailed, Conflict):  # no room, or the scheduler was quicker
                pass
        return await self._interviews.get(tenant, row.id)

    async def change(
        self,
        tenant: str,
        interview_id: str,
        patch: dict[str, Any],
        job: dict[str, Any] | None = None,
        candidate: CandidateRecordIn | None = None,
    ) -> InterviewOut:
        """Merge `patch` into an interview and `job` into the job made with it, and have a new candidate interviewed.

        All of it or nothing. Raises as `InterviewService.change`, and `Conflict` when its job was there before it.
        """
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
            if job is not None:
                await self._records.of(JOBS).alter(tx, tenant, _own_job(row), job, Match())
            if candidate is not None:
                patch = patch | {"candidate_id": (await self._candidate(tx, tenant, candidate, row.job_id)).id}
            elif patch.get("candidate_id") and row.job_id and row.job_source == JobSource.NEW_JOB.value:
                await self._make_candidate_for(tx, tenant, patch["candidate_id"], row.job_id)
            await self._interviews.alter(tx, tenant, interview_id, patch, Match())
        return await self._interviews.get(tenant, interview_id)

    async def take_resume(self, tenant: str, interview_id: str, data: bytes) -> ResumeTaken:
        """Keep a résumé of an interview's candidate, and make the plan anew where it came from a brief.

        Raises `Conflict` when the interview names no candidate of the records; otherwise as `Resumes.put`.
        """
        interview = await self._interviews.get(tenant, interview_id)
        if interview.candidate_id is None:
            raise Conflict(
                "The interview names no candidate whose résumé this could be; create one at POST /v1/candidates and "
                "send its id as candidate_id.",
                current_status=interview.status,
            )
        kept = await self._resumes.put(tenant, interview.candidate_id, data)
        personalised = await self._plans.personalise(tenant, interview_id)
        version = (personalised or await self._plans.get(tenant, interview_id)).version
        return ResumeTaken(resume=kept, personalised=personalised is not None, plan_version=version)

    async def _add(self, tx: Transaction, tenant: str, wanted: BookInterview, sha256: str) -> InterviewRow:
        job_id, source = await self._job(tx, tenant, wanted)
        candidate_id = wanted.candidate_id
        if wanted.new_candidate is not None:
            candidate_id = (await self._candidate(tx, tenant, wanted.new_candidate, job_id)).id
        elif wanted.new_job is not None and candidate_id is not None and job_id is not None:
            await self._make_candidate_for(tx, tenant, candidate_id, job_id)
        plain = CreateInterview.model_construct(
            **{name: getattr(wanted, name) for name in CreateInterview.model_fields}
            | {"candidate_id": candidate_id, "job_id": job_id}
        )
        row = await self._interviews.add(tx, tenant, plain, sha256)
        row.job_source = source.value if source else None
        return row

    async def _job(self, tx: Transaction, tenant: str, wanted: BookInterview) -> tuple[str | None, JobSource | None]:
        if wanted.without_job:
            return None, None
        if wanted.new_job is not None:
            return (await self._records.of(JOBS).add(tx, tenant, wanted.new_job)).id, JobSource.NEW_JOB
        if wanted.new_candidate is not None and wanted.job_id is None:
            named = wanted.new_candidate.job_ids
            return _only(named, ("body", "new_candidate", "job_ids"), JobSource.NEW_CANDIDATE)
        if wanted.candidate_id is None or wanted.new_candidate is not None:
            return wanted.job_id, JobSource.JOB_ID if wanted.job_id else None
        candidate = await Records(tx.session, tenant, CandidateRow, "candidate").find(wanted.candidate_id)
        mine = await self._open(tx, tenant, candidate.body["job_ids"] if candidate is not None else ())
        if wanted.job_id is None:
            return _only(mine, ("body", "job_id"), JobSource.ONLY_JOB)
        if candidate is not None and candidate.body["job_ids"] and wanted.job_id not in candidate.body["job_ids"]:
            raise Invalid(
                Complaint(
                    ("body", "job_id"),
                    f"the candidate {candidate.id!r} is not one for the job {wanted.job_id!r}",
                    f"add it to the candidate's job_ids, or name one of: {', '.join(candidate.body['job_ids'])}",
                )
            )
        return wanted.job_id, JobSource.JOB_ID

    async def _open(self, tx: Transaction, tenant: str, ids: Sequence[str]) -> list[str]:
        jobs = Records(tx.session, tenant, JobRow, "job")
        found = [await jobs.find(id_) for id_ in ids]
        return [job.id for job in found if job is not None and job.status == JobStatus.OPEN.value]

    async def _candidate(
        self, tx: Transaction, tenant: str, wanted: CandidateRecordIn, job_id: str | None
    ) -> CandidateRow:
        ids = tuple(dict.fromkeys((*wanted.job_ids, *([job_id] if job_id else []))))
        return await self._records.of(CANDIDATES).add(tx, tenant, wanted.model_copy(update={"job_ids": ids}))

    async def _make_candidate_for(self, tx: Transaction, tenant: str, candidate_id: str, job_id: str) -> None:
        candidates = self._records.of(CANDIDATES)
        candidate = await Records(tx.session, tenant, CandidateRow, "candidate").find(candidate_id)
        if candidate is not None and job_id not in candidate.body["job_ids"]:  # one that is none is complained of later
            patch = {"job_ids": [*candidate.body["job_ids"], job_id]}
            await candidates.alter(tx, tenant, candidate_id, patch, Match())


def _require_one_source(wanted: BookInterview) -> None:
    named = {
        "new_job": wanted.new_job is not None,
        "job_id": wanted.job_id is not None,
        "without_job": wanted.without_job,
        "new_candidate.job_ids": bool(wanted.new_candidate and wanted.new_candidate.job_ids),
    }
    sources = [name for name, given in named.items() if given]
    if len(sources) > 1:
        raise JobSourceConflict(
            *(
                Complaint(
                    ("body", *name.split(".")), f"the job is named by {' and '.join(sources)}", "keep one of them"
                )
                for name in sources
            )
        )


def _own_job(row: InterviewRow) -> str:
    if row.job_id is None or row.job_source != JobSource.NEW_JOB.value:
        raise Conflict(
            "It has no job that was made with it; change the one it names instead.", current_status=row.status
        )
    return row.job_id


def _only(ids: Sequence[str], where: tuple[str, ...], source: JobSource) -> tuple[str | None, JobSource | None]:
    """The job of a candidate who is one for this job alone."""
    if len(ids) > 1:
        todo = f"name one in job_id: {', '.join(ids)}"
        raise JobRequired(Complaint(where, f"the candidate is one for {len(ids)} jobs", todo))
    return (ids[0], source) if ids else (None, None)
