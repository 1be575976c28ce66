"""JobMojito's words for ours, as plain tables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from api.interviews.states import Status
from api.jobs import Seniority
from api.languages import canonical
from api.postings import PostingStatus, Visibility
from api.templates.conduct import IntegrityCapture, SessionRecording

NAMES: Mapping[str, str] = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "zh": "Chinese",
    "hr": "Croatian",
    "cs": "Czech",
    "da": "Danish",
    "nl": "Dutch",
    "en": "English",
    "fil": "Filipino",
    "fi": "Finnish",
    "fr": "French",
    "de": "German",
    "el": "Greek",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ms": "Malay",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "br": "Portuguese (Brazil)",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "es": "Spanish",
    "sv": "Swedish",
    "ta": "Tamil",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
CODES: Mapping[str, str] = {canonical(code): code for code in NAMES}  # by BCP 47 tag


class State(StrEnum):
    """Where an interview, which is our posting, stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"
    PREPARING = "preparing"
    COMPLETED = "completed"


STATUS: Mapping[PostingStatus, State] = {
    PostingStatus.DRAFT: State.DRAFT,
    PostingStatus.ACTIVE: State.ACTIVE,
    PostingStatus.CLOSED: State.ARCHIVED,
}
STATUS_OF: Mapping[State, PostingStatus] = {  # a deleted one is none; nothing of ours is prepared
    State.DRAFT: PostingStatus.DRAFT,
    State.ACTIVE: PostingStatus.ACTIVE,
    State.ARCHIVED: PostingStatus.CLOSED,
    State.COMPLETED: PostingStatus.CLOSED,
}


class Reach(StrEnum):
    """Who finds it."""

    PUBLIC = "merchant_public"
    INVITE = "merchant_invite"
    UNLISTED = "merchant_unlisted"


VISIBILITY: Mapping[Reach, Visibility] = {
    Reach.PUBLIC: Visibility.PUBLIC,
    Reach.INVITE: Visibility.INVITE,
    Reach.UNLISTED: Visibility.UNLISTED,
}
REACH: Mapping[Visibility, Reach] = {visibility: reach for reach, visibility in VISIBILITY.items()}


class Recording(StrEnum):
    """What is recorded against cheating, which is no recording of the session."""

    AUDIO_FIRST_5 = "audio_first_5_answers"
    AUDIO_ALL = "audio_all"
    VIDEO_ALL = "video_all"
    VIDEO_FIRST_5 = "video_first_5_answers"


CAPTURE: Mapping[Recording, IntegrityCapture] = {
    Recording.AUDIO_FIRST_5: IntegrityCapture(media="audio", scope="first_n", n=5),
    Recording.AUDIO_ALL: IntegrityCapture(media="audio"),
    Recording.VIDEO_ALL: IntegrityCapture(media="video"),
    Recording.VIDEO_FIRST_5: IntegrityCapture(media="video", scope="first_n", n=5),
}


class FullRecording(StrEnum):
    """What is recorded of the whole session."""

    AUDIO = "audio_all"
    VIDEO = "video_all"


SESSION: Mapping[FullRecording, SessionRecording] = {
    FullRecording.AUDIO: SessionRecording.AUDIO,
    FullRecording.VIDEO: SessionRecording.VIDEO,
}
FULL: Mapping[SessionRecording, FullRecording | None] = {
    SessionRecording.NONE: None,
    SessionRecording.AUDIO: FullRecording.AUDIO,
    SessionRecording.VIDEO: FullRecording.VIDEO,
}


class Level(StrEnum):
    """How senior the person is to be."""

    ENTRY = "entry-level"
    INTERMEDIATE = "intermediate"
    SENIOR = "senior"
    MANAGERIAL = "managerial"
    DIRECTOR = "director"
    EXECUTIVE = "executive"


SENIORITY: Mapping[Level, Seniority] = {
    Level.ENTRY: Seniority.ENTRY,
    Level.INTERMEDIATE: Seniority.MID,
    Level.SENIOR: Seniority.SENIOR,
    Level.MANAGERIAL: Seniority.MANAGER,
    Level.DIRECTOR: Seniority.DIRECTOR,
    Level.EXECUTIVE: Seniority.EXECUTIVE,
}
LEVEL: Mapping[Seniority, Level] = {
    Seniority.ENTRY: Level.ENTRY,
    Seniority.JUNIOR: Level.ENTRY,
    Seniority.MID: Level.INTERMEDIATE,
    Seniority.SENIOR: Level.SENIOR,
    Seniority.LEAD: Level.SENIOR,
    Seniority.PRINCIPAL: Level.SENIOR,
    Seniority.MANAGER: Level.MANAGERIAL,
    Seniority.DIRECTOR: Level.DIRECTOR,
    Seniority.EXECUTIVE: Level.EXECUTIVE,
}


class ResultStatus(StrEnum):
    """Where one candidate's result, which is our interview, stands."""

    DRAFT = "draft"  # the candidate may still come
    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


RESULT: Mapping[Status, ResultStatus] = {
    Status.DRAFT: ResultStatus.DRAFT,
    Status.INFO_NEEDED: ResultStatus.DRAFT,
    Status.PLANNING: ResultStatus.DRAFT,
    Status.PLAN_REVIEW: ResultStatus.DRAFT,
    Status.READY: ResultStatus.DRAFT,
    Status.SCHEDULED: ResultStatus.DRAFT,
    Status.JOINING: ResultStatus.STARTED,
    Status.IN_PROGRESS: ResultStatus.STARTED,
    Status.RECONNECTING: ResultStatus.STARTED,
    Status.EVALUATING: ResultStatus.COMPLETED,
    Status.IN_REVIEW: ResultStatus.COMPLETED,
    Status.COMPLETED: ResultStatus.COMPLETED,
    Status.CANCELLED: ResultStatus.CANCELLED,
    Status.REJECTED: ResultStatus.CANCELLED,
    Status.EXPIRED: ResultStatus.CANCELLED,
    Status.FAILED: ResultStatus.FAILED,
    Status.NO_SHOW: ResultStatus.FAILED,
}
WEAK, MODERATE, STRONG = 2, 3, 4  # the levels of a criterion whose anchors are told as expectations

# Fields of ours that have another name there, as a problem's place may name them.
FIELDS: Mapping[str, str] = {
    "template_id": "interview_template_id",
    "language": "mojito_language_code",
    "product": "type",
    "external_ref": "code",
    "max_attempts": "interview_attempts",
    "style": "interview_type",
    "minutes": "max_duration",
    "scoring": "custom_scoring",
    "plan": "questions",
    "title": "name",
    "available_until": "interview_available_till",
}


def recording_of(capture: IntegrityCapture | None) -> Recording | None:
    """Return what captures like that one are called; None for one that has no name there."""
    return next((name for name, one in CAPTURE.items() if one == capture), None)


def code_of(tag: str) -> str:
    """Return the code of a BCP 47 tag, which is the tag itself where there is none."""
    return CODES.get(tag, tag)


def location_of(text: str) -> dict[str, Any]:
    """Return a job's location from free text: a way of working, or else a place."""
    word = text.strip().lower()
    return {"work_mode": word} if word in {"onsite", "remote", "hybrid"} else {"city": text.strip()}
