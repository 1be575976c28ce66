"""`vivavoce bench`: the promised figures, measured here and now."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from api.bench import BenchOptions, BenchResult


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help="api, call, fleet, golden, pages, speech; all when left out."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write every figure and sample here.", metavar="FILE")
    ] = None,
    clips: Annotated[
        Path | None, typer.Option(help="For speech: a folder of clips with a manifest.json.", metavar="DIR")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="For api: a PostgreSQL database of its own, for two replicas.", metavar="URL")
    ] = None,
    redis: Annotated[str | None, typer.Option(help="For api: the Redis of these replicas.", metavar="URL")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer samples, for a look.")] = False,
) -> None:
    """Measure and print a table for each benchmark; exit status 1 when a figure misses its target."""
    import asyncio

    from api.bench import BENCHES, BenchOptions, as_json, machine
    from api.cli.failures import check_file
    from audio.errors import AudioError

    console, errors = Console(markup=False), Console(stderr=True, markup=False)
    unknown = [name for name in names or () if name not in BENCHES]
    if unknown:
        known = "; ".join(f"{name} ({about})" for name, about in BENCHES.items())
        errors.print(f"no benchmark {', '.join(unknown)}; there is: {known}", style="red", highlight=False)
        raise typer.Exit(2)
    if json_file is not None:
        check_file(json_file, "--json")
    on = machine()
    console.print(f"{on['cpu']}, {on['cores']} cores, Python {on['python']}, load {on['load_before']}", highlight=False)
    options = BenchOptions(
        clips=clips,
        database=database,
        redis=redis,
        quick=quick,
        tell=lambda line: console.print(line, style="dim", highlight=False),
    )
    try:
        results = asyncio.run(_run(names or list(BENCHES), options, console))
    except AudioError as error:
        errors.print(str(error), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if json_file is not None:
        json_file.write_text(as_json(results, on), encoding="utf-8")
        console.print(f"written to {json_file}", highlight=False)
    raise typer.Exit(1 if any(row.ok is False for result in results for row in result.rows) else 0)


async def _run(names: list[str], options: "BenchOptions", console: Console) -> "list[BenchResult]":
    from api.bench import bench as bench_of
    from api.bench import table

    results = []
    for name in names:
        result = await bench_of(name).run(options)
        console.print(table(result))
        results.append(result)
    return results
