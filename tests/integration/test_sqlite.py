"""SQLite through the driver of this project: what statements give, what transactions keep, and what a cancelled one
leaves behind."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from api.database import Database
from api.tickets import TicketRow
from tests.guards import HANG_S

COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT count(*) FROM n"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'vivavoce.db'}")
    async with database.write() as tx:
        await tx.session.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield database
    await database.aclose()


async def names(database: Database) -> list[str]:
    async with database.read() as tx:
        return list((await tx.session.scalars(text("SELECT name FROM thing ORDER BY id"))).all())


async def test_statements_give_their_rows_columns_and_counts(database: Database) -> None:
    async with database.write() as tx:
        made = await tx.session.execute(text("INSERT INTO thing (name) VALUES ('a') RETURNING id, name"))
        assert (list(made.keys()), made.all()) == (["id", "name"], [(1, "a")])
        await tx.session.execute(text("INSERT INTO thing (name) VALUES (:name)"), [{"name": "b"}, {"name": "c"}])
        changed = await tx.session.execute(text("UPDATE thing SET name = name || '!' WHERE id > 1"))
        assert changed.rowcount == 2  # type: ignore[attr-defined]
    async with database.read() as tx:
        found = await tx.session.execute(text("SELECT id, name FROM thing ORDER BY id"))
        assert found.fetchone() == (1, "a")
        assert found.fetchmany(1) == [(2, "b!")]
        assert found.all() == [(3, "c!")]
        assert (await tx.session.execute(text("SELECT id FROM thing WHERE id = 9"))).all() == []


async def test_errors_are_sqlalchemys_and_undo_their_transaction_alone(database: Database) -> None:
    async with database.write() as tx:
        await tx.session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
    with pytest.raises(IntegrityError, match="UNIQUE"):
        async with database.write() as tx:
            await tx.session.execute(text("INSERT INTO thing (name) VALUES ('b')"))
            await tx.session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
    with pytest.raises(OperationalError, match="no such table"):
        async with database.read() as tx:
            await tx.session.execute(select(TicketRow.hash))
    with pytest.raises(OperationalError, match="no such table"):
        async with database.write() as tx:
            await tx.session.execute(insert(TicketRow), [{"hash": "a"}, {"hash": "b"}])
    assert await names(database) == ["a"]


async def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    async with database.read() as before:
        assert await before.session.scalar(text("SELECT count(*) FROM thing")) == 0
        async with database.write() as tx:
            await tx.session.execute(text("INSERT INTO thing (name) VALUES ('a')"))
        assert await before.session.scalar(text("SELECT count(*) FROM thing")) == 0
    assert await names(database) == ["a"]


async def test_one_query_goes_to_the_connections_thread_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await names(database)  # opens a connection
    with caplog.at_level(logging.DEBUG, "aiosqlite"):
        await names(database)
    assert len([record for record in caplog.records if record.message.startswith("executing")]) == 1


async def test_cancelled_statements_harm_nobody(database: Database) -> None:
    async def work(number: int) -> None:
        async with database.write() if number % 2 else database.read() as tx:
            await tx.session.execute(text(COUNTING), {"most": 20_000})
            if number % 2:
                await tx.session.execute(text("INSERT INTO thing (name) VALUES (:name)"), {"name": str(number)})

    whims = random.Random(7)
    async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
        for number in range(60):
            task = tasks.create_task(work(number))
            asyncio.get_running_loop().call_later(whims.random() / 20, task.cancel)
    async with asyncio.timeout(HANG_S), database.write() as tx:
        await tx.session.execute(text("INSERT INTO thing (name) VALUES ('last')"))
    found = await names(database)
    assert found[-1] == "last"
    assert len(set(found)) == len(found)
