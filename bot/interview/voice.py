"""Whether somebody is speaking whom the bot does not talk over, and whether the words of it have come."""

from bot.interview.desk import SPEECH_S, Desk, Timer

RELEASE_S = 1.5  # between a voice that stopped and its words, or the certainty that there were none
CANDIDATE = "candidate"


class Voice:
    """Holds the bot back while somebody speaks and lets it go on as soon as the words are there.

    Mostly that is the candidate; while an interviewer has lent the bot the floor it is the interviewers, too.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._up: set[str] = set()
        self._owed = False  # a voice came up, and its words have not come

    @property
    def unsettled(self) -> bool:
        """Whether somebody speaks, or has just spoken and their words are not known yet."""
        return self._desk.speaking or self._owed

    def up(self, who: str = CANDIDATE) -> None:
        """Somebody began to speak."""
        desk = self._desk
        self._up.add(who)
        desk.speaking, self._owed = True, True
        desk.clear(Timer.QUIET, Timer.PAUSE, Timer.RELEASE)
        desk.set(Timer.SPEECH, SPEECH_S)

    def down(self, who: str = CANDIDATE) -> None:
        """Somebody stopped; what was held back waits for the words, if they have not come yet."""
        desk = self._desk
        self._up.discard(who)
        if not desk.speaking or self._up:
            return
        desk.speaking = False
        desk.clear(Timer.SPEECH)
        if not desk.holds():
            desk.wait(fresh=True)
        elif not self._owed:
            desk.release()
        else:
            desk.set(Timer.RELEASE, RELEASE_S)

    def settled(self) -> None:
        """What was said has become words, or turned out to hold none. A voice that is up stays up."""
        self._owed = False

    def only_the_candidate(self) -> None:
        """From here on the bot holds back for nobody else."""
        for who in self._up - {CANDIDATE}:
            self.down(who)

    def gone(self) -> None:
        """There is nobody to wait for."""
        self._up.clear()
        self._desk.speaking = self._owed = False
        self._desk.clear(Timer.SPEECH, Timer.RELEASE)
