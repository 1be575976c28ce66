"""`vivavoce evaluate`: a transcript from anywhere against a plan, without a server."""

import json
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console


class EngineChoice(StrEnum):
    """Who gives the levels."""

    STRUCTURED = "structured"
    MODEL = "model"


def evaluate(
    plan: Annotated[Path, typer.Option(help="The plan that was followed (YAML or JSON).", metavar="FILE")],
    transcript: Annotated[
        Path,
        typer.Option(
            help="What was said: WebVTT, SRT, text with names, a list of turns in JSON, transcript.jsonl of the demo.",
            metavar="FILE",
        ),
    ],
    candidate: Annotated[str | None, typer.Option(help="Who is interviewed, as the transcript calls them.")] = None,
    interviewer: Annotated[list[str] | None, typer.Option(help="Who asks; may be repeated.")] = None,
    engine: Annotated[
        EngineChoice | None, typer.Option(help="Who rates; the model where LLM_URL is set, else the rules.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: facts and scores.")] = False,
) -> None:
    """Say what was asked and answered, and rate each criterion on quoted words, as the API does after a call.

    Exit status 0: evaluated, whatever came of it; 2: the plan, the transcript or the engine can't be used.
    """
    import asyncio

    from api.errors import ControlPlaneError, Invalid
    from prompts import PromptsError

    errors = Console(stderr=True, markup=False, highlight=False)
    try:
        data = transcript.read_bytes()
        found = asyncio.run(_evaluated(plan, data, candidate, interviewer or [], engine))
    except Invalid as refusal:
        told = "; ".join(f"{each.what}: {each.todo}" for each in refusal.complaints)
        errors.print(f"{transcript}: {told}", style="red", soft_wrap=True)
        raise typer.Exit(2) from None
    except (ControlPlaneError, PromptsError, OSError) as error:
        errors.print(str(error), style="red", soft_wrap=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        from api.cli.evaluated import show

        show(found, Console(markup=False, highlight=False))


async def _evaluated(
    plan_file: Path, data: bytes, candidate: str | None, interviewers: list[str], engine: EngineChoice | None
) -> dict[str, Any]:
    from api.errors import BadSettings
    from api.evaluation.engines import Engine, StructuredEngine
    from api.evaluation.model_engine import ModelEngine
    from api.importing.evaluated import evaluated
    from api.importing.imported import imported
    from api.importing.reading import decoded, format_of, read
    from api.importing.roles import Wanted
    from api.model.opening import open_model
    from api.plan_files import plan_in
    from api.settings import load_settings
    from prompts import load_bank

    plan = plan_in(plan_file)
    text = decoded(data)
    meeting = imported(read(text), plan, Wanted(candidate, tuple(interviewers)), format_of(text).value)
    settings = load_settings()
    async with AsyncExitStack() as stack:
        rater: Engine = StructuredEngine()
        model = None if engine is EngineChoice.STRUCTURED else open_model(settings)
        if model is not None:
            stack.push_async_callback(model.aclose)
            rater = ModelEngine(model, settings.llm_raters)
        elif engine is EngineChoice.MODEL:
            raise BadSettings(["--engine model: no chat model is set; set LLM_URL and LLM_MODEL"])
        return await evaluated(plan, meeting, load_bank(), rater)
