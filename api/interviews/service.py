"""What can be done with interviews. Each method is one transaction, but for `start`, which must not hold one while a
bot is being started. What concerns single attempts is in `api/interviews/attempts.py`."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError

from api import audit
from api.auth import Caller
from api.database import Database, Transaction
from api.errors import Complaint, Conflict, Invalid, MeetingNotSupported, NotFound, Taken
from api.events import Event
from api.events.publisher import Publisher
from api.interviewers import name_in
from api.interviews import views
from api.interviews.attempts import open_attempt
from api.interviews.dispatch import Dispatcher, told_to_the_caller
from api.interviews.findings import Remembered
from api.interviews.ledger import Ledger
from api.interviews.library import Library
from api.interviews.plans import keep_version, waits_for_approval
from api.interviews.references import check_references, facts_of, start_time
from api.interviews.repository import Filter, InterviewRepository, RunRepository
from api.interviews.schemas import (
    CreateInterview,
    CreateLink,
    InterviewInList,
    InterviewOut,
    Page,
    PageMeta,
    RelatedOut,
    Relation,
    StartInterview,
    StartPolicy,
    TranscriptMeta,
    TranscriptOut,
)
from api.interviews.states import CALLING, EDITABLE, OVER, STARTABLE, Status
from api.interviews.tables import AttemptRow, EventRow, InterviewRow
from api.interviews.terms import changed, columns, replans, waiting
from api.interviews.totals import Totals
from api.links import GuestRole, Link, Links
from api.moments import Clock
from api.participants.repository import ParticipantRepository
from api.records.service import Match
from api.settings import Settings
from api.webhooks.targets import Targets
from bot.interview import Role
from bot.platforms.registry import platform_of, platforms
from bot.spec import Limits, Mode
from bot.state import EndReason

log = structlog.get_logger(__name__)

EVENTS_AT_ONCE = 500
LATE_FROM = timedelta(minutes=1)
STARTED_LATE = "started_late"  # why: what kept it is the status' last reason before, if anything


class InterviewService:
    """Interviews of every tenant; whose is said with each call."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        library: Library,
        links: Links,
        dispatcher: Dispatcher,
        targets: Targets,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._library = library
        self._links = links
        self._dispatcher = dispatcher
        self._targets = targets
        self._clock = clock
        self._totals = Totals(clock)
        self._findings = Remembered()

    async def add(self, tx: Transaction, tenant: str, wanted: CreateInterview, sha256: str) -> InterviewRow:
        """Create an interview inside a larger transaction; raise `Invalid`, `ScheduleTooFar` or `Taken`.

        sha256: what the request is known again by, when it comes with the same `external_ref`.
        """
        limits, now = self._limits(wanted), self._clock()
        self._check_callback(wanted)
        referred = await check_references(tx.session, tenant, wanted)
        made = await asyncio.to_thread(self._library.plan_for, wanted, referred)  # the bank may have to be read
        row = InterviewRow(
            id=f"int_{secrets.token_hex(10)}",
            status=Status.DRAFT.value,
            run_id=f"run_{secrets.token_hex(10)}",
            created_at=now,
            updated_at=now,
            last_seq=0,
            turn_count=0,
            version=1,
            request_sha256=sha256,
            start_policy=wanted.start.policy.value,
            scheduled_at=start_time(wanted.start, now),
            **columns(wanted, made.plan, limits, referred.candidate_name),
        )
        try:
            await InterviewRepository(tx.session, tenant).add(row)
        except IntegrityError:  # somebody else was quicker
            raise Taken(f"external_ref {wanted.external_ref!r} was given to another interview just now.") from None
        await keep_version(tx.session, row, made, now)
        if not wanted.draft:
            to = Status.PLAN_REVIEW if wanted.review_plan else waiting(wanted.start.policy)
            Ledger(tx, row, self._publisher).move(to, now)
        log.info("interview_created", interview=row.id, tenant=tenant, questions=len(made.plan.questions))
        return row

    async def change(self, tenant: str, interview_id: str, patch: dict[str, Any], if_match: Match) -> InterviewOut:
        """Merge `patch` into what was asked for.

        Raises `NotFound`, `Stale`, `Invalid`, `ScheduleTooFar`, `Taken`, and `Conflict` from the start on.
        """
        async with self._database.write() as tx:
            await self.alter(tx, tenant, interview_id, patch, if_match)
            return await self._whole(tx, tenant, interview_id)

    async def alter(
        self, tx: Transaction, tenant: str, interview_id: str, patch: dict[str, Any], if_match: Match
    ) -> InterviewRow:
        """Change an interview inside a larger transaction; see `change`."""
        now = self._clock()
        row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
        if_match.check("interview", interview_id, row.version)
        status = Status(row.status)
        if status not in EDITABLE:
            raise Conflict(f"An interview that is {row.status!r} can't be changed.", current_status=row.status)
        wanted = changed(row, patch)
        if row.review_plan and not wanted.review_plan and status is not Status.DRAFT:
            raise Conflict("A person is to approve its plan; that is not taken back.", current_status=row.status)
        if "callback_url" in patch:
            self._check_callback(wanted)
        referred = await check_references(tx.session, tenant, wanted)
        former = await facts_of(tx.session, tenant, row.job_id, row.template_id, row.agent_id)
        made = await asyncio.to_thread(self._library.plan_for, wanted, referred, former)
        new = columns(wanted, made.plan, self._limits(wanted), referred.candidate_name)
        if not replans(patch):
            new.pop("brief")  # what the plan there is was made from
        another = new["plan"] != row.plan
        for column, value in new.items():
            setattr(row, column, value)
        if another:
            await keep_version(tx.session, row, made, now)
        if "start" in patch:
            self._may_be_planned(wanted)
            row.start_policy, row.scheduled_at = wanted.start.policy.value, start_time(wanted.start, now)
            row.claimed_until = None
        row.note_change(now)
        to = (
            Status.PLAN_REVIEW
            if await waits_for_approval(tx.session, row.id)
            else waiting(StartPolicy(row.start_policy))
        )
        if status is not to and (status is not Status.DRAFT or not wanted.draft):
            Ledger(tx, row, self._publisher).move(to, now)
        try:
            await tx.session.flush()
        except IntegrityError:
            raise Taken(f"external_ref {wanted.external_ref!r} is another interview's.") from None
        return row

    async def delete(self, tenant: str, interview_id: str, if_match: Match) -> None:
        """Delete an interview: gone from every answer; raise `NotFound`, `Stale`, or `Conflict` during its call.

        One that was still to come is cancelled first, so that whoever follows it or holds a link is told.
        """
        now = self._clock()
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
            if_match.check("interview", interview_id, row.version)
            if Status(row.status) in CALLING:
                raise Conflict("Its call is going on; cancel it first.", current_status=row.status)
            if Status(row.status) not in OVER:
                Ledger(tx, row, self._publisher).move(Status.CANCELLED, now, "deleted")
            row.deleted_at, row.external_ref = now, None
        log.info("interview_deleted", interview=interview_id, tenant=tenant)

    async def get(self, tenant: str, interview_id: str) -> InterviewOut:
        """Return an interview; raise `NotFound`."""
        async with self._database.read() as tx:
            return await self._whole(tx, tenant, interview_id, self._findings)

    async def page(self, tenant: str, wanted: Filter, page: int, limit: int) -> Page[InterviewInList]:
        """Return one page of interviews, newest first; the total of a long list may be some seconds old."""
        total = self._totals.get((tenant, wanted))
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            rows = await interviews.page(wanted, page, limit)
            if total is None:
                total = await interviews.count(wanted)
                self._totals.note((tenant, wanted), total)
        meta = PageMeta.of(page, limit, total)
        return Page(data=[views.in_list(row) for row in rows], meta=meta)

    async def related(
        self, tenant: str, interview_id: str, by: Sequence[Relation], page: int, limit: int
    ) -> Page[RelatedOut]:
        """Return one page of the interviews that have something in common with one, newest first."""
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get(interview_id)
            rows, total = await interviews.related(row, by, page, limit)
        return Page(data=[views.related(other, row) for other in rows], meta=PageMeta.of(page, limit, total))

    async def start(self, tenant: str, interview_id: str, wanted: StartInterview | None = None) -> InterviewOut:
        """Send a bot into the interview's room.

        Of two calls at once one wins and the other gets `Conflict`. When no bot can be started the interview waits as
        before, and `NoCapacity` or `LaunchFailed` says why.
        """
        wanted, now = wanted or StartInterview(), self._clock()
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get_for_change(interview_id)
            if Status(row.status) not in STARTABLE:
                raise Conflict(f"An interview that is {row.status!r} can't be started.", current_status=row.status)
            if await waits_for_approval(tx.session, row.id):
                raise Conflict("Its plan waits for approval.", current_status=row.status)
            row.candidate_name = wanted.candidate_name or row.candidate_name
            row.meeting_url = wanted.meeting_url or row.meeting_url
            self._check_meeting(row)
            row.run_id = row.run_id or f"run_{secrets.token_hex(10)}"  # older ones were made without
            attempt = await open_attempt(tx.session, row, now)
            await self._dispatcher.claim(tx.session, attempt)
            ledger = Ledger(tx, row, self._publisher)
            if ledger.status is Status.DRAFT:
                ledger.move(Status.READY, now)
            late = row.scheduled_at is not None and now - row.scheduled_at > LATE_FROM
            ledger.move(Status.JOINING, now, STARTED_LATE if late else None)
        with told_to_the_caller():
            await self._dispatcher.launch(row, attempt)
        return await self.get(tenant, interview_id)

    async def cancel(self, tenant: str, interview_id: str) -> InterviewOut:
        """Call an interview off, or have its bot say good-bye and leave; raise `Conflict` when it is over.

        A bot that has not left by `cancel_grace_s` is made to. Asking again while it leaves changes nothing.
        """
        now = self._clock()
        to_tell: AttemptRow | None = None
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get_for_change(interview_id)
            status = Status(row.status)
            if status in OVER:
                raise Conflict(f"An interview that is {row.status!r} can't be cancelled.", current_status=row.status)
            if status in CALLING:
                to_tell = await interviews.newest_attempt(interview_id)
                if to_tell is not None:
                    await self._dispatcher.stop(tx.session, to_tell, EndReason.CANCELLED)
            else:
                Ledger(tx, row, self._publisher).move(Status.CANCELLED, now, EndReason.CANCELLED.value)
        if to_tell is not None:
            await self._dispatcher.tell(to_tell.id)
        return await self.get(tenant, interview_id)

    async def tenant_of(self, interview_id: str) -> str:
        """Return whose an interview is, for somebody with a link to it; raise `NotFound`."""
        async with self._database.read() as tx:
            row = await RunRepository(tx.session).interview(interview_id)
        if row is None or row.deleted_at is not None:
            raise NotFound("interview", interview_id)
        return row.tenant

    async def link(self, caller: Caller, interview_id: str, wanted: CreateLink) -> Link:
        """Return a join link and keep whom it is for; raise `Conflict` when the interview is over.

        An interviewer gets one even then: it opens their scorecard.
        """
        if (wanted.participant_id or "").startswith("bot_"):
            raise Invalid(
                Complaint(("body", "participant_id"), "names that begin with bot_ are bots'", "choose another")
            )
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            if Status(row.status) in OVER and wanted.role is not GuestRole.INTERVIEWER:
                detail = f"An interview that is {row.status!r} can't be joined any more."
                raise Conflict(detail, current_status=row.status)
            link = self._links.issue(
                interview_id,
                Role(wanted.role.value),
                wanted.name,
                expires_in=timedelta(seconds=wanted.expires_in_s),
                participant_id=wanted.participant_id,
            )
            now = self._clock()
            await ParticipantRepository(tx.session, caller.tenant).keep(link, now)
            if link.seat.role is Role.INTERVIEWER:
                await name_in(tx, caller, interview_id, link.seat.participant_id, wanted.name, now)
                audit.record(tx, caller, "interviewer.linked", interview_id, at=now)
        return link

    async def transcript(self, tenant: str, interview_id: str, number: int | None = None) -> TranscriptOut:
        """Return every final turn of one attempt so far, the newest unless `number` says which; raise `NotFound`."""
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get(interview_id)
            attempts = await interviews.attempts(interview_id)
            attempt = next((each for each in attempts if number in (None, each.number)), None)
            if attempt is None and number is not None:
                raise NotFound("attempt", str(number))
            turns = await interviews.turns(attempt.id) if attempt is not None else ()
        status = Status(row.status)
        complete = attempt.ended_at is not None if number is not None and attempt is not None else status in OVER
        meta = TranscriptMeta(
            interview_id=row.id,
            attempt=attempt.number if attempt is not None else None,
            status=status,
            complete=complete,
            turn_count=len(turns),
        )
        return TranscriptOut(data=[views.turn(turn) for turn in turns], meta=meta)

    async def events_after(self, tenant: str, interview_id: str, seq: int) -> Sequence[Event]:
        """Return the next events after number `seq`, at most some hundreds."""
        async with self._database.read() as tx:
            rows = await InterviewRepository(tx.session, tenant).events_after(interview_id, seq, EVENTS_AT_ONCE)
        return [_event(row) for row in rows]

    def _check_meeting(self, row: InterviewRow) -> None:
        room = f"{self._settings.public}/room/{row.id}"
        if row.meeting_url == self._settings.phone and row.mode != Mode.SOLO:
            told = f"Nobody but the candidate is in a call by telephone: it is for the mode {Mode.SOLO.value!r}."
            raise MeetingNotSupported(told, current_status=row.status)
        if row.meeting_url in (None, room, self._settings.phone):
            return
        if platform_of(row.meeting_url, self._settings.meeting_places()):
            return
        shown = row.meeting_url.partition("?")[0].rpartition("@")[2][:200]  # a password, if any, is not repeated
        known = ", ".join(f"{each.title} ({each.example})" for each in platforms().values())
        raise MeetingNotSupported(
            f"Bots can't join meetings at {shown!r}. They join {known}, "
            f"wait in this server's own room, {room}, where that or no address is sent, "
            f"and for a call by telephone where {self._settings.phone} is.",
            current_status=row.status,
        )

    def _may_be_planned(self, wanted: CreateInterview) -> None:
        if wanted.start.policy is StartPolicy.NOW:
            where = ("body", "start", "policy")
            raise Invalid(Complaint(where, "'now' is for new interviews", "call POST …/start instead"))

    def _check_callback(self, wanted: CreateInterview) -> None:
        if wanted.callback_url is not None:
            self._targets.check(wanted.callback_url, "callback_url")

    def _limits(self, wanted: CreateInterview) -> Limits:
        own = wanted.limits.model_dump(exclude_none=True) if wanted.limits else {}
        limits = self._settings.limits().model_copy(update=own)
        if limits.silence_end_s <= limits.silence_prompt_s:
            raise Invalid(
                Complaint(
                    ("body", "limits", "silence_end_s"),
                    f"{limits.silence_end_s:g} s is not longer than silence_prompt_s ({limits.silence_prompt_s:g} s)",
                    "first the bot asks, then it leaves: make it longer",
                )
            )
        return limits

    async def _whole(
        self, tx: Transaction, tenant: str, interview_id: str, remembered: Remembered | None = None
    ) -> InterviewOut:
        """remembered: where findings are looked up and noted, of what is committed."""
        interviews = InterviewRepository(tx.session, tenant)
        row, attempt, recording = await interviews.whole(interview_id)
        findings = remembered.get(row) if remembered else None
        if findings is None:
            findings = views.findings(row, attempt, await interviews.telling_events(attempt.id) if attempt else ())
            if remembered:
                remembered.note(row, findings)
        return views.whole(row, attempt, findings, recording)


def _event(row: EventRow) -> Event:
    return Event(row.interview_id, row.type, row.at, row.data, row.seq, row.at_ms)
