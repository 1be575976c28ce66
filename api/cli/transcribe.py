"""`vivavoce transcribe`: sound files through the very path of a call."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from api.settings import Settings
    from api.transcribing import Transcribed
    from audio.client import SpeechClient
    from audio.heard import FinalTurn
    from audio.replay import ReplayOptions

PATIENCES = ("brief", "normal", "long")


def transcribe(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Sound files of any format FFmpeg knows.")],
    live: Annotated[
        bool, typer.Option("--live", help="At the pace of a call, showing the text while it is being said.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per file.")] = False,
    language: Annotated[str, typer.Option(help="The language that is spoken, as two letters.")] = "en",
    terms: Annotated[str, typer.Option(help="Names and terms to expect, with commas.")] = "",
    patience: Annotated[str, typer.Option(help="How long a silence may last: brief, normal or long.")] = "normal",
    speech_socket: Annotated[
        Path | None, typer.Option(help="A running speech server; else STT_URL, else one is started.", metavar="PATH")
    ] = None,
) -> None:
    """Print the turns in sound files with their times and confidence.

    Voice activity, turn taking and text are those of a call. Exit status 0: every file was done; 1: some were not (the
    others are done all the same); 2: none could be.
    """
    import asyncio

    from api.errors import ControlPlaneError
    from api.settings import load_settings
    from audio.errors import AudioError
    from audio.replay import ReplayOptions

    errors = Console(stderr=True, markup=False)
    if patience not in PATIENCES:
        raise typer.BadParameter(f"choose one of {', '.join(PATIENCES)}", param_hint="--patience")
    options = ReplayOptions(live=live, language=language, prompt=terms, patience=patience)
    try:
        done, failed = asyncio.run(_all(files, options, load_settings(), speech_socket, as_json))
    except (AudioError, ControlPlaneError) as error:
        errors.print(str(error), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if not failed else 1 if done else 2)


async def _all(
    files: list[Path], options: "ReplayOptions", settings: "Settings", socket: Path | None, as_json: bool
) -> tuple[int, int]:
    """Do the files one after the other; return how many were done and how many failed."""
    from api.speech import speech
    from api.transcribing import transcribed
    from audio.errors import AudioError
    from audio.pcm import read_sound
    from audio.vad import SileroModel

    out, errors = Console(highlight=False, markup=False), Console(stderr=True, highlight=False, markup=False)
    vad = SileroModel()
    failed = 0
    async with AsyncExitStack() as stack:
        client: SpeechClient | None = None  # made for the first file that can be read
        for file in files:
            if not as_json and len(files) > 1:
                out.print(f"{file}:", style="bold", soft_wrap=True)
            screen = _Screen(out if not as_json else None)
            try:
                sound = read_sound(file)
            except AudioError as error:
                failed += 1
                _tell(file, error, errors, as_json)
                continue
            if client is None:
                client = await stack.enter_async_context(speech(settings, socket))
            try:
                result = await transcribed(sound, client, vad, options, screen)
            except AudioError as error:
                failed += 1
                screen.clear()
                _tell(file, error, errors, as_json)
                continue
            if as_json:
                typer.echo(json.dumps({"file": str(file), **_body(result)}, ensure_ascii=False))
            elif not result.turns:
                out.print("nobody speaks in it", style="dim")
    return len(files) - failed, failed


def _tell(file: Path, error: Exception, errors: Console, as_json: bool) -> None:
    errors.print(str(error), style="red", soft_wrap=True)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "error": str(error)}, ensure_ascii=False))


class _Screen:
    """Shows turns as they become final, and on a terminal the text under way on one line below them."""

    def __init__(self, console: Console | None) -> None:
        self._console = console
        self._shown = 0

    def interim(self, text: str) -> None:
        """Show the text so far."""
        if self._console is None:
            return
        if not self._console.is_terminal:
            self._console.print(f"{'':16}… {text}", soft_wrap=True)
            return
        width = max(20, self._console.width - 4)
        self.clear()
        line = f"… {text[-width:]}"
        self._shown = len(line)
        self._console.print(line, style="dim", end="\r", soft_wrap=True)

    def final(self, turn: "FinalTurn") -> None:
        """Show a final turn."""
        if self._console is None:
            return
        self.clear()
        times = f"{_clock(turn.start_ms)}–{_clock(turn.end_ms)}"
        self._console.print(f"{times}  {turn.text}  ({turn.confidence:.2f})", soft_wrap=True)

    def clear(self) -> None:
        """Take the text under way off the screen."""
        if self._console is not None and self._shown:
            self._console.print(" " * self._shown, end="\r", soft_wrap=True)
            self._shown = 0


def _body(result: "Transcribed") -> dict[str, Any]:
    turns = [
        {"text": turn.text, "start_ms": turn.start_ms, "end_ms": turn.end_ms, "confidence": round(turn.confidence, 3)}
        for turn in result.turns
    ]
    return {"duration_ms": result.duration_ms, "turns": turns}


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02}.{ms % 1000 // 100}"
