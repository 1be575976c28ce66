"""What a session needs of whoever decides in its call (`Call`)."""

from typing import Any, Protocol

from bot.interview import Action, Compose, Happening, Leader, Say
from bot.spec import Mode
from bot.state import EndReason


class Conduct(Protocol):
    """Pure logic of one call on plain values. `now` is seconds on any monotonic clock, never going back."""

    @property
    def deadline(self) -> float | None:
        """When `Tick` is due; None once the call is over."""

    @property
    def mode(self) -> Mode:
        """Who leads the call as a whole."""

    @property
    def leads(self) -> Leader:
        """Who asks the questions at this moment."""

    @property
    def yields_to_interviewers(self) -> bool:
        """Whether the bot stops speaking for an interviewer, as it does for the candidate."""

    @property
    def ended(self) -> EndReason | None:
        """Why it is over; None while it is not."""

    def handle(self, happening: Happening, now: float) -> list[Action]:
        """Take in what happened and return what to do, in order."""

    def asks(self, text: str) -> str | None:
        """The planned question that these words of an interviewer's put; None where they put none."""

    def sounds_whole(self, text: str) -> bool:
        """Whether `text`, said now, is likely all that the candidate means to say."""

    def rehearse(self, text: str, now: float, reply: str | None = None) -> Say | Compose | None:
        """Return what would be said next were `text` the candidate's whole turn; nothing changes by asking."""

    def report(self) -> dict[str, Any]:
        """What came of every planned question, the consent, and how long the call lasted."""
