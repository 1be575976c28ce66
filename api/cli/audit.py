"""`vivavoce audit`: whether the audit trail is what was written."""

import asyncio
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.audit import Verdict


class Action(StrEnum):
    """What to do with the audit trail."""

    VERIFY = "verify"


def audit(
    action: Annotated[Action, typer.Argument(help="verify: follow the chain of events from the first to the last.")],
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's; all of them by default.")] = None,
    seen: Annotated[
        str | None,
        typer.Option(help="NUMBER:HASH as an earlier verify said it; the chain must hold it still. Needs --tenant."),
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The server's data directory (DATA_DIR, or ./data).")] = None,
    database_url: Annotated[str | None, typer.Option(help="The database itself (DATABASE_URL).")] = None,
) -> None:
    """Say of each tenant's audit trail that it is intact, or which event is the first that was tampered with.

    Exit code 1 if one was. Note down what it prints, and give it back as --seen next time.
    """
    noted = _noted(seen, tenant)
    from api.cli.failures import check_folder
    from api.settings import load_settings

    if database_url is None and data_dir is not None:
        check_folder(data_dir, "--data-dir")
    chosen = {"data_dir": data_dir} | ({} if database_url is None else {"database_url": database_url})
    verdicts = asyncio.run(_verified(load_settings(**chosen).database, tenant, noted))
    for verdict in verdicts:
        if verdict.wrong is None:
            typer.echo(
                f"{verdict.tenant}: intact, {verdict.number} events, the last is {verdict.number}:{verdict.hash}"
            )
        else:
            typer.echo(f"{verdict.tenant}: event {verdict.wrong.number} {verdict.wrong.what}")
    if not verdicts:
        typer.echo("there are no events yet")
    if any(verdict.wrong for verdict in verdicts):
        raise typer.Exit(1)


def _noted(seen: str | None, tenant: str | None) -> tuple[int, str] | None:
    if seen is None:
        return None
    parts = re.fullmatch(r"([1-9]\d{0,9}):([0-9a-f]{64})", seen.strip())
    if parts is None:
        raise typer.BadParameter("write it as NUMBER:HASH, as verify says it", param_hint="--seen")
    if tenant is None:
        raise typer.BadParameter("numbers count within one tenant; name it by --tenant", param_hint="--seen")
    return int(parts[1]), parts[2]


async def _verified(url: str, tenant: str | None, seen: tuple[int, str] | None) -> "list[Verdict]":
    from contextlib import aclosing

    from api.audit import tenants, verify
    from api.database import Database

    async with aclosing(Database(url)) as database:
        await database.require_current()
        async with database.read() as tx:
            names = [tenant] if tenant is not None else await tenants(tx.session)
            return [await verify(tx.session, name, seen) for name in names]
