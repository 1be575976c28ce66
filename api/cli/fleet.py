"""`vivavoce fleet`: what runs where."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from api.fleet.schemas import FleetOut
    from api.settings import Settings


def fleet(
    data_dir: Annotated[Path | None, typer.Option(help="The server's data directory (DATA_DIR, or ./data).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines: the body of GET /v1/fleet.")] = False,
) -> None:
    """Show every bot at work, of all tenants: what it does, where, in which incarnation; and how much room is left.

    Exit code 1 when the place where this data directory's bots run does not answer, or a bot is lost.
    """
    from api.cli.failures import check_folder
    from api.fleet.schemas import Whereabouts
    from api.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    check_folder(settings.data_dir, "--data-dir")
    if not settings.place_file.exists():
        raise typer.BadParameter(f"no server has run in {settings.data_dir} yet", param_hint="--data-dir")
    seen = asyncio.run(_seen(settings))
    if as_json:
        typer.echo(seen.model_dump_json(indent=2))
    else:
        _show(seen)
    well = seen.capacity.total is not None and all(bot.state is not Whereabouts.LOST for bot in seen.bots)
    raise typer.Exit(0 if well else 1)


async def _seen(settings: "Settings") -> "FleetOut":
    from api.database import Database
    from api.fleet.survey import Survey
    from api.interviews.leases import Leases
    from api.moments import utc_now
    from orchestrator.launchers import load_launcher

    database, bots = Database(settings.database), load_launcher(settings.launcher, settings.data_dir.absolute())
    try:
        await database.require_current()
        place = f"launcher:{settings.launcher}" if bots.shared else settings.place_file.read_text().strip()
        leases = Leases(database, place, timedelta(seconds=settings.lease_s), utc_now)
        return await Survey(database, bots, leases).fleet()
    finally:
        await bots.aclose()
        await database.aclose()


def _show(seen: "FleetOut") -> None:
    from rich.console import Console

    console = Console()
    room, working = seen.capacity, len(seen.bots)
    bots = "1 bot" if working == 1 else f"{working} bots"
    if room.total is None:
        console.print(
            f"{bots} at work; the bot host of this data directory does not answer: is `vivavoce serve` running?"
        )
    else:
        console.print(f"{bots} at work, {room.free} of {room.total} places free here, {room.pending} waiting")
    if room.draining:
        console.print("draining: no more bots start here, and what runs is handed over before long")
    if len(seen.nodes) > 1:
        console.print(_nodes(seen))
    if seen.bots:
        console.print(_bots(seen))


def _nodes(seen: "FleetOut") -> "Table":
    from rich.table import Table

    table = Table("node", "address", "bots", box=None)
    for node in seen.nodes:
        table.add_row(f"{node.node}{' (here)' if node.node == seen.here else ''}", node.url or "", str(node.bots))
    return table


def _bots(seen: "FleetOut") -> "Table":
    from rich.table import Table

    table = Table("interview", "attempt", "epoch", "mode", "status", "state", "node", "pid", "for", box=None)
    now = datetime.now(UTC)
    for bot in seen.bots:
        table.add_row(
            bot.interview_id,
            bot.attempt_id,
            str(bot.epoch),
            bot.mode.value,
            bot.status.value,
            bot.state.value,
            bot.node or "",
            str(bot.pid or ""),
            str(timedelta(seconds=max(0, round((now - bot.started_at).total_seconds())))),
        )
    return table
