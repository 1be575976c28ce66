"""Where an interview stands: a table, the one function that moves it, and how a call's end becomes a status."""

from collections.abc import Mapping
from enum import StrEnum

from api.errors import IllegalMove
from bot.state import EndReason


class Status(StrEnum):
    """The life of an interview."""

    DRAFT = "draft"
    INFO_NEEDED = "info_needed"  # something is missing that a plan can't be made without
    PLANNING = "planning"  # its plan is being made
    PLAN_REVIEW = "plan_review"  # a person looks at the plan
    READY = "ready"
    SCHEDULED = "scheduled"  # a bot is sent by itself when its time comes
    JOINING = "joining"  # a bot is on its way, or waits in the room
    IN_PROGRESS = "in_progress"
    RECONNECTING = "reconnecting"  # the candidate's connection, or the bot's, dropped
    EVALUATING = "evaluating"  # the call is over, the summary is being written
    IN_REVIEW = "in_review"  # a person looks at the evaluation
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    NO_SHOW = "no_show"
    REJECTED = "rejected"  # a person refused its plan
    EXPIRED = "expired"  # it was not started when it should have been


class AttemptKind(StrEnum):
    """How a try at an interview was held."""

    CALL = "call"  # by a bot
    IMPORTED = "imported"  # elsewhere; its transcript was sent


_S = Status
_ENDINGS = frozenset({_S.EVALUATING, _S.CANCELLED, _S.FAILED, _S.NO_SHOW})
_AGAIN = frozenset({_S.READY})  # another attempt
_BACK = _AGAIN | {_S.JOINING, _S.RECONNECTING}  # or, soon after its end, the same one goes on
# From before a call; to `evaluating` without one: it was held elsewhere, and its transcript was imported.
_WAITING = frozenset({_S.PLAN_REVIEW, _S.JOINING, _S.EVALUATING, _S.EXPIRED, _S.CANCELLED})
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    _S.DRAFT: frozenset({_S.INFO_NEEDED, _S.PLANNING, _S.PLAN_REVIEW, _S.READY, _S.SCHEDULED, _S.CANCELLED}),
    _S.INFO_NEEDED: frozenset({_S.PLANNING, _S.READY, _S.SCHEDULED, _S.REJECTED, _S.EXPIRED, _S.CANCELLED}),
    _S.PLANNING: frozenset({_S.INFO_NEEDED, _S.PLAN_REVIEW, _S.READY, _S.SCHEDULED, _S.FAILED, _S.CANCELLED}),
    _S.PLAN_REVIEW: frozenset({_S.PLANNING, _S.READY, _S.SCHEDULED, _S.REJECTED, _S.EXPIRED, _S.CANCELLED}),
    _S.READY: _WAITING | {_S.SCHEDULED},
    _S.SCHEDULED: _WAITING | {_S.READY},
    _S.JOINING: _ENDINGS | {_S.IN_PROGRESS, _S.READY, _S.SCHEDULED},  # back: no bot could be started
    _S.IN_PROGRESS: _ENDINGS | {_S.RECONNECTING},
    _S.RECONNECTING: _ENDINGS | {_S.IN_PROGRESS},
    _S.EVALUATING: frozenset({_S.IN_REVIEW, _S.COMPLETED, _S.CANCELLED, _S.FAILED, _S.NO_SHOW}),
    _S.IN_REVIEW: frozenset({_S.EVALUATING, _S.COMPLETED}),
    _S.COMPLETED: _AGAIN,
    _S.CANCELLED: _BACK,
    _S.FAILED: _BACK,
    _S.NO_SHOW: _AGAIN,
    _S.EXPIRED: _AGAIN,
    _S.REJECTED: frozenset(),
}
TERMINAL = frozenset(status for status, to in TRANSITIONS.items() if to <= _BACK)  # nothing more by itself
REPEATABLE = TERMINAL & {status for status, to in TRANSITIONS.items() if to}  # another attempt may follow
OVER = TERMINAL | {_S.EVALUATING, _S.IN_REVIEW}  # nothing will be said any more
STARTABLE = frozenset({_S.DRAFT, _S.READY, _S.SCHEDULED})
EDITABLE = STARTABLE | {_S.INFO_NEEDED, _S.PLAN_REVIEW}
CALLING = frozenset({_S.JOINING, _S.IN_PROGRESS, _S.RECONNECTING})  # a bot is at work


def advance(status: Status, to: Status) -> Status:
    """Return `to`, or raise `IllegalMove` when no arrow leads there."""
    if to not in TRANSITIONS[status]:
        raise IllegalMove(status, to)
    return to


_R = EndReason
# What a call's end means: with at least one answer, and with none. Who stopped early still gave an interview as far
# as it went; who gave nothing did not have one; and what was our fault is never theirs.
OUTCOMES: Mapping[EndReason, tuple[Status, Status]] = {
    _R.COMPLETED: (_S.COMPLETED, _S.COMPLETED),
    _R.MAX_DURATION: (_S.COMPLETED, _S.FAILED),
    _R.STOPPED_BY_CANDIDATE: (_S.COMPLETED, _S.CANCELLED),
    _R.HUMAN_REQUESTED: (_S.COMPLETED, _S.CANCELLED),
    _R.CANDIDATE_LEFT: (_S.COMPLETED, _S.CANCELLED),
    _R.NO_INTERVIEWER: (_S.CANCELLED, _S.CANCELLED),
    _R.CANDIDATE_SILENT: (_S.COMPLETED, _S.FAILED),
    _R.CONSENT_DECLINED: (_S.CANCELLED, _S.CANCELLED),
    _R.CANCELLED: (_S.CANCELLED, _S.CANCELLED),
    _R.NO_SHOW: (_S.NO_SHOW, _S.NO_SHOW),
    _R.MEDIA_FAILED: (_S.FAILED, _S.FAILED),
    _R.SPEECH_UNAVAILABLE: (_S.FAILED, _S.FAILED),
    _R.CONNECTION_LOST: (_S.FAILED, _S.FAILED),
    _R.BOT_CRASHED: (_S.FAILED, _S.FAILED),
    _R.NO_CAPACITY: (_S.FAILED, _S.FAILED),
    _R.MEETING_UNREACHABLE: (_S.FAILED, _S.FAILED),
    _R.MEETING_NOT_FOUND: (_S.FAILED, _S.FAILED),
    _R.MEETING_LOCKED: (_S.FAILED, _S.FAILED),
    _R.MEETING_FULL: (_S.FAILED, _S.FAILED),
    _R.SIGN_IN_REQUIRED: (_S.FAILED, _S.FAILED),
    _R.BROWSER_MISSING: (_S.FAILED, _S.FAILED),
    _R.BROWSER_CRASHED: (_S.FAILED, _S.FAILED),
    # What the people in a meeting decided. Whom the bot waited for outside is not known, so nobody failed to show up.
    _R.LOBBY_TIMEOUT: (_S.CANCELLED, _S.CANCELLED),
    _R.ADMISSION_DENIED: (_S.CANCELLED, _S.CANCELLED),
    _R.REMOVED_FROM_MEETING: (_S.COMPLETED, _S.CANCELLED),
    _R.MEETING_ENDED: (_S.COMPLETED, _S.CANCELLED),
}


def outcome(reason: EndReason, *, answered: bool) -> Status:
    """Return the status of an interview whose call ended for `reason`. answered: the candidate answered something."""
    with_answers, without = OUTCOMES[reason]
    return with_answers if answered else without
