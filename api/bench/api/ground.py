"""What there is to read: many interviews, one that was held, and some whose calls go on."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, inspect

from api.auth import Caller
from api.bench.api.bots import Call, beginning, reporting, rest
from api.bench.api.servers import Served
from api.interviews.attempts import open_attempt
from api.interviews.repository import InterviewRepository
from api.interviews.states import Status
from api.interviews.tables import InterviewRow
from api.keys.schemas import CreateKey
from api.keys.service import KeyService
from api.limits import Rate
from api.moments import utc_now
from api.scopes import SCOPES
from bot.plan import Plan
from prompts import load_plan

PLAN_NAME = "software-engineer"  # what an ordinary interview is like
AT_ONCE = 2_000  # rows in one statement
OVER_WITHIN_S = 60.0
APART = timedelta(seconds=1)
FAILED = 1_000  # of so many interviews one
PER_CANDIDATE, JOBS, TEMPLATES = 10, 100, 10
SHORT_PLAN = {
    "title": "Backend engineer",
    "sections": [
        {
            "id": "work",
            "name": "Work",
            "questions": [{"id": "q1", "text": "What did you build last?"}, {"id": "q2", "text": "What broke?"}],
        }
    ],
}


async def fill(server: Served, tenant: str, count: int) -> None:
    """Give a tenant `count` interviews, a second apart: one made as anybody makes one, and copies of it."""
    async with server.client(tenant) as client:
        made = await client.interviews.create({"plan": SHORT_PLAN, "candidate": {"name": "Ann Example"}})
    async with server.database() as database:
        async with database.read() as tx:
            first = await InterviewRepository(tx.session, tenant).get(made.id)
        columns = {column.key: getattr(first, column.key) for column in inspect(InterviewRow).column_attrs}
        for start in range(1, count, AT_ONCE):
            rows = [columns | _differing(number, first) for number in range(start, min(start + AT_ONCE, count))]
            async with database.write() as tx:
                await tx.session.execute(insert(InterviewRow), rows)


def _differing(number: int, first: InterviewRow) -> dict[str, Any]:
    return {
        "id": f"int_{secrets.token_hex(10)}",
        "created_at": first.created_at - number * APART,
        "status": (Status.FAILED if number % FAILED == 0 else Status.COMPLETED).value,
        "candidate_id": f"can_{number // PER_CANDIDATE}",
        "job_id": f"job_{number % JOBS}",
        "template_id": f"tpl_{number % TEMPLATES}",
        "external_ref": f"ref-{number}",
    }


async def planned(server: Served, tenant: str) -> str:
    """Make an ordinary interview and return its id."""
    async with server.client(tenant) as client:
        wanted = {"plan": load_plan(PLAN_NAME), "candidate": {"name": "Ann Example"}}
        return (await client.interviews.create(wanted)).id


async def api_key(server: Served, tenant: str) -> str:
    """Make an API key that may read interviews."""
    maker = Caller(tenant, "bench", SCOPES)
    async with server.database() as database:
        keys = KeyService(database, Rate(0, 0), utc_now)
        return (await keys.create(maker, CreateKey(name="bench", scopes=["interview:read"]))).key


async def calling(server: Served, tenant: str) -> Call:
    """Make an interview whose bot is on its way. There is no place where bots run, so that nobody is asked for one."""
    interview_id = await planned(server, tenant)
    async with server.database() as database, database.write() as tx:
        row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
        attempt = await open_attempt(tx.session, row, utc_now())
        row.status, attempt.launched_at = Status.JOINING.value, utc_now()
    token = server.tokens.issue_uplink(interview_id, attempt.id, attempt.epoch, expires_in=timedelta(hours=2))
    return Call(interview_id, attempt.id, token)


async def held(server: Served, tenant: str) -> str:
    """Make an interview whose call is over and summed up, and return its id; raise `TimeoutError`."""
    call = await calling(server, tenant)
    question_ids = [question.id for question in Plan.model_validate(load_plan(PLAN_NAME)).questions]
    async with reporting(server, call) as bot:
        for type_, data in (*beginning(), *rest(question_ids)):
            await bot.tell(type_, **data)
        await bot.stored()
    async with server.client(tenant) as client, asyncio.timeout(OVER_WITHIN_S):
        async for _ in client.interviews.events(call.interview_id):
            pass  # they end once it is summed up
    return call.interview_id
