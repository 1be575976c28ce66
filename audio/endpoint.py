"""How long a silence must last before a turn is held to be over.

Everything here moves the wait and nothing decides: words, a turn model and the person's own habits make it shorter or
longer between the bounds of the preset, so no misreading can cut somebody off at once or hold the floor for ever.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """The waits of one patience, in ms of silence since the last voiced sample.

    finished: the text reads as a whole sentence and the answer as a whole answer; partial: the sentence is whole, the
    answer is not (most answers are several sentences, with a breath between them);
    unsure: it might go on, or there is no text yet;
    hanging: it ends in a word that can't end a sentence; longest: the turn is over whatever the text says.
    """

    finished: int
    partial: int
    unsure: int
    hanging: int
    longest: int


PRESETS = {
    "brief": EndpointSettings(finished=300, partial=400, unsure=550, hanging=900, longest=1200),
    "normal": EndpointSettings(finished=448, partial=700, unsure=900, hanging=1600, longest=2000),
    "long": EndpointSettings(finished=800, partial=1300, unsure=1800, hanging=3000, longest=3500),
}


class Reading(StrEnum):
    """What the words say about being done."""

    FINISHED = "finished"
    UNSURE = "unsure"
    HANGING = "hanging"


@dataclass(slots=True)
class PauseHabit:
    """How long this person pauses inside a turn: a running mean of the pauses after which the voice went on."""

    mean_ms: float = 0.0
    seen: int = 0

    def went_on_after(self, pause_ms: float) -> None:
        """Take note of one pause inside a turn."""
        self.seen += 1
        weight = max(0.2, 1 / self.seen)
        self.mean_ms += weight * (pause_ms - self.mean_ms)

    def cut_at(self, pause_ms: float) -> None:
        """Take note of a pause that was taken for the end and was not: this person needs at least that."""
        self.seen = max(self.seen, 3)
        self.mean_ms = max(self.mean_ms, pause_ms)

    @property
    def stretch(self) -> float:
        """1..1.5: by how much the waits grow for somebody whose pauses are longer than half a second."""
        if self.seen < 3:
            return 1.0
        return min(1.5, max(1.0, self.mean_ms / 500))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Nobody ends an answer on these, whatever stop the recogniser put behind them.
_NEVER_LAST = _words(
    "a an the and or but nor because since although though while whereas if unless until whenever whose my your its "
    "our their every we're they're he's she's i've we've i'd we'd we'll let's um uh uhm erm er hmm mm "
    "und oder aber weil dass wenn ein eine von zu et ou mais parce que qui dont le les du des pero porque el los "
    "las con"
)
# These hang when no stop follows, yet end many a sentence ("I did that.", "Yes, I have.").
_SELDOM_LAST = _words(
    "so that this these those like well also then not just even only some any each another is are was were am be been "
    "being has had have having do does did can could will would shall should may might must i we you on in at by for "
    "from with about between before after during through over under against without into onto of to as than when where "
    "who which whom it's that's there's i'm i'll you're very really quite actually basically "
    "der die das als mit für la un une de avec pour dans y o en una para"
)
# They open a thought more often than they close one, even with a stop.
_OPENERS = _words("so like actually basically then also well")

_STOP = re.compile(r"[.!?。？！]['\"”’)\]]*$")
_TRAILING = re.compile(r"(\.\.\.|…|[-–—,:;])['\"”’)\]]*$")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def read(text: str) -> Reading:
    """Say whether `text` (the words so far, with the recogniser's punctuation) sounds finished."""
    text = text.strip()
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not words:
        return Reading.UNSURE
    last = words[-1]
    stopped = _STOP.search(text) is not None and _TRAILING.search(text) is None
    if last in _NEVER_LAST:
        return Reading.HANGING
    if not stopped:
        return Reading.HANGING if last in _SELDOM_LAST else Reading.UNSURE
    if last in _OPENERS and not text.endswith("?"):
        return Reading.HANGING if len(words) <= 2 else Reading.UNSURE
    return Reading.FINISHED


def wait_ms(
    settings: EndpointSettings,
    text: str | None,
    *,
    whole: bool = True,
    turn_probability: float | None = None,
    stretch: float = 1.0,
) -> int:
    """Return how much silence makes an end of turn.

    text: the words of the turn so far, None while they are not known.
    whole: the words make a whole answer, as far as the listener can tell.
    turn_probability: 0..1 from a turn model, where there is one. stretch: `PauseHabit.stretch`.
    """
    reading = Reading.UNSURE if text is None else read(text)
    if reading is Reading.FINISHED:
        wait = float(settings.finished if whole else settings.partial)
        if turn_probability is not None and turn_probability < 0.2:
            wait = max(wait, (settings.finished + settings.unsure) / 2)
    elif reading is Reading.UNSURE:
        wait = float(settings.unsure)
        if text is not None and turn_probability is not None and turn_probability > 0.8:  # words first, then sound
            wait = (settings.finished + settings.unsure) / 2
        elif turn_probability is not None and turn_probability < 0.2:
            wait = (settings.unsure + settings.hanging) / 2
    else:
        wait = float(settings.hanging)
    # A finished sentence is answered in time whatever the habit is; it is the doubtful ones that get more room.
    wait *= stretch if reading is not Reading.FINISHED else 1 + (stretch - 1) / 4
    return min(round(wait), settings.longest)
