"""The database's history, from nothing and from every earlier revision, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from api import audit, migrations
from api.auth import Caller
from api.database import Database
from api.errors import OldDatabase
from api.interviews.leases import NOBODY, LeaseRow
from api.tables import METADATA
from tests.running_postgres import Postgres


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'vivavoce.db'}"
    else:
        yield await postgres.new_database()


async def on(url: str, work: Any) -> Any:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        found = await connection.run_sync(work)
    await engine.dispose()
    return found


def differences(connection: Connection) -> list[Any]:
    return compare_metadata(MigrationContext.configure(connection), METADATA)


def revisions() -> list[str]:
    return [script.revision for script in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()]


async def test_the_history_leads_to_the_tables_of_this_program(url: str) -> None:
    database = Database(url)
    with pytest.raises(OldDatabase, match="vivavoce db upgrade"):
        await database.require_current()
    assert await database.upgrade() == migrations.head()
    await database.require_current()
    assert await on(url, differences) == []
    assert await database.upgrade() == migrations.head()
    await database.aclose()


@pytest.mark.parametrize("revision", revisions()[1:])
async def test_every_earlier_revision_leads_there_too_and_keeps_what_is_stored(url: str, revision: str) -> None:
    def earlier(connection: Connection) -> None:
        migrations.upgrade(connection, revision)
        connection.execute(
            text(
                "INSERT INTO interview (id, tenant, title, mode, language, status, plan, candidate_name, organisation,"
                " bot_name, limits, created_at, last_seq, turn_count) VALUES ('int_1', 'acme', 'Old', 'solo', 'en',"
                " 'ready', '{}', 'Ada', '', 'Viva', '{}', '2026-01-01 00:00:00+00:00', 0, 0)"
            )
        )

    await on(url, earlier)
    database = Database(url)
    await database.upgrade()
    async with database.read() as tx:
        assert await tx.session.scalar(text("SELECT title FROM interview WHERE id = 'int_1'")) == "Old"
    await database.aclose()
    assert await on(url, differences) == []


async def test_bots_that_ran_before_there_were_leases_have_one_that_nobody_holds(url: str) -> None:
    def earlier(connection: Connection) -> None:
        migrations.upgrade(connection, "0004")
        connection.execute(
            text(
                "INSERT INTO interview (id, tenant, title, mode, language, status, plan, candidate_name, organisation,"
                " bot_name, limits, created_at, last_seq, turn_count) VALUES ('int_1', 'acme', 'Old', 'solo', 'en',"
                " 'joining', '{}', 'Ada', '', 'Viva', '{}', '2026-01-01 00:00:00+00:00', 0, 0)"
            )
        )
        for number, ended in ((1, "'2026-01-01 00:00:00+00:00'"), (2, "NULL")):
            connection.execute(
                text(
                    "INSERT INTO attempt (id, interview_id, tenant, number, epoch, created_at, ended_at) VALUES"
                    f" ('att_{number}', 'int_1', 'acme', {number}, 3, '2026-01-01 00:00:00+00:00', {ended})"
                )
            )

    await on(url, earlier)
    database = Database(url)
    await database.upgrade()
    async with database.read() as tx:
        (lease,) = (await tx.session.scalars(select(LeaseRow))).all()
    await database.aclose()
    assert (lease.attempt_id, lease.epoch, lease.holder, lease.busy) == ("att_2", 3, NOBODY, False)
    assert timedelta(0) < lease.expires_at - datetime.now(UTC) <= timedelta(minutes=1)


async def test_what_was_audited_before_there_was_a_chain_is_chained_and_replicas_add_to_it(url: str) -> None:
    def earlier(connection: Connection) -> None:
        migrations.upgrade(connection, "0007")
        for id_, tenant, second in (("aud_b", "acme", 1), ("aud_a", "acme", 2), ("aud_c", "globex", 0)):
            connection.execute(
                text(
                    "INSERT INTO audit_event (id, tenant, at, actor, action, subject) VALUES"
                    f" ('{id_}', '{tenant}', '2026-01-01 00:00:0{second}.123456+00:00', 'ann', 'key.created', 'key_1')"
                )
            )

    async def done(replica: Database, tenant: str) -> None:
        async with replica.write() as tx:
            audit.record(tx, Caller(tenant, "bob", frozenset()), "key.revoked", "key_1")

    await on(url, earlier)
    replicas = [Database(url) for _ in range(3)]
    await replicas[0].upgrade()
    await asyncio.gather(*(done(each, tenant) for each in replicas for tenant in ("acme", "initech") for _ in range(4)))
    async with replicas[0].read() as tx:
        verdicts = [await audit.verify(tx.session, tenant) for tenant in ("acme", "globex", "initech")]
        first = select(audit.AuditRow.id).where(audit.AuditRow.tenant == "acme").order_by(audit.AuditRow.number)
        assert (await tx.session.scalars(first.limit(2))).all() == ["aud_b", "aud_a"]
    assert [(each.number, each.wrong) for each in verdicts] == [(14, None), (1, None), (12, None)]
    async with replicas[0].write() as tx:  # two that change places
        for old, new in ((5, 99), (6, 5), (99, 6)):
            await tx.session.execute(text(f"UPDATE audit_event SET number = {new} WHERE number = {old}"))
    async with replicas[0].read() as tx:
        wrong = (await audit.verify(tx.session, "acme")).wrong
    assert wrong is not None and (wrong.number, wrong.what[:14]) == (5, "was moved here")
    for replica in replicas:
        await replica.aclose()


async def test_two_replicas_that_upgrade_at_once_do_it_once(url: str) -> None:
    replicas = [Database(url) for _ in range(3)]
    assert set(await asyncio.gather(*(replica.upgrade() for replica in replicas))) == {migrations.head()}
    for replica in replicas:
        await replica.aclose()
