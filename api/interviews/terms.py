"""What an interview was asked to be: from a request into its row, and from its row back for a change."""

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from api.errors import Invalid
from api.interviews.schemas import PLAN_SOURCES, CreateInterview, StartPolicy
from api.interviews.states import Status
from api.interviews.tables import InterviewRow
from api.problems import complaints_of
from api.records.service import merge_patch
from bot.plan import Plan
from bot.spec import Limits

PLAIN = (
    "candidate_id",
    "job_id",
    "template_id",
    "agent_id",
    "round",
    "root_interview_id",
    "purpose",
    "external_ref",
    "callback_url",
    "meeting_url",
    "review_plan",
    "evaluate_at_end",
    "max_attempts",
    "organisation",
    "bot_name",
)


def replans(patch: dict[str, Any]) -> bool:
    """Tell whether a change of an interview asks for another plan."""
    return any(patch.get(source) is not None for source in PLAN_SOURCES)


def columns(wanted: CreateInterview, plan: Plan, limits: Limits, candidate_name: str) -> dict[str, Any]:
    """Return what a request says, by the columns it is kept in; when it starts is not among them."""
    return {name: getattr(wanted, name) for name in PLAIN} | {
        "title": wanted.title or plan.title,
        "mode": wanted.mode.value,
        "language": plan.language,
        "plan": plan.model_dump(mode="json"),
        "limits": limits.model_dump(mode="json"),
        "candidate_name": candidate_name,
        "own_data": wanted.metadata,
        "brief": wanted.brief.model_dump(mode="json") if wanted.brief else None,
    }


def changed(row: InterviewRow, patch: dict[str, Any]) -> CreateInterview:
    """Return the request that would have made the interview as `patch` (RFC 7396) wants it; raise `Invalid`.

    Questions or the name of a plan take the place of the plan there is; what came from it goes with it.
    """
    base = _request(row)
    if isinstance(patch.get("brief"), dict):
        base["brief"] = row.brief or {}
    if replans(patch):
        base.pop("language")
        if row.title == row.plan.get("title"):
            base.pop("title")
    if any(patch.get(source) is not None for source in PLAN_SOURCES[1:]):
        base.pop("plan")
    if isinstance(patch.get("start"), dict) and patch["start"].get("policy") not in (None, StartPolicy.AT):
        base["start"].pop("scheduled_at", None)  # it belonged to the policy that goes
    try:
        return CreateInterview.model_validate_json(json.dumps(merge_patch(base, patch)))
    except ValidationError as error:
        raise Invalid(*complaints_of(error, "body")) from None


def fingerprint(wanted: CreateInterview) -> str:
    """Return what a request can be known again by."""
    return hashlib.sha256(json.dumps(wanted.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def waiting(policy: StartPolicy) -> Status:
    """Return where an interview with a plan stands before its call."""
    return Status.SCHEDULED if policy in {StartPolicy.AT, StartPolicy.NOW} else Status.READY


def _request(row: InterviewRow) -> dict[str, Any]:
    start: dict[str, Any] = {"policy": row.start_policy}
    if row.start_policy == StartPolicy.AT and row.scheduled_at is not None:
        start["scheduled_at"] = row.scheduled_at.isoformat()
    known = {name: getattr(row, name) for name in (*PLAIN, "title", "mode", "language", "plan", "limits")}
    request = known | {
        "candidate": {"name": row.candidate_name},
        "metadata": row.own_data,
        "start": start,
        "draft": row.status == Status.DRAFT,
    }
    return {name: value for name, value in request.items() if value is not None}
