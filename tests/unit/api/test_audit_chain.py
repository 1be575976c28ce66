"""The chain of audit events: whole as it was written, and which event is named when somebody wrote in it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine

from api import audit
from api.audit import AuditHeadRow, AuditRow, Verdict
from api.audit_chain import START
from api.auth import Caller
from api.database import Database
from api.evaluation.hashes import hash_of

ANN, BOB = Caller("acme", "ann", frozenset()), Caller("globex", "bob", frozenset())


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'audit.db'}"
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(AuditRow.metadata.tables["audit_event"].create)
        await connection.run_sync(AuditHeadRow.metadata.tables["audit_head"].create)
    await engine.dispose()
    database = Database(url)
    yield database
    await database.aclose()


async def done(database: Database, *subjects: str, caller: Caller = ANN) -> None:
    async with database.write() as tx:
        for subject in subjects:
            audit.record(tx, caller, "thing.done", subject)


async def verdict(database: Database, seen: tuple[int, str] | None = None) -> Verdict:
    async with database.read() as tx:
        return await audit.verify(tx.session, "acme", seen)


async def tampered(database: Database, *statements: str) -> tuple[int, str]:
    """Write past the program, and return what is said of it."""
    async with database.write() as tx:
        for statement in statements:
            await tx.session.execute(text(statement))
    found = (await verdict(database)).wrong
    assert found is not None
    return found.number, found.what


async def test_each_event_follows_on_the_one_before_it_and_tenants_are_apart(database: Database) -> None:
    await done(database, "a", "b")
    await done(database, "x", caller=BOB)
    await done(database, "c")
    async with database.read() as tx:
        assert await audit.tenants(tx.session) == ["acme", "globex"]
    rows = await listed(database)
    assert [row.subject for row in rows] == ["a", "b", "c"]
    assert [row.before for row in rows] == [START, *(row.hash for row in rows[:-1])]
    found = await verdict(database)
    assert (found.number, found.hash, found.wrong) == (3, rows[-1].hash, None)
    shown = audit.AuditOut.model_validate(rows[1]).model_dump(mode="json")
    told = {name: value for name, value in shown.items() if name not in ("number", "hash")}
    assert hash_of(told | {"tenant": "acme"}) == shown["hash"]  # as its description says, by whoever reads it


async def listed(database: Database) -> list[AuditRow]:
    async with database.read() as tx:
        mine = select(AuditRow).where(AuditRow.tenant == "acme").order_by(AuditRow.number)
        return list(await tx.session.scalars(mine))


async def test_what_is_not_committed_leaves_no_gap(database: Database) -> None:
    await done(database, "a")
    with pytest.raises(ZeroDivisionError):
        async with database.write() as tx:
            audit.record(tx, ANN, "thing.done", "b")
            await tx.finish()
            _ = 1 / 0
    await done(database, "c")
    assert (await verdict(database)).number == 2


@pytest.mark.parametrize(
    ("statements", "number", "what"),
    [
        (["UPDATE audit_event SET subject = 'z' WHERE number = 3"], 3, "was changed"),
        (["UPDATE audit_event SET at = '2026-01-01 00:00:00' WHERE number = 4"], 4, "was changed"),
        (["DELETE FROM audit_event WHERE number = 3"], 3, "was removed"),
        (["DELETE FROM audit_event WHERE number = 5"], 5, "was removed"),
        (["DELETE FROM audit_event"], 1, "was removed"),
        (
            ["DELETE FROM audit_event WHERE number = 2", "UPDATE audit_event SET number = number - 1 WHERE number > 2"],
            2,
            "does not follow on event 1",
        ),
        (
            [
                "UPDATE audit_event SET number = 9 WHERE number = 2",
                "UPDATE audit_event SET number = 2 WHERE number = 3",
                "UPDATE audit_event SET number = 3 WHERE number = 9",
            ],
            2,
            "was moved here",
        ),
        (["DELETE FROM audit_head"], 1, "was inserted"),
        (["UPDATE audit_head SET hash = 'x'"], 5, "is another than the head"),
    ],
)
async def test_the_first_event_that_is_not_what_was_written_is_named(
    database: Database, statements: list[str], number: int, what: str
) -> None:
    await done(database, "a", "b", "c", "d", "e")
    found, said = await tampered(database, *statements)
    assert (found, said[: len(what)]) == (number, what)


async def test_an_event_that_was_slipped_in_is_named_though_its_own_hashes_fit(database: Database) -> None:
    await done(database, "a", "b")
    (first, _) = await listed(database)
    columns = ("tenant", "at", "actor", "action", "subject")
    forged = AuditRow(id="aud_forged", before=first.hash, **{name: getattr(first, name) for name in columns})
    forged.hash = audit.digest(forged)
    number, what = await tampered(
        database,
        "UPDATE audit_event SET number = 3 WHERE number = 2",
        f"INSERT INTO audit_event (id, number, before, hash, {', '.join(columns)}) SELECT 'aud_forged', 2,"
        f" '{forged.before}', '{forged.hash}', {', '.join(columns)} FROM audit_event WHERE number = 1",
    )
    assert (number, what[:12]) == (2, "was inserted")


async def test_a_chain_that_was_written_anew_is_not_the_one_that_was_noted(database: Database) -> None:
    await done(database, "a", "b")
    noted = await verdict(database)
    assert (await verdict(database, (noted.number, noted.hash))).wrong is None
    async with database.write() as tx:
        for table in ("audit_event", "audit_head"):
            await tx.session.execute(text(f"DELETE FROM {table}"))
    await done(database, "a", "harmless", "c")
    assert (await verdict(database)).wrong is None
    found = (await verdict(database, (noted.number, noted.hash))).wrong
    assert found is not None and found.number == 2
    found = (await verdict(database, (7, noted.hash))).wrong
    assert found is not None and (found.number, found.what[:11]) == (4, "was removed")


async def test_writers_at_once_make_one_chain(database: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'audit.db'}")
    await asyncio.gather(*(done(each, f"{n}") for n in range(6) for each in (database, other)))
    await other.aclose()
    found = await verdict(database)
    assert (found.number, found.wrong) == (12, None)
