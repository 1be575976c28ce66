"""Many bots: where they run and what became of them. Nothing here chooses a machine or knows what an interview is.

The seam is `BotLauncher` (after JupyterHub's Spawner: start, poll, stop and a state that can be written down).
A handle is nothing but the identity of one incarnation, so it can be rebuilt from a database row after a restart.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from bot.spec import BotSpec


@dataclass(frozen=True, slots=True, order=True)
class LaunchHandle:
    """One incarnation of one bot: the same attempt and epoch are the same handle, wherever it was made."""

    interview_id: str
    attempt_id: str
    epoch: int

    @classmethod
    def of(cls, spec: BotSpec) -> "LaunchHandle":
        """Return the handle that starting `spec` yields."""
        return cls(spec.interview_id, spec.attempt_id, spec.epoch)

    def __str__(self) -> str:
        return f"{self.interview_id}/{self.attempt_id}/{self.epoch}"


NO_PLACE = 69  # the code a bot ends with that waited for a machine in vain (EX_UNAVAILABLE of sysexits.h)


@dataclass(frozen=True, slots=True)
class Pending:
    """Accepted, not yet running (an engine that waits for a machine); ends with `NO_PLACE` if that takes too long."""


@dataclass(frozen=True, slots=True)
class Running:
    """The bot's process is there. node: the machine, where a launcher has several."""

    pid: int | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Exited:
    """The bot's process ended; code: its exit status, or 128 + the signal that killed it (as a shell says it).

    asked: it had been asked to leave, by `stop` or because the place it ran in was shutting down.
    """

    code: int
    reason: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The launcher knows nothing of it: never started, or gone with the host that ran it."""

    reason: str = "unknown to the launcher"


LaunchStatus: TypeAlias = Pending | Running | Exited | Lost


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many bots fit: `total` slots, `free` of them now, `pending` bots waiting for one.

    draining: it starts no more, and whatever still runs there is handed over before long.
    """

    total: int
    free: int
    pending: int = 0
    draining: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """One bot that ended, and how."""

    handle: LaunchHandle
    status: Exited


class BotLauncher(Protocol):
    """Runs bots somewhere. Idempotent per (attempt, epoch); holds no state that can't be rebuilt from `list()`.

    Every method raises `LaunchError` when the place where bots run can't be reached (retryable).
    """

    @property
    def shared(self) -> bool:
        """Whether launchers of other control planes run and list the very same bots; else each has its own."""
        ...

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Start one bot and return its handle; a spec started before returns the same handle and starts nothing.

        Raises `CapacityError` when there is no room for it, `LaunchError` when it can't be started.
        """
        ...

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return where one bot stands; may be asked of a handle that an earlier orchestrator started."""
        ...

    async def stop(self, handle: LaunchHandle, *, grace: timedelta) -> None:
        """Ask one bot to leave and return at once; after `grace` it is killed. No error if it is gone already."""
        ...

    async def list(self) -> Sequence[LaunchHandle]:
        """Return every bot that is pending or running, for adoption after an orchestrator restart."""
        ...

    async def capacity(self) -> Capacity:
        """Return how many bots fit and how many more could be started now."""
        ...

    def departures(self) -> AsyncIterator[Departure]:
        """Yield each bot that ends from now on: a hint to look at once, never the only way to know (see `poll`)."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; the bots run on."""
        ...
