"""The demo from its first line to its exit code."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from api.client import Client
from api.demo import files
from api.demo.call import CallHolder, Guest, HeldCall
from api.demo.screen import Screen
from api.demo.server import Server, serving
from api.demo.summary import tell
from api.demo.usage import Meter, Usage
from api.demo.verdict import judge
from api.plan_files import BadPlan, plan_in
from audio.errors import SpeechUnavailable
from bot.candidate.answers import Answers, spoken_answers, usual_phrases
from bot.plan import Plan
from prompts import languages, load_answers

DEMO = "demo"
BOT = "Viva"
CANDIDATE = "Alex Kim"
SPEECH_S = 60.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the demo may be told. answers: recorded ones, else the built-in texts are spoken; out: where files go."""

    plan: Plan
    out: Path
    answers: Answers | None = None


def plan_of(source: Path | None) -> Plan:
    """Read the plan in a YAML or JSON file, or the demo's own.

    Raises `BadPlan` with one sentence for each thing that is wrong, `prompts.PromptsError` when the file can't be read.
    """
    plan = plan_in(source if source is not None else DEMO)
    if plan.language not in languages():
        known = ", ".join(languages())
        raise BadPlan(f"{source or DEMO}: language: the bot does not speak {plan.language!r}; choose one of {known}")
    return plan


async def run_demo(options: DemoOptions, console: Console) -> bool:
    """Hold one interview, show it, leave its files in `options.out`; return whether everything holds.

    Raises `ControlPlaneError`, `bot.errors.BotError` or `audio.errors.AudioError` (perhaps in a group) when it could
    not be held at all; what there is by then is on disk.
    """
    plan, out = options.plan, options.out
    held, usage = HeldCall(plan), Usage()
    files.clear(out)
    with tempfile.TemporaryDirectory(prefix="vivavoce-", ignore_cleanup_errors=True) as folder:
        try:
            async with _product(Path(folder), console) as server, server.client() as client:
                meter = Meter(server.pid)
                try:
                    guest = await _guest(options, server, console)
                    screen = Screen(console, bot=BOT, questions=[question.id for question in plan.questions])
                    console.print(f"the interview begins: {plan.title}, {len(plan.questions)} questions\n")
                    with screen.live():
                        await _hold(client, held, guest, screen, meter)
                finally:
                    meter.read(memory=False)
                    usage = meter.usage()
                    await files.fetch(client, held, out)
        finally:
            files.write(held, usage, out)
            with suppress(OSError):
                shutil.copy(Path(folder) / "serve.log", out / "serve.log")
    checks = judge(held)
    tell(console, held, checks, out)
    return all(check.ok for check in checks)


@asynccontextmanager
async def _product(folder: Path, console: Console) -> AsyncIterator[Server]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    console.print("starting the speech server, the bot host and the control plane …")
    async with serving(folder, lambda line: console.print(f"  {line}", style="dim", highlight=False)) as server:
        console.print(f"ready after {loop.time() - began:.1f} s at {server.url}", highlight=False)
        yield server


async def _hold(client: Client, held: HeldCall, guest: Guest, screen: Screen, meter: Meter) -> None:
    async with asyncio.TaskGroup() as tasks:
        metering = tasks.create_task(meter.run())
        await CallHolder(client, screen.show).hold(held, guest, organisation="Example Ltd", bot_name=BOT)
        metering.cancel()


async def _guest(options: DemoOptions, server: Server, console: Console) -> Guest:
    async with server.voice() as speech:
        async with asyncio.timeout(SPEECH_S):
            while True:
                try:
                    phrases = await usual_phrases(speech)
                    break
                except SpeechUnavailable:
                    await asyncio.sleep(0.2)  # its models may still be loading
        if options.answers is not None:
            return Guest(options.answers, phrases, name=CANDIDATE)
        console.print("the candidate learns its answers …")
        by_question, in_order = built_in(options.plan)
        answers = await spoken_answers(speech, by_question, in_order)
        return Guest(answers, phrases, name=CANDIDATE)


def built_in(plan: Plan) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
    """Return the built-in answers to a plan: by question where it has the demo's, else in order."""
    known = load_answers(DEMO)
    asked = {question.id for question in plan.questions}
    by_question = {key: texts for key, texts in known.items() if key in asked}
    return by_question, list(_flat(texts for key, texts in known.items() if key not in asked))


def _flat(groups: Iterable[Sequence[str]]) -> Iterable[str]:
    return (text for group in groups for text in group)
