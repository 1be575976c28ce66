"""`vivavoce candidate`: the simulated candidate alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from bot.candidate.answers import Answers, Phrases
    from bot.candidate.mind import Manners
    from bot.candidate.report import CandidateReport


def candidate(
    join_url: Annotated[str, typer.Argument(metavar="JOIN_URL", help="The candidate's join link.")],
    answers: Annotated[
        Path | None,
        typer.Option(
            help="Folder of sound files: one answer to each planned question, in order of name. 02b.wav answers a "
            "follow-up to the question of 02.wav; without it the candidate has nothing to add.",
            metavar="DIR",
        ),
    ] = None,
    barge_in: Annotated[bool, typer.Option("--barge-in", help="Speak once over the interviewer.")] = False,
    heard: Annotated[
        Path | None, typer.Option(help="Keep what is heard as a WAV, FLAC or Ogg file.", metavar="FILE")
    ] = None,
    reaction: Annotated[float, typer.Option(help="Seconds before an answer begins.", min=0.0, max=60.0)] = 0.3,
    leave_after: Annotated[
        int | None,
        typer.Option(help="After N answers, leave in the middle of the next and return.", metavar="N", min=0),
    ] = None,
    silent: Annotated[bool, typer.Option("--silent", help="Never say anything.")] = False,
    noise: Annotated[bool, typer.Option("--noise", help="Send loud noise instead of speech.")] = False,
) -> None:
    """Join an interview as a candidate would, answer aloud, and report as JSON what was heard and how soon."""
    import asyncio

    from api.cli.failures import check_file, leaves
    from audio.errors import AudioError
    from bot.candidate import seat_of_link
    from bot.candidate.mind import Manners
    from bot.errors import BotError

    errors = Console(stderr=True, markup=False)
    manners = Manners(
        reaction_s=reaction,
        interrupt_every=1 if barge_in else 0,
        interruptions=1,
        leave_after=leave_after,
        silent=silent,
        noise=noise,
    )
    try:
        seat = seat_of_link(join_url)
        if heard is not None:
            _check_ending(heard)
            check_file(heard, "--heard")
        recorded = _recorded(answers)
    except (AudioError, BotError) as error:
        errors.print(str(error), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    failed: list[BaseException] = []
    report: CandidateReport | None = None
    try:
        report = asyncio.run(_attend(seat, recorded, manners, heard))
    except* (AudioError, BotError) as group:
        failed += leaves(group)
    except* KeyboardInterrupt:
        failed.append(KeyboardInterrupt("stopped"))
    for one in failed:
        errors.print(str(one), style="red", highlight=False, soft_wrap=True)
    if report is None:
        raise typer.Exit(1)
    typer.echo(report.json())
    raise typer.Exit(1 if report.ended in ("no_bot", "removed") else 0)


async def _attend(
    seat: tuple[str, str], recorded: "Answers | None", manners: "Manners", heard: Path | None
) -> "CandidateReport":
    import asyncio
    from contextlib import nullcontext
    from functools import partial

    from bot.candidate.candidate import Candidate
    from bot.candidate.keepsake import HeardFile
    from bot.platforms.room import join_room

    answers, phrases = await _voice(recorded)
    url, token = seat
    origin = asyncio.get_running_loop().time()
    with HeardFile(heard, origin_s=origin) if heard is not None else nullcontext() as keepsake:
        join = partial(join_room, url, token, consented=True)
        return await Candidate(join, answers, phrases, manners, keepsake=keepsake).run()


async def _voice(recorded: "Answers | None") -> "tuple[Answers, Phrases]":
    """Speak what has to be spoken, in this process: the candidate needs no server of its own."""
    from audio.tts.voices import LocalVoices
    from bot.candidate.answers import spoken_answers, usual_phrases
    from prompts import load_answers

    voice = await LocalVoices.load()
    try:
        phrases = await usual_phrases(voice)
        known = load_answers("demo")
        others = [text for texts in known.values() for text in texts]  # for the questions of another plan
        return recorded or await spoken_answers(voice, known, others), phrases
    finally:
        await voice.aclose()


def _recorded(folder: Path | None) -> "Answers | None":
    from bot.candidate.answers import recorded_answers

    return None if folder is None else recorded_answers(folder)


def _check_ending(heard: Path) -> None:
    from api.cli.failures import UnusablePlace
    from bot.candidate.keepsake import CODECS

    if heard.suffix.lower() not in CODECS:
        raise UnusablePlace(f"--heard {heard}: choose a name that ends in one of {', '.join(CODECS)}")
