"""Looks where every bot is: what the database says, laid beside what the launcher says."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select

from api.database import Database
from api.fleet.schemas import BotOut, FleetOut, NodeOut, RoomOut, Whereabouts
from api.interviews.leases import NOBODY, LeaseRow, Leases
from api.interviews.states import AttemptKind, Status
from api.interviews.tables import STOP, AttemptRow, CommandRow, InterviewRow
from api.replicas import ReplicaRow
from bot.spec import Mode
from orchestrator import BotLauncher, Capacity, LaunchHandle, LaunchStatus, Lost, Pending, Running
from orchestrator.errors import LaunchError


@dataclass(frozen=True, slots=True)
class _Seen:
    mode: str
    status: str
    attempt: AttemptRow
    lease: LeaseRow | None
    told: bool


class Survey:
    """Sees the fleet from one place, that of `leases`."""

    def __init__(self, database: Database, launcher: BotLauncher, leases: Leases) -> None:
        self._database, self._launcher, self._leases = database, launcher, leases

    async def fleet(self, tenant: str | None = None) -> FleetOut:
        """Return every bot at work, the longest first: of one tenant, or of all."""
        async with self._database.read() as tx:
            now = await self._leases.now(tx.session)
            seen = [_Seen(*row) for row in await tx.session.execute(_at_work(tenant))]
            replicas = (await tx.session.scalars(select(ReplicaRow).order_by(ReplicaRow.started_at))).all()
        async with asyncio.TaskGroup() as tasks:  # one question each to the launcher
            looks = [tasks.create_task(self._bot(one, now)) for one in seen]
        bots = [look.result() for look in looks]
        return FleetOut(
            here=self._leases.place,
            capacity=await self._room(),
            nodes=_nodes(replicas, bots),
            bots=bots,
        )

    async def _bot(self, seen: _Seen, now: datetime) -> BotOut:
        attempt, lease = seen.attempt, seen.lease
        held = lease is not None and lease.expires_at > now
        ours = lease is None or lease.holder == self._leases.place
        status = await self._poll(attempt) if ours else None
        return BotOut(
            interview_id=attempt.interview_id,
            attempt_id=attempt.id,
            epoch=attempt.epoch,
            mode=Mode(seen.mode),
            status=Status(seen.status),
            state=_state(status, held=held, busy=held and lease is not None and lease.busy, told=seen.told),
            bot_state=attempt.bot_state,
            node=_node(status, lease),
            pid=status.pid if isinstance(status, Running) else None,
            started_at=attempt.created_at,
            lease_until=None if lease is None else lease.expires_at,
        )

    async def _poll(self, attempt: AttemptRow) -> LaunchStatus:
        try:
            return await self._launcher.poll(LaunchHandle(attempt.interview_id, attempt.id, attempt.epoch))
        except LaunchError as error:
            return Lost(str(error))

    async def _room(self) -> RoomOut:
        capacity: Capacity | None = None
        with suppress(LaunchError):  # told by the empty figures
            capacity = await self._launcher.capacity()
        if capacity is None:
            return RoomOut(total=None, free=None, pending=0)
        return RoomOut(total=capacity.total, free=capacity.free, pending=capacity.pending, draining=capacity.draining)


def _at_work(tenant: str | None) -> Select[str, str, AttemptRow, LeaseRow, bool]:
    told = exists().where(CommandRow.attempt_id == AttemptRow.id, CommandRow.command == STOP)  # heard of it or not
    found = (
        select(InterviewRow.mode, InterviewRow.status, AttemptRow, LeaseRow, told)
        .join(AttemptRow, AttemptRow.interview_id == InterviewRow.id)
        .outerjoin(LeaseRow, LeaseRow.attempt_id == AttemptRow.id)
        .where(AttemptRow.ended_at.is_(None), AttemptRow.kind == AttemptKind.CALL.value)
        .order_by(AttemptRow.created_at, AttemptRow.id)
    )
    return found if tenant is None else found.where(AttemptRow.tenant == tenant)


def _state(status: LaunchStatus | None, *, held: bool, busy: bool, told: bool) -> Whereabouts:
    """status: what our launcher says, None where another place looks after the bot: that it does is all we know."""
    if isinstance(status, Pending):
        return Whereabouts.PENDING
    if isinstance(status, Running) or (status is None and held and not busy):
        return Whereabouts.LEAVING if told else Whereabouts.RUNNING
    return Whereabouts.STARTING if busy else Whereabouts.LOST


def _node(status: LaunchStatus | None, lease: LeaseRow | None) -> str | None:
    if isinstance(status, Running) and status.node is not None:
        return status.node
    return None if lease is None or lease.holder == NOBODY else lease.holder


def _nodes(replicas: Sequence[ReplicaRow], bots: Sequence[BotOut]) -> list[NodeOut]:
    at = Counter(bot.node for bot in bots if bot.node is not None)
    known = {replica.place: replica for replica in replicas}
    # A launcher that all replicas share is a place without an address.
    places = [*known, *sorted(at.keys() - known.keys())]
    return [
        NodeOut(
            node=place,
            url=known[place].url if place in known else None,
            since=known[place].started_at if place in known else None,
            bots=at[place],
        )
        for place in places
    ]
