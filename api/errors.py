"""Everything the control plane refuses or fails at. HTTP statuses live in `api/problems.py` alone.

ControlPlaneError
 ├─ BadSettings            settings that cannot work, each named
 ├─ OldDatabase            tables of another revision than this program's
 ├─ Unauthorised           no token, or one that is forged, expired or meant for something else
 │   ├─ KeyRefused             an API key that is unknown, revoked or expired
 │   ├─ TicketRefused          a ticket that is unknown, used or expired
 │   └─ Forbidden              a good token that does not allow this
 │       ├─ LacksScope             it lacks a scope
 │       ├─ PeopleOnly             it is a program's, and this is for people to do
 │       ├─ NotSigned              a telephone provider's request that it did not sign
 │       ├─ NotNamed               it is nobody's who holds this interview
 │       └─ EmbedRefused           a signed visit to an embedded posting that is forged, late, used or misplaced
 ├─ IssuerUnavailable      the keys of the tokens' issuer can't be had just now (retryable)
 ├─ RateLimited            too many requests (retryable, after the time it says)
 ├─ NotFound               nothing by this id for this tenant
 ├─ Conflict               the thing is in a state that does not allow this
 │   ├─ IllegalMove            a status was asked to move where no arrow leads
 │   ├─ NotYet                 it will exist later in the interview's life
 │   ├─ AttemptsExhausted      as many attempts were made as the interview allows
 │   ├─ CannotRejoin           there is no call that a bot could be sent back into
 │   │   ├─ BeingStopped           its bot was told to leave, and that holds
 │   │   ├─ BeingStarted           its bot is just being sent (retryable)
 │   │   ├─ BeingWrittenUp         its call has just ended (retryable)
 │   │   └─ EndedByCandidate       the candidate ended it, and that holds
 │   ├─ MeetingNotSupported    no bot can join meetings there
 │   ├─ NotByPhone             no bot waits for this call
 │   ├─ SessionNotEnded        the call is not over, or never was
 │   ├─ NoConsent              the candidate did not agree to it, or took that back
 │   │   ├─ ConsentNotStated       whoever imports a transcript does not say that the candidate agreed
 │   │   └─ Objected               somebody objected in the call, and nothing of it was kept
 │   ├─ NoEvaluation           phase 1 comes before phase 2
 │   ├─ ReEvaluationLimit      it was evaluated as often as it may be
 │   ├─ AssessmentNotAvailable nothing was rated yet
 │   │   └─ ScorecardFirst         it was, and waits for an interviewer's own scorecard
 │   └─ CoachingDecidesNothing practice ends in no decision
 ├─ Stale                  the thing changed since the caller read it (`If-Match`)
 ├─ Taken                  another thing of this tenant has that name already
 ├─ InUse                  other things name this one, so it can't go
 ├─ Invalid                a value that parsed but cannot be used; says where, what and what to do
 │   ├─ JobSourceConflict      a new interview's job is named in more than one way
 │   ├─ JobRequired            the candidate is one for several jobs, and none is named
 │   ├─ BadTranscript          a transcript from elsewhere that can't be read
 │   │   └─ SpeakersUnclear        it does not show who the candidate is
 │   ├─ NoAnswers              nobody said anything that could be rated
 │   ├─ ScheduleTooFar         a start further ahead than can be planned
 │   ├─ TooLarge               more bytes than are taken
 │   └─ KeyReused              an idempotency key that came with another request before
 ├─ StillRunning           the first request with this idempotency key is being carried out (retryable)
 ├─ SecretShownOnce        the answer to this idempotency key held a secret that is not kept
 ├─ NoCapacity             no room for another bot at this moment (retryable)
 ├─ LaunchFailed           the bot could not be started (retryable)
 ├─ ModelFailed            a chat model gave nothing that can be used (retryable); whoever asked does without
 │   ├─ ModelUnavailable       no answer: late, unreachable, refused, half, too long or of another shape
 │   └─ ModelAnswerUnusable    an answer that is not what was asked for, twice
 ├─ RecordingElsewhere     it lies with a replica that can't be reached (retryable)
 ├─ VoiceUnavailable       nothing can be read aloud just now (retryable)
 ├─ UplinkRefused          a bot may not report here
 │   ├─ Superseded             a newer incarnation of the bot exists
 │   └─ AttemptOver            the attempt ended some time ago, or never was
 └─ StreamBroken           a live subscription can't go on (retryable: resume from the last number)
     ├─ SlowReader             the reader fell behind the ring
     └─ BusUnavailable         the event bus can't be reached
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


class ControlPlaneError(Exception):
    """Root of this package's errors. code: stable name for machines."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False


class BadSettings(ControlPlaneError):
    """Settings that cannot work. complaints: one sentence for each, naming the setting."""

    code = "bad_settings"

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


class OldDatabase(ControlPlaneError):
    """Tables of another revision than this program's. found: None for an empty database."""

    code = "old_database"

    def __init__(self, found: str | None, wanted: str) -> None:
        if found is None or found < wanted:
            super().__init__(f"The database is at revision {found or 'none'}, not {wanted}; run `vivavoce db upgrade`.")
        else:
            super().__init__(f"The database is at revision {found}, newer than {wanted}; run the newer program.")
        self.found, self.wanted = found, wanted


class Unauthorised(ControlPlaneError):
    """No token, or one that is forged, expired or meant for something else. reason: which of these."""

    code = "unauthorised"
    what: ClassVar[str] = "token"  # what was refused

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class KeyRefused(Unauthorised):
    """An API key that opens nothing. reason: `unknown`, `revoked` or `expired`."""

    what = "key"


class TicketRefused(Unauthorised):
    """A ticket that opens nothing. reason: `unknown`, `used` or `expired`."""

    what = "ticket"


class Forbidden(Unauthorised):
    """A good token that does not allow this."""

    code = "forbidden"


class LacksScope(Forbidden):
    """A good token without the scope that is needed. required: that scope."""

    def __init__(self, required: str) -> None:
        super().__init__("scope", f"Insufficient permissions. Required: {required}")
        self.required = required


class PeopleOnly(Forbidden):
    """A program's token, where only people may judge and decide."""

    code = "people_only"

    def __init__(self, subject: str) -> None:
        super().__init__(
            "person",
            f"Only people may do this, and {subject!r} is a program; send the token of whoever does it: one of your "
            "own issuer, or one made with `vivavoce token --subject NAME`.",
        )


class NotNamed(Forbidden):
    """A good token or link of somebody who does not hold this interview. reason: not_an_interviewer or not_named."""

    code = "not_a_named_interviewer"


class NotSigned(Forbidden):
    """What is for a telephone provider to ask, and none signed. reason: `unsigned` or `forged`."""

    code = "not_signed"


class IssuerUnavailable(ControlPlaneError):
    """The keys of the tokens' issuer can't be had just now."""

    code = "issuer_unavailable"
    retryable = True


class RateLimited(ControlPlaneError):
    """Too many requests. window: minute or hour; limit: how many it allows; headers: what the answer carries."""

    code = "rate_limited"
    retryable = True

    def __init__(
        self, window: str, limit: int, retry_after_s: int, headers: Mapping[str, str], of: str = "requests"
    ) -> None:
        super().__init__(
            f"At most {limit} {of} in a{'n' if window == 'hour' else ''} {window}; wait {retry_after_s} s."
        )
        self.window, self.limit, self.retry_after_s, self.headers = window, limit, retry_after_s, headers


class EmbedRefused(Forbidden):
    """A signed visit to an embedded posting that is forged, late, used before or misplaced. reason: which of these."""

    code = "embed_refused"


class NotFound(ControlPlaneError):
    """Nothing by this id for this tenant."""

    code = "not_found"

    def __init__(self, what: str, id_: str) -> None:
        super().__init__(f"There is no {what} {id_!r}.")


class Conflict(ControlPlaneError):
    """The thing is in a state that does not allow this."""

    code = "conflict"

    def __init__(self, detail: str, *, current_status: str) -> None:
        super().__init__(detail)
        self.current_status = current_status


class IllegalMove(Conflict):
    """A status was asked to move where no arrow leads."""

    code = "illegal_transition"

    def __init__(self, status: str, to: str) -> None:
        super().__init__(f"An interview that is {str(status)!r} can't become {str(to)!r}.", current_status=status)
        self.to = to


class NotYet(Conflict):
    """It will exist later in the interview's life."""

    code = "not_available_yet"


class AttemptsExhausted(Conflict):
    """As many attempts were made as the interview allows."""

    code = "attempts_exhausted"


class CannotRejoin(Conflict):
    """There is no call that a bot could be sent back into."""

    code = "cannot_rejoin"


class BeingStopped(CannotRejoin):
    """Its bot was told to leave, and that holds."""

    code = "being_stopped"


class BeingStarted(CannotRejoin):
    """Its bot is just being sent."""

    code = "being_started"
    retryable = True


class BeingWrittenUp(CannotRejoin):
    """Its call has just ended."""

    code = "being_written_up"
    retryable = True


class EndedByCandidate(CannotRejoin):
    """The candidate ended it, and that holds."""

    code = "ended_by_candidate"


class MeetingNotSupported(Conflict):
    """No bot can join meetings there."""

    code = "meeting_not_supported"


class NotByPhone(Conflict):
    """No bot waits for this call."""

    code = "not_by_phone"


class Stale(ControlPlaneError):
    """The thing changed since the caller read it. current: its version now."""

    code = "stale_version"

    def __init__(self, what: str, id_: str, current: int) -> None:
        super().__init__(f"The {what} {id_!r} is at version {current} now; read it again and repeat the change.")
        self.current = current


class Taken(ControlPlaneError):
    """Another thing of this tenant has that name already. existing: its id, where it may be told."""

    code = "already_exists"

    def __init__(self, detail: str, existing: str | None = None) -> None:
        super().__init__(detail)
        self.existing = existing


class InUse(ControlPlaneError):
    """Other things name this one, so it can't go. users: the ids of some of them."""

    code = "in_use"

    def __init__(self, what: str, id_: str, by: str, users: Sequence[str]) -> None:
        super().__init__(f"The {what} {id_!r} is used by {by} {', '.join(users)}; change or delete what uses it first.")
        self.users = tuple(users)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with what was sent. loc: where it is; what: what is wrong; todo: what to do."""

    loc: tuple[str | int, ...]
    what: str
    todo: str


class Invalid(ControlPlaneError):
    """A value that parsed but cannot be used."""

    code = "invalid"

    def __init__(self, *complaints: Complaint) -> None:
        super().__init__("; ".join(complaint.what for complaint in complaints))
        self.complaints = complaints


class JobSourceConflict(Invalid):
    """A new interview's job is named in more than one way."""

    code = "job_source_conflict"


class JobRequired(Invalid):
    """The candidate is one for several jobs, and none is named."""

    code = "job_required"


class TooLarge(Invalid):
    """More bytes than are taken."""

    code = "content_too_large"


class KeyReused(Invalid):
    """An idempotency key that came with another request before."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        what = "was used with another path or body"
        super().__init__(Complaint(("header", "Idempotency-Key"), what, "send a new key with a new request"))


class StillRunning(ControlPlaneError):
    """The first request with this idempotency key is being carried out."""

    code = "request_in_progress"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still being carried out.")


class SecretShownOnce(ControlPlaneError):
    """The answer to this idempotency key held a secret that is not kept. location: of what was made."""

    code = "secret_shown_once"

    def __init__(self, location: str | None) -> None:
        made = f" What was made is at {location}." if location else ""
        super().__init__(
            f"This was done, and its answer held a secret that is shown once.{made} If it was lost, make a new one."
        )


class ScheduleTooFar(Invalid):
    """A start further ahead than can be planned."""

    code = "schedule_too_far"


class NoCapacity(ControlPlaneError):
    """No room for another bot at this moment."""

    code = "no_capacity"
    retryable = True


class LaunchFailed(ControlPlaneError):
    """The bot could not be started."""

    code = "launch_failed"
    retryable = True


class RecordingElsewhere(ControlPlaneError):
    """The recording lies with another replica, which can't be reached."""

    code = "recording_elsewhere"
    retryable = True

    def __init__(self, interview_id: str) -> None:
        super().__init__(
            f"The recording of interview {interview_id!r} lies with another server, which can't be reached now; try "
            "again later."
        )


class ModelFailed(ControlPlaneError):
    """A chat model gave nothing that can be used. cause: one word for why; the message holds no word of its answer."""

    code = "model_failed"
    retryable = True

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause


class ModelUnavailable(ModelFailed):
    """No answer came. cause: late, unreachable, refused, half, too_long or odd."""

    code = "model_unavailable"


class ModelAnswerUnusable(ModelFailed):
    """The answer is not what was asked for. complaints: what is wrong with it, where."""

    code = "model_answer_unusable"

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("unusable", "The chat model's answer can't be used: " + "; ".join(complaints))
        self.complaints = tuple(complaints)


class VoiceUnavailable(ControlPlaneError):
    """Nothing can be read aloud just now; says why."""

    code = "voice_unavailable"
    retryable = True


class UplinkRefused(ControlPlaneError):
    """A bot may not report here."""

    code = "uplink_refused"


class Superseded(UplinkRefused):
    """A newer incarnation of the bot exists."""

    code = "superseded"


class AttemptOver(UplinkRefused):
    """The attempt ended some time ago, or never was."""

    code = "attempt_over"


class StreamBroken(ControlPlaneError):
    """A live subscription can't go on; resume from the last number."""

    code = "stream_broken"
    retryable = True


class SlowReader(StreamBroken):
    """The reader fell behind the ring."""

    code = "slow_reader"


class BusUnavailable(StreamBroken):
    """The event bus can't be reached."""

    code = "bus_unavailable"


class SessionNotEnded(Conflict):
    """The call is not over, or never was. available_from_status: where it will be."""

    code = "session_not_ended"

    def __init__(self, current_status: str, available_from_status: str) -> None:
        detail = f"No call of this interview has ended (it is {current_status!r}); ask again once one has."
        super().__init__(detail, current_status=current_status)
        self.available_from_status = available_from_status


class NoConsent(Conflict):
    """The candidate did not agree to it, or took that back. kind: to what; state: refused or withdrawn."""

    code = "no_consent"

    def __init__(self, kind: str, state: str, consent_id: str, since: str, *, current_status: str) -> None:
        super().__init__(
            f"The candidate's consent {consent_id!r} to {kind} is {state} since {since}; only the candidate can give "
            "it again, in another attempt.",
            current_status=current_status,
        )
        self.kind, self.state = kind, state


class ConsentNotStated(NoConsent):
    """Whoever imports a transcript does not say that the candidate agreed."""

    def __init__(self, kind: str, *, current_status: str) -> None:
        Conflict.__init__(
            self,
            f"Nothing says that the candidate agreed to {kind}; send consent: given, method and at, as they gave it.",
            current_status=current_status,
        )
        self.kind, self.state = kind, "not_stated"


class Objected(NoConsent):
    """Somebody objected in the call, and nothing of it was kept."""

    def __init__(self, *, current_status: str) -> None:
        Conflict.__init__(
            self,
            "Somebody objected to being recorded or assessed in this call, and what was said was thrown away; GET "
            "…/receipts tells who, when and what. Another attempt can be evaluated.",
            current_status=current_status,
        )


class NoEvaluation(Conflict):
    """Phase 1 comes before phase 2."""

    code = "no_evaluation"


class ReEvaluationLimit(Conflict):
    """It was evaluated as often as it may be. limit: how often again."""

    code = "re_evaluation_limit"

    def __init__(self, limit: int, *, current_status: str) -> None:
        detail = f"It was evaluated again {limit} times, which is all; the newest version stays."
        super().__init__(detail, current_status=current_status)
        self.limit = limit


class AssessmentNotAvailable(Conflict):
    """Nothing was rated yet. available_from_status: from where on it can be."""

    code = "assessment_not_available"

    def __init__(self, current_status: str, available_from_status: str) -> None:
        super().__init__(
            "Nothing was rated yet; once the call has ended POST …/evaluate and …/generate-score.",
            current_status=current_status,
        )
        self.available_from_status = available_from_status


class ScorecardFirst(AssessmentNotAvailable):
    """The AI's levels are sealed until an interviewer's scorecard is in. They may not even be there yet."""

    code = "scorecard_first"

    def __init__(self, current_status: str) -> None:
        detail = (
            "People held this interview: the AI's levels wait for a scorecard. Whoever held it submits theirs (POST "
            "…/scorecards); others may open the levels without one, with a reason (POST …/evaluations/open)."
        )
        Conflict.__init__(self, detail, current_status=current_status)
        self.available_from_status = current_status


class CoachingDecidesNothing(Conflict):
    """Practice ends in no decision."""

    code = "coaching_decides_nothing"

    def __init__(self, *, current_status: str) -> None:
        super().__init__("This interview is coaching, which never ends in a decision.", current_status=current_status)


class NoAnswers(Invalid):
    """Nobody said anything that could be rated."""

    code = "no_answers"


class BadTranscript(Invalid):
    """A transcript from elsewhere that can't be read; says on which line, and what to do."""

    code = "bad_transcript"


class SpeakersUnclear(BadTranscript):
    """A transcript that does not show who the candidate is. speakers: everybody who speaks in it."""

    code = "speakers_unclear"

    def __init__(self, what: str, todo: str, speakers: Sequence[str]) -> None:
        super().__init__(Complaint(("body", "candidate"), what, todo))
        self.speakers = tuple(speakers)
