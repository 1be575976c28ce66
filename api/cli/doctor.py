"""`vivavoce doctor`: what is there, what is missing, and what to do about it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.doctor import Finding


def doctor(
    data_dir: Annotated[Path | None, typer.Option(help="The data directory to look at (DATA_DIR, or ./data).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Look at this machine: packages, models, programs, ports, disk.

    Exit code 1 when something is missing that `vivavoce serve` can't do without.
    """
    from api.doctor import CHECKS, State
    from api.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    show: Callable[[Finding], None] = (lambda finding: None) if as_json else _show
    findings = []
    for check in CHECKS:
        for finding in check(settings):
            findings.append(finding)
            show(finding)
    well = all(finding.state is not State.MISSING for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": well, "checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        typer.echo("\nEverything that is needed is there." if well else "\nSomething that is needed is missing.")
    raise typer.Exit(0 if well else 1)


def _show(finding: "Finding") -> None:
    colour = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "missing": typer.colors.RED}[finding.state]
    typer.echo(f"{typer.style(f'{finding.state:<8}', fg=colour)} {finding.name:<16} {finding.found}")
    if finding.todo:
        typer.echo(f"{'':<25} → {finding.todo}")
