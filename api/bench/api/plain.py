"""What the control plane is measured against: FastAPI and SQLAlchemy as their tutorials have it, one row read and
returned; no caller is asked who they are, nothing is joined, worked out or logged.

It reads the same rows of the same database as the control plane, and is served by the same server with the same
settings: `python -m api.bench.api.plain --fd N --database URL`.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from api.__main__ import inherited, server
from api.database import CONNECTIONS
from api.interviews.tables import InterviewRow
from api.settings import load_settings


class Interview(BaseModel):
    """A row as it is."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    tenant: str
    title: str
    mode: str
    language: str
    status: str
    status_reason: str | None
    plan: dict[str, Any]
    candidate_name: str
    organisation: str
    bot_name: str
    limits: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    summary: dict[str, Any] | None
    last_seq: int
    turn_count: int
    version: int
    candidate_id: str | None
    job_id: str | None
    template_id: str | None
    agent_id: str | None
    meeting_url: str | None
    round: int | None
    purpose: str | None
    external_ref: str | None
    callback_url: str | None
    own_data: dict[str, Any] | None
    start_policy: str
    scheduled_at: datetime | None
    max_attempts: int
    run_id: str | None


def plain_app(database: str) -> FastAPI:
    """Return the application. database: a SQLAlchemy URL with an async driver."""
    sessions = async_sessionmaker(create_async_engine(database, pool_size=CONNECTIONS))
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened

    @app.get("/health")
    async def health() -> None:
        """Answer."""

    @app.get("/interviews/{interview_id}")
    async def get(interview_id: str, session: Annotated[AsyncSession, Depends(session)]) -> Interview:
        """Return one row."""
        row = await session.get(InterviewRow, interview_id)
        if row is None:
            raise HTTPException(404)
        return Interview.model_validate(row)

    return app


def main() -> int:
    """Serve until told to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m api.bench.api.plain")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    serving = server(plain_app(options.database), load_settings())
    asyncio.run(serving.serve([inherited(options.fd)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
