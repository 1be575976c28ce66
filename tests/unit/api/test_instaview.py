"""InstaView's tables: every status, every end of a call and every place has a word."""

import pytest

from api.dialects.instaview.words import (
    ATTEMPTS,
    FITS,
    JOB_EXPERIENCES,
    SCOPES,
    STATUSES,
    Experience,
    field_of,
    in_their_names,
    refuse,
)
from api.interviews.states import CALLING, EDITABLE, OUTCOMES, Status
from api.jobs import ExperienceBand, Seniority
from api.problems import Problem
from api.scopes import granted
from bot.state import EndReason


def test_every_status_and_every_end_has_a_word() -> None:
    assert set(STATUSES) == set(Status)
    assert {STATUSES[status] for status in EDITABLE} == {"SCHEDULED"}
    assert {STATUSES[status] for status in CALLING} == {"IN_PROGRESS"}
    assert set(ATTEMPTS) == set(EndReason)
    for reason, (answered, _) in OUTCOMES.items():
        assert ATTEMPTS[reason] == STATUSES[answered], reason


def test_experience_is_said_in_years_or_as_a_seniority() -> None:
    assert {band for band in JOB_EXPERIENCES.values() if isinstance(band, ExperienceBand)} == set(ExperienceBand)
    assert {level for level in JOB_EXPERIENCES.values() if isinstance(level, Seniority)} == set(Seniority)
    assert JOB_EXPERIENCES["SENIOR"] is Seniority.SENIOR
    assert {name for name in JOB_EXPERIENCES if name not in {level.upper() for level in Seniority}} == set(Experience)


def test_a_fit_rises_with_its_level() -> None:
    assert [FITS[level] for level in range(1, 6)] == ["LOW", "LOW", "MEDIUM", "HIGH", "HIGH"]


def test_the_scopes_that_are_named_grant_what_was_lacking() -> None:
    for ours, theirs in SCOPES.items():
        assert ours in granted([theirs]), theirs


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (("body", "new_job", "salary", "min"), "job.salary.min"),
        (("body", "start", "scheduled_at"), "scheduleTime"),
        (("body", "new_candidate", "job_ids"), "candidate.jobId"),
        (("body", "data_expires_on"), "gdprExpiryDate"),
        (("body", "language"), "agentId"),
        (("query", "limit"), "limit"),
        (("body",), "body"),
        (("body", 5), "body"),  # an offset in its text
    ],
)
def test_places_are_named_as_they_were_sent(place: tuple[str | int, ...], field: str) -> None:
    assert field_of(place) == field


def test_sentences_speak_of_what_was_sent() -> None:
    said = "the job is named by new_job and new_candidate.job_ids"
    assert in_their_names(said) == "the job is named by job and candidate.jobId"
    assert in_their_names("add it to the candidate's job_ids") == "add it to the candidate's job_ids"
    assert in_their_names("An interview that is 'no_show' stays.") == "An interview that is FAILED stays."


def test_what_broke_on_our_side_has_the_same_shape() -> None:
    status, body = refuse(
        Problem(title="x", status=500, detail="Something broke.", code="internal", request_id="req_1")
    )
    assert status == 500
    assert body.pop("timestamp").endswith("Z")
    error = {"code": "INTERNAL", "message": "Something broke.", "details": {"requestId": "req_1"}}
    assert body == {"success": False, "data": None, "error": error}
