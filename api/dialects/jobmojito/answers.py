"""What JobMojito's calls give, as it is published. What is null in all answers is known nowhere here."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.agents import Product
from api.dialects.jobmojito.schemas import Introduction, JobMojitoExpectations, JobMojitoQuestion
from api.dialects.jobmojito.tables import FullRecording, Reach, Recording, ResultStatus, State
from api.interviews.schemas import Time
from api.templates.conduct import ResultView


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class JobMojitoError(_Out):
    """What went wrong. name: the field it is about, or what sort of refusal it is."""

    error: str
    name: str


class JobMojitoCreated(_Out):
    """The new interview; interview_def_set_id is its id by another name. max_duration: minutes.

    embed_signing_key is shown this once. warnings: what is not as it was asked for.
    """

    id: str
    interview_def_set_id: str
    questions_generated: int
    max_duration: int | None = None
    embed_id: str | None = None
    embed_signing_key: str | None = None
    warnings: list[str] = []


class JobMojitoInterview(_Out):
    """An interview as it is defined. What is null is not known here, or not set."""

    id: str
    name: str
    created_at: Time
    updated_at: Time
    questions: list[JobMojitoQuestion] | None
    is_multistage: Literal[False] = False
    status: State
    visibility: Reach
    stage: None = None
    type: Product
    code: str | None
    interview_location: str | None
    cover_image_url: str | None
    merchant_id: str
    interview_template_id: str
    interview_template_type: None = None
    is_voice_only: bool = True
    knowledge_base_store_id: str | None
    mojito_language_code: str
    speech_language_code: None = None
    speech_language_name: None = None
    recording: Recording | None
    recording_full_session: FullRecording | None
    type_credit: None = None
    result_view: ResultView
    candidate_video_introduction: Introduction | None
    description: str | None
    interview_description_long: str | None
    candidate_expectations: str
    candidate_expectations_json: JobMojitoExpectations
    result_scoring: dict[str, Any]
    creation_parameters: dict[str, Any]
    interview_department: None = None
    interview_salary: None = None
    interview_available_till: Time | None
    recruiter_profile_id: None = None
    slug: None = None
    tags: None = None
    coach_plan: None = None
    interview_conversation_speed: None = None
    max_followups: int | None
    max_duration: int | None
    questions_random_subset: None = None
    required_pronunciation: bool = False
    result_enable_edit_transcript: bool = False
    pdf_export_auto_config: None = None


class JobMojitoReplaced(_Out):
    """A question that was edited, and its new id."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    from_: str = Field(alias="from")
    to: str


class JobMojitoQuestionsDiff(_Out):
    """What became of each question. reactivated: candidates get the new ones from now on."""

    kept: list[str]
    added: list[str]
    removed: list[str]
    replaced: list[JobMojitoReplaced]
    question_ids: list[str]
    reactivated: bool


class JobMojitoUpdated(_Out):
    """What was changed."""

    position_id: str
    is_multistage: Literal[False] = False
    updated_fields: list[str]
    questions_diff: JobMojitoQuestionsDiff | None = None


class JobMojitoState(_Out):
    """Done. embed_signing_key is shown this once."""

    success: Literal[True] | None = None
    embed_id: str | None = None
    embed_signing_key: str | None = None


class JobMojitoEnrolled(_Out):
    """How the candidate comes in. interview_url is the key: whoever has it can join. reason: with already-applied."""

    status: Literal["recruiter_accept", "already-applied"]
    position_def_set_id: str
    interview_def_set_id: str
    profile_interview_id: str
    interview_result_id: str
    interview_url: str
    reason: str | None = None


class JobMojitoTurn(_Out):
    """One turn. score: the level 1-5 of what its question rates. duration: tenths of a second."""

    id: str
    is_answer: bool
    view: None = None
    question_original_id: str | None
    question_original: str | None
    question_asked: str | None
    answer: str | None
    ai_analysis: None = None
    ai_analysis_recruiter: str | None
    score: int | None
    score_answer_ai: int | None
    duration: int
    mojito_language_code: str
    recording_local_path: None = None
    recording_is_video: bool = False
    recording_url: None = None


class JobMojitoDetails(_Out):
    """A result with its transcript. score: 0-100, null until it is rated. duration: tenths of a second."""

    id: str
    interview_def_set_id: str | None
    profile_interview_id: str | None
    score: int | None
    score_text: str | None
    score_answer: int | None
    score_sentiment: None = None
    score_words_per_minute: None = None
    score_pronunciation: None = None
    status: ResultStatus
    start: Time | None
    end: Time | None
    duration: int | None
    ai_interview_coverage_percentage: int | None
    ai_completion_reason: str | None
    ai_analysis: None = None
    ai_analysis_recruiter: None = None
    ai_analysis_other: dict[str, Any] | None
    recruiter_risks: None = None
    user_feedback_recruiter: str | None
    recording_local_path: str | None
    recording_is_video: bool = False
    recording_url: None = None
    video_introduction_local_path: None = None
    video_introduction_url: None = None
    transcript: list[JobMojitoTurn]


class JobMojitoSuccess(_Out):
    """Done."""

    success: Literal[True] = True


class JobMojitoPagination(_Out):
    """Where a page lies in its list."""

    total: int
    limit: int
    offset: int
    has_more: bool


class JobMojitoListed(_Out):
    """One interview of a list."""

    id: str
    merchant_id: str
    name: str
    emoji: None = None
    type: Product
    type_avatar: None = None
    status: State
    visibility: Reach
    mojito_language_code: str
    speech_language_code: None = None
    environment: None = None
    is_ats: None = None
    is_multi_stage: Literal[False] = False
    recording: Recording | None
    recording_full_session: FullRecording | None
    billing_single_position: None = None
    billing_single_position_end_at: None = None
    cover_image_url: str | None
    interview_count: None = None
    interview_last: None = None
    calc_duration: int | None
    created_at: Time
    updated_at: Time


class JobMojitoList(_Out):
    """One page of interviews, newest first."""

    data: list[JobMojitoListed]
    pagination: JobMojitoPagination


class JobMojitoLanguage(_Out):
    """One language: whether it is understood, spoken, led in and rated here."""

    mojito_language_code: str
    name: str
    tag: str
    stt: str
    tts: str
    brain: str
    scoring: str


class JobMojitoLanguages(_Out):
    """Every language code."""

    data: list[JobMojitoLanguage]
    pagination: JobMojitoPagination


class JobMojitoPreScreened(_Out):
    """The résumé was read and kept. Nothing is decided or scored by a résumé alone: a recruiter does that."""

    success: Literal[True] = True
    decision_status: Literal["recruiter_action"] = "recruiter_action"
    recommendation: None = None
    profile_interview_id: str
    interview_result_pre_screening_id: None = None
    interview_file_id: None = None
    pre_screening_score: None = None
    resume_ai_analysis: None = None
    resume_ai_education: None = None
    resume_ai_technical_experience: None = None
    resume_ai_is_switching_profession: None = None
    processing_reason: None = None
