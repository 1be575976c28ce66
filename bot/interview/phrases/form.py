"""How one language's phrases are written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Command(StrEnum):
    """A wish about the conversation itself. The values are the `control` names of the page's buttons."""

    REPEAT = "repeat"
    REPHRASE = "rephrase"
    SLOWER = "slower"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    DONE = "done"
    STOP = "stop"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's ways to say it.

    Every pattern is a regular expression over words in lower case without punctuation and apostrophes. Those of
    `commands`, `declines` and `finished` must match the whole utterance once polite words are taken off its ends, so
    an answer that merely holds such words ("we had to stop the deployment") never matches; `yes_although`, `yes`,
    `no`, `negated`, `unsure` and `asking` are searched for anywhere, `begins_no` at the beginning.
    """

    please: tuple[str, ...]  # taken out wherever it stands
    polite: tuple[str, ...]  # taken off both ends
    fillers: frozenset[str]  # words that hold no answer by themselves
    commands: Mapping[Command, tuple[str, ...]]
    yes_although: tuple[str, ...]  # look like a no and are a yes: "no problem"
    yes: tuple[str, ...]
    no: tuple[str, ...]
    negated: tuple[str, ...]  # hold a word of `yes` and don't mean it: "not fine"
    unsure: tuple[str, ...]  # hold a word of `no` and are neither: "not sure"
    declines: tuple[str, ...]  # "I don't know"
    finished: tuple[str, ...]  # "no, I have no questions"
    begins_no: tuple[str, ...]  # how a reply begins that says no to "any questions?", whatever follows
    asking: tuple[str, ...]  # and what shows that a question follows after all: "no, but when would I start"


def each(text: str) -> tuple[str, ...]:
    """One entry per line."""
    return tuple(line.strip() for line in text.strip().splitlines())


def one_by_one(text: str) -> frozenset[str]:
    """One entry per word."""
    return frozenset(text.split())
