"""What JobMojito's calls ask for, in our words."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import chain
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.agents import Tone
from api.dialects.jobmojito.schemas import JobMojitoCandidate, JobMojitoCreate, JobMojitoPerson, JobMojitoUpdate
from api.dialects.jobmojito.tables import CAPTURE, SENIORITY, SESSION, STATUS_OF, VISIBILITY, Reach, State, location_of
from api.dialects.jobmojito.words import OWN, own
from api.drafting.schemas import USUAL_QUESTIONS, DocumentIn, ScoringIn
from api.errors import Complaint, Invalid
from api.jobs import Seniority
from api.languages import canonical
from api.moments import rfc3339
from api.problems import complaints_of
from api.publishing.schemas import Changes, Offer, Position, Publication
from api.publishing.service import INFERRED
from api.templates import tone_of
from api.templates.conduct import Style
from bot.plan import Plan

SHORTEST_TITLE = 5  # of our jobs
ECHOED = (
    "interview_template_id",
    "candidate_video_introduction",
    "knowledge_base_store_id",
    "candidate_expectations",
    "additional_context",
    "instructional_video",
    "instructional_video_custom_text",
    "interview_length",
    "max_duration",
)
OF_A_POSITION = {  # how the call for one candidate names what the call for an interview takes
    "position_name": "name",
    "position_location": "location",
    "mojito_language_code": "mojito_language_code",
    "interview_template_id": "interview_template_id",
}
ALIKE = (
    *("interview_attempts", "seniority_level", "result_view", "candidate_video_introduction", "max_duration"),
    *("welcome_message", "thank_you_message", "instructional_video", "instructional_video_custom_text"),
    *("include_rapport_question", "include_closing_prompt", "use_enhanced_expectations", "custom_scoring"),
    "merchant_id",
)
USED_SCORING, OF_CRITERIA = "min_scored_weight", "criteria"
_SCORING = TypeAdapter(dict[str, ScoringIn])


def publication(wanted: JobMojitoCreate) -> Publication:
    """Return what is to be published."""
    return Publication(
        template_id=wanted.interview_template_id,
        position=_position(wanted),
        agent=_agent(wanted),
        template=_template(wanted),
        job=_job(wanted),
        posting=_posting(wanted),
        known_as=hashlib.sha256(wanted.model_dump_json().encode()).hexdigest(),
        embedded=bool(wanted.is_embedded),
    )


def warnings(wanted: JobMojitoCreate, tenant: str) -> list[str]:
    """Return what of a request has no effect, in sentences."""
    found = []
    if wanted.merchant_id not in (None, tenant):
        found.append("merchant_id was ignored: the token says whose interview this is.")
    if wanted.use_enhanced_expectations is not None:
        found.append("use_enhanced_expectations is reserved and was ignored.")
    if wanted.knowledge_base_store_id is not None:
        found.append(
            "knowledge_base_store_id is kept, but no document of it is read; send texts as additional_context."
        )
    if unknown := sorted(set(wanted.custom_scoring or ()) - {USED_SCORING, OF_CRITERIA}):
        found.append(f"custom_scoring: {', '.join(unknown)} is kept, but changes no score here.")
    return found


def position_of(wanted: JobMojitoCandidate) -> JobMojitoCreate:
    """Return the interview that a candidate's request describes; raise `Invalid` where it does not say enough."""
    missing = [name for name in OF_A_POSITION if getattr(wanted, name) is None]
    if missing:
        raise Invalid(
            *(
                Complaint(("body", name), "is missing, and position_def_set_id names no interview", "send one of both")
                for name in missing
            )
        )
    said = {theirs: getattr(wanted, ours) for ours, theirs in OF_A_POSITION.items()}
    return JobMojitoCreate.model_validate(
        said
        | {name: getattr(wanted, name) for name in ALIKE}
        | {
            "status": State.ACTIVE,
            "type": "interview",
            "visibility": Reach.INVITE,
            "code": wanted.position_external_id,
            "description": wanted.position_description,
            "description_long": wanted.position_description_long,
        }
    )


def person(said: Mapping[str, Any]) -> JobMojitoPerson:
    """Return whom a form is about; raise `Invalid`. form: JSON, as text."""
    try:
        form = json.loads(said["form"]) if said["form"] else None
        return JobMojitoPerson.model_validate({**said, "form": form})
    except ValidationError as error:
        raise Invalid(*complaints_of(error, "body")) from None
    except (ValueError, RecursionError):
        raise Invalid(Complaint(("body", "form"), "is not JSON", "send an object as JSON, or leave it out")) from None


def person_of(wanted: JobMojitoPerson) -> dict[str, Any]:
    """Return what a request says of a candidate that only JobMojito has a place for."""
    return wanted.model_dump(include={"candidate_country_code", "candidate_linkedin_url", "form"}, exclude_none=True)


def changes(wanted: JobMojitoUpdate, offer: Offer, plan: Plan | None) -> Changes:
    """Return what is to change in an offer. plan: that of the questions it is to have."""
    said = wanted.model_dump(mode="json", exclude_unset=True, exclude={"position_id", "questions"})
    template, agent = _template_changes(wanted, plan, said), _agent_changes(said)
    return Changes(
        posting=_posting_changes(wanted, said), template=template, agent=agent, job=_job_changes(said, offer)
    )


def _position(wanted: JobMojitoCreate) -> Position:
    given = (wanted.description, wanted.description_long)
    context = {name: tuple(_texts(value)) for name, value in (wanted.additional_context or {}).items()}
    texts = tuple(text for text in given if text) + tuple(chain.from_iterable(context.values()))
    return Position(
        title=wanted.name,
        location=wanted.location,
        language=canonical(wanted.mojito_language_code),
        texts=texts,
        seniority=_seniority(wanted),
        question_count=wanted.interview_length or USUAL_QUESTIONS,
        minutes=wanted.max_duration,
        expectations=wanted.candidate_expectations,
        documents=tuple(DocumentIn(title=name, text="\n".join(text)) for name, text in context.items() if text),
        scoring=_of_criteria(wanted.custom_scoring or {}),
    )


def _of_criteria(custom: Mapping[str, Any]) -> dict[str, ScoringIn]:
    """What is to differ for criteria, by their ids; raise `Invalid` for what can't be read as that."""
    try:
        return _SCORING.validate_python(custom.get(OF_CRITERIA, {}))
    except ValidationError as error:
        found = (replace(one, loc=("body", "custom_scoring", *one.loc)) for one in complaints_of(error, OF_CRITERIA))
        raise Invalid(*found) from None


def _seniority(wanted: JobMojitoCreate) -> Seniority | None:
    return SENIORITY[wanted.seniority_level] if wanted.seniority_level else None


def _agent(wanted: JobMojitoCreate) -> dict[str, Any]:
    patch: dict[str, Any] = {"product": wanted.type, "language": canonical(wanted.mojito_language_code)}
    return patch | (_voice(wanted.interview_tone) if wanted.interview_tone else {})


def _voice(tone: str) -> dict[str, Any]:
    known, _ = tone_of(tone.lower())
    return {"persona": {"tone": known}} | ({"cefr": "A2"} if known is Tone.SIMPLE else {})


def _template(wanted: JobMojitoCreate) -> dict[str, Any]:
    messages = {"welcome": wanted.welcome_message, "thank_you": wanted.thank_you_message}
    closing = wanted.include_closing_prompt
    patch: dict[str, Any] = {
        "style": wanted.interview_type or Style.PRE_SCREENING,
        "integrity_capture": CAPTURE[wanted.recording].model_dump() if wanted.recording else None,
        "session_recording": SESSION[wanted.recording_full_session] if wanted.recording_full_session else None,
        "messages": {name: text for name, text in messages.items() if text is not None},
        "toggles": {"rapport": bool(wanted.include_rapport_question), "closing": closing is None or closing},
    }
    patch |= {"result_view": wanted.result_view} if wanted.result_view else {}
    patch |= {"tone": wanted.interview_tone} if wanted.interview_tone else {}
    return patch | _scoring(wanted.custom_scoring or {})


def _scoring(custom: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {"metadata": {OWN: {"scoring": dict(custom)}}}
    return patch | ({"scoring": {USED_SCORING: custom[USED_SCORING]}} if USED_SCORING in custom else {})


def _job(wanted: JobMojitoCreate) -> dict[str, Any]:
    long = True if wanted.description_long else None
    kept = {"location": wanted.location, "description": wanted.description, "long": long}
    job = {
        "title": _title(wanted.name),
        "location": location_of(wanted.location),
        "metadata": {OWN: {name: value for name, value in kept.items() if value is not None}},
    }
    text, seniority = wanted.description_long or wanted.description, _seniority(wanted)
    return job | ({"description": text} if text else {}) | ({"seniority": seniority} if seniority else {})


def _title(name: str) -> str:
    return name if len(name) >= SHORTEST_TITLE else f"Position: {name}"


def _posting(wanted: JobMojitoCreate) -> dict[str, Any]:
    echoed = {name: value for name in ECHOED if (value := getattr(wanted, name)) is not None}
    return {
        "name": wanted.name,
        "status": STATUS_OF[State(wanted.status)],
        "visibility": VISIBILITY[wanted.visibility],
        "max_attempts": wanted.interview_attempts or 1,
        "cover_image_url": wanted.cover_image_url,
        "external_ref": wanted.code,
        "metadata": {OWN: echoed},
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _posting_changes(wanted: JobMojitoUpdate, said: Mapping[str, Any]) -> dict[str, Any]:
    patch = {
        ours: said[theirs]
        for theirs, ours in {
            "name": "name",
            "interview_attempts": "max_attempts",
            "code": "external_ref",
            "cover_image_url": "cover_image_url",
        }.items()
        if theirs in said
    }
    if wanted.status is not None and wanted.status in STATUS_OF:
        patch["status"] = STATUS_OF[wanted.status]
    if wanted.visibility is not None:
        patch["visibility"] = VISIBILITY[wanted.visibility]
    if "interview_available_till" in said:
        patch["available_until"] = _until(wanted.interview_available_till)
    echoed = {name: said[name] for name in ECHOED if name in said}
    return patch | ({"metadata": {OWN: echoed}} if echoed else {})


def _until(till: datetime | date | None) -> str | None:
    """A day counts to its end."""
    if till is None or isinstance(till, datetime):
        return None if till is None else rfc3339(till)
    return rfc3339(datetime.combine(till, time(23, 59, 59), UTC))


def _template_changes(wanted: JobMojitoUpdate, plan: Plan | None, said: Mapping[str, Any]) -> dict[str, Any]:
    names = {"name": "name", "interview_type": "style", "result_view": "result_view", "interview_tone": "tone"}
    patch: dict[str, Any] = {ours: said[theirs] for theirs, ours in names.items() if theirs in said}
    if "recording" in said:
        patch["integrity_capture"] = CAPTURE[wanted.recording].model_dump() if wanted.recording else None
    if "recording_full_session" in said:
        full = wanted.recording_full_session
        patch["session_recording"] = SESSION[full] if full else None
    if wanted.custom_scoring is not None:
        patch |= _scoring(wanted.custom_scoring)
    if plan is not None and (wanted.questions is not None or wanted.max_duration is not None):
        minutes = wanted.max_duration or plan.minutes
        patch["plan"] = plan.model_copy(update={"minutes": minutes}).model_dump(mode="json")
    return patch


def _agent_changes(said: Mapping[str, Any]) -> dict[str, Any]:
    patch = {"product": said["type"]} if "type" in said else {}
    return patch | (_voice(said["interview_tone"] or Tone.RELAXED.value) if "interview_tone" in said else {})


def _job_changes(said: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    kept = {name: said[name] for name in ("location", "description") if name in said}
    if "name" in said:
        patch["title"] = _title(said["name"])
    if "location" in said:
        patch["location"] = {"work_mode": None, "city": None} | location_of(said["location"])
    if "description_long" in said:
        kept["long"] = True if said["description_long"] else None
        patch["description"] = said["description_long"] or said.get("description", own(offer.job).get("description"))
    elif "description" in said and not own(offer.job).get("long"):
        patch["description"] = said["description"]
    if "seniority_level" in said:
        patch["seniority"] = SENIORITY[said["seniority_level"]] if said["seniority_level"] else None
        patch["metadata"] = {INFERRED: None}
    if kept:
        patch.setdefault("metadata", {})[OWN] = kept
    return patch
