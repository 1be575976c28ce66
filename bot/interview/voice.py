"""Whether the candidate is speaking, and whether the words of it have come."""

from bot.interview.desk import Desk, Timer

RELEASE_S = 1.5  # between a voice that stopped and its words, or the certainty that there were none
SPEECH_S = 600.0  # a voice that neither stops nor yields words


class Voice:
    """Holds the bot back while the candidate speaks and lets it go on as soon as the words are there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._words_came = False  # since the voice came up

    def up(self) -> None:
        """The candidate began to speak."""
        desk = self._desk
        desk.speaking, self._words_came = True, False
        desk.clear(Timer.QUIET, Timer.PAUSE, Timer.RELEASE)
        desk.set(Timer.SPEECH, SPEECH_S)

    def down(self) -> None:
        """The candidate stopped; what was held back waits for the words, if they have not come yet."""
        desk = self._desk
        if not desk.speaking:
            return
        desk.speaking = False
        desk.clear(Timer.SPEECH)
        if not desk.holds():
            desk.wait(fresh=True)
        elif self._words_came:
            desk.release()
        else:
            desk.set(Timer.RELEASE, RELEASE_S)

    def settled(self) -> None:
        """What was said has become words, or turned out to hold none. A voice that is up stays up."""
        self._words_came = True

    def gone(self) -> None:
        """There is nobody to wait for."""
        self._desk.speaking = False
        self._desk.clear(Timer.SPEECH, Timer.RELEASE)
