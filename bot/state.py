"""Where a bot stands: a table and the one function that moves it; and the codes its process ends with."""

from collections.abc import Mapping
from enum import StrEnum

from bot.errors import IllegalTransition

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_HANDED_OVER = 76  # its host goes down: another incarnation is to go on with the call
EXIT_REPLACED = 75  # another incarnation, or nobody, is this bot now (EX_TEMPFAIL)


class BotState(StrEnum):
    """The life of one incarnation. Recording or being muted are flags, not states."""

    LAUNCHING = "launching"
    JOINING = "joining"
    WAITING_ROOM = "waiting_room"  # a meeting's own: somebody has to let the bot in
    WAITING = "waiting"
    IN_CALL = "in_call"
    LEAVING = "leaving"
    DONE = "done"
    FAILED = "failed"


_S = BotState
TRANSITIONS: Mapping[BotState, frozenset[BotState]] = {
    _S.LAUNCHING: frozenset({_S.JOINING, _S.FAILED}),
    _S.JOINING: frozenset({_S.WAITING_ROOM, _S.WAITING, _S.LEAVING, _S.FAILED}),
    _S.WAITING_ROOM: frozenset({_S.WAITING, _S.LEAVING, _S.FAILED}),
    _S.WAITING: frozenset({_S.IN_CALL, _S.LEAVING, _S.FAILED}),
    _S.IN_CALL: frozenset({_S.LEAVING, _S.FAILED}),
    _S.LEAVING: frozenset({_S.DONE, _S.FAILED}),
    _S.DONE: frozenset(),
    _S.FAILED: frozenset(),
}


def advance(state: BotState, to: BotState) -> BotState:
    """Return `to`, or raise `IllegalTransition` when no arrow leads there."""
    if to not in TRANSITIONS[state]:
        raise IllegalTransition(state, to)
    return to


class EndReason(StrEnum):
    """Why a call ended; the interview's `status_reason`."""

    COMPLETED = "completed"
    CONSENT_DECLINED = "consent_declined"
    STOPPED_BY_CANDIDATE = "stopped_by_candidate"
    HUMAN_REQUESTED = "human_requested"
    NO_SHOW = "no_show"
    MEDIA_FAILED = "media_failed"
    CANDIDATE_SILENT = "candidate_silent"
    CANDIDATE_LEFT = "candidate_left"
    NO_INTERVIEWER = "no_interviewer"  # people were to lead, and the candidate was there alone
    MAX_DURATION = "max_duration"
    CANCELLED = "cancelled"
    SPEECH_UNAVAILABLE = "speech_unavailable"
    CONNECTION_LOST = "connection_lost"
    BOT_CRASHED = "bot_crashed"
    NO_CAPACITY = "no_capacity"  # its bot was lost, and nowhere was room for another
    # Of meetings elsewhere:
    MEETING_UNREACHABLE = "meeting_unreachable"  # its page does not open, or is none that we know
    MEETING_NOT_FOUND = "meeting_not_found"
    MEETING_LOCKED = "meeting_locked"  # its PIN, password or key is missing or wrong
    MEETING_FULL = "meeting_full"
    SIGN_IN_REQUIRED = "sign_in_required"
    LOBBY_TIMEOUT = "lobby_timeout"  # nobody let the bot in
    ADMISSION_DENIED = "admission_denied"
    REMOVED_FROM_MEETING = "removed_from_meeting"
    MEETING_ENDED = "meeting_ended"
    BROWSER_MISSING = "browser_missing"
    BROWSER_CRASHED = "browser_crashed"
