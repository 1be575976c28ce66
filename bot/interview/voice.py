"""Whether the candidate is speaking: voices that came up and the words that are still to come of them."""

from bot.interview.desk import Desk, Timer

RELEASE_S = 1.5  # between a voice that stopped and its words, or the certainty that there were none
SPEECH_S = 300.0  # a voice that neither stops nor yields words


class Voice:
    """Holds the bot back while the candidate speaks and lets it go on as soon as the words are there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._owed = 0  # voices whose words have not come yet
        self._words_came = False  # since the voice came up

    def up(self) -> None:
        """The candidate began to speak."""
        desk = self._desk
        if not desk.speaking:
            self._owed += 1
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
        """One voice has become words, or turned out to hold none."""
        self._words_came = True
        self._owed = max(0, self._owed - 1)
        if self._owed == 0:
            self._desk.speaking = False
            self._desk.clear(Timer.SPEECH)

    def gone(self) -> None:
        """There is nobody to wait for."""
        self._owed, self._desk.speaking = 0, False
        self._desk.clear(Timer.SPEECH, Timer.RELEASE)
