"""`vivavoce demo`: a whole interview from one command."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def demo(
    plan: Annotated[Path | None, typer.Option(help="A plan of your own (YAML or JSON).", metavar="FILE")] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            help="Folder of sound files: one answer to each planned question, in order of name. 02b.wav answers a "
            "follow-up to the question of 02.wav; without it the candidate has nothing to add.",
            metavar="DIR",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for transcript, metrics and recording.", metavar="DIR")
    ] = None,
) -> None:
    """Hold a solo interview with a simulated candidate: live transcript, summary, files.

    Exit status 0 when every question was asked (or skipped for a reason), every answer that was given stands in the
    transcript under its question and the recording is whole; 1 when not; 2 when the plan or an answer can't be used.
    Files of --answers that were not played are named at the end.
    """
    import asyncio
    import tempfile

    from api.cli.failures import check_folder, leaves
    from api.demo.run import DemoOptions, plan_of, run_demo
    from api.errors import ControlPlaneError
    from audio.errors import AudioError
    from bot.candidate.answers import recorded_answers
    from bot.errors import BotError
    from prompts import PromptsError

    console, errors = Console(markup=False), Console(stderr=True, markup=False)
    try:
        if out is not None:
            check_folder(out, "--out")
        chosen = plan_of(plan)
        recorded = None if answers is None else recorded_answers(answers)
        folder = out or Path(tempfile.mkdtemp(prefix="vivavoce-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        options = DemoOptions(chosen, folder.absolute(), recorded)
    except (AudioError, PromptsError, ControlPlaneError, OSError) as error:
        errors.print(str(error), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    failed: list[BaseException] = []
    whole = stopped = False
    try:
        whole = asyncio.run(run_demo(options, console))
    except* (AudioError, BotError, ControlPlaneError, OSError) as group:
        failed += leaves(group)
    except* KeyboardInterrupt:
        stopped = True
    for one in failed:
        errors.print(str(one), style="red", highlight=False, soft_wrap=True)
    if stopped:
        console.print(f"stopped; what there is so far is in {folder}", highlight=False, soft_wrap=True)
        raise typer.Exit(130)
    if failed:
        errors.print(f"the log is in {folder / 'serve.log'}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if whole else 1)
