"""The live transcript on a terminal: text that still changes at the bottom, final turns above it.

Where the output is not a terminal the same comes as plain lines: final turns, and every few seconds what has been said
of the turn that goes on.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from api.client import StreamEvent
from bot.interview import Role

COLOURS: Mapping[str, str] = {Role.BOT: "cyan", Role.CANDIDATE: "green"}
PLAIN_INTERIM_EVERY_MS = 3000
NAME_WIDTH = 12


class Screen:
    """Shows the events of one interview as they come; the transcript is inside `with screen.live():`.

    questions: the ids of the planned ones, in order.
    """

    def __init__(self, console: Console, *, bot: str, questions: Sequence[str]) -> None:
        self._console, self._bot, self._questions = console, bot, list(questions)
        self._live: Live | None = None
        self._open: dict[str, dict[str, Any]] = {}  # interim turns by id
        self._shown: dict[str, tuple[int, int]] = {}  # of a plain interim: when, and how many characters
        self._floor: dict[str, Any] = {}
        self._number = 0

    def live(self) -> AbstractContextManager[object]:
        """Keep the bottom of the terminal up to date for as long as the block runs."""
        if not self._console.is_terminal:
            return nullcontext()
        self._live = Live(self._bottom(), console=self._console, refresh_per_second=12, transient=True)
        return self._live

    def show(self, event: StreamEvent) -> None:
        """Take one event."""
        match event.type:
            case "turn.interim":
                self._open[event.data["turn_id"]] = event.data
                self._plain_interim(event)
            case "turn.final":
                self._open.pop(event.data["turn_id"], None)
                self._print(self._line(event.data))
            case "floor":
                self._floor = event.data
            case "question.asked":
                self._progress(event.data.get("question_id"))
            case "participant.left":
                self._print(Text(f"      {event.data.get('name', 'somebody')} left the call", style="yellow"))
            case "incident":
                detail = event.data.get("detail") or event.data.get("code")
                self._print(Text(f"      incident: {detail}", style="yellow"))
        if self._live is not None:
            self._live.update(self._bottom())

    def _progress(self, question_id: object) -> None:
        number = self._questions.index(question_id) + 1 if question_id in self._questions else self._number
        if number != self._number:
            self._number = number
            self._print(Text(f"      {self._where()}", style="dim"))

    def _where(self) -> str:
        return f"question {self._number} of {len(self._questions)}"

    def _plain_interim(self, event: StreamEvent) -> None:
        turn = event.data
        if self._live is not None:
            return
        now = event.at_ms if event.at_ms is not None else int(event.heard_s * 1000)
        last, shown = self._shown.get(turn["turn_id"], (int(turn["start_ms"]), 0))
        if now - last >= PLAIN_INTERIM_EVERY_MS and len(turn["text"]) > shown:
            self._shown[turn["turn_id"]] = now, len(turn["text"])
            self._print(self._line(turn, more=" …"))

    def _print(self, line: Text) -> None:
        # Whoever reads a file or a pipe has lines of any length; only a terminal needs them broken.
        self._console.print(line, soft_wrap=not self._console.is_terminal)

    def _line(self, turn: dict[str, Any], *, more: str = "") -> Text:
        seconds, role = int(turn["start_ms"]) // 1000, turn["role"]
        stable = int(turn.get("stable", len(turn["text"])))
        line = Text(f"{seconds // 60:2d}:{seconds % 60:02d} ", style="dim")
        line.append(f"{turn['speaker']:<{NAME_WIDTH}} ", style=f"bold {COLOURS.get(role, 'magenta')}")
        line.append(turn["text"][:stable])
        line.append(turn["text"][stable:] + more, style="dim")
        if turn.get("interrupted"):
            line.append(" —", style="dim")
        return line

    def _bottom(self) -> Group:
        parts: list[Text | Spinner] = [self._line(turn, more=" …") for turn in self._open.values()]
        state, bot = self._floor.get("floor", "waiting"), self._bot
        told = {
            "waiting": f"{bot} waits",
            "speaking": f"{bot} speaks",
            "thinking": f"{bot} thinks",
            "listening": f"{bot} listens",
        }.get(state, "the call is over")
        parts.append(Spinner("dots", Text(f"{self._where()} · {told}" if self._number else told, style="dim")))
        return Group(*parts)
