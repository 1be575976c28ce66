"""The database's history: one line of revisions for SQLite and PostgreSQL, applied by `vivavoce db upgrade`.

A server on its own SQLite file brings it up to date when it starts; on PostgreSQL, where other replicas may be running,
it refuses to start on any other revision than its own and says what to run.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

FIRST = "0001"
_LOCK = 0x76697661  # "viva": one replica upgrades, the others wait
_HERE = Path(__file__).parent


def head() -> str:
    """Return the revision this program was written for."""
    found = ScriptDirectory(str(_HERE)).get_current_head()
    assert found is not None, "there are no revisions"
    return found


def current(connection: Connection) -> str | None:
    """Return the revision a database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring a database up to revision `to`, inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = _config(connection)
    if current(connection) is None and inspect(connection).has_table("interview"):
        command.stamp(config, FIRST)  # made before there were revisions
    command.upgrade(config, to)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config
