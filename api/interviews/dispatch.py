"""Sends bots into calls and tells them things."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Tokens
from api.copilot.standing import copilot_so_far
from api.database import Database
from api.errors import LaunchFailed, NoCapacity
from api.events.publisher import Publisher
from api.interviews.intake import close, stop_reason
from api.interviews.leases import Leases
from api.interviews.ledger import Ledger
from api.interviews.leftovers import bring_outbox, take_over
from api.interviews.receiver import Receiver
from api.interviews.repository import RunRepository
from api.interviews.resuming import TELLING, so_far
from api.interviews.schemas import StartPolicy
from api.interviews.states import Status
from api.interviews.tables import STOP, AttemptRow, EventRow, InterviewRow
from api.interviews.terms import waiting
from api.links import LONGEST, Links
from api.moments import Clock
from api.settings import Settings
from api.telemetry import note_start
from bot.interview import Role
from bot.plan import Plan
from bot.platforms.registry import platform_of
from bot.resume import CopilotSoFar, Resume
from bot.spec import BotSpec, Limits, Meeting, Mode, Place
from bot.state import EndReason
from orchestrator import BotLauncher, LaunchHandle, Pending, Running
from orchestrator.errors import CapacityError, LaunchError, StorageError
from orchestrator.logs import named, names_of
from orchestrator.storage import Storage

log = structlog.get_logger(__name__)

NO_CAPACITY = EndReason.NO_CAPACITY.value
BEGUN = frozenset({Status.IN_PROGRESS, Status.RECONNECTING})  # there is a call, with or without a bot
GONE_LOOK_S, GONE_LOOKS = 0.02, 250  # how often, and how many times, to look whether a bot that was killed is gone
BROUGHT_S = 2.0  # how long a call waits for what its last bot left in the bucket
STAGED = timedelta(seconds=10)  # a clock sends bots so much ahead of time
SPARE = timedelta(hours=1)  # beyond the longest call, for a bot that still has things to deliver


class Uplinks(Protocol):
    """The bots that are connected now, to this replica or to another."""

    async def nudge(self, attempt_id: str) -> None:
        """Have the attempt's bot sent what it was told; if it is away it gets it when it is back."""
        ...

    def look(self, attempt_id: str) -> None:
        """The same, if it is connected to this replica."""
        ...


class Dispatcher:
    """Starts bots through a launcher."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        launcher: BotLauncher,
        links: Links,
        tokens: Tokens,
        uplinks: Uplinks,
        leases: Leases,
        receiver: Receiver,
        storage: Storage,
        clock: Clock,
    ) -> None:
        """receiver: takes what bots leave behind that another follows; storage: where that may come from."""
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._launcher = launcher
        self._links = links
        self._tokens = tokens
        self._uplinks = uplinks
        self._leases = leases
        self._receiver = receiver
        self._storage = storage
        self._clock = clock

    async def claim(self, session: AsyncSession, attempt: AttemptRow) -> None:
        """Note, in the transaction that makes an incarnation, that this process is about to `launch` it."""
        note_start(attempt.id)
        await self._leases.begin(session, attempt)
        connection = await RunRepository(session).connection(attempt.id, attempt.epoch)
        if connection is not None:
            connection.place = self._leases.place

    async def under_way(self, session: AsyncSession, attempt_id: str) -> bool:
        """Tell whether a bot is just now being started for the attempt, by whatever replica."""
        return await self._leases.claimed(session, attempt_id)

    async def launch(self, interview: InterviewRow, attempt: AttemptRow) -> None:
        """Start the attempt's bot. When that fails, `LaunchError` says why, and the interview waits as before.

        An interview that was called off in the meantime is cancelled instead. What another incarnation has followed
        by then is left to it.
        """
        with self._leases.under_way(attempt.id), named(LaunchHandle(interview.id, attempt.id, attempt.epoch)):
            await self._launch(interview, attempt, waits=True)

    async def _launch(self, interview: InterviewRow, attempt: AttemptRow, *, waits: bool) -> None:
        try:
            await self._launcher.start(await self._spec_or_refuse(interview, attempt))
        except LaunchError as error:
            log.warning("launch_failed", error=str(error))
            if not isinstance(error, CapacityError):
                await self._make_sure_it_is_gone(LaunchHandle(interview.id, attempt.id, attempt.epoch))
            reason = NO_CAPACITY if isinstance(error, CapacityError) else "launch_failed"
            await self.take_back(attempt, reason, waits=waits)
            raise
        await self.launched(attempt.id, attempt.epoch)
        log.info("bot_launched")

    async def launched(self, attempt_id: str, epoch: int) -> None:
        """Note that an incarnation runs here, unless another has followed it."""
        async with self._database.write() as tx:
            _, attempt = await RunRepository(tx.session).both_for_change(attempt_id)
            if attempt.epoch == epoch and await self._leases.seize(tx.session, attempt_id, epoch):
                attempt.launched_at = attempt.launched_at or self._clock()

    async def replace(self, interview: InterviewRow, attempt: AttemptRow, *, waits: bool = True) -> None:
        """Start the attempt's newest incarnation where the one before it stood; see `launch`.

        What that one wrote down here and did not deliver is stored first. If it had ended the call, nothing is started.
        waits: a call that had begun waits for another try if this one fails; else it ends.
        """
        before = LaunchHandle(interview.id, attempt.id, attempt.epoch - 1)
        newest = LaunchHandle(interview.id, attempt.id, attempt.epoch)
        with self._leases.under_way(attempt.id), named(newest):
            await self._make_sure_it_is_gone(before)
            await self._await_its_end(before)
            file = outbox_path(self._settings.outbox_dir, before.attempt_id, before.epoch)
            try:
                async with asyncio.timeout(BROUGHT_S):
                    await bring_outbox(self._storage, file)
            except (StorageError, OSError) as error:  # or it took too long: what comes later is stored as well
                log.error("outbox_not_brought", error=str(error))
            if await asyncio.to_thread(file.exists):
                await take_over(self._receiver, self._storage, file, before.attempt_id, before.epoch, self._clock)
            async with self._database.read() as tx:
                interview, attempt = await RunRepository(tx.session).both(attempt.id)
            if attempt.ended_at is None:
                await self._launch(interview, attempt, waits=waits)

    async def stop(self, session: AsyncSession, attempt: AttemptRow, reason: EndReason) -> None:
        """Have the attempt's bot told to leave, in the transaction of `session`; `tell` it once that is committed.

        A bot that has not left by `cancel_grace_s` is made to. One that was told before is not told again.
        """
        runs = RunRepository(session)
        if await runs.stop_commands(attempt.id):
            return
        now = self._clock()
        within = timedelta(seconds=self._settings.cancel_grace_s)
        runs.tell(attempt, STOP, now, reason=reason.value, deadline_at=now + within)

    async def tell(self, attempt_id: str) -> None:
        """Have the attempt's bot read its commands, whatever replica it is connected to."""
        await self._uplinks.nudge(attempt_id)

    def remind(self, attempt_id: str) -> None:
        """Have the attempt's bot read its commands, if it is connected to this replica."""
        self._uplinks.look(attempt_id)

    def spec(
        self,
        interview: InterviewRow,
        attempt: AttemptRow,
        so_far: Resume | None = None,
        copilot: CopilotSoFar | None = None,
    ) -> BotSpec:
        """Return all that one incarnation of the attempt's bot needs to know.

        so_far: what those before it came to; copilot: how the panel stands.
        """
        limits = Limits.model_validate(interview.limits)
        good_for = longest(limits)
        seat = self._links.issue(
            interview.id,
            Role.BOT,
            interview.bot_name,
            expires_in=min(good_for, LONGEST),
            participant_id=attempt.bot_id,
            epoch=attempt.epoch,
        )
        uplink = self._tokens.issue_uplink(interview.id, attempt.id, attempt.epoch, expires_in=good_for)
        sockets = "ws" + self._settings.internal.removeprefix("http")
        return BotSpec(
            interview_id=interview.id,
            attempt_id=attempt.id,
            epoch=attempt.epoch,
            mode=Mode(interview.mode),
            name=interview.bot_name,
            organisation=interview.organisation,
            candidate_name=interview.candidate_name,
            plan=Plan.model_validate(interview.plan),
            so_far=so_far,
            copilot=copilot or CopilotSoFar(),
            room=Place(url=f"{sockets}/room/{interview.id}/signal", token=SecretStr(seat.token)),
            meeting=self._meeting(interview, attempt),
            phone=interview.meeting_url == self._settings.phone,
            uplink=Place(url=f"{sockets}/bots/{interview.id}/uplink", token=SecretStr(uplink)),
            speech=self._settings.speech_service(),
            chat=self._settings.chat_service(),
            limits=limits,
            join_at=self._join_at(attempt),
            lease_s=self._leases.limit_s,
            outbox=outbox_path(self._settings.outbox_dir, attempt.id, attempt.epoch),
            recording=recording_path(self._settings.recordings_dir, attempt.id, attempt.epoch),
        )

    def _join_at(self, attempt: AttemptRow) -> datetime | None:
        """When a bot that is sent ahead of time is to join; of one that a person sends early, at once."""
        at = attempt.scheduled_at
        ahead = at is not None and timedelta(0) < at - self._clock() <= STAGED
        return at if ahead and attempt.epoch == 1 else None

    def _meeting(self, interview: InterviewRow, attempt: AttemptRow) -> Meeting | None:
        platform = platform_of(interview.meeting_url or "", self._settings.meeting_places())
        if interview.meeting_url is None or platform is None:
            return None
        return Meeting(
            url=interview.meeting_url,
            platform=platform,
            secret=self._settings.meeting_key(platform),
            chromium=self._settings.chromium,
            evidence=evidence_path(self._settings.recordings_dir, attempt.id, attempt.epoch),
        )

    async def _spec_or_refuse(self, interview: InterviewRow, attempt: AttemptRow) -> BotSpec:
        events: Sequence[EventRow] = ()
        async with self._database.read() as tx:
            if attempt.epoch > 1:
                events = await RunRepository(tx.session).events(attempt.id, TELLING)
            copilot = await copilot_so_far(tx.session, attempt, self._clock())
        try:
            return self.spec(interview, attempt, so_far(interview, attempt, events), copilot)
        except Exception as error:  # a row of an earlier version, say: it must not be tried again for ever
            log.exception("spec_not_made")
            raise LaunchError("what the bot needs to know can't be put together; see the log") from error

    async def take_back(self, refused: AttemptRow, reason: str, *, waits: bool) -> None:
        """Undo a start of which nothing came: an interview that waited for its bot waits for a start again.

        waits: a call that had begun without this bot goes on waiting for one, from whichever place has room; else it
        ends, as one does that was called off.
        """
        now = self._clock()
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            row, attempt = await runs.both_for_change(refused.id)
            if attempt.epoch != refused.epoch:
                return
            await self._leases.seize(tx.session, attempt.id, attempt.epoch)
            called_off = await runs.stop_commands(attempt.id)
            for command in called_off:
                command.done_at = now
            end = EndReason.NO_CAPACITY if reason == NO_CAPACITY else EndReason.BOT_CRASHED
            if called_off:
                end = stop_reason(called_off[-1].reason)
                reason = end.value
            ledger = Ledger(tx, row, self._publisher)
            begun = ledger.status in BEGUN
            if begun and waits and not called_off:
                await self._leases.release(tx.session, attempt.id, attempt.epoch)
                return
            if begun or end is EndReason.CONSENT_DECLINED:  # when somebody said no what was kept goes, as after a call
                close(ledger, attempt, end, now, now=now)
                return
            if attempt.ended_at is None:
                attempt.ended_at = attempt.closed_at = now
                attempt.end_reason = reason
            if ledger.status is Status.JOINING:
                ledger.move(Status.CANCELLED if called_off else waiting(StartPolicy(row.start_policy)), now, reason)

    async def _await_its_end(self, handle: LaunchHandle) -> None:
        """Wait until a bot that was killed is gone: what it wrote down is whole then."""
        with contextlib.suppress(LaunchError):
            for _ in range(GONE_LOOKS):
                if not isinstance(await self._launcher.poll(handle), Running | Pending):
                    return
                await asyncio.sleep(GONE_LOOK_S)
        log.warning("bot_not_seen_to_end", **names_of(handle))

    async def _make_sure_it_is_gone(self, handle: LaunchHandle) -> None:
        """A start whose answer got lost may have started it all the same."""
        try:
            await self._launcher.stop(handle, grace=timedelta(0))
        except LaunchError:
            log.warning("launcher_unreachable", **names_of(handle))


@contextlib.contextmanager
def told_to_the_caller() -> Iterator[None]:
    """Have what the launcher says answered to whoever asked for a bot: `NoCapacity` or `LaunchFailed`."""
    try:
        yield
    except CapacityError as error:
        raise NoCapacity(f"Every bot is taken ({error.total} at once); try again later.") from error
    except LaunchError as error:
        raise LaunchFailed(f"The bot could not be started: {error}") from error


def longest(limits: Limits) -> timedelta:
    """Return how long a bot may run, from its start to its last event."""
    return timedelta(seconds=limits.no_show_s + limits.max_duration_s) + SPARE


def outbox_path(folder: Path, attempt_id: str, epoch: int) -> Path:
    """Return where one incarnation of a bot keeps what is not acknowledged."""
    return (folder / f"{attempt_id}-{epoch}.jsonl").absolute()


def recording_path(folder: Path, attempt_id: str, epoch: int) -> Path:
    """Return where one incarnation of a bot records; one that takes over leaves the other's file alone."""
    return (folder / (f"{attempt_id}.ogg" if epoch == 1 else f"{attempt_id}-{epoch}.ogg")).absolute()


def whole_path(folder: Path, attempt_id: str) -> Path:
    """Return where what several incarnations recorded is joined."""
    return folder / f"{attempt_id}-whole.ogg"


def evidence_path(folder: Path, attempt_id: str, epoch: int) -> Path:
    """Return where one incarnation of a bot keeps what a meeting's page showed when a step failed, but for the end.

    That shows names, and goes with the recordings.
    """
    return (folder / f"{attempt_id}-{epoch}").absolute()


def outbox_owner(path: Path) -> tuple[str, int] | None:
    """Return attempt and epoch of an outbox file, None for a file that is none."""
    attempt_id, dash, epoch = path.stem.rpartition("-")
    return (attempt_id, int(epoch)) if dash and epoch.isdecimal() else None
