"""The structured brain: whether an answer wants a follow-up, and which, with no language model."""

from dataclasses import dataclass

from bot.interview import Lines
from bot.interview.commands import words
from bot.interview.cursor import Progress
from bot.interview.signals import signals_in
from bot.plan import Question, Signal

NOTHING_TO_ASK = "NOTHING_TO_ASK"  # what the chat model answers when nothing sensible is left to ask
RICH_WORDS = 110  # an answer of this length that lacks one thing is good enough
FULL_WORDS = 220  # some ninety seconds of speech: nobody wants to hear a probe after that
SHORT_WORDS, MIDDLING_WORDS = 25, 60  # where only the length is known


@dataclass(frozen=True, slots=True)
class Probe:
    """One follow-up. signal: what it asks for."""

    text: str
    signal: Signal


def missing(progress: Progress, language: str) -> tuple[Signal, ...]:
    """What the whole answer so far lacks and was not asked for yet, the most wanted first; empty when it is enough."""
    question, count = progress.question, len(words(progress.answer))
    if count >= FULL_WORDS:
        return ()
    if language != "en":
        return _by_length(progress, count)
    found = signals_in(progress.answer, language)
    lacking = [signal for signal in question.expects if signal not in found]
    if count >= RICH_WORDS and len(lacking) <= 1:
        return ()
    return tuple(signal for signal in lacking if signal not in progress.probed)


def probe_for(progress: Progress, wanted: tuple[Signal, ...], lines: Lines, language: str) -> Probe | None:
    """The follow-up for the first of `wanted` whose words were not used with this question; None when all were."""
    question = progress.question
    for signal in wanted:
        text = question.probes.get(signal)
        if text is None:
            text = lines.say(f"probe_{signal}") if language == "en" else lines.say("probe_more")
        if is_new(text, progress):
            return Probe(text, signal)
    return None


def is_new(text: str, progress: Progress) -> bool:
    """Whether `text` differs from everything that was asked with this question."""
    said = words(text)
    return bool(said) and all(words(line) != said for line in (*progress.lines, progress.question.text))


def _by_length(progress: Progress, count: int) -> tuple[Signal, ...]:
    if count >= MIDDLING_WORDS or (count >= SHORT_WORDS and progress.follow_ups):
        return ()
    return tuple(signal for signal in _with_probes_first(progress.question) if signal not in progress.probed)


def _with_probes_first(question: Question) -> list[Signal]:
    return sorted(question.expects, key=lambda signal: signal not in question.probes)
