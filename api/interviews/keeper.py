"""Keeps interviews and reality together: looks after bots, carries out what is overdue.

Everything it does follows from the database, the launcher's list and the outbox directory, so a restarted control
plane goes on where the last one stopped. One round at a time; a bot's end or the clock begins the next. What goes wrong
with one file or attempt is logged and costs the others nothing: if the keeper died of it, the control plane
would, and again at every start.

Other replicas may keep the same database, with bots of their own on other machines. Who looks after which attempt is in
its lease (`api/interviews/leases.py`): nobody ends or restarts what another place holds.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

import structlog

from api.database import Database, Transaction
from api.events.publisher import Publisher
from api.interviews.ages import Ages
from api.interviews.attempts import next_incarnation
from api.interviews.by_itself import by_itself, rounds
from api.interviews.dispatch import (
    BEGUN,
    NO_CAPACITY,
    SPARE,
    Dispatcher,
    longest,
    outbox_owner,
    outbox_path,
)
from api.interviews.intake import close, stop_reason
from api.interviews.leases import LeaseRow, Leases
from api.interviews.ledger import Ledger
from api.interviews.leftovers import take_over
from api.interviews.receiver import LATE, Receiver
from api.interviews.repository import RunRepository
from api.interviews.states import CALLING, Status
from api.interviews.tables import HANDOVER, START, TAKEOVER, AttemptRow, InterviewRow
from api.moments import Clock
from api.receipts.service import Receipts
from api.settings import Settings
from bot.spec import Limits
from bot.state import EXIT_HANDED_OVER, EndReason
from orchestrator import NO_PLACE, BotLauncher, Departure, Exited, LaunchHandle, Lost
from orchestrator.errors import LaunchError
from orchestrator.logs import names_of
from orchestrator.storage import Storage

log = structlog.get_logger(__name__)

LAST_S = 2.0  # for what is left to other replicas when this one ends
ROOM_WITHIN_S = 120.0  # how long a call whose bot is lost waits for a place for another
LEAVE_GRACE = timedelta(seconds=10)
RETRY_S = 2.0
MOST_TAKEOVERS = 3  # of one attempt: a call that is too much for three bots is too much for a fourth
PAUSES_S = (0.0, 0.5, 2.0)  # from one bot's start to the next, by how many were lost: what ails them may pass
LONGEST_ENDING = 200  # characters


class Keeper:
    """Looks after every open attempt. bell: rung when calls may have ended, for whoever writes them up."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        launcher: BotLauncher,
        dispatcher: Dispatcher,
        receiver: Receiver,
        storage: Storage,
        receipts: Receipts,
        leases: Leases,
        bell: asyncio.Event,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._launcher = launcher
        self._dispatcher = dispatcher
        self._receiver = receiver
        self._storage = storage
        self._receipts = receipts
        self._leases = leases
        self._bell = bell
        self._clock = clock
        self._news = asyncio.Event()
        self._ages = Ages()
        self._dismissed: set[LaunchHandle] = set()
        self._departed: list[Departure] = []
        self._botless: dict[str, float] = {}  # calls whose bot was lost, by attempt, and since when

    async def run(self) -> None:
        """Keep going until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear_departures(), name="departures")
                tasks.create_task(self._leases.run(), name="leases")
                tasks.create_task(rounds(self.look, self._news, self._settings.watch_every_s), name="rounds")
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_S):
                    await self._let_go()

    async def look(self) -> None:
        """Take one round."""
        await self._remind()
        await self._settle_departed()
        try:
            await self._dismiss_overdue()
            await self._compare()
        except LaunchError as error:
            log.warning("launcher_unreachable", error=str(error))
        self._bell.set()

    async def _hear_departures(self) -> None:
        while True:
            try:
                async for departure in self._launcher.departures():
                    log.info("bot_departed", **names_of(departure.handle), reason=departure.status.reason)
                    self._departed.append(departure)
                    self._news.set()
            except LaunchError as error:
                log.warning("launcher_unreachable", error=str(error))
            except Exception:  # departures are hints; without them the clock finds out
                log.exception("departures_not_understood")
            await asyncio.sleep(RETRY_S)

    # ---- bots ---------------------------------------------------------------------------------------------------

    async def _settle_departed(self) -> None:
        """End the attempts of bots that were seen to end; their host may be gone too by now, so it isn't asked."""
        while self._departed:
            departure = self._departed.pop(0)
            try:
                with by_itself("departure_not_settled", departure.handle):
                    await self._take_outbox(departure.handle)
                    await self._bury(departure.handle, departure.status)
            except asyncio.CancelledError:
                self._departed.insert(0, departure)  # see `_let_go`
                raise

    async def _take_outbox(self, handle: LaunchHandle) -> None:
        file = outbox_path(self._settings.outbox_dir, handle.attempt_id, handle.epoch)
        if await asyncio.to_thread(file.exists):
            await take_over(self._receiver, self._storage, file, handle.attempt_id, handle.epoch, self._clock)

    async def _let_go(self) -> None:
        """At the end, leave calls whose bots were handed over, and that nobody has gone on with, to other replicas."""
        for departure in self._departed:
            handle = departure.handle
            if _handed_over(departure.status):
                with by_itself("call_not_left", handle):
                    await self._take_outbox(handle)
                    await self._release(handle)

    async def _release(self, handle: LaunchHandle) -> None:
        async with self._database.write() as tx:
            await self._leases.release(tx.session, handle.attempt_id, handle.epoch)

    async def _remind(self) -> None:
        """Have bots that are connected here read what another replica told them, should its nudge have been lost."""
        async with self._database.read() as tx:
            told = await RunRepository(tx.session).told()
        for attempt_id in told:
            self._dispatcher.remind(attempt_id)

    async def _dismiss_overdue(self) -> None:
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            ids = await runs.overdue(self._clock())
            leases = await self._leases.of(tx.session, ids)
            overdue = [await runs.attempt(id_) for id_ in ids if self._leases.ours(leases.get(id_))]
        for attempt in overdue:
            if attempt is not None:
                await self._dismiss(_handle(attempt), "it ignored a stop")

    async def _dismiss(self, handle: LaunchHandle, why: str) -> None:
        if handle not in self._dismissed:
            log.warning("bot_dismissed", **names_of(handle), why=why)
            await self._launcher.stop(handle, grace=LEAVE_GRACE)
            self._dismissed.add(handle)

    async def _dismiss_unwanted(self, handle: LaunchHandle) -> None:
        """Stop a bot that runs for nobody: a start given up, an incarnation that was followed, a wedged one."""
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            attempt = await runs.attempt(handle.attempt_id)
            interview = await runs.interview(attempt.interview_id) if attempt is not None else None
        if attempt is None or interview is None:
            await self._dismiss(handle, "its attempt is not known here")
        elif attempt.epoch > handle.epoch:
            await self._dismiss(handle, "another incarnation followed it")
        elif attempt.closed_at is not None:
            # A bot that ended its call by itself may stay for a while to deliver what it wrote down.
            if attempt.report is None or self._clock() - attempt.closed_at > LATE:
                await self._dismiss(handle, "its attempt is over")
        elif self._ages.of(attempt, self._clock()) > longest(Limits.model_validate(interview.limits)):
            await self._dismiss(handle, "its call should have ended long ago")

    async def _compare(self) -> None:
        # Files first, bots second: whoever has a file and is not in the list afterwards is surely gone.
        folder = self._settings.outbox_dir
        files = await asyncio.to_thread(lambda: {path: outbox_owner(path) for path in sorted(folder.glob("*.jsonl"))})
        async with self._database.read() as tx:
            attempts = await RunRepository(tx.session).open_attempts()
            owners = [owner[0] for owner in files.values() if owner is not None]
            leases = {**await self._leases.of(tx.session, owners), **await self._leases.of_open(tx.session)}
            now = await self._leases.now(tx.session)
        running = await self._launcher.list()
        alive = {(handle.attempt_id, handle.epoch) for handle in running}
        self._ages.keep(attempts, self._clock())
        botless = {attempt.id for attempt in attempts if (attempt.id, attempt.epoch) not in alive}
        self._botless = {id_: since for id_, since in self._botless.items() if id_ in botless}
        for file, owner in files.items():
            if owner is not None and owner not in alive and self._left_to_us(owner, leases, now):
                with by_itself("outbox_not_taken_over", file=str(file)):
                    await take_over(self._receiver, self._storage, file, *owner, self._clock)
        for attempt in attempts:
            if (attempt.id, attempt.epoch) in alive and self._leases.settled(leases.get(attempt.id)):
                continue
            with by_itself("attempt_not_settled", _handle(attempt)):
                await self._settle(attempt, leases.get(attempt.id), now, alive)
        wanted = self._surely_wanted(attempts)
        for handle in running:
            if (handle.attempt_id, handle.epoch) in wanted:
                continue
            with by_itself("bot_not_looked_at", handle):
                await self._dismiss_unwanted(handle)

    def _surely_wanted(self, attempts: Sequence[AttemptRow]) -> Set[tuple[str, int]]:
        """Return the bots that may go on whatever their limits are, which are nearly all there are."""
        now = self._clock()
        return {(attempt.id, attempt.epoch) for attempt in attempts if self._ages.of(attempt, now) < SPARE}

    def _left_to_us(self, owner: tuple[str, int], leases: Mapping[str, LeaseRow], now: datetime) -> bool:
        """Whether what an incarnation wrote down here is ours to store: it may still run, where the disk is shared."""
        attempt_id, epoch = owner
        lease = leases.get(attempt_id)
        return lease is None or lease.epoch != epoch or self._leases.open_to_us(lease, now)

    async def _settle(
        self, attempt: AttemptRow, lease: LeaseRow | None, now: datetime, alive: Set[tuple[str, int]]
    ) -> None:
        """Make what is known of an open attempt agree with what runs here; what others look after is left to them."""
        if (attempt.id, attempt.epoch) in alive:
            if not self._leases.settled(lease):
                await self._dispatcher.launched(attempt.id, attempt.epoch)
        elif self._leases.open_to_us(lease, now):
            if attempt.launched_at is None:
                await self._launch_again(attempt)
            else:
                status = await self._launcher.poll(_handle(attempt))
                if isinstance(status, Exited | Lost):  # else it is there after all, and only just
                    await self._bury(_handle(attempt), status)

    async def _launch_again(self, seen: AttemptRow) -> None:
        """Finish a start that a process did not live to finish, here or on a machine that is gone, or that failed.

        A bot may have been started there all the same: it is followed by another incarnation, and heard no more.
        """
        room = await self._room(_handle(seen))
        async with self._database.write() as tx:
            interview, attempt = await RunRepository(tx.session).both_for_change(seen.id)
            if attempt.ended_at is not None or attempt.launched_at is not None:
                return
            begun = Status(interview.status) in BEGUN
            if begun and room is None:
                return
            before = (await self._leases.of(tx.session, [attempt.id])).get(attempt.id)
            here = before is None or before.holder == self._leases.place
            if not await self._leases.claim(tx.session, attempt.id, seen.epoch):
                return
            if begun and await self._waits(tx, interview, attempt, room=bool(room)):
                return
            if not here:
                await next_incarnation(tx.session, attempt, START, self._clock())
                await self._dispatcher.claim(tx.session, attempt)
        with contextlib.suppress(LaunchError):  # logged there, and the interview is ready again, or its call waits
            await self._dispatcher.launch(interview, attempt)

    async def _bury(self, handle: LaunchHandle, end: Exited | Lost) -> None:
        """See to an attempt whose bot is gone without having ended its call: another takes it up, or it ends.

        end: what became of the bot.
        """
        attempt_id, asked = handle.attempt_id, isinstance(end, Exited) and end.asked
        if isinstance(end, Exited) and end.code == NO_PLACE:
            await self._take_back(handle)
            return
        room = True if asked else await self._room(handle, end)
        if room is None:
            return  # seen again with the next look, here or by whoever holds the lease by then
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            interview, attempt = await runs.both_for_change(attempt_id)
            if attempt.ended_at is not None or attempt.epoch != handle.epoch:
                return
            if not await self._leases.seize(tx.session, attempt_id, handle.epoch):
                return
            # One that was dismissed without a command had wedged, which is a crash whatever ended it.
            why = await runs.told_to_stop(attempt_id)
            told = why is not None or (asked and handle not in self._dismissed)
            if await self._receipts.refused(tx.session, attempt):  # nobody takes up a call that somebody said no to
                told, why = True, EndReason.CONSENT_DECLINED.value
            reason = stop_reason(why) if told else EndReason.BOT_CRASHED
            now, ledger = self._clock(), Ledger(tx, interview, self._publisher)
            taken_up = not told and handle not in self._dismissed and await self._may_go_on(runs, interview, attempt)
            handed_over = await runs.handed_over(attempt_id, handle.epoch)
            connection = await runs.connection(attempt_id, handle.epoch)
            if connection is not None:
                since = now - connection.opened_at  # below zero where the clock was set back: no reason to wait
                if taken_up and not handed_over and timedelta(0) <= since < await self._pause(runs, attempt):
                    return  # with the next look
            if connection is None or connection.ending is None:  # else it is noted: there was no room for another then
                log.warning("bot_gone", reason=reason.value, taken_up=taken_up)
                if not told and not handed_over:
                    lost = {"code": "bot_lost", "detail": f"incarnation {handle.epoch}: {end.reason}"}
                    ledger.append("incident", lost, now, attempt=attempt)
                if connection is not None:
                    connection.ending = end.reason[:LONGEST_ENDING]
            if taken_up:
                if ledger.status is Status.IN_PROGRESS:
                    ledger.move(Status.RECONNECTING, now, "bot_lost")
                if await self._waits(tx, interview, attempt, room=room):
                    return
                await next_incarnation(tx.session, attempt, HANDOVER if handed_over else TAKEOVER, now)
                await self._dispatcher.claim(tx.session, attempt)
            else:
                close(ledger, attempt, reason, now, now=now)
        if taken_up:
            await self._dispatcher.tell(attempt_id)  # should it be there after all: it is not wanted any more
            with contextlib.suppress(LaunchError):  # logged there, and the call waits for another try
                await self._dispatcher.replace(interview, attempt)

    async def _take_back(self, handle: LaunchHandle) -> None:
        """See to an attempt whose bot waited for a machine in vain."""
        async with self._database.read() as tx:
            attempt = await RunRepository(tx.session).attempt(handle.attempt_id)
        if attempt is not None and attempt.epoch == handle.epoch and attempt.ended_at is None:
            log.warning("bot_never_placed", **names_of(handle))
            await self._dispatcher.take_back(attempt, NO_CAPACITY, waits=False)  # it has waited

    async def _room(self, handle: LaunchHandle, end: Exited | Lost | None = None) -> bool | None:
        """Whether another bot could be started here now; None where that can't be known, or none ever will be.

        end: what became of this one. A place that goes down leaves its lost ones to other replicas.
        """
        try:
            capacity = await self._launcher.capacity()
        except LaunchError:
            if end is None or not _handed_over(end):  # with its last bot a host that goes down closes its door
                return None
        else:
            if not capacity.draining:
                return capacity.free > 0 or self._launcher.shared  # which has its bots wait for a place by itself
        await self._release(handle)
        return None

    async def _waits(self, tx: Transaction, interview: InterviewRow, attempt: AttemptRow, *, room: bool) -> bool:
        """Whether a call without a bot is not to be given one here and now: elsewhere may be room, or here before long.

        A call that has waited for too long ends, and one that was called off meanwhile.
        """
        at = asyncio.get_running_loop().time()
        why = await RunRepository(tx.session).told_to_stop(attempt.id)
        if why is not None or at - self._botless.setdefault(attempt.id, at) > ROOM_WITHIN_S:
            in_vain = EndReason.BOT_CRASHED if room else EndReason.NO_CAPACITY
            reason, now = in_vain if why is None else stop_reason(why), self._clock()
            close(Ledger(tx, interview, self._publisher), attempt, reason, now, now=now)
            log.warning("bot_given_up", reason=reason.value)
            return True
        if not room:
            await self._leases.release(tx.session, attempt.id, attempt.epoch)
        return not room

    async def _may_go_on(self, runs: RunRepository, interview: InterviewRow, attempt: AttemptRow) -> bool:
        """Whether another bot may take up a call: not for ever, if each of them is lost."""
        if Status(interview.status) not in CALLING:
            return False
        too_late = self._ages.of(attempt, self._clock()) > longest(Limits.model_validate(interview.limits))
        return not too_late and await runs.takeovers(attempt.id) < MOST_TAKEOVERS

    async def _pause(self, runs: RunRepository, attempt: AttemptRow) -> timedelta:
        """Return how long after it was sent a bot that is lost is followed: the first at once, later ones less so."""
        return timedelta(seconds=PAUSES_S[min(await runs.takeovers(attempt.id), len(PAUSES_S) - 1)])


def _handed_over(end: Exited | Lost) -> bool:
    return isinstance(end, Exited) and end.code == EXIT_HANDED_OVER


def _handle(attempt: AttemptRow) -> LaunchHandle:
    return LaunchHandle(attempt.interview_id, attempt.id, attempt.epoch)
