"""From our interviews, evaluations and decisions to Lira's. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.booking.schemas import ResumeTaken
from api.candidates.kind import CandidateRecordOut
from api.decisions.schemas import DecisionOut
from api.dialects.lira.requests import OWN
from api.dialects.lira.schemas import (
    LiraAnswered,
    LiraCandidate,
    LiraDecision,
    LiraDraft,
    LiraEvaluation,
    LiraFacts,
    LiraInterview,
    LiraListed,
    LiraQuestion,
    LiraQuestions,
    LiraRelated,
    LiraResume,
    LiraSuggestion,
)
from api.dialects.lira.words import CATEGORIES, RECOMMENDATIONS, RELATIONS, STATUSES, cancellation
from api.dialects.words import out_of_10
from api.drafting.schemas import MOST_QUESTIONS, DraftOut, GeneratedOut, QuestionOut, SkillOut
from api.evaluation.schemas import EvaluationOut
from api.interviews.schemas import InterviewInList, InterviewOut, RelatedOut
from api.moments import moment
from bot.spec import Mode

MOST_CRITERIA = 20  # that an interview takes

People = Mapping[str, CandidateRecordOut]


def listed(interview: InterviewInList, people: People) -> LiraListed:
    """Return an interview as lists show it."""
    return LiraListed(**_facts(interview, people))


def related(other: RelatedOut, people: People) -> LiraRelated:
    """Return an interview as one that has something in common with another."""
    return LiraRelated(**_facts(other.interview, people), related_by=[RELATIONS[by] for by in other.by])


def whole(
    interview: InterviewOut,
    people: People,
    assessment: EvaluationOut | None,
    decisions: Sequence[DecisionOut],
) -> LiraInterview:
    """Return an interview with everything that is known of it. decisions: newest first."""
    brief = interview.brief
    questions = interview.plan.questions
    return LiraInterview(
        **_facts(interview, people),
        skills=None if brief is None or brief.required_skills is None else list(brief.required_skills),
        evaluation_criteria=_criteria(interview),
        question_count=len(questions) if brief is None else brief.question_count,
        questions=[LiraQuestion(text=question.text, order=order) for order, question in enumerate(questions, 1)],
        evaluation=None if assessment is None else evaluation(interview, assessment),
        decision=decision(decisions[0]) if decisions else None,
    )


def evaluation(interview: InterviewOut, assessment: EvaluationOut) -> LiraEvaluation:
    """Return what scoring found, by the criteria the interview asked for; where it named none, by all there are."""
    result = assessment.result or {}
    rated: list[Mapping[str, Any]] = result["criteria"]
    names = {str(one["criterion_id"]): str(one["name"]) for one in rated}
    asked = interview.brief.criteria if interview.brief else ()
    return LiraEvaluation(
        overall_score=None if result["overall"] is None else out_of_10(result["overall"] / 100),
        criteria={name: _score(rated, name) for name in asked or names.values()},
        recommendation=RECOMMENDATIONS.get(result["recommendation"]),
        strengths=[names[id_] for id_ in result["strengths"]],
        concerns=[names[id_] for id_ in result["concerns"]],
    )


def facts(interview_id: str, found: EvaluationOut) -> LiraFacts:
    """Return what phase 1 wrote down."""
    result = found.result or {}
    qa: list[Mapping[str, Any]] = result["qa"]
    return LiraFacts(
        interview_id=interview_id,
        summary=result["text_summary"],
        qa_summary=[
            LiraAnswered(
                question=one["question"],
                outcome=one["outcome"],
                answer=one["answer"],
                key_points=[point["quote"] for point in one["key_points"]],
                follow_ups=[follow_up["text"] for follow_up in one["follow_ups"]],
            )
            for one in qa
        ],
        questions_answered=sum(one["outcome"] == "answered" for one in qa),
        questions_skipped=sum(one["outcome"] == "skipped" for one in qa),
        questions_total=len(qa),
    )


def decision(made: DecisionOut) -> LiraDecision:
    """Return what a person decided."""
    return LiraDecision(decision=made.decision, notes=made.notes, decided_by=made.by, decided_at=made.at)


def resume(interview_id: str, taken: ResumeTaken) -> LiraResume:
    """Return that a résumé was read."""
    return LiraResume(
        interview_id=interview_id,
        pages=taken.resume.pages,
        characters=taken.resume.characters,
        personalized=taken.personalised,
    )


def draft(found: DraftOut) -> LiraDraft:
    """Return a draft; of very many questions and criteria as many as an interview takes."""
    questions = found.questions[:MOST_QUESTIONS]
    criteria = dict.fromkeys(question.measures for question in questions)
    return LiraDraft(
        role_title=found.title,
        experience_level=found.seniority.level.value if found.seniority else None,
        skills=[skill.name for skill in found.skills if skill.words],
        evaluation_criteria=list(criteria)[:MOST_CRITERIA],
        question_count=len(questions),
        mode=Mode.SOLO,
        time_limit_minutes=found.minutes,
        questions=_suggestions(questions, found.skills),
        warnings=found.warnings,
    )


def generated(found: GeneratedOut) -> LiraQuestions:
    """Return suggested questions."""
    return LiraQuestions(
        questions=_suggestions(found.questions, found.skills),
        unmatched_skills=found.unmatched_skills,
        warnings=found.warnings,
    )


def _facts(interview: InterviewInList, people: People) -> dict[str, Any]:
    return {
        "interview_id": interview.id,
        "role_title": interview.title,
        "status": STATUSES[interview.status],
        "mode": interview.mode,
        "candidate": _candidate(interview, people.get(interview.candidate_id or "")),
        "meeting_url": interview.meeting_url,
        "scheduled_at": interview.start.scheduled_at or _passed(interview.metadata),
        "round": interview.round,
        "cancellation_reason": cancellation(interview.status, interview.status_reason),
        "created_at": interview.created_at,
        "started_at": interview.started_at,
        "ended_at": interview.ended_at,
    }


def _candidate(interview: InterviewInList, known: CandidateRecordOut | None) -> LiraCandidate:
    return LiraCandidate(
        name=interview.candidate.name,
        email=known.email if known else None,
        resume_parsed=bool(known and known.resume),
    )


def _passed(metadata: Mapping[str, Any]) -> datetime | None:
    """The time that had passed when it was sent; whoever may change the interview may have written anything there."""
    try:
        return moment(metadata[OWN]["scheduled_at"])
    except (KeyError, TypeError, ValueError):
        return None


def _criteria(interview: InterviewOut) -> list[str]:
    if interview.brief is not None:
        return list(interview.brief.criteria)
    return [criterion.name for criterion in interview.plan.criteria]


def _score(rated: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """The score of the criterion of that name; of several the first that has one."""
    scores = (out_of_10(one["norm"]) for one in rated if one["name"] == name)
    return next((score for score in scores if score is not None), None)


def _suggestions(questions: Sequence[QuestionOut], skills: Sequence[SkillOut]) -> list[LiraSuggestion]:
    names = {skill.id: skill.name for skill in skills}
    return [
        LiraSuggestion(
            id=question.id,
            text=question.text,
            category=CATEGORIES.get(question.category, question.category),
            skill_target=names.get(question.skill, question.skill),
            order=order,
        )
        for order, question in enumerate(questions, 1)
    ]
