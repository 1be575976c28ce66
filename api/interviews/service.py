"""What can be done with interviews. Each method is one transaction, but for `start`, which must not hold one while a
bot is being started."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog

from api.database import Database, Transaction
from api.errors import Complaint, Conflict, Invalid, LaunchFailed, NoCapacity, NotFound, NotYet
from api.events import Event
from api.events.publisher import Publisher
from api.interviews import views
from api.interviews.dispatch import Dispatcher
from api.interviews.ledger import Ledger
from api.interviews.library import Library
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.schemas import (
    CreateInterview,
    CreateLink,
    InterviewInList,
    InterviewOut,
    Page,
    PageMeta,
    TranscriptMeta,
    TranscriptOut,
)
from api.interviews.states import CALLING, OVER, STARTABLE, TERMINAL, Status
from api.interviews.tables import AttemptRow, CommandRow, EventRow, InterviewRow
from api.links import Link, Links
from api.moments import Clock
from api.settings import Settings
from bot.interview import Role
from bot.spec import Limits
from bot.state import EndReason
from orchestrator.errors import CapacityError, LaunchError

log = structlog.get_logger(__name__)

EVENTS_AT_ONCE = 500


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
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._library = library
        self._links = links
        self._dispatcher = dispatcher
        self._clock = clock

    async def create(self, tenant: str, wanted: CreateInterview) -> InterviewOut:
        """Create an interview that is ready to start; raise `Invalid`."""
        plan = await asyncio.to_thread(self._library.plan_for, wanted)  # the bank's files may have to be read
        limits = self._limits(wanted)
        row = InterviewRow(
            id=f"int_{secrets.token_hex(10)}",
            title=wanted.title or plan.title,
            mode=wanted.mode.value,
            language=plan.language,
            status=Status.DRAFT.value,
            plan=plan.model_dump(mode="json"),
            candidate_name=wanted.candidate.name,
            organisation=wanted.organisation,
            bot_name=wanted.bot_name,
            limits=limits.model_dump(mode="json"),
            created_at=self._clock(),
            last_seq=0,
            turn_count=0,
        )
        async with self._database.write() as tx:
            await InterviewRepository(tx.session, tenant).add(row)
            Ledger(tx, row, self._publisher).move(Status.READY, self._clock())
        log.info("interview_created", interview_id=row.id, tenant=tenant, questions=len(plan.questions))
        return views.whole(row, None, (), None)

    async def get(self, tenant: str, interview_id: str) -> InterviewOut:
        """Return an interview; raise `NotFound`."""
        async with self._database.read() as tx:
            return await self._whole(tx, tenant, interview_id)

    async def page(self, tenant: str, status: Status | None, page: int, limit: int) -> Page[InterviewInList]:
        """Return one page of interviews, newest first."""
        async with self._database.read() as tx:
            rows, total = await InterviewRepository(tx.session, tenant).page(status, page, limit)
        meta = PageMeta.of(page, limit, total)
        return Page(data=[views.in_list(row) for row in rows], meta=meta)

    async def start(self, tenant: str, interview_id: str) -> InterviewOut:
        """Send a bot into the interview's room.

        Of two calls at once one wins and the other gets `Conflict`. When no bot can be started the interview is ready
        again, and `NoCapacity` or `LaunchFailed` says why.
        """
        now = self._clock()
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get_for_change(interview_id)
            if Status(row.status) not in STARTABLE:
                raise Conflict(f"An interview that is {row.status!r} can't be started.", current_status=row.status)
            before = await interviews.newest_attempt(interview_id)
            attempt = AttemptRow(
                id=f"att_{secrets.token_hex(10)}",
                interview_id=row.id,
                tenant=tenant,
                number=before.number + 1 if before else 1,
                epoch=1,
                created_at=now,
            )
            await RunRepository(tx.session).add_attempt(attempt)
            Ledger(tx, row, self._publisher).move(Status.JOINING, now)
        try:
            await self._dispatcher.launch(row, attempt)
        except CapacityError as error:
            raise NoCapacity(f"Every bot is taken ({error.total} at once); try again later.") from error
        except LaunchError as error:
            raise LaunchFailed(f"The bot could not be started: {error}") from error
        return await self.get(tenant, interview_id)

    async def cancel(self, tenant: str, interview_id: str) -> InterviewOut:
        """Call an interview off, or have its bot say good-bye and leave; raise `Conflict` when it is over.

        A bot that has not left by `cancel_grace_s` is made to. Asking again while it leaves changes nothing.
        """
        now = self._clock()
        to_tell: AttemptRow | None = None
        async with self._database.write() as tx:
            interviews, runs = InterviewRepository(tx.session, tenant), RunRepository(tx.session)
            row = await interviews.get_for_change(interview_id)
            status = Status(row.status)
            if status in OVER:
                raise Conflict(f"An interview that is {row.status!r} can't be cancelled.", current_status=row.status)
            if status in CALLING:
                to_tell = await interviews.newest_attempt(interview_id)
                if to_tell is not None and not await runs.open_commands(to_tell.id):
                    runs.add(
                        CommandRow(
                            id=f"cmd_{secrets.token_hex(10)}",
                            attempt_id=to_tell.id,
                            interview_id=row.id,
                            tenant=tenant,
                            command="stop",
                            reason=EndReason.CANCELLED.value,
                            created_at=now,
                            deadline_at=now + timedelta(seconds=self._settings.cancel_grace_s),
                        )
                    )
            else:
                Ledger(tx, row, self._publisher).move(Status.CANCELLED, now, EndReason.CANCELLED.value)
        if to_tell is not None:
            self._dispatcher.tell(to_tell.id)
        return await self.get(tenant, interview_id)

    async def link(self, tenant: str, interview_id: str, wanted: CreateLink) -> Link:
        """Return a join link; raise `Conflict` when the interview is over."""
        async with self._database.read() as tx:
            row = await InterviewRepository(tx.session, tenant).get(interview_id)
        if Status(row.status) in OVER:
            raise Conflict(f"An interview that is {row.status!r} can't be joined any more.", current_status=row.status)
        if (wanted.participant_id or "").startswith("bot_"):
            raise Invalid(
                Complaint(("body", "participant_id"), "names that begin with bot_ are bots'", "choose another")
            )
        return self._links.issue(
            interview_id,
            Role(wanted.role.value),
            wanted.name,
            expires_in=timedelta(seconds=wanted.expires_in_s),
            participant_id=wanted.participant_id,
        )

    async def transcript(self, tenant: str, interview_id: str) -> TranscriptOut:
        """Return every final turn so far."""
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get(interview_id)
            turns = await interviews.turns(interview_id)
        status = Status(row.status)
        meta = TranscriptMeta(interview_id=row.id, status=status, complete=status in OVER, turn_count=len(turns))
        return TranscriptOut(data=[views.turn(turn) for turn in turns], meta=meta)

    async def recording(self, tenant: str, interview_id: str) -> Path:
        """Return the path of the recording.

        Raises `NotYet` while the call has not ended, `NotFound` when nothing was recorded (or it is gone).
        """
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get(interview_id)
            recording = await interviews.recording(interview_id)
        if recording is None and Status(row.status) not in TERMINAL:
            raise NotYet("The recording is there once the call has ended.", current_status=row.status)
        folder = self._settings.recordings_dir.resolve()
        path = (folder / recording.file).resolve() if recording else None
        if path is None or not path.is_relative_to(folder) or not path.is_file():
            raise NotFound("recording of interview", interview_id)
        return path

    async def events_after(self, tenant: str, interview_id: str, seq: int) -> Sequence[Event]:
        """Return the next events after number `seq`, at most some hundreds."""
        async with self._database.read() as tx:
            rows = await InterviewRepository(tx.session, tenant).events_after(interview_id, seq, EVENTS_AT_ONCE)
        return [_event(row) for row in rows]

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

    async def _whole(self, tx: Transaction, tenant: str, interview_id: str) -> InterviewOut:
        interviews = InterviewRepository(tx.session, tenant)
        row = await interviews.get(interview_id)
        return views.whole(
            row,
            await interviews.newest_attempt(interview_id),
            await interviews.telling_events(interview_id),
            await interviews.recording(interview_id),
        )


def _event(row: EventRow) -> Event:
    return Event(row.interview_id, row.type, row.at, row.data, row.seq, row.at_ms)
