"""Asking the copilot: a question is put on the private line, and its answer after it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.copilot.answers import Answering, Reply
from api.copilot.modelled import MODELLED, Modelled
from api.copilot.panel import Panel
from api.copilot.sources import Material, material
from api.copilot.tables import PanelRow
from api.database import Database
from api.errors import ModelFailed, NotFound, RateLimited
from api.interviews.repository import InterviewRepository
from api.model import Model
from api.moments import Clock

log = structlog.get_logger(__name__)

REQUEST, ANSWER = "ask.request", "ask.answer"
A_MINUTE = 10  # questions in one interview, whoever asks
MODEL_S = 3.2  # of the four seconds until an answer; the rules need a fraction of the rest


class Asking:
    """Answers interviewers. model: asked first where there is one; what it can't do, the rules do."""

    def __init__(self, database: Database, panel: Panel, model: Model | None, clock: Clock) -> None:
        self._database, self._panel, self._clock = database, panel, clock
        self._model = None if model is None else Modelled(model)

    async def take(self, caller: Caller, interview_id: str, id_: str, question: str) -> bool:
        """Put a question on the line; return whether it waits for an answer, as one that was answered does not.

        id_: the page's own; one that was lost on the way comes again with it. Raises `NotFound`, `RateLimited`.
        """
        now = self._clock()
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            before = await _asked(tx.session, interview_id)
            known = {row.type for row in before if row.data.get("id") == id_}
            if REQUEST not in known:
                since = now - timedelta(minutes=1)
                recent = [row.at for row in before if row.type == REQUEST and row.at > since]
                if len(recent) >= A_MINUTE:
                    wait = timedelta(minutes=1) - (now - min(recent))
                    raise RateLimited("minute", A_MINUTE, max(1, round(wait.total_seconds())), {}, "questions")
                told = {"id": id_, "question": question, "by": caller.subject}
                await self._panel.append(tx, interview, REQUEST, told)
        return ANSWER not in known

    async def answer(self, tenant: str, interview_id: str, id_: str, question: str) -> None:
        """Answer a question that is on the line, unless it was answered meanwhile or its interview is gone.

        One that was thrown away meanwhile takes its answer with it: that would quote what nobody may read any more.
        """
        try:
            reply = await self._reply(tenant, interview_id, question)
            async with self._database.write() as tx:
                interview = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
                before = await _asked(tx.session, interview_id)
                known = {row.type for row in before if row.data.get("id") == id_}
                if REQUEST not in known:
                    return
                if ANSWER not in known:
                    await self._panel.append(tx, interview, ANSWER, reply.told(id_))
        except NotFound:
            return
        log.info("copilot_answered", interview=interview_id, engine=reply.engine, known=reply.known)

    async def _reply(self, tenant: str, interview_id: str, question: str) -> Reply:
        async with self._database.read() as tx:
            found = await material(tx.session, tenant, interview_id)
        return await answered(question, found, self._model)


async def answered(question: str, found: Material, model: Modelled | None, within_s: float = MODEL_S) -> Reply:
    """Return the model's answer to what it may answer, if it has a good one in time, else the rules'."""
    one = await asyncio.to_thread(Answering.of, question, found)
    if model is not None and one.asked.after in MODELLED and found.turns:
        try:
            async with asyncio.timeout(within_s):
                return await model.reply(one)
        except (ModelFailed, TimeoutError) as failure:
            log.info("copilot_by_rules", why=type(failure).__name__)
    return await asyncio.to_thread(one.reply)


async def _asked(session: AsyncSession, interview_id: str) -> Sequence[PanelRow]:
    """What was asked in an interview, and what was answered."""
    mine = select(PanelRow).where(PanelRow.interview_id == interview_id, PanelRow.type.in_((REQUEST, ANSWER)))
    return (await session.scalars(mine.order_by(PanelRow.seq))).all()
