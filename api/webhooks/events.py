"""What webhooks can be told, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

EVERYTHING = "*"
PING = "ping"
CALLBACK = "callback"  # nothing happens by this name: it stands for all that interviews with this callback_url tell
STATUS = "interview.status"
EVALUATED = "evaluation.completed"
REMINDER = "interview.reminder"  # it begins before long
# A change of status has a second name when it leads here.
PROJECTIONS: Mapping[str, str] = {
    "in_progress": "interview.started",
    "completed": "interview.completed",
    "failed": "interview.failed",
    "cancelled": "interview.cancelled",
    "no_show": "interview.no_show",
    "rejected": "interview.rejected",
    "expired": "interview.expired",
}
NAMES = (STATUS, *PROJECTIONS.values(), REMINDER, EVALUATED, CALLBACK, PING)
_BACK_AGAIN = "reconnecting"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened. data: ids and states, never what was said or who said it."""

    type: str
    at: datetime
    data: Mapping[str, Any]


def names_of(type_: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every name an event goes by: a change of status to "failed" is an `interview.failed` too."""
    if type_ != STATUS:
        return (type_,)
    second = PROJECTIONS.get(data["status"])
    started_before = data["status"] == "in_progress" and data["previous"] == _BACK_AGAIN
    return (STATUS,) if second is None or started_before else (STATUS, second)
