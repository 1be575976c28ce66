"""How long one round of the keeper takes over many bots that run, when nothing is wrong with any of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, inspect

from api.app import create_app
from api.database import Base, Transaction
from api.interviews.leases import LeaseRow
from api.interviews.tables import AttemptRow, InterviewRow
from api.services import Services
from api.settings import load_settings
from bot.spec import BotSpec
from orchestrator import Capacity, Departure, Exited, LaunchHandle, LaunchStatus, Lost, Running

AT_ONCE = 500
QUESTION = {"id": "q1", "text": "What did you build last?"}
PLAN = {"title": "Benchmark", "sections": [{"id": "s", "name": "Work", "questions": [QUESTION]}]}


class Everywhere:
    """A launcher of bots that all run, and of which none is there."""

    shared = False

    def __init__(self) -> None:
        self.running: list[LaunchHandle] = []

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Say that it runs."""
        self.running.append(LaunchHandle.of(spec))
        return self.running[-1]

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Say whether it runs."""
        return Running() if handle in self.running else Lost()

    async def stop(self, handle: LaunchHandle, *, grace: timedelta) -> None:
        """Fail: nothing is wrong with any of them."""
        raise AssertionError(f"{handle} was stopped")

    async def list(self) -> Sequence[LaunchHandle]:
        """Return all of them."""
        return self.running

    async def capacity(self) -> Capacity:
        """Return that one more fits."""
        return Capacity(total=len(self.running) + 1, free=1)

    async def departures(self) -> AsyncIterator[Departure]:
        """Wait for an end that never comes."""
        await asyncio.Event().wait()
        yield Departure(LaunchHandle("", "", 1), Exited(0, ""))

    async def aclose(self) -> None:
        """Nothing to let go of."""


async def rounds(folder: Path, bots: int, times: int) -> list[float]:
    """Return how long each of some rounds of the keeper took over so many running bots, in seconds."""
    launcher = Everywhere()
    app = create_app(load_settings(data_dir=folder, watch_every_s=60.0), launcher=launcher)
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        await _one_call(app, services)
        (first,) = launcher.running
        async with services.database.write() as tx:
            launcher.running += await _copies(tx, first, bots - 1)
        took = []
        for _ in range(times):
            began = time.perf_counter()
            await services.keeper.look()
            took.append(time.perf_counter() - began)
        return took


async def _one_call(app: Any, services: Services) -> None:
    token = services.tokens.issue("bench", expires_in=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
        created = await client.post("/v1/interviews", json={"candidate": {"name": "Ada"}, "plan": PLAN})
        created.raise_for_status()
        (await client.post(f"/v1/interviews/{created.json()['id']}/start")).raise_for_status()


async def _copies(tx: Transaction, first: LaunchHandle, count: int) -> list[LaunchHandle]:
    """Copy a call that goes on, with all that is kept of it for the keeper, and return whose bots the copies have."""
    found = (
        await tx.session.get_one(InterviewRow, first.interview_id),
        await tx.session.get_one(AttemptRow, first.attempt_id),
        await tx.session.get_one(LeaseRow, first.attempt_id),
    )
    interview, attempt, lease = (_values(row) for row in found)
    made = [LaunchHandle(f"iv_{number}", f"at_{number}", first.epoch) for number in range(count)]
    for start in range(0, count, AT_ONCE):
        some = made[start : start + AT_ONCE]
        rows = {
            InterviewRow: [interview | {"id": one.interview_id, "run_id": None} for one in some],
            AttemptRow: [attempt | {"id": one.attempt_id, "interview_id": one.interview_id} for one in some],
            LeaseRow: [lease | {"attempt_id": one.attempt_id} for one in some],
        }
        for table, values in rows.items():
            await tx.session.execute(insert(table), values)
    return made


def _values(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
