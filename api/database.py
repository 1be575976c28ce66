"""The database: one engine, read transactions and write transactions.

On SQLite a write transaction takes the write lock when it begins (`BEGIN IMMEDIATE`): a transaction that reads first
and writes later would otherwise be refused, not made to wait, when somebody else wrote in between. Writers of this
process queue for the lock in order rather than by SQLite's sleeping retries.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, event, func, select, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from api.errors import OldDatabase
from api.moments import Clock
from api.sqlite import Driver, begin_reading, write_ahead

CONNECTIONS = 10  # kept open; more are opened and closed again as they are needed
BUSY_MS = 10_000  # another process (a backup, a second API) may hold the file for a while
_BEGIN = "sqlite_begin"


class Base(DeclarativeBase):
    """What every table is declared on."""


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in, aware UTC out, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without an offset can't be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


@dataclass(slots=True)
class Transaction:
    """One unit of work. What is handed to `after_commit` happens only if it is committed, and in that order."""

    session: AsyncSession
    _last: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _then: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def before_commit(self, last: Callable[[], Awaitable[None]]) -> None:
        """Call `last` as part of the work, after everything else: what it locks is locked for a moment only."""
        self._last.append(last)

    def after_commit(self, then: Callable[[], Awaitable[None]]) -> None:
        """Call `then` once the work is durable."""
        self._then.append(then)

    async def finish(self) -> None:
        """Do what was to be done last."""
        for last in self._last:
            await last()

    async def committed(self) -> None:
        """Do what was waiting for the commit."""
        for then in self._then:
            await then()


class Database:
    """An engine and its two kinds of transactions. url: a SQLAlchemy URL with an async driver."""

    def __init__(self, url: str) -> None:
        # what is stored about people stays out of logs
        self._engine = create_async_engine(url, hide_parameters=True, pool_size=CONNECTIONS, **_driver(url))
        self._turn: AbstractAsyncContextManager[Any] = nullcontext()
        if self._engine.dialect.name == "sqlite":
            self._turn = asyncio.Lock()
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        self._writing = self._engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        reading = self._engine
        if not self.own_file:  # where a transaction would otherwise see what others commit meanwhile
            reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._readers = async_sessionmaker(reading, expire_on_commit=False)
        self._writers = async_sessionmaker(self._writing, expire_on_commit=False)

    @property
    def own_file(self) -> bool:
        """Whether nobody else is expected to use it: a SQLite file."""
        return self._engine.dialect.name == "sqlite"

    async def upgrade(self) -> str:
        """Bring the tables up to this program's revision and return it; two that do it at once do it one by one."""
        from api import migrations

        async with self._turn, self._writing.begin() as connection:
            await connection.run_sync(migrations.upgrade)
            return str(await connection.run_sync(migrations.current))

    async def require_current(self) -> None:
        """Raise `OldDatabase` unless the tables are at this program's revision."""
        from api import migrations

        async with self._engine.connect() as connection:
            found = await connection.run_sync(migrations.current)
        if found != (wanted := migrations.head()):
            raise OldDatabase(found, wanted)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Read one consistent state; nothing is kept of what is changed in it."""
        async with self._readers() as session:
            yield Transaction(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Change things: all of it when the block ends, none of it when it raises. Never begin one inside another."""
        async with self._turn, self._writers() as session, session.begin():
            yield (transaction := Transaction(session))
            await transaction.finish()
        await transaction.committed()

    async def now(self, session: AsyncSession, clock: Clock) -> datetime:
        """Return the time that all who share this database go by: its own; on a file of our own `clock`'s."""
        if self.own_file:
            return clock()
        now: datetime = (await session.scalars(select(func.clock_timestamp(type_=Moment)))).one()
        return now

    async def ping(self) -> None:
        """Ask the database something; raise SQLAlchemy's error when it does not answer."""
        async with self.read() as transaction:
            await transaction.session.execute(text("SELECT 1"))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _driver(url: str) -> dict[str, Any]:
    if make_url(url).get_backend_name() != "sqlite":
        return {}
    return {"module": Driver()}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "synchronous=FULL",  # an acknowledged event survives a power cut, since its bot forgets it then
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    write_ahead(connection, BUSY_MS / 1000)


def _begin_sqlite(connection: Connection) -> None:
    if (beginning := connection.get_execution_options().get(_BEGIN)) is not None:
        connection.exec_driver_sql(beginning)
    else:
        begin_reading(connection.connection.dbapi_connection)
