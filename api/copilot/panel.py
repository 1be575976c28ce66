"""The private line of one interview: what is put on it, and what is read from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.copilot import PRIVATE, STANDS
from api.copilot.catching_up import Stands, lacking
from api.copilot.tables import PanelRow, SuggestionRow
from api.database import Database, Transaction
from api.errors import BusUnavailable
from api.events import Event, EventBus
from api.events.stream import Snapshot
from api.interviews.repository import InterviewRepository
from api.interviews.states import TERMINAL, Status
from api.interviews.tables import InterviewRow
from api.languages import primary
from api.moments import Clock
from bot.interview.leading import LEADING_LANGUAGES
from prompts import grounds_languages

log = structlog.get_logger(__name__)

AT_ONCE = 500
QUIET_CHANGED = "quiet.changed"
MOST = 5000  # on the line of one interview: a bot that goes wrong fills no disk


class Verdict(StrEnum):
    """What an interviewer did with a suggestion; one without a verdict was ignored."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    DISMISSED = "dismissed"
    USED = "used"


def channel(interview_id: str) -> str:
    """Return the name that the private line has on the bus, where an interview's events have its id."""
    return f"{interview_id}/copilot"


class Panel:
    """Puts things on private lines. They are stored, then passed on to whoever has the panel open."""

    def __init__(self, database: Database, bus: EventBus, clock: Clock) -> None:
        self._database, self._bus, self._clock = database, bus, clock

    async def take(self, event: Event) -> None:
        """Keep what a bot tells the panel. An interview that is gone has none."""
        async with self._database.write() as tx:
            interview = await tx.session.get(InterviewRow, event.interview_id, with_for_update=True)
            if interview is None:
                return
            for news in [event] if event.type != STANDS else await _lacking(tx.session, event):
                if await self._keep(tx, interview, news):
                    await _keep_card(tx.session, interview, news, self._clock())

    async def put(self, tx: Transaction, interview: InterviewRow, event: Event) -> None:
        """Put an event of an interview's on its line, too, inside the transaction that holds it for change."""
        await self._keep(tx, interview, event)

    async def append(self, tx: Transaction, interview: InterviewRow, type_: str, data: dict[str, Any]) -> None:
        """Put something on the line of an interview that nobody else changes, inside a larger transaction."""
        await self._keep(tx, interview, Event(interview.id, type_, self._clock(), data))

    async def _keep(self, tx: Transaction, interview: InterviewRow, event: Event) -> bool:
        """Put something on the line; return whether there was room for it."""
        seq = await _last(tx.session, interview.id) + 1
        if seq > MOST:
            log.warning("panel_full", interview=interview.id)
            return False
        tx.session.add(
            PanelRow(
                interview_id=interview.id,
                seq=seq,
                tenant=interview.tenant,
                type=event.type,
                at=event.at,
                at_ms=event.at_ms,
                data=event.data,
            )
        )
        passed = Event(channel(interview.id), event.type, event.at, event.data, seq, event.at_ms)
        tx.after_commit(partial(self._publish, passed))
        return True

    async def _publish(self, event: Event) -> None:
        try:
            await self._bus.publish(event)
        except BusUnavailable as error:
            log.warning("panel_not_passed_on", channel=event.interview_id, seq=event.seq, error=str(error))


@dataclass(frozen=True, slots=True)
class PanelPast:
    """What is stored of one interview's private line (`api.events.stream.Past`)."""

    database: Database
    tenant: str
    interview_id: str

    async def snapshot(self, after: int) -> Snapshot:
        """Return how far the line has come; raise `NotFound`."""
        async with self.database.read() as tx:
            interview = await InterviewRepository(tx.session, self.tenant).get(self.interview_id)
            last = await _last(tx.session, self.interview_id)
            quiet = await is_quiet(tx.session, self.interview_id)
        told = {"id": interview.id, "mode": interview.mode, "status": interview.status, "language": interview.language}
        told |= _planned(interview.plan) | {"quiet": quiet, "unwatched": _unwatched(interview.language)}
        return Snapshot(told, last, Status(interview.status) in TERMINAL, min(after, last))

    async def after(self, seq: int) -> Sequence[Event]:
        """Return what comes next after number `seq`."""
        mine = select(PanelRow).where(PanelRow.tenant == self.tenant, PanelRow.interview_id == self.interview_id)
        async with self.database.read() as tx:
            rows = await tx.session.scalars(mine.where(PanelRow.seq > seq).order_by(PanelRow.seq).limit(AT_ONCE))
            name = channel(self.interview_id)
            return [Event(name, row.type, row.at, row.data, row.seq, row.at_ms) for row in rows]


async def _lacking(session: AsyncSession, stands: Event) -> list[Event]:
    """Return what of everything that holds the line does not say yet."""
    try:
        told = Stands.model_validate(stands.data).told
    except ValidationError as error:
        log.warning("panel_not_understood", interview=stands.interview_id, errors=error.error_count())
        return []
    mine = select(PanelRow.type, PanelRow.data).where(PanelRow.interview_id == stands.interview_id)
    line = await session.execute(mine.where(PanelRow.type.in_(PRIVATE)).order_by(PanelRow.seq))
    return [replace(stands, type=one.type, data=one.data) for one in lacking(((*row,) for row in line), told)]


def _planned(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be asked, and what about: for somebody who holds the interview."""
    questions = [
        {"id": question["id"], "text": question["text"], "priority": question.get("priority", "core")}
        | {"section": section["name"]}
        for section in plan.get("sections", ())
        for question in section["questions"]
    ]
    criteria = [{"id": one["id"], "name": one["name"]} for one in plan.get("criteria", ())]
    return {"plan": questions, "criteria": criteria}


def _unwatched(language: str) -> list[str]:
    """What no warning or card will come of, as there are no rules for it in a language."""
    known = {"off_limits": grounds_languages(), "leading": LEADING_LANGUAGES}
    return [what for what, languages in known.items() if primary(language) not in languages]


async def is_quiet(session: AsyncSession, interview_id: str) -> bool:
    """Tell whether an interview's quiet key is on."""
    mine = select(PanelRow.data).where(PanelRow.interview_id == interview_id, PanelRow.type == QUIET_CHANGED)
    last = await session.scalar(mine.order_by(PanelRow.seq.desc()).limit(1))
    return bool(last and last.get("on"))


async def _keep_card(session: AsyncSession, interview: InterviewRow, event: Event, now: datetime) -> None:
    """Count a card that is shown, or that is over. now: by our own clock, as attempts are; bots' differ."""
    if event.type not in ("suggestion.created", "suggestion.expired"):
        return
    id_ = str(event.data.get("id"))[:64]
    card = await session.get(SuggestionRow, (interview.id, id_))
    if event.type == "suggestion.created" and card is None:
        kind, text = str(event.data.get("kind"))[:32], str(event.data.get("text"))
        session.add(
            SuggestionRow(
                interview_id=interview.id, id=id_, tenant=interview.tenant, kind=kind, text=text, created_at=now
            )
        )
    elif event.type == "suggestion.expired" and card is not None:
        card.expired_at = card.expired_at or now


async def _last(session: AsyncSession, interview_id: str) -> int:
    found = await session.scalar(select(func.max(PanelRow.seq)).where(PanelRow.interview_id == interview_id))
    return found or 0
