"""Our records and interviews, in JobMojito's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.capabilities import CapabilitiesOut
from api.dialects.jobmojito.answers import (
    JobMojitoCreated,
    JobMojitoDetails,
    JobMojitoInterview,
    JobMojitoLanguage,
    JobMojitoLanguages,
    JobMojitoList,
    JobMojitoListed,
    JobMojitoPagination,
    JobMojitoTurn,
)
from api.dialects.jobmojito.questions import expectations, told
from api.dialects.jobmojito.tables import (
    FULL,
    LEVEL,
    NAMES,
    REACH,
    RESULT,
    STATUS,
    code_of,
    recording_of,
)
from api.dialects.jobmojito.words import own
from api.drafting.planning import frames
from api.evaluation.schemas import EvaluationOut
from api.evaluation.scoring import LEAST_SCORED_WEIGHT
from api.interviews.schemas import InterviewOut, TurnOut
from api.languages import canonical
from api.publishing.position import described, expected
from api.publishing.schemas import Offer, Published
from api.publishing.service import INFERRED
from bot.interview import Role
from bot.plan import Plan

ANSWERED = "answered"


def created(made: Published, warnings: Sequence[str]) -> JobMojitoCreated:
    """Return what was published. warnings: those of the request itself."""
    plan = made.offer.template.plan
    return JobMojitoCreated(
        id=made.offer.posting.id,
        interview_def_set_id=made.offer.posting.id,
        questions_generated=_judged(plan) if plan else 0,
        max_duration=_minutes(made.offer),
        embed_id=made.embed_id,
        embed_signing_key=made.key.embed_signing_key if made.key else None,
        warnings=[*warnings, *made.warnings],
    )


def _judged(plan: Plan) -> int:
    """How many questions there are besides those that only open and close it."""
    return sum(len(section.questions) for section in plan.sections if not frames(section))


def interview(offer: Offer, tenant: str) -> JobMojitoInterview:
    """Return an offer as its definition."""
    posting, template, plan = offer.posting, offer.template, offer.template.plan
    of_posting, of_job = own(posting), own(offer.job)
    name, code = posting.name or template.name, code_of(offer.agent.language)
    return JobMojitoInterview(
        id=posting.id,
        name=name,
        created_at=posting.created_at,
        updated_at=posting.updated_at,
        questions=told(plan, code) if plan else [],
        status=STATUS[posting.status],
        visibility=REACH[posting.visibility],
        type=offer.agent.product,
        code=posting.external_ref,
        interview_location=of_job.get("location"),
        cover_image_url=posting.cover_image_url,
        merchant_id=tenant,
        interview_template_id=of_posting.get("interview_template_id", posting.template_id),
        knowledge_base_store_id=of_posting.get("knowledge_base_store_id"),
        mojito_language_code=code,
        recording=recording_of(template.integrity_capture),
        recording_full_session=FULL[template.session_recording],
        result_view=template.result_view,
        candidate_video_introduction=of_posting.get("candidate_video_introduction"),
        description=of_job.get("description") or described(name, of_job.get("location"), plan),
        interview_description_long=offer.job.description if offer.job and of_job.get("long") else None,
        candidate_expectations=of_posting.get("candidate_expectations") or expected(plan),
        candidate_expectations_json=expectations(criterion.anchors for criterion in (plan.criteria if plan else ())),
        result_scoring=_scoring(offer),
        creation_parameters=_parameters(offer),
        interview_available_till=posting.available_until,
        max_followups=offer.agent.followup_policy.max_total,
        max_duration=_minutes(offer),
    )


def listed(offers: Sequence[Offer], total: int, limit: int, offset: int, tenant: str) -> JobMojitoList:
    """Return one page of offers."""
    return JobMojitoList(
        data=[_listed(offer, tenant) for offer in offers],
        pagination=JobMojitoPagination(total=total, limit=limit, offset=offset, has_more=offset + len(offers) < total),
    )


def languages(known: CapabilitiesOut) -> JobMojitoLanguages:
    """Return every language code, with how far each goes here."""
    grades = {one.tag: one for one in known.languages}
    data = [
        JobMojitoLanguage(mojito_language_code=code, name=name, **grades[canonical(code)].model_dump(mode="json"))
        for code, name in NAMES.items()
    ]
    return JobMojitoLanguages(
        data=data, pagination=JobMojitoPagination(total=len(data), limit=len(data), offset=0, has_more=False)
    )


def details(
    result: InterviewOut, turns: Sequence[TurnOut], rated: EvaluationOut | None, position: str | None
) -> JobMojitoDetails:
    """Return an interview as a result. rated: the assessment that counts; position: its posting."""
    found: Mapping[str, Any] = (rated.result if rated else None) or {}
    notes = [review.note for review in (rated.reviews if rated else ()) if review.note]
    score = None if found.get("overall") is None else round(found["overall"])
    return JobMojitoDetails(
        id=result.id,
        interview_def_set_id=position,
        profile_interview_id=result.candidate_id,
        score=score,
        score_text=found.get("recommendation"),
        score_answer=score,
        status=RESULT[result.status],
        start=result.started_at,
        end=result.ended_at,
        duration=_duration(result),
        ai_interview_coverage_percentage=_coverage(result),
        ai_completion_reason=result.status_reason,
        ai_analysis_other=_reasons(found),
        user_feedback_recruiter=notes[0] if notes else None,
        recording_local_path=f"/v1/interviews/{result.id}/recording" if result.recording else None,
        transcript=_turns(result, turns, found),
    )


def _duration(result: InterviewOut) -> int | None:
    """Tenths of a second from the first hello to the end."""
    if result.started_at is None or result.ended_at is None:
        return None
    return round((result.ended_at - result.started_at).total_seconds() * 10)


def _reasons(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """What speaks for and against, by the names of the criteria; nothing where nothing may be recommended."""
    if not found.get("recommendation"):
        return None
    names = {one["criterion_id"]: one["name"] for one in found["criteria"]}
    pro, contra = ([names[id_] for id_ in found[list_]] for list_ in ("strengths", "concerns"))
    return {"hiring_reasons": {"reasons_to_hire": pro, "reasons_not_to_hire": contra}}


def _turns(result: InterviewOut, turns: Sequence[TurnOut], found: Mapping[str, Any]) -> list[JobMojitoTurn]:
    questions = {question.id: question for question in result.plan.questions}
    levels = {one["criterion_id"]: one for one in found.get("criteria", ())}
    given, asked = [], None
    for turn in turns:
        question = questions.get(turn.question_id or "")
        answer = turn.role == Role.CANDIDATE
        asked = asked if answer else turn.text
        criterion = levels.get(question.criteria[0], {}) if question and len(question.criteria) == 1 else {}
        level = criterion.get("level") if answer else None
        given.append(
            JobMojitoTurn(
                id=turn.turn_id,
                is_answer=answer,
                question_original_id=question.id if question else None,
                question_original=question.text if question else None,
                question_asked=asked if answer or turn.role == Role.BOT else None,
                answer=turn.text if answer else None,
                ai_analysis_recruiter=criterion.get("rationale") if answer else None,
                score=level,
                score_answer_ai=level,
                duration=max(0, round((turn.end_ms - turn.start_ms) / 100)),
                mojito_language_code=code_of(result.language),
            )
        )
    return given


def _listed(offer: Offer, tenant: str) -> JobMojitoListed:
    posting, template = offer.posting, offer.template
    return JobMojitoListed(
        id=posting.id,
        merchant_id=tenant,
        name=posting.name or template.name,
        type=offer.agent.product,
        status=STATUS[posting.status],
        visibility=REACH[posting.visibility],
        mojito_language_code=code_of(offer.agent.language),
        recording=recording_of(template.integrity_capture),
        recording_full_session=FULL[template.session_recording],
        cover_image_url=posting.cover_image_url,
        calc_duration=_minutes(offer),
        created_at=posting.created_at,
        updated_at=posting.updated_at,
    )


def _minutes(offer: Offer) -> int | None:
    plan = offer.template.plan
    asked: int | None = own(offer.posting).get("max_duration")
    return asked if asked is not None else round(plan.minutes) if plan else None


def _scoring(offer: Offer) -> dict[str, Any]:
    """Defaults, then what the template says, then what was asked for; see `requests.publication`."""
    own_rules: dict[str, Any] = own(offer.template).get("scoring", {})
    least = offer.template.scoring.min_scored_weight
    fixed = {
        "min_scored_weight": LEAST_SCORED_WEIGHT if least is None else least,
        "max_retries": offer.posting.max_attempts,
    }
    return own_rules | fixed


def _parameters(offer: Offer) -> dict[str, Any]:
    of_posting, job = own(offer.posting), offer.job
    asked = ("interview_length", "additional_context", "knowledge_base_store_id", "instructional_video")
    seniority = LEVEL[job.seniority] if job and job.seniority else None
    return {name: of_posting.get(name) for name in (*asked, "instructional_video_custom_text")} | {
        "interview_type": offer.template.style,
        "interview_tone": offer.template.tone,
        "include_rapport_question": offer.template.toggles.rapport,
        "include_closing_prompt": offer.template.toggles.closing,
        "seniority_level": seniority,
        "seniority_inferred": bool(job and seniority and job.metadata.get(INFERRED)),
        "welcome_message": offer.template.messages.welcome or None,
        "thank_you_message": offer.template.messages.thank_you or None,
    }


def _coverage(result: InterviewOut) -> int | None:
    """The share of the planned questions that were answered; null before there was a call."""
    if result.started_at is None or not result.coverage:
        return None
    return round(100 * sum(one.status == ANSWERED for one in result.coverage) / len(result.coverage))
