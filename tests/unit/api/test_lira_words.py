"""Lira's tables: every status has a word, every word its statuses, every score its scale."""

from collections import Counter

import pytest

from api.dialects.lira import words
from api.dialects.lira.views import evaluation
from api.dialects.lira.words import LiraStatus, cancellation, refuse, statuses_of
from api.evaluation.schemas import EvaluationOut
from api.evaluation.scoring import Recommendation
from api.interviews.schemas import Brief, InterviewOut, Relation
from api.interviews.states import Status
from api.problems import FieldProblem, Problem


def test_every_status_has_one_word() -> None:
    assert set(words.STATUSES) == set(Status)
    assert Counter(status for word in LiraStatus for status in statuses_of(word)) == Counter(Status)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("draft", "draft"),
        ("info_needed", "draft"),
        ("planning", "draft"),
        ("plan_review", "draft"),
        ("ready", "draft"),
        ("scheduled", "scheduled"),
        ("joining", "bot_deployed"),
        ("in_progress", "in_progress"),
        ("reconnecting", "in_progress"),
        ("evaluating", "evaluating"),
        ("in_review", "completed"),
        ("completed", "completed"),
        ("cancelled", "cancelled"),
        ("failed", "cancelled"),
        ("no_show", "cancelled"),
        ("rejected", "cancelled"),
        ("expired", "cancelled"),
    ],
)
def test_statuses_are_told_as_lira_does(status: str, word: str) -> None:
    assert words.STATUSES[Status(status)].value == word
    assert Status(status) in statuses_of(LiraStatus(word))
    assert (cancellation(Status(status), None) is None) == (word != "cancelled")


def test_why_an_interview_was_cancelled_is_told() -> None:
    assert cancellation(Status.NO_SHOW, "no_show") == "candidate_no_show"
    assert cancellation(Status.CANCELLED, "candidate_left") == "candidate_left_early"
    assert cancellation(Status.FAILED, "bot_crashed") == "bot_crashed"
    assert cancellation(Status.EXPIRED, None) == "expired"
    assert cancellation(Status.COMPLETED, "candidate_left") is None


def test_only_a_clear_recommendation_is_one() -> None:
    told = {one.value: words.RECOMMENDATIONS.get(one.value) for one in Recommendation}
    assert told == {
        "strong_yes": "hire",
        "yes": "hire",
        "mixed": None,
        "no": "no_hire",
        "strong_no": "no_hire",
        "insufficient_evidence": None,
    }
    assert set(words.RELATIONS) == set(Relation)


def test_a_problem_keeps_all_it_says() -> None:
    problem = Problem(
        title="Conflict",
        status=409,
        detail="An interview that is 'no_show' can't be ready.",
        code="attempts_exhausted",
        request_id="req_1",
        errors=[FieldProblem(loc=["body", "start", "scheduled_at"], what="is late", todo="hurry")],
        current_status="no_show",
    )
    assert refuse(problem) == (
        409,
        {
            "success": False,
            "error": {
                "code": "ATTEMPTS_EXHAUSTED",
                "message": "An interview that is 'cancelled' can't be ready.",
                "details": {
                    "reason": "attempts_exhausted",
                    "request_id": "req_1",
                    "fields": [{"field": "scheduled_at", "message": "is late", "todo": "hurry"}],
                    "current_status": "cancelled",
                },
            },
        },
    )


@pytest.mark.parametrize(
    ("code", "status", "theirs"),
    [
        ("not_found", 404, (404, "INTERVIEW_NOT_FOUND")),
        ("illegal_transition", 409, (409, "INTERVIEW_WRONG_STATUS")),
        ("session_not_ended", 409, (409, "INTERVIEW_WRONG_STATUS")),
        ("being_stopped", 409, (409, "INTERVIEW_WRONG_STATUS")),
        ("no_evaluation", 409, (404, "NO_EVALUATION")),
        ("re_evaluation_limit", 409, (429, "RE_EVALUATION_LIMIT")),
        ("launch_failed", 503, (500, "BOT_DEPLOY_FAILED")),
        ("resume_encrypted", 422, (422, "RESUME_PARSE_FAILED")),
        ("key_revoked", 401, (401, "UNAUTHORIZED")),
        ("internal", 500, (500, "INTERNAL")),
    ],
)
def test_errors_have_liras_codes(code: str, status: int, theirs: tuple[int, str]) -> None:
    told, body = refuse(Problem(title="-", status=status, detail="-", code=code, request_id="req_1"))
    assert (told, body["error"]["code"]) == theirs
    assert body["error"]["details"] == {"reason": code, "request_id": "req_1"}


def test_scores_are_out_of_ten_and_of_the_criteria_that_were_asked_for() -> None:
    def rated(name: str, norm: float | None) -> dict[str, object]:
        return {"criterion_id": name.lower() + str(norm), "name": name, "norm": norm}

    result = {
        "criteria": [rated("Depth", None), rated("Depth", 0.75), rated("Calm", None), rated("Speed", 0.0)],
        "overall": 82.4,
        "recommendation": "mixed",
        "strengths": ["depth0.75"],
        "concerns": ["speed0.0"],
    }
    assessment = EvaluationOut.model_construct(result=result)
    told = evaluation(InterviewOut.model_construct(brief=Brief(criteria=("Calm", "Depth", "Tact"))), assessment)
    assert told.model_dump(mode="json") == {
        "overall_score": 8.2,
        "criteria": {"Calm": None, "Depth": 7.5, "Tact": None},
        "recommendation": None,
        "strengths": ["Depth"],
        "concerns": ["Speed"],
    }
    for brief in (None, Brief()):
        told = evaluation(InterviewOut.model_construct(brief=brief), assessment)
        assert told.criteria == {"Depth": 7.5, "Calm": None, "Speed": 0.0}
