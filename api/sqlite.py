"""SQLite's driver, going to a connection's thread once for a statement.

SQLAlchemy's adapter of aiosqlite goes there four times: to make a cursor, to run it, to fetch its rows and to close it.
Each of these trips is two switches between threads, and together they cost more than the queries of this project do.
Making a cursor touches no file, so it happens here; running and fetching happen in one trip; there is nothing left to
close then. The attributes with an underscore are the drivers' own: both are pinned to the minor.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import EMPTY_DICT


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor of sqlite3 itself, run in the thread of its connection."""

    __slots__ = ()

    def __init__(self, connection: "_Connection") -> None:
        self._adapt_connection = connection
        self._connection = connection._connection
        self._cursor = self._connection._conn.cursor()
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    def close(self) -> None:
        """Forget the rows; the statement was over when the last of them was fetched."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """There is nothing to close."""

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        async with self._adapt_connection._execute_mutex:
            self._rows = deque(await self._connection._execute(_rows, self._cursor, operation, parameters or ()))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        async with self._adapt_connection._execute_mutex:
            await self._connection._execute(self._cursor.executemany, operation, seq_of_parameters)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = _Cursor

    def rollback(self) -> None:
        """End the transaction here: nothing is written. A connection whose statement was cancelled never comes here."""
        if self._connection._connection:
            self._connection._conn.rollback()


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """What `create_async_engine` takes as `module` for a `sqlite+aiosqlite` URL."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **named: Any) -> _Connection:
        """Open a file."""
        return _Connection(self, super().connect(*arguments, **named)._connection)


def begin_reading(connection: Any) -> None:
    """Begin a transaction that only reads, here and now: SQLite locks and reads nothing until its first query.

    connection: of `Driver`, and idle.
    """
    connection.driver_connection._conn.execute("BEGIN")


def write_ahead(connection: Any, within_s: float) -> None:
    """Have what is written go to a log first (WAL), so that nobody who reads waits for who writes.

    Of connections that are the first to do so on a new file, SQLite refuses all but one at once, however long each
    would wait (they hold what the other needs): they try again.
    """
    until = time.monotonic() + within_s
    while True:
        try:
            connection.driver_connection._conn.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.005)
        else:
            return


def _rows(cursor: sqlite3.Cursor, operation: str, parameters: Sequence[Any]) -> list[Any]:
    cursor.execute(operation, parameters)
    return cursor.fetchall() if cursor.description else []
