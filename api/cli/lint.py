"""`vivavoce lint`: what a good interviewer, or a lawyer, would change in a plan."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.plan import Plan


def lint(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="A plan's file (YAML or JSON), or a ready plan's name.")],
    jurisdiction: Annotated[
        str | None, typer.Option(help="Whose law it is held under: ISO 3166, such as DE or US-CA.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Look over a plan and print what to change. Exit code 1 if something in it is off limits."""
    import re

    from api.planning.lint import lint as look_over
    from api.planning.lint import not_checked
    from api.planning.schemas import PLACE, LintOut
    from api.planning.warnings import Severity

    if jurisdiction is not None and re.fullmatch(PLACE, jurisdiction) is None:
        raise typer.BadParameter("write it as DE, US or US-CA", param_hint="--jurisdiction")
    read = _plan(plan)
    warnings = look_over(read, jurisdiction=jurisdiction)
    unread = not_checked(read.language)
    if as_json:
        typer.echo(LintOut(warnings=list(warnings), not_checked=list(unread)).model_dump_json(indent=2))
    else:
        for one in warnings:
            typer.echo(f"{one.severity.value}: {one.where}: {one.what} [{one.code.value}]\n    {one.why}")
            if one.rephrase:
                typer.echo(f"    instead: {one.rephrase}")
        for what in unread:
            typer.echo(f"not looked for in {read.language!r}: {what}")
        typer.echo(f"{len(warnings)} found" if warnings else "nothing found")
    raise typer.Exit(1 if any(one.severity is Severity.SERIOUS for one in warnings) else 0)


def _plan(name: str) -> "Plan":
    from pydantic import ValidationError

    from bot.plan import Plan, faults
    from prompts import PromptsError, load_plan

    try:
        return Plan.model_validate(load_plan(name if not Path(name).is_file() else Path(name)))
    except PromptsError as error:
        raise typer.BadParameter(str(error), param_hint="PLAN") from None
    except ValidationError as error:
        told = "; ".join(f"{where or 'the plan'}: {what}" for where, what in faults(error))
        raise typer.BadParameter(told, param_hint="PLAN") from None
