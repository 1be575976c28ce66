"""`vivavoce db`: the database's revision."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Action(StrEnum):
    """What to do with the database."""

    UPGRADE = "upgrade"
    CHECK = "check"


def db(
    action: Annotated[
        Action, typer.Argument(help="upgrade: bring the tables up to date; check: say whether they are.")
    ],
    data_dir: Annotated[Path | None, typer.Option(help="The server's data directory (DATA_DIR, or ./data).")] = None,
) -> None:
    """Bring the database (DATABASE_URL, or the data directory's SQLite file) up to this program's revision."""
    from api.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    typer.echo(asyncio.run(_run(action, settings.database)))


async def _run(action: Action, url: str) -> str:
    from contextlib import aclosing

    from api.database import Database

    async with aclosing(Database(url)) as database:
        if action is Action.CHECK:
            await database.require_current()
            return "up to date"
        return f"at revision {await database.upgrade()}"
