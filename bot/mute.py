"""What a bot has in place of a mouth while it is silent."""

import structlog

from bot.pulse import Progress
from bot.speaker import SpokenLine

log = structlog.get_logger(__name__)


class Mute:
    """Has no voice and no way to the call's sound: what it is given to say is logged, and that is all."""

    speaking = busy = paused = False
    current: SpokenLine | None = None
    progress = Progress("the voice", 0, waiting=False)

    def say(self, number: int, text: str, *, speed: float = 1.0, open: bool = False) -> None:
        log.error("said_by_a_silent_bot", line=number)

    def say_on(self, number: int, text: str, *, last: bool) -> None:
        log.error("said_by_a_silent_bot", line=number)

    def rehearse(self, text: str, *, speed: float = 1.0) -> None:
        """Nothing will be said, so nothing is fetched."""

    def pause(self) -> None:
        """Nothing is being said."""

    def resume(self) -> None:
        """Nothing is being said."""

    def flush(self) -> None:
        """Nothing is being said."""
