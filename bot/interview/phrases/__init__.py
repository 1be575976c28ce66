"""What a candidate says to steer the conversation, by language."""

from collections.abc import Mapping

from bot.interview.phrases.english import ENGLISH
from bot.interview.phrases.form import Command, Phrases
from bot.interview.phrases.french import FRENCH
from bot.interview.phrases.german import GERMAN
from bot.interview.phrases.spanish import SPANISH

__all__ = ["PHRASES", "Command", "Phrases", "phrases_for"]

PHRASES: Mapping[str, Phrases] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}


def phrases_for(language: str) -> Phrases:
    """The phrases of `language` (ISO 639-1); English where there are none, since many candidates fall back to it."""
    return PHRASES.get(language, ENGLISH)
