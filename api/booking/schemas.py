"""What booking takes and gives."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.candidates.kind import CandidateRecordIn
from api.candidates.resumes import ResumeKept
from api.interviews.schemas import CreateInterview, InterviewOut
from api.jobs import JobIn
from api.planning.warnings import PlanWarning


class BookInterview(CreateInterview):
    """A new interview, and what is to be created with it: all of it or nothing.

    new_job: the job it is for; a known external_ref with the same content is the job there is. new_candidate: who is
    interviewed; it becomes a candidate for that job. The job is named once: by new_job, by job_id or by new_candidate.
    without_job: it is for none, also where the candidate is one for a job.
    """

    new_job: JobIn | None = None
    without_job: Annotated[bool, Field(strict=True)] = False
    new_candidate: CandidateRecordIn | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.candidate is None and self.candidate_id is None and self.new_candidate is None:
            raise ValueError("say who is interviewed: candidate, candidate_id or new_candidate")
        if self.candidate_id is not None and self.new_candidate is not None:
            raise ValueError("name the candidate once: candidate_id or new_candidate")
        return self


class Booked(InterviewOut):
    """A new interview. warnings: what POST /v1/plans/lint says about its plan."""

    warnings: list[PlanWarning]


class ResumeTaken(BaseModel):
    """That a résumé was read and kept. personalised: whether the questions are others now."""

    model_config = ConfigDict(frozen=True)

    resume: ResumeKept
    personalised: bool
    plan_version: int = Field(ge=1)
