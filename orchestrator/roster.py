"""What is known of the bots of a cluster: how each stands, since when it waits, how it ended. Knows no Ray."""

import math
import time
from dataclasses import dataclass, field

from orchestrator.wire import Json

KEPT = 1000  # endings remembered


class Roster:
    """An actor: what is known of bots. If it is lost, it hears anew of those that run."""

    def __init__(self) -> None:
        self._known: dict[str, Json] = {}
        self._first_seen: dict[str, float] = {}

    def note(self, name: str, status: Json) -> None:
        """Note how one bot stands; how one ended holds."""
        if self._known.get(name, {}).get("is") != "exited":
            self._known.pop(name, None)
            self._known[name] = status

    def look(self, names: list[str], patience_s: float) -> tuple[dict[str, Json], list[str]]:
        """Return what is known, and which of these have waited for a machine for too long.

        names: every bot that is there.
        """
        now, there = time.monotonic(), set(names)
        self._first_seen = {name: self._first_seen.get(name, now) for name in names}
        self._forget(there)
        waiting = [name for name in names if name not in self._known]
        return self._known, [name for name in waiting if now - self._first_seen[name] > patience_s]

    def _forget(self, there: set[str]) -> None:
        ended = [name for name, status in self._known.items() if status["is"] == "exited"]
        gone = [name for name, status in self._known.items() if status["is"] != "exited" and name not in there]
        for name in (*gone, *ended[:-KEPT]):
            del self._known[name]


@dataclass(slots=True)
class View:
    """The cluster as it was at `at` (monotonic). known: by name, how bots stand."""

    at: float = -math.inf
    names: set[str] = field(default_factory=set)
    known: dict[str, Json] = field(default_factory=dict)
    total: int = 0

    def ended(self, name: str) -> bool:
        """Tell whether a bot has ended."""
        return self.known.get(name, {}).get("is") == "exited"

    def alive(self) -> list[str]:
        """Return those that wait or run."""
        return sorted(name for name in self.names if not self.ended(name))
