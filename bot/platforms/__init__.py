"""Where calls are held. A platform joins by URL and hands over one connection; everything else stays inside it."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable
from urllib.parse import SplitResult

from audio import VOICE_RATE, Pcm
from bot.interview import Role
from bot.pulse import Progress
from bot.spec import BotSpec

NAMED = "{name} (AI interviewer)"  # what others read in a meeting elsewhere: it says what the bot is
SOMEBODY = "Participant 1"  # a voice that may be several people's
FRAME = VOICE_RATE // 50  # 20 ms of outgoing sound: 480 samples


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody else in the call. consented: gave consent before joining."""

    id: str
    name: str
    role: Role
    consented: bool = False


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Sound can go both ways. again: the same person was here before."""

    participant: Participant
    again: bool = False


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Gone. dropped: the connection broke; otherwise they left."""

    participant: Participant
    dropped: bool


@dataclass(frozen=True, slots=True)
class MediaFailed:
    """Somebody is in the room, but no sound can be exchanged with them."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class MicrophoneChanged:
    """Somebody's microphone was lost (pulled out, or held by their system), or gives sound again."""

    participant: Participant
    works: bool


@dataclass(frozen=True, slots=True)
class Slept:
    """Somebody's page or machine was asleep for a while, and is awake again."""

    participant: Participant
    ms: int


@dataclass(frozen=True, slots=True)
class Control:
    """A button on somebody's page."""

    participant: Participant
    control: str


@dataclass(frozen=True, slots=True)
class SignallingLost:
    """The way to the room's server is gone; sound may still flow."""


@dataclass(frozen=True, slots=True)
class SignallingBack:
    """The way to the room's server is back."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The room closed or put the bot out. code: why."""

    code: str


MeetingEvent: TypeAlias = (
    ParticipantJoined
    | ParticipantLeft
    | MediaFailed
    | MicrophoneChanged
    | Slept
    | Control
    | SignallingLost
    | SignallingBack
    | Removed
)


class Ear(Protocol):
    """Takes what one participant says as it arrives: 16 kHz, any length, on the event loop's thread."""

    def __call__(self, participant: Participant, pcm: Pcm) -> None: ...


class MeetingConnection(Protocol):
    """One seat in one call."""

    def events(self) -> AsyncIterator[MeetingEvent]:
        """Yield what happens in the call until it is over."""
        ...

    def play(self, pcm: Pcm) -> None:
        """Send 20 ms (`FRAME` samples at `VOICE_RATE`) to everyone, now. Nothing is sent while nothing is played."""
        ...

    def progress(self) -> Iterable[Progress]:
        """Return how far each way that sound takes has come with what was given to it."""
        ...

    def round_trip_ms(self) -> float | None:
        """Return the media's round trip as last reported, or None before the first report."""
        ...

    async def leave(self) -> None:
        """Leave the call; idempotent, bounded in time."""
        ...


@runtime_checkable
class Recalling(Protocol):
    """A connection whose far end keeps what it is sent until it plays it, and can be told not to."""

    def recall(self) -> int:
        """Take back what was played and not heard yet; return how many frames that was."""
        ...


class Venue(Protocol):
    """Where a call is held. The built-in room is the module `bot.platforms.room`; all others are platforms."""

    def join(
        self, spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]
    ) -> AbstractAsyncContextManager[MeetingConnection]:
        """Take a seat in the call for as long as the block runs; leave on the way out.

        in_lobby: called when somebody has to let the bot in first. Raises `JoinError`, maybe in a group.
        """
        ...


class MeetingPlatform(Venue, Protocol):
    """A kind of venue that is found by a meeting's address (`bot.platforms.registry`).

    The control plane loads it too, to tell addresses apart: what a call alone needs is imported in `join`.
    """

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def example(self) -> str:
        """An address that it takes, for those who sent one that nobody does."""
        ...

    def takes(self, address: SplitResult, places: Collection[str]) -> bool:
        """Whether a meeting at this address is one of its own; says so without asking anybody.

        places: where an operator says that it is served (`MEETING_SITES`). An address comes from whoever may create
        interviews, so one that could lead anywhere is taken only at such a place.
        """
        ...
